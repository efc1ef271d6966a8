"""Tables of drills: what was drilled by whom, and the problems it showed."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kit.storage import db
from kit.web.registers import Entry
from services.emergency.base import Base


class Problem(Base, db.Identified):
    """A problem that a drill showed (演练问题). `trigger_id`: the plan revision that it calls for, if it does."""

    __tablename__ = "drill_problems"

    drill_id: Mapped[UUID] = mapped_column(ForeignKey("drills.id"), index=True)
    found: Mapped[str]
    advice: Mapped[str | None]
    trigger_id: Mapped[UUID | None] = mapped_column(ForeignKey("revision_triggers.id"))
    entered_at: Mapped[datetime]


class Drill(Base, Entry):
    """A drill of a plan (演练); it counts for every organisation that organised it."""

    __tablename__ = "drills"
    __table_args__ = (
        CheckConstraint("cardinality(organisers) > 0", name="organisers"),
        CheckConstraint("kind in ('tabletop','practical','functional')", name="kind"),
        CheckConstraint("participants >= 1", name="participants"),
    )
    clauses = ("E-7.1",)

    name: Mapped[str]
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plans.id"), index=True)
    organisers: Mapped[list[str]]
    held_on: Mapped[date] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(index=True)
    place: Mapped[str | None]
    participants: Mapped[int]
    incident: Mapped[str | None]
    summary: Mapped[str | None]
    problems: Mapped[list[Problem]] = relationship(
        order_by=Problem.id, lazy="selectin", passive_deletes="all"
    )
