"""Tables of the yearly plans: what is studied keeps its identity, and each version of a plan says when and by whom."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kit.district.periods import Month
from kit.storage import db
from kit.web.ownership import Belonging
from services.lawstudy.base import Base
from services.lawstudy.course import Course
from services.lawstudy.plan.law_study import FORMS, Form
from services.lawstudy.plan.planning import ISSUED, PLANNING, SETTLED, STATES, UNDER_WAY, State

_MONTH = "month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'"


def _among(states: tuple[State, ...]) -> str:
    return "state in ({})".format(",".join(f"'{each}'" for each in states))


class Category(Base):
    """A kind of content (学法内容类别), numbered as in the study system (L-5)."""

    __tablename__ = "categories"
    __table_args__ = (CheckConstraint("number BETWEEN 1 AND 7", name="number"),)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(unique=True)
    at: Mapped[str]


class Topic(Base):
    """A topic of a year's plan (学法主题): its identity, which stays whatever becomes of its time, title or department."""

    __tablename__ = "topics"
    __table_args__ = (UniqueConstraint("id", "plan_year"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    plan_year: Mapped[int]


@dataclass(frozen=True, slots=True)
class Edition:
    """How often a version was written, as ETag and If-Match speak of it."""

    version: int


class PlanVersion(Base, db.Identified):
    """A version of a year's plan (年度学法计划): the first, or one that adjusts it for a reason (L-6).

    adjusts, reason: the version that it adjusts, and why. settled: whether the topics are complete, as the database checks
    of each of them. approved_on: unknown where the document does not print it. edits: how often it was written.
    """

    __tablename__ = "plan_versions"
    __table_args__ = (
        UniqueConstraint("year", "version"),
        UniqueConstraint("id", "year", "settled"),
        CheckConstraint(_among(STATES), name="state"),
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint(f"settled = ({_among(SETTLED)})", name="settled"),
        ForeignKeyConstraint(
            ["year", "adjusts"],
            ["plan_versions.year", "plan_versions.version"],
            name="fk_plan_versions_adjusts",
        ),
        CheckConstraint("adjusts < version", name="adjusts"),
        CheckConstraint("(adjusts is null) = (reason is null)", name="reason"),
        CheckConstraint("not settled or approved_by is not null", name="approved"),
        CheckConstraint(
            f"({_among(ISSUED)}) = (number is not null) and (number is null) = (issued_on is null)",
            name="issued",
        ),
        Index("uq_plan_versions_in_force", "year", unique=True, postgresql_where=text("state = 'in_force'")),
        Index("uq_plan_versions_under_way", "year", unique=True, postgresql_where=text(_among(UNDER_WAY))),
    )

    year: Mapped[int]
    version: Mapped[int]
    state: Mapped[State] = mapped_column(Text)
    settled: Mapped[bool] = mapped_column(Boolean)
    title: Mapped[str]
    adjusts: Mapped[int | None]
    reason: Mapped[str | None]
    drafted_by: Mapped[str]
    approved_by: Mapped[str | None]
    approved_on: Mapped[date | None]
    number: Mapped[str | None] = mapped_column(unique=True)
    issued_on: Mapped[date | None]
    edits: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": edits}  # noqa: RUF012 - as SQLAlchemy declares it
    topics: Mapped[list["TopicEntry"]] = relationship(
        order_by="TopicEntry.position", lazy="raise", passive_deletes="all"
    )
    exceptions: Mapped[list["MonthException"]] = relationship(
        order_by="MonthException.month", lazy="raise", passive_deletes="all"
    )

    @property
    def edition(self) -> Edition:
        """What an ETag says of it."""
        return Edition(self.edits)

    @property
    def pre_meeting(self) -> int:
        """How many topics are studied before meetings."""
        return self._of("pre_meeting")

    @property
    def lectures(self) -> int:
        """How many topics are lectured on."""
        return self._of("lecture")

    def _of(self, form: Form) -> int:
        return sum(topic.form == form for topic in self.topics)


class TopicEntry(Base):
    """What a version of a plan says of a topic (计划主题). Its month is never more exact than the plan is.

    unit: canonical id of the responsible unit, and `unit_written` as the plan writes it; a lecture may have none. title_key:
    the title's normal form. settled: its version's, on which the database decides how complete it must be.
    """

    __tablename__ = "topic_entries"
    __table_args__ = (
        ForeignKeyConstraint(
            ["version_id", "plan_year", "settled"],
            ["plan_versions.id", "plan_versions.year", "plan_versions.settled"],
            onupdate="CASCADE",
            name="fk_topic_entries_version_id",
        ),
        ForeignKeyConstraint(
            ["topic_id", "plan_year"], ["topics.id", "topics.plan_year"], name="fk_topic_entries_topic_id"
        ),
        UniqueConstraint("version_id", "position", deferrable=True, initially="DEFERRED"),
        Index(
            "uq_topic_entries_title",
            "version_id",
            "form",
            "title_key",
            unique=True,
            postgresql_where=text("settled"),
        ),
        Index("ix_topic_entries_topic_id", "topic_id"),
        CheckConstraint("form IN ('pre_meeting', 'lecture')", name="form"),
        CheckConstraint(_MONTH, name="month"),
        CheckConstraint("not settled or left(month, 4) = plan_year::text", name="year"),
        CheckConstraint(
            "not settled or form <> 'pre_meeting' or month IS NOT NULL AND unit IS NOT NULL", name="settled"
        ),
        CheckConstraint("not settled or num_nulls(category_number, category_reason) = 0", name="category"),
        CheckConstraint("(unit IS NULL) = (unit_written IS NULL)", name="unit"),
    )

    version_id: Mapped[UUID] = mapped_column(primary_key=True)
    topic_id: Mapped[str] = mapped_column(primary_key=True)
    plan_year: Mapped[int]
    settled: Mapped[bool] = mapped_column(Boolean)
    position: Mapped[int]
    form: Mapped[Form] = mapped_column(Text)
    title: Mapped[str]
    title_key: Mapped[str]
    month: Mapped[Month | None]
    unit: Mapped[str | None]
    unit_written: Mapped[str | None]
    category_number: Mapped[int | None] = mapped_column(ForeignKey("categories.number"))
    category_reason: Mapped[str | None]
    clause: Mapped[str]
    category: Mapped[Category | None] = relationship(lazy="raise")

    @property
    def form_zh(self) -> str:
        """What its form is called."""
        return FORMS[self.form]


class MonthException(Base):
    """Why a version of a plan has no pre-meeting study in a month (L-3a: in principle once a month)."""

    __tablename__ = "month_exceptions"
    __table_args__ = (
        ForeignKeyConstraint(["version_id"], ["plan_versions.id"], name="fk_month_exceptions_version_id"),
        CheckConstraint(_MONTH, name="month"),
    )

    version_id: Mapped[UUID] = mapped_column(primary_key=True)
    month: Mapped[Month] = mapped_column(primary_key=True)
    reason: Mapped[str]


#: A version of a plan is the district's.
PLANS = Course("plan", PlanVersion, PLANNING, Belonging(), "没有这一年的学法计划。")
