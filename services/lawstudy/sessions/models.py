"""Tables of the executive meetings and of the sessions of law study."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Integer,
    Text,
    Time,
    case,
    cast,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kit.district.periods import Month
from kit.storage import db
from kit.web.ownership import DISTRICTS
from kit.web.registers import Entry
from services.lawstudy.base import Base
from services.lawstudy.course import Course
from services.lawstudy.plan.law_study import FORMS, Form
from services.lawstudy.plan.sessions import SESSION

_STATES = ",".join(f"'{each}'" for each in SESSION.states)


class Meeting(Base, Entry):
    """An executive meeting (常务会议): what is not known of it stays empty."""

    __tablename__ = "meetings"
    __table_args__ = (
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("number IS NOT NULL OR held_on IS NOT NULL", name="known"),
        CheckConstraint("held_on IS NULL OR date_part('year', held_on) = year", name="year"),
        CheckConstraint("begins_at IS NULL OR held_on IS NOT NULL", name="begins_at"),
        Index("uq_meetings_year_number", "year", "number", unique=True),
    )
    clauses = ("L-4c",)

    year: Mapped[int] = mapped_column(index=True)
    number: Mapped[int | None]
    held_on: Mapped[date | None] = mapped_column(index=True)
    begins_at: Mapped[time | None] = mapped_column(Time())
    place: Mapped[str | None]
    agenda: Mapped[list[str]]
    source: Mapped[str | None]


class SessionTopic(Base):
    """A topic that a session studies, with its title as it then stands.

    live: while the session is not cancelled, so that a topic has one session at most.
    """

    __tablename__ = "session_topics"
    __table_args__ = (
        Index("uq_session_topics_topic_id", "topic_id", unique=True, postgresql_where=text("live")),
    )

    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id"), primary_key=True)
    topic_id: Mapped[str] = mapped_column(ForeignKey("topics.id"), primary_key=True)
    title: Mapped[str]
    live: Mapped[bool] = mapped_column(server_default=text("true"), default=True)


class Session(Base, db.Identified, db.Versioned):
    """A session of law study (学法安排), from the plan to the day it is held.

    month: as the plan has it, and no more exact; postponed_to: of a postponed one, where a month is known; day, begins_at:
    once it is scheduled; another_month: why its day lies in another month than the plan's; unit: who answers for it and
    hands in its text; text_workdays: how many working days before its day the text is due, and text_due_at, when;
    sequence: raised when its time changes or it is cancelled; changed_at: the last change of anything that the calendar
    shows; last_day: the day it had before it was put off; resumes_as: of a postponed one, its state before.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("form IN ('pre_meeting', 'lecture')", name="form"),
        CheckConstraint("state NOT IN ('planned', 'postponed') OR day IS NULL", name="undated"),
        CheckConstraint("state IN ('planned', 'postponed', 'cancelled') OR day IS NOT NULL", name="dated"),
        CheckConstraint("day IS NULL OR date_part('year', day) = plan_year", name="year"),
        CheckConstraint("begins_at IS NULL OR day IS NOT NULL", name="begins_at"),
        CheckConstraint("meeting_id IS NULL OR day IS NOT NULL", name="meeting"),
        CheckConstraint("(text_due_at IS NULL) = (day IS NULL)", name="text_due_at"),
        CheckConstraint("(text_workdays IS NULL) = (day IS NULL)", name="text_workdays"),
        CheckConstraint(
            "state NOT IN ('passed', 'ready', 'held') OR passed_sha256 IS NOT NULL", name="passed"
        ),
        CheckConstraint("(passed_sha256 IS NULL) = (passed_at IS NULL)", name="passed_at"),
        CheckConstraint("(state = 'held') = (chair IS NOT NULL)", name="held"),
        CheckConstraint("chair IN ('head', 'executive_deputy')", name="chair"),
        CheckConstraint("chair <> 'executive_deputy' OR delegated_on IS NOT NULL", name="delegated"),
        CheckConstraint("(state = 'postponed') = (resumes_as IS NOT NULL)", name="resumes_as"),
        CheckConstraint("state = 'postponed' OR postponed_to IS NULL", name="postponed_to"),
    )

    plan_year: Mapped[int] = mapped_column(index=True)
    form: Mapped[Form] = mapped_column(Text)
    state: Mapped[str] = mapped_column(index=True)
    month: Mapped[Month | None]
    postponed_to: Mapped[Month | None]
    unit: Mapped[str | None] = mapped_column(index=True)
    meeting_id: Mapped[UUID | None] = mapped_column(ForeignKey("meetings.id"), index=True)
    day: Mapped[date | None] = mapped_column(index=True)
    last_day: Mapped[date | None]
    begins_at: Mapped[time | None] = mapped_column(Time())
    place: Mapped[str | None]
    another_month: Mapped[str | None]
    text_workdays: Mapped[int | None]
    text_due_at: Mapped[datetime | None]
    text_due_provisional: Mapped[bool] = mapped_column(default=False)
    passed_sha256: Mapped[str | None]
    passed_at: Mapped[datetime | None]
    speaker: Mapped[str | None]
    speaker_title: Mapped[str | None]
    speaker_organisation: Mapped[str | None]
    speaker_reason: Mapped[str | None]
    delegated_on: Mapped[date | None]
    delegation: Mapped[str | None]
    chair: Mapped[str | None]
    chair_name: Mapped[str | None]
    resumes_as: Mapped[str | None]
    sequence: Mapped[int] = mapped_column(Integer, default=0)
    entered_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    meeting: Mapped[Meeting | None] = relationship(lazy="raise")
    links: Mapped[list[SessionTopic]] = relationship(order_by=SessionTopic.topic_id, lazy="selectin")

    @property
    def form_zh(self) -> str:
        """What its form is called."""
        return FORMS[self.form]

    @property
    def state_zh(self) -> str:
        """Its state as a sentence says it."""
        return SESSION.states[self.state]

    @property
    def topic_ids(self) -> list[str]:
        """The topics that it studies."""
        return [link.topic_id for link in self.links]

    @property
    def titles(self) -> list[str]:
        """What it studies, as titles."""
        return [link.title for link in self.links]


def _when(month: Any) -> ColumnElement[date]:
    last_day = cast(func.to_date(month, "YYYY-MM") + text("interval '1 month - 1 day'"), Date)
    return func.coalesce(Session.day, last_day, cast(func.make_date(Session.plan_year, 12, 31), Date))


#: When a session takes place, as lists are ordered: its day, or the last day of its month.
WHEN = _when(Session.month)
#: When it is still to take place: of one that was put off, the month that it was put off to, and not that of the plan.
COMES = _when(case((Session.state == "postponed", Session.postponed_to), else_=Session.month))

SESSIONS = Course("session", Session, SESSION, DISTRICTS, "没有这项学法安排，请核对编号。")
