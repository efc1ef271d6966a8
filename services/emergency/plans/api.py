"""Endpoints of the plans: entries, versions, filing, triggers, and who has no plan (E-1.6, E-7.2)."""

from datetime import date
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import AfterValidator, Field, model_validator
from sqlalchemy import select

from kit.context import Context
from kit.district.clock import Day, LocalTime
from kit.district.named_units import NamedUnit, UnitId, named, streets
from kit.storage import db
from kit.web import routes
from kit.web.access import requires
from kit.web.etags import set_etag
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest
from kit.web.problems import Conflict, FieldError, Invalid, problems
from kit.web.register_endpoints import add_register
from kit.web.registers import EntryId, EntryOut, Register, must_exist, must_hold, page_of
from kit.web.routes import clauses
from kit.web.shapes import Answer, Body, Grounded, Shape, choices
from services.emergency.companies.companies import BELONGING as OF_COMPANIES
from services.emergency.companies.companies import Company, CompanyBrief
from services.emergency.plan.catalogue import catalogue
from services.emergency.plans import plans
from services.emergency.plans.plans import NO_SUCH_PLAN, Level, Plan, PlanVersion, RevisionTrigger

Reader = Annotated[Context, requires("emergency:read", whose=Whose.PLACES)]
DistrictReader = Annotated[Context, requires("emergency:read", whose=Whose.DISTRICTS)]
Writer = Annotated[Context, requires("emergency:write", whose=Whose.PLACES)]


class PlanIn(
    Body,
    title="应急预案",
    example={"name": "罕台镇生产安全事故应急预案", "level": "street", "owner": "罕台镇"},
):
    """A plan as entered (应急预案)."""

    name: str = Field(min_length=2, max_length=200, description="预案名称")
    level: Level = Field(description=choices(Level))
    owner: UnitId | None = Field(default=None, description="制定单位；企业预案不填")
    company_id: UUID | None = Field(default=None, description="制定企业；只有企业预案填写")
    parent_id: UUID | None = Field(default=None, description="与哪个上位预案衔接")

    @model_validator(mode="after")
    def _owned(self) -> Self:
        of_company = self.level is Level.COMPANY
        if (self.company_id is not None, self.owner is not None) != (of_company, not of_company):
            raise ValueError("企业预案只填制定企业，其他预案只填制定单位。")
        return self


class VersionFacts(Shape, title="预案版本"):
    """A version as it was issued (预案版本)."""

    label: str = Field(min_length=1, max_length=50, description="版本")
    document: str | None = Field(default=None, max_length=100, description="文号")
    issued_on: Day = Field(description="印发日期")
    effective_on: Day = Field(description="实施日期")


class VersionIn(
    VersionFacts,
    Body,
    title="预案版本",
    example={
        "label": "2026",
        "document": "虚构发〔2026〕1号",
        "issued_on": "2024-06-20",
        "effective_on": "2024-06-20",
    },
):
    """A version as entered (预案版本)."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.effective_on < self.issued_on:
            raise ValueError("实施日期不能早于印发日期。")
        return self


class VersionOut(VersionFacts, Answer, title="预案版本信息"):
    """A version and its filing (预案版本)."""

    id: UUID = Field(description="版本编号，备案时使用")
    filed_with: str | None = Field(description="备案机关；没有备案时为空", examples=["区应急管理局"])
    filed_on: date | None = Field(description="备案日期；没有备案时为空")


class FilingIn(Body, title="预案备案", example={"filed_with": "市应急管理局", "filed_on": "2024-06-24"}):
    """A version's filing (预案备案)."""

    filed_with: str = Field(min_length=2, max_length=100, description="备案机关")
    filed_on: Day = Field(description="备案日期")


#: The five triggers with their Chinese names, as a description.
TRIGGERS = "，".join(f"{each.id} {each.name}" for each in catalogue().revision_triggers)


def _known_trigger(id: str) -> str:
    if all(each.id != id for each in catalogue().revision_triggers):
        raise ValueError(f"只能是预案列明的五种情形之一：{TRIGGERS}。")
    return id


class TriggerIn(
    Body,
    title="修订情形",
    example={"trigger": "resources-changed", "reason": "专业救援队伍撤并，可用力量减少。"},
):
    """What calls for a revision (修订情形)."""

    trigger: Annotated[str, AfterValidator(_known_trigger)] = Field(description=TRIGGERS)
    reason: str = Field(min_length=2, max_length=1000, description="具体情况")


class TriggerOut(Answer, title="修订情形信息"):
    """What calls for a revision, and whether it still does (修订情形)."""

    id: UUID = Field(description="编号")
    plan_id: UUID = Field(description="哪个预案")
    trigger: str = Field(description=TRIGGERS)
    reason: str = Field(description="具体情况")
    source: str | None = Field(description="在哪次演练或事故中发现", examples=["DS-E-20240624-0001"])
    opened_at: LocalTime = Field(description="登记时间")
    closed_at: LocalTime | None = Field(description="修订并备案的时间；仍待修订时为空")
    closed_by: UUID | None = Field(description="由哪个版本修订；仍待修订时为空")


class PlanOut(EntryOut, title="应急预案信息"):
    """What a plan shows besides: its versions and what still calls for its revision (应急预案)."""

    current: VersionOut | None = Field(description="最近印发的版本")
    versions: list[VersionOut] = Field(description="各个版本，先印发的在前")
    open_triggers: list[TriggerOut] = Field(description="尚待修订的情形，修订并备案后才消除")


class WithoutPlan(Grounded, title="没有预案的单位", clauses=("E-1.6",)):
    """Who should have a plan and has none (没有预案的单位)."""

    units: list[NamedUnit] = Field(description="没有登记预案的监管部门和镇街道")


async def _linked(context: Context, body: PlanIn, row: Plan | None) -> None:
    await must_exist(context.session, Company, body.company_id, "/company_id", "生产经营单位")
    await must_exist(context.session, Plan, body.parent_id, "/parent_id", "应急预案")
    if row is not None and body.parent_id == row.id:
        raise Invalid(
            "own-parent",
            "预案不能与自己衔接。",
            errors=[FieldError(pointer="/parent_id", reason="是这个预案自己")],
        )


async def _not_the_district_s(_context: Context, row: Plan) -> None:
    if row.level == Level.DISTRICT:
        raise Conflict("the-plan-itself", "区级预案不能删除，只能登记新版本。", clauses=Plan.clauses)


PLANS = Register(
    "plans",
    "应急预案",
    Plan,
    PlanIn,
    about="区级、专项、部门、镇街道和企业预案的版本、备案和待修订情形。",
    shown=PlanOut,
    filters=("level", "owner", "company_id", "parent_id"),
    check=_linked,
    removable=_not_the_district_s,
    belongs=plans.BELONGING,
)

router = routes.router("应急预案")


@router.get(
    "/plans/lacking",
    summary="列出没有预案的部门和镇街道",
    description="负有监管职责的部门和各镇街道中，没有登记本单位预案的。",
    openapi_extra=clauses("E-1.6"),
)
async def list_units_without_plan(context: DistrictReader) -> WithoutPlan:
    """Supervising departments and streets without a plan (E-1.6)."""
    having = set(await context.session.scalars(select(Plan.owner).where(Plan.owner.is_not(None))))
    owing = [*(unit.id for unit in catalogue().units if unit.supervises), *(unit.id for unit in streets())]
    return WithoutPlan.of(units=[named(id) for id in owing if id not in having])


@router.get(
    "/plans/lacking-companies",
    summary="列出没有预案的企业",
    description="登记在册而没有登记预案的生产经营单位。",
    openapi_extra=clauses("E-1.6"),
)
async def list_companies_without_plan(context: Reader, paging: PageRequest) -> Page[CompanyBrief]:
    """Companies without a plan (E-1.6)."""
    planned = select(Plan.id).where(Plan.company_id == Company.id)
    query = context.within(select(Company).where(~planned.exists()), OF_COMPANIES)
    return await paging.page(context.session, query, CompanyBrief.of, Company.id)


@router.get(
    "/plans/unfiled",
    response_model=PLANS.page,
    summary="列出尚未备案的预案",
    description="最近印发的版本还没有备案，或还没有登记版本的预案。",
    openapi_extra=clauses("E-1.6", "E-7.2"),
)
async def list_unfiled_plans(context: Reader, paging: PageRequest) -> Page[Any]:
    """Plans whose last version is not filed (E-1.6, E-7.2)."""
    newest = (
        select(PlanVersion.filed_on)
        .where(PlanVersion.plan_id == Plan.id)
        .order_by(PlanVersion.issued_on.desc(), PlanVersion.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = context.within(select(Plan).where(newest.is_(None)), PLANS.belongs)
    return await page_of(context, paging, query, PLANS)


@router.get(
    "/revision-triggers",
    summary="列出预案修订情形",
    description="按发现先后列出；open 为 true 时只看尚待修订的。",
    openapi_extra=clauses("E-7.2"),
)
async def list_triggers(
    context: Reader,
    paging: PageRequest,
    open: Annotated[bool | None, Query(description="true 尚待修订，false 已修订备案")] = None,
) -> Page[TriggerOut]:
    """The revision triggers (E-7.2)."""
    query = context.within(select(RevisionTrigger).join(Plan), PLANS.belongs)
    if open is not None:
        query = query.where(RevisionTrigger.closed_at.is_(None) == open)
    return await paging.page(context.session, query, TriggerOut.of, RevisionTrigger.id)


@router.post(
    "/plans/{id}/triggers",
    status_code=201,
    summary="登记预案修订情形",
    description="五种情形之一出现时登记。预案修订并备案前一直列为待修订。",
    responses=problems(404),
    openapi_extra=clauses("E-7.2"),
)
async def enter_trigger(id: EntryId, body: TriggerIn, context: Writer) -> TriggerOut:
    """Record one of the five triggers (E-7.2)."""
    await db.found(context.session, Plan, id, NO_SUCH_PLAN)
    await must_hold(context, PLANS, id)
    return TriggerOut.of(await plans.open_trigger(context, id, body.trigger, body.reason))


@router.post(
    "/plans/{id}/versions",
    status_code=201,
    response_model=PLANS.out,
    summary="登记预案版本",
    description="预案制定或修订印发后登记一个版本。版本备案后，印发前出现的修订情形才消除。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-1.6", "E-7.2"),
)
async def enter_plan_version(id: EntryId, body: VersionIn, context: Writer, response: Response) -> EntryOut:
    """Enter a version of a plan (E-1.6, E-7.2)."""
    await must_hold(context, PLANS, id)
    plan = await plans.enter_version(context, id, PlanVersion(**body.model_dump()))
    set_etag(response, plan)
    return PLANS.out.of(plan)


@router.post(
    "/plans/{id}/versions/{version}/file",
    response_model=PLANS.out,
    summary="登记预案备案",
    description="登记一个版本的备案机关和日期，同时消除该版本印发前出现的修订情形。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-1.6", "E-7.2"),
)
async def file_plan_version(
    id: EntryId,
    version: Annotated[UUID, Path(description="版本编号")],
    body: FilingIn,
    context: Writer,
    response: Response,
) -> EntryOut:
    """File a version (E-1.6, E-7.2)."""
    await must_hold(context, PLANS, id)
    plan = await plans.file_version(context, id, version, body.filed_with, body.filed_on)
    set_etag(response, plan)
    return PLANS.out.of(plan)


add_register(router, "emergency", PLANS)
