"""Endpoints of the plans: entries, versions, filing, triggers, and who has no plan (E-1.6, E-7.2)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.district.citations import Basis, cite
from kit.district.clock import LocalTime, Now
from kit.district.named_units import NamedUnit, UnitId, UnitShown, named, streets
from kit.district.natural_time import Day
from kit.storage import db
from kit.storage.transactions import Session
from kit.web import routes
from kit.web.etags import set_etag
from kit.web.pages import Page, PageRequest
from kit.web.problems import Conflict, FieldError, Invalid, problems
from kit.web.routes import clauses
from services.emergency.companies.companies import Company
from services.emergency.plan.catalogue import catalogue
from services.emergency.plans import plans
from services.emergency.plans.plans import Level, Plan, PlanVersion, RevisionTrigger
from services.emergency.register import EntryOut, Reader, Register, Writer, keep, must_exist, page_of


class PlanIn(BaseModel):
    """A plan as entered."""

    model_config = ConfigDict(
        title="应急预案",
        extra="forbid",
        json_schema_extra={
            "examples": [{"name": "罕台镇生产安全事故应急预案", "level": "street", "owner": "罕台镇"}]
        },
    )

    name: str = Field(min_length=2, max_length=200, description="预案名称")
    level: Level = Field(
        description="district 区级，special 区级专项，department 部门，street 镇街道，company 企业"
    )
    owner: UnitId | None = Field(default=None, description="制定单位；企业预案不填")
    company_id: UUID | None = Field(default=None, description="制定企业；只有企业预案填写")
    parent_id: UUID | None = Field(default=None, description="与哪个上位预案衔接")

    @model_validator(mode="after")
    def _owned(self) -> "PlanIn":
        if (self.level is Level.COMPANY) != (self.company_id is not None) or (
            (self.owner is None) != (self.company_id is not None)
        ):
            raise ValueError("企业预案只填制定企业，其他预案只填制定单位。")
        return self


class VersionIn(BaseModel):
    """A version as it was issued."""

    model_config = ConfigDict(
        title="预案版本",
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "label": "2026",
                    "document": "虚构发〔2026〕1号",
                    "issued_on": "2024-06-20",
                    "effective_on": "2024-06-20",
                }
            ]
        },
    )

    label: str = Field(min_length=1, max_length=50, description="版本")
    document: str | None = Field(default=None, max_length=100, description="文号")
    issued_on: Day = Field(description="印发日期")
    effective_on: Day = Field(description="实施日期")

    @model_validator(mode="after")
    def _in_order(self) -> "VersionIn":
        if self.effective_on < self.issued_on:
            raise ValueError("实施日期不能早于印发日期。")
        return self


class FilingIn(BaseModel):
    """A version's filing."""

    model_config = ConfigDict(
        title="预案备案",
        extra="forbid",
        json_schema_extra={"examples": [{"filed_with": "市应急管理局", "filed_on": "2024-06-24"}]},
    )

    filed_with: str = Field(min_length=2, max_length=100, description="备案机关")
    filed_on: Day = Field(description="备案日期")


def _known_trigger(id: str) -> str:
    triggers = catalogue().revision_triggers
    if all(each.id != id for each in triggers):
        names = "，".join(f"{each.id} {each.name}" for each in triggers)
        raise ValueError(f"只能是预案列明的五种情形之一：{names}。")
    return id


class TriggerIn(BaseModel):
    """What calls for a revision."""

    model_config = ConfigDict(
        title="修订情形",
        extra="forbid",
        json_schema_extra={
            "examples": [{"trigger": "resources-changed", "reason": "专业救援队伍撤并，可用力量减少。"}]
        },
    )

    trigger: Annotated[str, AfterValidator(_known_trigger)] = Field(
        description="，".join(f"{each.id} {each.name}" for each in catalogue().revision_triggers)
    )
    reason: str = Field(min_length=2, max_length=1000, description="具体情况")


class VersionOut(BaseModel):
    """A version."""

    model_config = ConfigDict(title="预案版本信息", from_attributes=True)

    id: UUID
    label: str
    document: str | None
    issued_on: date
    effective_on: date
    filed_with: str | None
    filed_on: date | None


class TriggerOut(BaseModel):
    """A trigger."""

    model_config = ConfigDict(title="修订情形信息", from_attributes=True)

    id: UUID
    plan_id: UUID
    trigger: str
    reason: str
    source: str | None = Field(description="在哪次演练或事故中发现")
    opened_at: LocalTime
    closed_at: LocalTime | None = Field(description="修订并备案的时间；仍待修订时为空")


class PlanOut(EntryOut):
    """A plan with its versions and what still calls for its revision."""

    model_config = ConfigDict(title="应急预案信息", from_attributes=True)

    name: str
    level: Level
    owner: UnitShown | None
    company_id: UUID | None
    parent_id: UUID | None
    current: VersionOut | None = Field(description="最近印发的版本")
    versions: list[VersionOut]
    open_triggers: list[TriggerOut] = Field(description="尚待修订的情形，修订并备案后才消除")


class WithoutPlan(BaseModel):
    """Who should have a plan and has none."""

    model_config = ConfigDict(title="没有预案的单位")

    units: list[NamedUnit] = Field(description="没有登记预案的监管部门和镇街道")
    basis: Basis


class CompanyWithoutPlan(BaseModel):
    """A company without a plan."""

    model_config = ConfigDict(title="没有预案的企业", from_attributes=True)

    id: UUID
    name: str
    supervisor: UnitShown
    street: UnitShown


@dataclass
class PlanFilter:
    level: Annotated[Level | None, Query(description="层级")] = None
    owner: Annotated[UnitId | None, Query(description="制定单位")] = None
    company_id: Annotated[UUID | None, Query(description="制定企业")] = None
    parent_id: Annotated[UUID | None, Query(description="衔接的上位预案")] = None


async def _linked(session: AsyncSession, body: PlanIn, row: Any, _now: datetime) -> None:
    await must_exist(session, Company, body.company_id, "/company_id", "生产经营单位")
    await must_exist(session, Plan, body.parent_id, "/parent_id", "应急预案")
    if row is not None and body.parent_id == row.id:
        raise Invalid(
            "own-parent",
            "预案不能与自己衔接。",
            errors=[FieldError(pointer="/parent_id", reason="是这个预案自己")],
        )


async def _not_the_district_s(_session: AsyncSession, row: Plan) -> None:
    if row.level == Level.DISTRICT:
        raise Conflict("the-plan-itself", "区级预案不能删除，只能登记新版本。", clauses=Plan.clauses)


PLANS = Register(
    path="plans",
    noun="应急预案",
    about="区级、专项、部门、镇街道和企业预案的版本、备案和待修订情形。",
    model=Plan,
    entry=PlanIn,
    shown=PlanOut,
    filters=PlanFilter,
    check=_linked,
    removable=_not_the_district_s,
)

router = routes.router("应急预案")


@router.get(
    "/plans/lacking",
    summary="列出没有预案的部门和镇街道",
    description="负有监管职责的部门和各镇街道中，没有登记本单位预案的。",
    openapi_extra=clauses("E-1.6"),
)
async def list_units_without_plan(session: Session, _caller: Reader) -> WithoutPlan:
    """Supervising departments and streets without a plan (E-1.6)."""
    having = set(await session.scalars(select(Plan.owner).where(Plan.owner.is_not(None))))
    owing = [*(unit.id for unit in catalogue().units if unit.supervises), *(unit.id for unit in streets())]
    return WithoutPlan(units=[named(id) for id in owing if id not in having], basis=cite("E-1.6"))


@router.get(
    "/plans/lacking-companies",
    summary="列出没有预案的企业",
    description="登记在册而没有登记预案的生产经营单位。",
    openapi_extra=clauses("E-1.6"),
)
async def list_companies_without_plan(
    session: Session, _caller: Reader, paging: PageRequest
) -> Page[CompanyWithoutPlan]:
    """Companies without a plan (E-1.6)."""
    planned = select(Plan.id).where(Plan.company_id == Company.id)
    rows, following = await paging.fetch(session, select(Company).where(~planned.exists()), Company.id)
    return Page(items=[CompanyWithoutPlan.model_validate(row) for row in rows], next=following)


@router.get(
    "/plans/unfiled",
    summary="列出尚未备案的预案",
    description="最近印发的版本还没有备案，或还没有登记版本的预案。",
    openapi_extra=clauses("E-1.6", "E-7.2"),
)
async def list_unfiled_plans(session: Session, _caller: Reader, paging: PageRequest) -> Page[PlanOut]:
    """Plans whose last version is not filed (E-1.6, E-7.2)."""
    newest = (
        select(PlanVersion.filed_on)
        .where(PlanVersion.plan_id == Plan.id)
        .order_by(PlanVersion.issued_on.desc(), PlanVersion.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return await page_of(session, paging, select(Plan).where(newest.is_(None)), PLANS)


@router.get(
    "/revision-triggers",
    summary="列出预案修订情形",
    description="按发现先后列出；open 为 true 时只看尚待修订的。",
    openapi_extra=clauses("E-7.2"),
)
async def list_triggers(
    session: Session,
    _caller: Reader,
    paging: PageRequest,
    open: Annotated[bool | None, Query(description="true 尚待修订，false 已修订备案")] = None,
) -> Page[TriggerOut]:
    """The revision triggers (E-7.2)."""
    query = select(RevisionTrigger)
    if open is not None:
        query = query.where(RevisionTrigger.closed_at.is_(None) == open)
    rows, following = await paging.fetch(session, query, RevisionTrigger.id)
    return Page(items=[TriggerOut.model_validate(row) for row in rows], next=following)


@router.post(
    "/plans/{id}/triggers",
    status_code=201,
    summary="登记预案修订情形",
    description="五种情形之一出现时登记。预案修订并备案前一直列为待修订。",
    responses=problems(404),
    openapi_extra=clauses("E-7.2"),
)
async def enter_trigger(id: UUID, body: TriggerIn, session: Session, caller: Writer, now: Now) -> TriggerOut:
    """Record one of the five triggers (E-7.2)."""
    await db.found(session, Plan, id, "没有这个预案，请核对编号。")
    opened = await plans.open_trigger(session, caller, id, body.trigger, body.reason, now)
    return TriggerOut.model_validate(opened)


@router.post(
    "/plans/{id}/versions",
    status_code=201,
    summary="登记预案版本",
    description="预案制定或修订印发后登记一个版本。版本备案后，印发前出现的修订情形才消除。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-1.6", "E-7.2"),
)
async def enter_plan_version(
    id: UUID, body: VersionIn, session: Session, caller: Writer, now: Now, response: Response
) -> PlanOut:
    """Enter a version of a plan (E-1.6, E-7.2)."""
    version = PlanVersion(id=db.new_id(), plan_id=id, **body.model_dump())
    plan = await plans.enter_version(session, caller, id, version, now)
    set_etag(response, plan)
    return PlanOut.model_validate(plan)


@router.post(
    "/plans/{id}/versions/{version}/file",
    summary="登记预案备案",
    description="登记一个版本的备案机关和日期，同时消除该版本印发前出现的修订情形。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-1.6", "E-7.2"),
)
async def file_plan_version(
    id: UUID, version: UUID, body: FilingIn, session: Session, caller: Writer, now: Now, response: Response
) -> PlanOut:
    """File a version (E-1.6, E-7.2)."""
    plan = await plans.file_version(session, caller, id, version, body.filed_with, body.filed_on, now)
    set_etag(response, plan)
    return PlanOut.model_validate(plan)


keep(router, PLANS)
