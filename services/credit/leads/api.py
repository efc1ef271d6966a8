"""Leads about companies' credit: listed, read, and decided by the centre (P-2.2.2b, P-2.3.2a)."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query
from pydantic import Field
from sqlalchemy import select

from kit.context import Context
from kit.district.clock import LocalTime
from kit.web import routes
from kit.web.access import requires
from kit.web.course import CourseStepOut
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest, narrowed
from kit.web.problems import problems
from kit.web.routes import clauses, move
from kit.web.shapes import Body, Grounded, Text
from services.credit.base import Reader
from services.credit.companies.whose import CompanyQuery, named_company
from services.credit.evaluations.models import LEADS, Lead
from services.credit.evaluations.shapes import DecideIn
from services.credit.leads import work
from services.credit.plan.evaluation import LEAD

CLAUSES = ("P-2.2.2b", "P-2.3.2a")
LeadId = Annotated[UUID, Path(description="信用线索编号")]
LeadState = Literal["received", "filed", "recorded", "unfounded"]
STATES = "received 尚未处理，filed 已作为异议受理，recorded 已作为信用信息的依据，unfounded 不成立"
#: Who takes a step; the table says who may.
Actor = Annotated[Context, requires(whose=Whose.PLACES)]


class LeadOut(Grounded, title="信用线索", clauses=CLAUSES):
    """What a request or a pattern of requests says of a company's credit (信用线索)."""

    id: UUID = Field(description="信用线索编号")
    company_id: UUID = Field(description="企业编号")
    request: str | None = Field(
        description="所来自的诉求编号；来自异常聚集的为空", examples=["DS-CQ-20240624-0001"]
    )
    pattern: UUID | None = Field(description="所来自的诉求异常聚集的编号；来自诉求的为空")
    matter: str = Field(description="事项编码", examples=["credit-objection"])
    record_id: UUID | None = Field(description="针对的信用信息编号；没有写明的为空")
    reason: str = Field(description="理由", examples=["整改已按期完成，不应扣分"])
    received_at: LocalTime = Field(description="收到时间；异议是否逾期以这一天计")
    state: LeadState = Field(description=STATES)
    objection_id: UUID | None = Field(description="由此受理的异议编号；没有的为空")
    evidence_of_id: UUID | None = Field(description="作为依据的信用信息编号；没有的为空")
    decision: str | None = Field(
        description="处理意见；没有处理的为空", examples=["在异议期内收到，予以受理"]
    )
    decided_at: LocalTime | None = Field(description="处理时间；没有处理的为空")
    allowed: list[str] = Field(description="您目前可做的操作", examples=[["file", "record", "dismiss"]])


class LeadWithSteps(LeadOut, title="信用线索及办理过程"):
    """A lead with what was done (信用线索)."""

    steps: list[CourseStepOut] = Field(description="办理过程")


class RecordLeadIn(
    Body,
    title="作为信用信息的依据",
    example={
        "record_id": "0197c1f2-7d4e-7000-8000-000000000001",
        "decision": "经核实，与已登记的信息为同一行为",
    },
):
    """Which credit information a lead became evidence of."""

    record_id: UUID = Field(description="该企业的信用信息编号")
    decision: Text = Field(description="处理意见和理由")


def _shown(row: Lead, context: Context) -> LeadOut:
    return LeadOut.of(row, allowed=LEAD.allowed(row.state, context.caller))


router = routes.router("信用线索")


@router.get(
    "/leads",
    summary="列出信用线索",
    description="12345 诉求中对企业信用的异议，和涉及企业的诉求异常聚集，按收到先后分页列出，可按企业和状态筛选；"
    "企业只能看本企业的。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def list_leads(
    context: Reader,
    paging: PageRequest,
    company: CompanyQuery = None,
    state: Annotated[LeadState | None, Query(description=STATES)] = None,
) -> Page[LeadOut]:
    """The leads."""
    whose = None if company is None else (await named_company(context, company)).id
    query = context.within(narrowed(select(Lead), company_id=whose, state=state), LEADS.belongs)
    return await paging.page(context.session, query, lambda row: _shown(row, context), Lead.id)


@router.get(
    "/leads/{id}",
    summary="查看一条信用线索",
    description="线索的来源、处理意见和办理过程；诉求的办理情况按诉求编号查询。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def read_lead(id: LeadId, context: Reader) -> LeadWithSteps:
    """A lead with what was done."""
    row = await LEADS.read(context, id)
    also = {"allowed": LEAD.allowed(row.state, context.caller)}
    return LeadWithSteps.of(row, **also, steps=await LEADS.steps(context, row))


@move(
    router,
    "/leads/{id}",
    LEAD,
    "file",
    "以企业名义受理为异议，写明意见；是否在异议期内以收到线索的那一天为准，逾期的返回 409。诉求中随之注明。",
    summary="受理为异议",
)
async def file_lead(id: LeadId, body: DecideIn, context: Actor) -> LeadOut:
    """Make an objection of a lead, in its company's name."""
    return _shown(await work.file(context, id, body.decision), context)


@move(
    router,
    "/leads/{id}",
    LEAD,
    "record",
    "线索成为一条已登记的信用信息的依据，写明编号和意见。诉求中随之注明。",
    summary="作为信用信息的依据",
)
async def record_lead(id: LeadId, body: RecordLeadIn, context: Actor) -> LeadOut:
    """Keep which record a lead became evidence of."""
    return _shown(await work.record(context, id, body.record_id, body.decision), context)


@move(
    router,
    "/leads/{id}",
    LEAD,
    "dismiss",
    "线索不成立，写明理由。诉求中随之注明。",
    summary="认定线索不成立",
)
async def dismiss_lead(id: LeadId, body: DecideIn, context: Actor) -> LeadOut:
    """Find a lead unfounded."""
    return _shown(await work.dismiss(context, id, body.decision), context)
