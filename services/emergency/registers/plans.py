"""The system of plans: versions, filing, and the revision triggers that stay open until then (E-1.6, E-7.2)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kit import db
from kit.app import clauses, room
from kit.citations import Basis, cite, clause
from kit.clock import LocalTime, Now
from kit.etags import set_etag
from kit.pages import Page, PageRequest
from kit.problems import Conflict, FieldError, Invalid, problems
from kit.records import Event, record
from kit.tokens import Caller
from kit.transactions import Session
from services.emergency.base import Base
from services.emergency.catalogue import catalogue
from services.emergency.named_units import NamedUnit, UnitId, UnitShown, named, streets
from services.emergency.natural_time import local_day
from services.emergency.registers.companies import Company
from services.emergency.registers.register import (
    Entry,
    EntryOut,
    Reader,
    Register,
    Writer,
    keep,
    must_exist,
    page_of,
)

#: What a drill or an accident that shows a problem triggers (E-7.2).
FOUND_IN_PRACTICE = "practice-found-problems"


class Level(StrEnum):
    """Where a plan stands in the system of plans (一(六))."""

    DISTRICT = "district"
    SPECIAL = "special"
    DEPARTMENT = "department"
    STREET = "street"
    COMPANY = "company"


class PlanVersion(Base, db.Identified):
    """A version of a plan as it was issued, and its filing."""

    __tablename__ = "plan_versions"
    __table_args__ = (
        UniqueConstraint("plan_id", "label"),
        CheckConstraint("(filed_on is null) = (filed_with is null)", name="filed"),
        CheckConstraint("filed_on >= issued_on", name="filed_after_issue"),
        CheckConstraint("effective_on >= issued_on", name="effective"),
    )

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plans.id", ondelete="CASCADE"))
    label: Mapped[str]
    document: Mapped[str | None]
    issued_on: Mapped[date]
    effective_on: Mapped[date]
    filed_with: Mapped[str | None]
    filed_on: Mapped[date | None]


class RevisionTrigger(Base, db.Identified):
    """Something that calls for a plan's revision; open until a version issued after it is filed."""

    __tablename__ = "revision_triggers"
    __table_args__ = (
        CheckConstraint("(closed_at is null) = (closed_by is null)", name="closed"),
        Index("ix_revision_triggers_open", "plan_id", postgresql_where="closed_at is null"),
    )

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plans.id"), index=True)
    trigger: Mapped[str]
    reason: Mapped[str]
    source: Mapped[str | None]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("plan_versions.id"))


class Plan(Base, Entry):
    """A plan of a unit or of a company, linked to the plan above it."""

    __tablename__ = "plans"
    __table_args__ = (
        UniqueConstraint("owner", "name"),
        UniqueConstraint("company_id", "name"),
        CheckConstraint("level in ('district','special','department','street','company')", name="level"),
        CheckConstraint("(level = 'company') = (company_id is not null)", name="company"),
        CheckConstraint("(owner is null) <> (company_id is null)", name="owner"),
        CheckConstraint("parent_id <> id", name="parent"),
        Index("uq_plans_district", "level", unique=True, postgresql_where="level = 'district'"),
    )
    clauses = ("E-1.6", "E-7.2")

    name: Mapped[str]
    level: Mapped[str] = mapped_column(index=True)
    owner: Mapped[str | None]
    company_id: Mapped[UUID | None] = mapped_column(ForeignKey("companies.id"))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("plans.id"), index=True)
    versions: Mapped[list[PlanVersion]] = relationship(
        order_by=(PlanVersion.issued_on, PlanVersion.id), lazy="selectin", cascade="all, delete-orphan"
    )
    open_triggers: Mapped[list[RevisionTrigger]] = relationship(
        primaryjoin=lambda: (RevisionTrigger.plan_id == Plan.id) & RevisionTrigger.closed_at.is_(None),
        order_by=RevisionTrigger.id,
        lazy="selectin",
        viewonly=True,
    )

    @property
    def current(self) -> PlanVersion | None:
        """The version issued last."""
        return self.versions[-1] if self.versions else None


class PlanFiled(Event, type="emergency.plan.filed"):
    """A version of a plan was filed; the triggers that it answers are closed."""

    plan: UUID
    version: str
    closed: int


class PlanVersionEntered(Event, type="emergency.plan.version_entered"):
    """A plan was issued, or issued anew."""

    plan: UUID
    version: str
    issued_on: date


class RevisionTriggered(Event, type="emergency.plan.revision_triggered"):
    """Something calls for a plan's revision."""

    plan: UUID
    trigger: str


async def load_district_plan(session: AsyncSession, now: datetime) -> None:
    """Bring in the district's own plan with the version in force; again changes nothing."""
    document = clause("E-1.6").document
    plan_id = db.new_id()
    plan = {
        "id": plan_id,
        "version": 1,
        "entered_at": now,
        "changed_at": now,
        "name": document.title,
        "level": Level.DISTRICT,
        "owner": "district-government",
    }
    entered = await session.scalar(insert(Plan).on_conflict_do_nothing().returning(Plan.id), plan)
    if entered is None:
        return
    version = PlanVersion(
        plan_id=plan_id,
        label=str(document.effective.year),
        document=document.number,
        issued_on=document.effective,
        effective_on=document.effective,
    )
    session.add(version)


async def open_trigger(
    session: AsyncSession,
    caller: Caller,
    plan_id: UUID,
    trigger: str,
    reason: str,
    now: datetime,
    source: str | None = None,
) -> RevisionTrigger:
    """Record what calls for a plan's revision (E-7.2). `source`: number or id of what showed it."""
    opened = RevisionTrigger(
        id=db.new_id(), plan_id=plan_id, trigger=trigger, reason=reason, source=source, opened_at=now
    )
    session.add(opened)
    await session.flush()
    record(session, RevisionTriggered(plan=plan_id, trigger=trigger), str(plan_id), caller, now)
    return opened


async def file_version(
    session: AsyncSession,
    caller: Caller,
    plan_id: UUID,
    version_id: UUID,
    filed_with: str,
    filed_on: date,
    now: datetime,
) -> Plan:
    """Enter a version's filing; the triggers opened up to the day of its issue are answered by it (E-7.2).

    Raises: NotFound, Conflict when filed already, Invalid for a day before the issue or in the future.
    """
    plan = await db.locked(session, Plan, plan_id, "没有这个预案，请核对编号。")
    version = next((each for each in plan.versions if each.id == version_id), None)
    if version is None:
        raise Conflict("not-its-version", "这个预案没有这个版本，请先登记版本。", clauses=("E-7.2",))
    if version.filed_on is not None:
        raise Conflict("filed", f"这个版本已于 {version.filed_on} 备案。", clauses=("E-7.2",))
    if not version.issued_on <= filed_on <= local_day(now):
        raise Invalid(
            "bad-filing-day",
            "备案日期应在印发之日和今天之间，请核对。",
            errors=[
                FieldError(pointer="/filed_on", reason=f"不在 {version.issued_on} 至 {local_day(now)} 之间")
            ],
        )
    version.filed_with, version.filed_on = filed_with, filed_on
    answered = [each for each in plan.open_triggers if local_day(each.opened_at) <= version.issued_on]
    await session.execute(
        update(RevisionTrigger)
        .where(RevisionTrigger.id.in_([each.id for each in answered]))
        .values(closed_at=now, closed_by=version.id)
    )
    plan.changed_at = now
    await session.flush()
    await session.refresh(plan)
    event = PlanFiled(plan=plan_id, version=version.label, closed=len(answered))
    record(session, event, str(plan_id), caller, now)
    return plan


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
    issued_on: date = Field(description="印发日期")
    effective_on: date = Field(description="实施日期")

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
    filed_on: date = Field(description="备案日期")


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

router = room("应急预案")


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
    opened = await open_trigger(session, caller, id, body.trigger, body.reason, now)
    return TriggerOut.model_validate(opened)


@router.post(
    "/plans/{id}/versions",
    status_code=201,
    summary="登记预案版本",
    description="预案制定或修订印发后登记一个版本。版本备案后，印发前出现的修订情形才消除。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-1.6", "E-7.2"),
)
async def enter_version(
    id: UUID, body: VersionIn, session: Session, caller: Writer, now: Now, response: Response
) -> PlanOut:
    """Enter a version of a plan (E-1.6, E-7.2)."""
    plan = await db.locked(session, Plan, id, "没有这个预案，请核对编号。")
    if any(each.label == body.label for each in plan.versions):
        raise Conflict("version-exists", f"版本 {body.label} 已经登记过。", clauses=("E-7.2",))
    session.add(PlanVersion(id=db.new_id(), plan_id=id, **body.model_dump()))
    plan.changed_at = now
    await session.flush()
    await session.refresh(plan)
    event = PlanVersionEntered(plan=id, version=body.label, issued_on=body.issued_on)
    record(session, event, str(id), caller, now)
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
    plan = await file_version(session, caller, id, version, body.filed_with, body.filed_on, now)
    set_etag(response, plan)
    return PlanOut.model_validate(plan)


keep(router, PLANS)
