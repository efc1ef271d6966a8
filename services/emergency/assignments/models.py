"""Tables of what somebody has to do, and of what was done with it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kit.storage import db
from services.emergency.base import Base, Marked
from services.emergency.case.incident import Incident
from services.emergency.plan.assignments import OPEN, Kind

_KINDS = ",".join(f"'{kind}'" for kind in Kind)
_OPEN = ",".join(f"'{state}'" for state in OPEN)


class Assignment(Base, Marked, db.Identified):
    """What somebody has to do (任务) in an accident or for a warning: an entry of the catalogue for an owner.

    owner: whom the plan names; unit: the canonical unit, where it is one; owner_name: as people call it;
    number, exercise: of the accident or the warning; done_at: when it was done or waived; result: how, or why.
    """

    __tablename__ = "assignments"
    __table_args__ = (
        UniqueConstraint("incident_id", "kind", "entry", "owner"),
        UniqueConstraint("warning_id", "entry", "owner"),
        CheckConstraint(f"kind in ({_KINDS})", name="kind"),
        CheckConstraint("num_nonnulls(incident_id, warning_id) = 1", name="asked_by"),
        CheckConstraint("(kind = 'warning') = (warning_id is not null)", name="of_warning"),
        CheckConstraint(f"state in ({_OPEN},'done','waived','stopped')", name="state"),
        CheckConstraint("(state in ('done','waived')) = (done_at is not null)", name="done"),
        Index("ix_assignments_open", "unit", postgresql_where=f"state in ({_OPEN})"),
        Index("ix_assignments_remind_at", "remind_at", postgresql_where="state = 'open'"),
    )

    kind: Mapped[str]
    incident_id: Mapped[UUID | None] = mapped_column(ForeignKey("incidents.id"))
    warning_id: Mapped[UUID | None] = mapped_column(ForeignKey("warnings.id"))
    number: Mapped[str] = mapped_column(index=True)
    entry: Mapped[str]
    position: Mapped[int]
    part: Mapped[str | None]
    owner: Mapped[str]
    unit: Mapped[str | None]
    owner_name: Mapped[str]
    does: Mapped[str]
    if_needed: Mapped[bool]
    clause: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")
    due: Mapped[datetime | None]
    made_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    result: Mapped[str | None]
    reminders: Mapped[int] = mapped_column(default=0)
    remind_at: Mapped[datetime | None]
    incident: Mapped[Incident | None] = relationship(lazy="raise")
    steps: Mapped[list["AssignmentStep"]] = relationship(order_by="AssignmentStep.id", lazy="raise")


class AssignmentStep(Base, db.Identified):
    """Who did what with an assignment, and when (任务办理)."""

    __tablename__ = "assignment_steps"

    assignment_id: Mapped[UUID] = mapped_column(ForeignKey("assignments.id"), index=True)
    action: Mapped[str]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    client: Mapped[str]
    client_unit: Mapped[str | None]
    note: Mapped[str | None]
