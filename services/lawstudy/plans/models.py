"""Tables of the yearly plans."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kit.district.periods import Month
from services.lawstudy.base import Base
from services.lawstudy.plan.law_study import FORMS, Form


class Category(Base):
    """A kind of content (学法内容类别), numbered as in the study system (L-5)."""

    __tablename__ = "categories"
    __table_args__ = (CheckConstraint("number BETWEEN 1 AND 7", name="number"),)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(unique=True)
    at: Mapped[str]


class Plan(Base):
    """A year's plan as it was issued (年度学法计划)."""

    __tablename__ = "plans"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    issued_on: Mapped[date]
    drafted_by: Mapped[str]
    approved_by: Mapped[str]
    topics: Mapped[list["Topic"]] = relationship(order_by="Topic.position", lazy="raise")

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


class Topic(Base):
    """A topic of a plan (学法主题). Its id stays when it is moved; its month is never more exact than the plan is.

    unit: canonical id of the responsible unit, and `unit_written` as the plan writes it; a lecture may have none.
    """

    __tablename__ = "topics"
    __table_args__ = (
        UniqueConstraint("plan_year", "position"),
        UniqueConstraint("plan_year", "form", "title"),
        CheckConstraint("form IN ('pre_meeting', 'lecture')", name="form"),
        CheckConstraint(
            "month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$' AND left(month, 4) = plan_year::text", name="month"
        ),
        CheckConstraint("form <> 'pre_meeting' OR month IS NOT NULL AND unit IS NOT NULL", name="settled"),
        CheckConstraint("(unit IS NULL) = (unit_written IS NULL)", name="unit"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    plan_year: Mapped[int] = mapped_column(ForeignKey("plans.year"))
    position: Mapped[int]
    form: Mapped[Form] = mapped_column(Text)
    title: Mapped[str]
    month: Mapped[Month | None]
    unit: Mapped[str | None]
    unit_written: Mapped[str | None]
    category_number: Mapped[int] = mapped_column(ForeignKey("categories.number"))
    category_reason: Mapped[str]
    clause: Mapped[str]
    category: Mapped[Category] = relationship(lazy="raise")

    @property
    def form_zh(self) -> str:
        """What its form is called."""
        return FORMS[self.form]
