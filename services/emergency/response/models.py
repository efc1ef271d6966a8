"""The table of a response."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from services.emergency.base import Base
from services.emergency.plan.response import RESPONSE

_STATES = ",".join(sorted({f"'{move.target}'" for move in RESPONSE}))


class Response(Base):
    """The response to an accident (应急响应); it is started by `started_by` at a level, with or without a proposal."""

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
    proposed_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    started_by: Mapped[str | None]
    adjusted_at: Mapped[datetime | None]
    end_asked_by: Mapped[list[str]]
    ended_at: Mapped[datetime | None]
