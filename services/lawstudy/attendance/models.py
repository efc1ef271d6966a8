"""Table of who was at the sessions of law study."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kit.storage import db
from services.lawstudy.base import Base
from services.lawstudy.members import Member


class Attendance(Base, db.Identified, db.Versioned):
    """Whether somebody was at a session (参加情况): a registered person, or a unit by a post.

    why_extended: of a department that the session was extended to; reason: of the leave, and of an absence where one is
    given; made_up_on, made_up_how: the study that made up for it afterwards.
    """

    __tablename__ = "attendances"
    __table_args__ = (
        CheckConstraint("kind IN ('member', 'invited', 'other', 'extended')", name="kind"),
        CheckConstraint("status IN ('present', 'leave', 'absent')", name="status"),
        CheckConstraint("(member_id IS NULL) = (unit IS NOT NULL)", name="who"),
        CheckConstraint("(unit IS NULL) = (post IS NULL)", name="post"),
        CheckConstraint("kind <> 'member' OR member_id IS NOT NULL", name="member"),
        CheckConstraint("(kind = 'extended') = (why_extended IS NOT NULL)", name="extended"),
        CheckConstraint("kind <> 'extended' OR unit IS NOT NULL", name="department"),
        CheckConstraint("status <> 'leave' OR reason IS NOT NULL", name="leave"),
        CheckConstraint("status <> 'present' OR reason IS NULL AND made_up_on IS NULL", name="present"),
        CheckConstraint("(made_up_on IS NULL) = (made_up_how IS NULL)", name="made_up"),
        UniqueConstraint("session_id", "member_id"),
        Index(
            "uq_attendances_session_id_unit_post",
            *("session_id", "unit", "post"),
            unique=True,
            postgresql_where="unit IS NOT NULL",
        ),
    )

    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id"))
    kind: Mapped[str]
    member_id: Mapped[UUID | None] = mapped_column(ForeignKey("members.id"), index=True)
    unit: Mapped[str | None]
    post: Mapped[str | None]
    status: Mapped[str]
    reason: Mapped[str | None]
    why_extended: Mapped[str | None]
    made_up_on: Mapped[date | None]
    made_up_how: Mapped[str | None]
    entered_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    member: Mapped[Member | None] = relationship(lazy="raise")
