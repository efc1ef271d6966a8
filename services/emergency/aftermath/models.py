"""Tables of what follows a response: the investigation, the evaluation and its measures, who is held to account."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kit.storage import db
from services.emergency.base import Base
from services.emergency.case.incident import Incident


class Recorded:
    """When a row was written, and by whom."""

    recorded_at: Mapped[datetime]
    client: Mapped[str]


class Investigation(Base, Recorded):
    """The investigation of an accident (事故调查) by the government its grade asks for, and its approval.

    former: those of other governments that it took the place of as the grade changed.
    """

    __tablename__ = "investigations"
    __table_args__ = (
        CheckConstraint("approved_at >= received_at", name="order"),
        CheckConstraint("(approved_at is null) = (approval is null)", name="approved"),
    )

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), primary_key=True)
    authority: Mapped[str]
    report: Mapped[str]
    cause: Mapped[str]
    received_at: Mapped[datetime]
    approval: Mapped[str | None]
    approved_at: Mapped[datetime | None]
    former: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)


class Evaluation(Base, Recorded):
    """What is said of how the accident was dealt with, from before it to after it (总结评估)."""

    __tablename__ = "evaluations"

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), primary_key=True)
    report: Mapped[str]
    made_at: Mapped[datetime]


class Measure(Base, db.Identified, Recorded):
    """A measure that the evaluation asks for (改进措施), followed until it is done."""

    __tablename__ = "measures"
    __table_args__ = (CheckConstraint("(done_at is null) = (evidence is null)", name="done"),)

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), index=True)
    text: Mapped[str]
    owner: Mapped[str]
    due: Mapped[date]
    done_at: Mapped[datetime | None]
    evidence: Mapped[str | None]
    incident: Mapped[Incident] = relationship(lazy="raise")


class Accountability(Base, db.Identified, Recorded):
    """A commendation, or somebody held to account (奖惩); company: the code of the company found responsible (E-5.5)."""

    __tablename__ = "accountabilities"
    __table_args__ = (
        CheckConstraint("kind in ('commendation','accountability')", name="kind"),
        CheckConstraint("company is null or kind = 'accountability'", name="responsible"),
    )

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), index=True)
    kind: Mapped[str]
    whom: Mapped[str]
    company: Mapped[str | None]
    what: Mapped[str]
    document: Mapped[str | None]
    decided_on: Mapped[date]
