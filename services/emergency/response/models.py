"""Tables of a response: its state, and its tasks."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kit.storage import db
from services.emergency.base import Base
from services.emergency.case.incident import Incident
from services.emergency.plan.response import RESPONSE, TASK

_TASK_STATES = ",".join(sorted({f"'{row[3]}'" for row in TASK} | {"'open'"}))
_STATES = ",".join(sorted({f"'{row[3]}'" for row in RESPONSE}))


class Response(Base):
    """The response to an accident, once it was proposed; it is started by `started_by` at a level."""

    __tablename__ = "responses"
    __table_args__ = (
        CheckConstraint(f"state in ({_STATES})", name="state"),
        CheckConstraint("(state = 'proposed') = (started_at is null)", name="started"),
        CheckConstraint("(state = 'ended') = (ended_at is not null)", name="ended"),
    )

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), primary_key=True)
    state: Mapped[str]
    level: Mapped[str]
    departments: Mapped[list[str]]
    proposed_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    started_by: Mapped[str | None]
    adjusted_at: Mapped[datetime | None]
    end_asked_by: Mapped[list[str]]
    ended_at: Mapped[datetime | None]


class Task(Base, db.Identified):
    """Something that a unit has to do in an accident.

    entry: its entry in the catalogue; owner: whom the plan names; unit: the canonical unit, where it is one;
    owner_name: as people call it.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        UniqueConstraint("incident_id", "entry", "owner"),
        CheckConstraint(f"state in ({_TASK_STATES})", name="state"),
        CheckConstraint("(state = 'done') = (done_at is not null)", name="done"),
        Index("ix_tasks_unit", "unit", "state"),
        Index("ix_tasks_remind_at", "remind_at", postgresql_where="state = 'open'"),
    )

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"))
    entry: Mapped[str]
    place: Mapped[int]
    part: Mapped[str]
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
    reminders: Mapped[int] = mapped_column(default=0)
    remind_at: Mapped[datetime | None]
    incident: Mapped[Incident] = relationship(lazy="raise")


class TaskStep(Base, db.Identified):
    """Who did what with a task, and when."""

    __tablename__ = "task_steps"

    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id"), index=True)
    action: Mapped[str]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    client: Mapped[str]
    client_unit: Mapped[str | None]
    note: Mapped[str | None]
