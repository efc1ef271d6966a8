"""Endpoints of the choice of a compound's company."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from kit.context import Context
from kit.district.clock import Day
from kit.storage import db
from kit.web import routes
from kit.web.access import requires
from kit.web.course import CourseStepOut, NoteIn
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest, narrowed
from kit.web.problems import Conflict, problems
from kit.web.registers import must_exist
from kit.web.routes import clauses, move
from kit.web.shapes import Answer, Body, Grounded, Name, choices
from services.property.base import Reader
from services.property.companies import Company
from services.property.compounds.work import own_compound
from services.property.engagements import work
from services.property.engagements.credit import CreditService, GradeOut
from services.property.engagements.models import COURSE, Bidder, Engagement
from services.property.plan.engagement import ENGAGEMENT, Reason, warning
from services.property.plan.roles import COMMUNITY

CLAUSES = ("P-2.4.0", "P-2.4.1")
State = Literal["opened", "guided", "formed", "tendering", "decided", "signed", "in_charge", "stopped"]
EngagementId = Annotated[UUID, Path(description="选聘编号")]
#: Who takes a step; the table says who may.
Actor = Annotated[Context, requires(whose=Whose.PLACES)]


class EngagementIn(
    Body,
    title="选聘",
    example={"compound_id": "01990000-0000-7000-8000-000000000000", "reason": "choose"},
):
    """A choice as it begins (选聘)."""

    compound_id: UUID = Field(description="小区编号")
    reason: Reason = Field(description=f"事由：{choices(Reason)}")


class TenderNoticeIn(
    Body, title="招标公告", example={"number": "DSWY-2024-021", "tendered_on": "2024-06-10"}
):
    """The open tender as it is announced (招标公告)."""

    number: Name = Field(description="招标编号")
    tendered_on: Day = Field(description="公告日期")


class BidderIn(Body, title="投标企业", example={"company_id": "01990000-0000-7000-8000-000000000001"}):
    """A company that bids (投标企业)."""

    company_id: UUID = Field(description="物业服务企业编号")


class DecideIn(
    Body,
    title="中标结果",
    example={"winner_id": "01990000-0000-7000-8000-000000000001", "decided_on": "2024-06-20"},
):
    """Who won the tender (中标结果)."""

    winner_id: UUID = Field(description="中标的物业服务企业编号，须是已登记的投标企业")
    decided_on: Day = Field(description="确定日期")


class SignIn(Body, title="选聘合同", example={"contract_id": "01990000-0000-7000-8000-000000000002"}):
    """The contract that the committee signed for all owners (选聘合同)."""

    contract_id: UUID = Field(description="业委会（物管会）代表全体业主签订的合同编号")


class BidderOut(Answer, title="投标企业及信用等级"):
    """A company that bids, with its grade as it was seen (投标企业)."""

    company_id: UUID = Field(description="物业服务企业编号")
    name: str = Field(description="企业名称")
    credit: GradeOut = Field(description="登记为投标企业时所见的信用等级")
    warning: str | None = Field(
        description="信用较差或信用等级不明时的提示；不妨碍选聘",
        examples=["这家企业信用等级为D，信用较差。方案要求聘用信用优良的物业服务企业，请慎重选择。"],
    )


class EngagementOut(Grounded, title="选聘情况", clauses=CLAUSES):
    """A choice and how far it has come (选聘)."""

    id: UUID = Field(description="选聘编号")
    compound_id: UUID = Field(description="小区编号")
    reason: Reason = Field(description=f"事由：{choices(Reason)}")
    state: State = Field(
        description=(
            "opened 已启动，guided 街道已指导，formed 业委会（物管会）已确认，tendering 正在招标，"
            "decided 中标企业已确定，signed 合同已签订，in_charge 企业已进驻，stopped 已终止"
        )
    )
    committee_id: UUID | None = Field(description="代表全体业主的业委会（物管会）编号")
    tender_number: str | None = Field(description="招标编号", examples=["DSWY-2024-021"])
    tendered_on: date | None = Field(description="公告日期")
    bidders: list[BidderOut] = Field(description="投标企业")
    winner_id: UUID | None = Field(description="中标的物业服务企业编号")
    decided_on: date | None = Field(description="确定中标企业的日期")
    contract_id: UUID | None = Field(description="合同编号")
    allowed: list[str] = Field(description="您目前可做的操作", examples=[["guide"]])


class EngagementWithSteps(EngagementOut, title="选聘情况及办理过程"):
    """A choice with what was done (选聘)."""

    steps: list[CourseStepOut] = Field(description="办理过程；登记投标和定标的步骤保留当时所见的信用等级")


def _bidder(row: Bidder) -> BidderOut:
    credit = GradeOut(**row.credit)
    return BidderOut.of(row, name=row.company.name, credit=credit, warning=warning(credit.poor, credit.grade))


def _also(row: Engagement, context: Context) -> dict[str, Any]:
    return {
        "bidders": [_bidder(each) for each in row.bidders],
        "allowed": ENGAGEMENT.allowed(row.state, context.caller),
    }


def _shown(row: Engagement, context: Context) -> EngagementOut:
    return EngagementOut.of(row, **_also(row, context))


async def _company(context: Context, id: UUID, pointer: str) -> Company:
    await must_exist(context.session, Company, id, pointer, "物业服务企业")
    return await context.session.get_one(Company, id)


router = routes.router("选聘物业服务企业")


@router.post(
    "/engagements",
    status_code=201,
    summary="启动选聘",
    description="社区启动小区物业服务企业的选聘或更换，之后在街道（镇）指导下逐步办理；同一小区同时只有一项。",
    responses=problems(404, 409),
    openapi_extra=clauses(*CLAUSES),
)
async def begin_engagement(
    body: EngagementIn,
    context: Annotated[Context, requires(one_of=(COMMUNITY,), whose=Whose.PLACES)],
    response: Response,
) -> EngagementOut:
    """Begin to choose or replace a compound's company (P-2.4.0)."""
    await own_compound(context, body.compound_id)
    row = Engagement(id=db.new_id(), state="opened", bidders=[], **body.model_dump())
    try:
        await COURSE.begin(context, row)
    except IntegrityError:  # the key of a compound's choice that runs
        raise Conflict("engagement-open", "这个小区已有正在进行的选聘。", clauses=("P-2.4.0",)) from None
    response.headers["Location"] = f"/property/v1/engagements/{row.id}"
    return _shown(row, context)


@router.get(
    "/engagements",
    summary="列出选聘",
    description="按启动先后分页列出，可按小区和状态筛选。",
    openapi_extra=clauses(*CLAUSES),
)
async def list_engagements(
    context: Reader,
    paging: PageRequest,
    compound: Annotated[UUID | None, Query(description="小区编号")] = None,
    state: Annotated[State | None, Query(description="状态")] = None,
) -> Page[EngagementOut]:
    """The choices."""
    query = context.within(narrowed(select(Engagement), compound_id=compound, state=state), COURSE.belongs)
    return await paging.page(context.session, query, lambda row: _shown(row, context), Engagement.id)


@router.get(
    "/engagements/{id}",
    summary="查看一项选聘",
    description="进展、投标企业及其信用等级，和每一步的办理情况。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def read_engagement(id: EngagementId, context: Reader) -> EngagementWithSteps:
    """A choice with what was done."""
    row = await COURSE.read(context, id)
    return EngagementWithSteps.of(row, **_also(row, context), steps=await COURSE.steps(context, row))


@move(
    router, "/engagements/{id}", ENGAGEMENT, "guide", "街道（镇）指导选聘，写明指导意见。", summary="指导选聘"
)
async def guide_engagement(id: EngagementId, body: NoteIn, context: Actor) -> EngagementOut:
    """Keep the street's guidance."""
    row = await COURSE.lock(context, id)
    COURSE.step(context, row, "guide", body.note)
    return _shown(row, context)


@move(
    router,
    "/engagements/{id}",
    ENGAGEMENT,
    "confirm",
    "确认由小区在任的业委会（物管会）代表全体业主；在任情况以业委会（物管会）登记为准，没有的返回 409。",
    summary="确认业委会（物管会）",
)
async def confirm_committee(id: EngagementId, context: Actor) -> EngagementOut:
    """Let the compound's committee act for its owners."""
    row = await COURSE.lock(context, id)
    ENGAGEMENT.check(row.state, "confirm", context.caller)
    await work.confirm_committee(context, row)
    COURSE.step(context, row, "confirm", committee=str(row.committee_id))
    return _shown(row, context)


@move(
    router,
    "/engagements/{id}",
    ENGAGEMENT,
    "tender",
    "街道（镇）牵头公开招标，登记招标编号和公告日期。",
    summary="公开招标",
)
async def tender_engagement(id: EngagementId, body: TenderNoticeIn, context: Actor) -> EngagementOut:
    """Announce the open tender."""
    context.refuse_future(tendered_on=body.tendered_on)
    row = await COURSE.lock(context, id)
    COURSE.step(context, row, "tender", body.number)
    row.tender_number, row.tendered_on = body.number, body.tendered_on
    return _shown(row, context)


@move(
    router,
    "/engagements/{id}",
    ENGAGEMENT,
    "bid",
    "登记一家投标企业，并显示其当前信用等级；信用较差的予以提示，不拒绝。信用服务没有答复时写明信用等级暂时无法取得。",
    summary="登记投标企业",
)
async def enter_bidder(id: EngagementId, body: BidderIn, context: Actor, credit: CreditService) -> BidderOut:
    """Enter a company that bids, with its current grade, of which a poor one is warned."""
    company = await _company(context, body.company_id, "/company_id")
    seen = await credit.grade(company, context.now)
    row = await COURSE.lock(context, id)
    bidder = work.bid(context, row, company, seen)
    return _bidder(bidder)


@move(
    router,
    "/engagements/{id}",
    ENGAGEMENT,
    "decide",
    "登记中标企业；当时的信用等级记入办理过程。",
    summary="确定中标企业",
)
async def decide_engagement(
    id: EngagementId, body: DecideIn, context: Actor, credit: CreditService
) -> EngagementOut:
    """Enter who won, with its grade as it is then."""
    context.refuse_future(decided_on=body.decided_on)
    company = await _company(context, body.winner_id, "/winner_id")
    seen = await credit.grade(company, context.now)
    row = await COURSE.lock(context, id)
    work.decide(context, row, body.winner_id, body.decided_on, seen)
    return _shown(row, context)


@move(
    router,
    "/engagements/{id}",
    ENGAGEMENT,
    "sign",
    "登记业委会（物管会）代表全体业主与中标企业签订的合同；合同先在合同登记中录入。",
    summary="登记选聘合同",
)
async def sign_engagement(id: EngagementId, body: SignIn, context: Actor) -> EngagementOut:
    """Enter the contract that the committee signed."""
    row = await COURSE.lock(context, id)
    await work.sign(context, row, body.contract_id)
    return _shown(row, context)


@move(
    router,
    "/engagements/{id}",
    ENGAGEMENT,
    "install",
    "企业进驻：自合同服务开始日期起由其管理小区，原管理单位到前一天为止。",
    summary="登记企业进驻",
)
async def install_company(id: EngagementId, context: Actor) -> EngagementOut:
    """Put the company that won in charge."""
    row = await COURSE.lock(context, id)
    await work.install(context, row)
    return _shown(row, context)


@move(router, "/engagements/{id}", ENGAGEMENT, "stop", "终止选聘，写明原因，例如流标。", summary="终止选聘")
async def stop_engagement(id: EngagementId, body: NoteIn, context: Actor) -> EngagementOut:
    """End a choice that came to nothing."""
    row = await COURSE.lock(context, id)
    COURSE.step(context, row, "stop", body.note)
    return _shown(row, context)
