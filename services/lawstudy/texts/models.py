"""Table of the texts of sessions."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.storage import db
from services.lawstudy.base import Base

Outcome = Literal["waiting", "returned", "passed", "replaced"]


class StudyText(Base, db.Identified):
    """A text that was handed in for a session (学法材料): an exact file, by its SHA-256. The newest is the session's.

    local: what it says of how the law is carried out here, of a pre-meeting study (L-7a); outcome: replaced where a newer
    one came before it was reviewed.
    """

    __tablename__ = "texts"
    __table_args__ = (
        CheckConstraint("outcome IN ('waiting', 'returned', 'passed', 'replaced')", name="outcome"),
        CheckConstraint("(outcome IN ('returned', 'passed')) = (reviewed_at IS NOT NULL)", name="reviewed"),
        CheckConstraint("outcome <> 'returned' OR opinion IS NOT NULL", name="returned"),
        Index("uq_texts_waiting", "session_id", unique=True, postgresql_where=text("outcome = 'waiting'")),
    )

    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id"), index=True)
    sha256: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    local: Mapped[str | None]
    submitted_at: Mapped[datetime]
    client: Mapped[str]
    client_unit: Mapped[str | None]
    outcome: Mapped[Outcome] = mapped_column(Text)
    reviewed_at: Mapped[datetime | None]
    opinion: Mapped[str | None]
