"""Tables of what follows a response: items to settle, the investigation, the evaluation's measures, merits."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.storage import db
from services.emergency.base import Base


class AftermathItem(Base, db.Identified):
    """A thing to settle after the response, once for each owner (E-5.1); `entry`: of data/aftermath.yaml."""

    __tablename__ = "aftermath_items"
    __table_args__ = (
        UniqueConstraint("incident_id", "entry", "owner"),
        CheckConstraint("state in ('open','settled','waived')", name="state"),
        CheckConstraint("(state = 'open') = (settled_at is null)", name="settled"),
    )

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"))
    entry: Mapped[str]
    place: Mapped[int]
    owner: Mapped[str]
    unit: Mapped[str | None]
    owner_name: Mapped[str]
    does: Mapped[str]
    if_needed: Mapped[bool]
    clause: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")
    result: Mapped[str | None]
    settled_at: Mapped[datetime | None]
    client: Mapped[str | None]


class Investigation(Base):
    """The investigation of an accident by the government its grade asks for, and the report's approval."""

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
    recorded_at: Mapped[datetime]
    client: Mapped[str]


class Evaluation(Base):
    """What the investigation team says of how the accident was dealt with, from before it to after it."""

    __tablename__ = "evaluations"

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), primary_key=True)
    report: Mapped[str]
    made_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    client: Mapped[str]


class Measure(Base, db.Identified):
    """A measure that the evaluation asks for, followed until it is done."""

    __tablename__ = "measures"
    __table_args__ = (CheckConstraint("(done_at is null) = (evidence is null)", name="done"),)

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), index=True)
    text: Mapped[str]
    owner: Mapped[str]
    due: Mapped[date]
    done_at: Mapped[datetime | None]
    evidence: Mapped[str | None]
    recorded_at: Mapped[datetime]
    client: Mapped[str]


class Merit(Base, db.Identified):
    """A commendation, or somebody held to account (E-5.5)."""

    __tablename__ = "merits"
    __table_args__ = (CheckConstraint("kind in ('commendation','accountability')", name="kind"),)

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), index=True)
    kind: Mapped[str]
    whom: Mapped[str]
    what: Mapped[str]
    document: Mapped[str | None]
    decided_on: Mapped[date]
    recorded_at: Mapped[datetime]
    client: Mapped[str]
