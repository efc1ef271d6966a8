"""The system of plans: versions, filing, and the revision triggers that stay open until then (E-1.6, E-7.2)."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field
from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kit.context import Context
from kit.district.citations import clause
from kit.district.clock import local_day
from kit.events.event import Event
from kit.storage import db
from kit.web.ownership import Belonging, street_of
from kit.web.problems import Conflict, FieldError, Invalid
from kit.web.registers import Entry
from kit.web.shapes import Choice
from services.emergency.base import Base
from services.emergency.companies.companies import of_company

#: What a drill or an accident that shows a problem triggers (E-7.2).
FOUND_IN_PRACTICE = "practice-found-problems"
NO_SUCH_PLAN = "没有这个预案，请核对编号。"


class Level(Choice):
    """Where a plan stands in the system of plans (一(六))."""

    DISTRICT = "district", "区级"
    SPECIAL = "special", "区级专项"
    DEPARTMENT = "department", "部门"
    STREET = "street", "镇街道"
    COMPANY = "company", "企业"


class PlanVersion(Base, db.Identified):
    """A version of a plan as it was issued, and its filing (预案版本)."""

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
    """Something that calls for a plan's revision (修订情形); open until a version issued after it is filed."""

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
    """A plan of a unit or of a company, linked to the plan above it (应急预案)."""

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


_OF_COMPANY = of_company(Plan.company_id)
#: Whose plans are: a street's own, a company's; the others are the district's.
BELONGING = Belonging(func.coalesce(street_of(Plan.owner), _OF_COMPANY.division), _OF_COMPANY.company)


class PlanFiled(Event, type="emergency.plan.filed", title="预案备案"):
    """A version of a plan was filed; the triggers that it answers are closed."""

    plan: UUID = Field(description="预案登记编号")
    version: str = Field(description="预案版本")
    closed: int = Field(description="因此了结的修订事由数")


class PlanVersionEntered(Event, type="emergency.plan.version_entered", title="预案印发"):
    """A plan was issued, or issued anew."""

    plan: UUID = Field(description="预案登记编号")
    version: str = Field(description="预案版本")
    issued_on: date = Field(description="印发日期")


class RevisionTriggered(Event, type="emergency.plan.revision_triggered", title="预案应当修订"):
    """Something calls for a plan's revision."""

    plan: UUID = Field(description="预案登记编号")
    trigger: str = Field(description="修订事由")


async def load_district_plan(context: Context) -> None:
    """Bring in the district's own plan with the version in force; again changes nothing."""
    document = clause("E-1.6").document
    plan = {
        "id": db.new_id(),
        "version": 1,
        "entered_at": context.now,
        "changed_at": context.now,
        "name": document.title,
        "level": Level.DISTRICT,
        "owner": "district-government",
    }
    entered = await context.session.scalar(insert(Plan).on_conflict_do_nothing().returning(Plan.id), plan)
    if entered is None:
        return
    version = PlanVersion(
        plan_id=entered,
        label=str(document.effective.year),
        document=document.number,
        issued_on=document.effective,
        effective_on=document.effective,
    )
    context.session.add(version)


async def open_trigger(
    context: Context, plan_id: UUID, trigger: str, reason: str, *, source: str | None = None
) -> RevisionTrigger:
    """Record what calls for a plan's revision (E-7.2). `source`: number or id of what showed it."""
    opened = RevisionTrigger(
        plan_id=plan_id, trigger=trigger, reason=reason, source=source, opened_at=context.now
    )
    context.session.add(opened)
    await context.session.flush()
    context.record(RevisionTriggered(plan=plan_id, trigger=trigger), str(plan_id))
    return opened


async def enter_version(context: Context, plan_id: UUID, version: PlanVersion) -> Plan:
    """Enter a version of a plan as it was issued (E-1.6).

    Raises: NotFound, Conflict for a label that stands already.
    """
    plan = await db.locked(context.session, Plan, plan_id, NO_SUCH_PLAN)
    if any(each.label == version.label for each in plan.versions):
        raise Conflict("version-exists", f"版本 {version.label} 已经登记过。", clauses=("E-7.2",))
    version.plan_id = plan_id
    context.session.add(version)
    event = PlanVersionEntered(plan=plan_id, version=version.label, issued_on=version.issued_on)
    return await _changed(context, plan, event)


async def file_version(
    context: Context, plan_id: UUID, version_id: UUID, filed_with: str, filed_on: date
) -> Plan:
    """Enter a version's filing; the triggers opened up to the day of its issue are answered by it (E-7.2).

    Raises: NotFound, Conflict when filed already, Invalid for a day before the issue or in the future.
    """
    plan = await db.locked(context.session, Plan, plan_id, NO_SUCH_PLAN)
    version = next((each for each in plan.versions if each.id == version_id), None)
    if version is None:
        raise Conflict("not-its-version", "这个预案没有这个版本，请先登记版本。", clauses=("E-7.2",))
    if version.filed_on is not None:
        raise Conflict("filed", f"这个版本已于 {version.filed_on} 备案。", clauses=("E-7.2",))
    if not version.issued_on <= filed_on <= context.today:
        reason = f"不在 {version.issued_on} 至 {context.today} 之间"
        raise Invalid(
            "bad-filing-day",
            "备案日期应在印发之日和今天之间，请核对。",
            errors=[FieldError(pointer="/filed_on", reason=reason)],
        )
    version.filed_with, version.filed_on = filed_with, filed_on
    answered = [each.id for each in plan.open_triggers if local_day(each.opened_at) <= version.issued_on]
    await context.session.execute(
        update(RevisionTrigger)
        .where(RevisionTrigger.id.in_(answered))
        .values(closed_at=context.now, closed_by=version.id)
    )
    return await _changed(context, plan, PlanFiled(plan=plan_id, version=version.label, closed=len(answered)))


async def _changed(context: Context, plan: Plan, event: Event) -> Plan:
    """The plan as it stands after its versions or triggers changed."""
    plan.changed_at = context.now
    await context.session.flush()
    await context.session.refresh(plan)
    context.record(event, str(plan.id))
    return plan
