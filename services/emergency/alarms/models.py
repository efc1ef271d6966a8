"""The table of alarms."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from kit.storage import db
from services.emergency.base import Base


class Alarm(Base, db.Identified):
    """A request whose words tell of an accident, of whatever service and matter it is (疑似事故).

    number: the request's; heard_at: when it was heard here; incident: what it was made or joined to; shift: who had the watch.
    """

    __tablename__ = "alarms"
    __table_args__ = (
        CheckConstraint("state in ('open','incident','joined','none')", name="state"),
        CheckConstraint("(state in ('incident','joined')) = (incident is not null)", name="incident"),
        CheckConstraint("(state = 'open') = (handled_at is null)", name="handled"),
        CheckConstraint("(state = 'open') = (remind_at is not null)", name="reminded"),
        Index("ix_alarms_received_at_id", "received_at", "id"),
        Index("ix_alarms_remind_at", "remind_at", postgresql_where="remind_at is not null"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    service: Mapped[str]
    matter: Mapped[str]
    words: Mapped[list[str]] = mapped_column(ARRAY(Text))
    division: Mapped[str | None] = mapped_column(index=True)
    received_at: Mapped[datetime]
    heard_at: Mapped[datetime]
    shift: Mapped[UUID | None]
    state: Mapped[str]
    remind_at: Mapped[datetime | None]
    reminders: Mapped[int]
    incident: Mapped[str | None] = mapped_column(ForeignKey("incidents.number"), index=True)
    reason: Mapped[str | None]
    handled_at: Mapped[datetime | None]
    handled_by: Mapped[str | None]
