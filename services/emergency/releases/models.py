"""Table of what is released on an accident."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from kit.storage import db
from services.emergency.base import Base


class Release(Base, db.Identified, db.Versioned):
    """Information on an accident (信息发布稿), from draft to publication. `authority`: who has approved it.

    `revision` counts the drafts; an approval holds for the draft that it saw, whose hash is `text_hash`.
    """

    __tablename__ = "releases"
    __table_args__ = (
        CheckConstraint("state in ('drafted','approved','published')", name="state"),
        CheckConstraint("(state = 'drafted') = (approved_at is null)", name="approved"),
        CheckConstraint("(state = 'published') = (published_at is not null)", name="published"),
    )

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), index=True)
    title: Mapped[str]
    text: Mapped[str]
    form: Mapped[str]
    sensitive: Mapped[bool]
    revision: Mapped[int]
    state: Mapped[str]
    drafted_at: Mapped[datetime]
    drafted_by: Mapped[str]
    authority: Mapped[str | None]
    document: Mapped[str | None]
    text_hash: Mapped[str | None]
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[str | None]
    published_at: Mapped[datetime | None]
    channels: Mapped[list[str]]
