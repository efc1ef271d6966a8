"""Tables of an accident's deadlines and of those that were missed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kit.storage import db
from services.emergency.base import Base
from services.emergency.case.incident import Incident


class IncidentDeadline(Base):
    """A deadline of an accident (时限), as data/deadlines.yaml has it.

    `running`: false once the grade no longer asks for it; `owed_since`: when the grade rose so far that it was
    asked for, where it was not from the beginning; `reminded_for`: the due time whose approach was announced.
    """

    __tablename__ = "incident_deadlines"
    __table_args__ = (
        Index(
            "ix_incident_deadlines_open",
            "remind_at",
            postgresql_where='running AND done_at IS NULL AND NOT "window"',
        ),
        Index(
            "ix_incident_deadlines_due",
            *("due", "incident_id", "deadline"),
            postgresql_where="running AND done_at IS NULL",
        ),
    )

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), primary_key=True)
    deadline: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    asks: Mapped[str]
    owner: Mapped[str]
    since: Mapped[str]
    started_at: Mapped[datetime]
    due: Mapped[datetime]
    remind_at: Mapped[datetime]
    provisional: Mapped[bool]
    window: Mapped[bool]
    clause: Mapped[str]
    law: Mapped[str | None]
    article: Mapped[str | None]
    running: Mapped[bool] = mapped_column(default=True)
    done_at: Mapped[datetime | None]
    extended_days: Mapped[int] = mapped_column(default=0)
    owed_since: Mapped[datetime | None]
    reminded_for: Mapped[datetime | None]

    incident: Mapped[Incident] = relationship(lazy="raise")


class Breach(Base, db.Identified):
    """A deadline that was missed (超时记录). Nothing that arrives later takes it back (E-4.1a).

    One that rests on a wrong entry is refuted, with who and why: it stays, and counts no more.
    """

    __tablename__ = "breaches"
    __table_args__ = (
        UniqueConstraint("incident_id", "deadline", "due"),
        CheckConstraint("num_nulls(refuted_at, refuted_by, refuted_why) in (0, 3)", name="refuted"),
    )

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"))
    deadline: Mapped[str]
    due: Mapped[datetime]
    provisional: Mapped[bool]
    found_at: Mapped[datetime]
    clause: Mapped[str]
    refuted_at: Mapped[datetime | None]
    refuted_by: Mapped[str | None]
    refuted_why: Mapped[str | None]
