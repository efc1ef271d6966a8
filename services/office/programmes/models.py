"""Tables of programmes, and of what their units report (P-4.2, T-3, T-5)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kit.district.periods import Month
from kit.storage import db
from kit.web.ownership import Belonging
from kit.web.registers import Entry
from services.office.base import Base
from services.office.course import Course
from services.office.plan.stages import STAGE


class Stage(Base, db.Identified):
    """A stage of a programme (阶段); months are as precise as the document, which may print none."""

    __tablename__ = "programme_stages"
    __table_args__ = (
        UniqueConstraint("programme_id", "number"),
        CheckConstraint("state in ('planned','open','closed')", name="state"),
        CheckConstraint("(state = 'planned') = (opened_on is null)", name="opened"),
        CheckConstraint("(state = 'closed') = (closed_on is not null)", name="closed"),
    )

    programme_id: Mapped[str] = mapped_column(ForeignKey("programmes.id"))
    number: Mapped[int]
    name: Mapped[str]
    written_at: Mapped[str]
    clause: Mapped[str]
    begins: Mapped[Month | None]
    ends: Mapped[Month | None]
    tasks: Mapped[list[str]]
    assesses: Mapped[bool]
    corrects: Mapped[bool]
    state: Mapped[str]
    opened_on: Mapped[date | None]
    closed_on: Mapped[date | None]


class Measure(Base):
    """A measure of a programme (措施), by its number; printed: its responsible units as the document writes them."""

    __tablename__ = "measures"

    programme_id: Mapped[str] = mapped_column(ForeignKey("programmes.id"), primary_key=True)
    number: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    chapter: Mapped[str]
    chapter_title: Mapped[str]
    written_at: Mapped[str]
    title: Mapped[str]
    printed: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    clauses: Mapped[list[str]]
    figures: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)


class Programme(Base):
    """A programme of a document (专项工作), and the unit that leads it."""

    __tablename__ = "programmes"

    id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    document: Mapped[str]
    issued_on: Mapped[date]
    lead: Mapped[str] = mapped_column(ForeignKey("units.id"))
    lead_at: Mapped[str]
    clause: Mapped[str]
    stages: Mapped[list[Stage]] = relationship(order_by=Stage.number, lazy="selectin")


def _of_measure() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["programme_id", "measure"], ["measures.programme_id", "measures.number"], name=None
    )


class Responsibility(Base, db.Identified):
    """A unit that a measure holds responsible, from a day on (责任单位).

    by_name: whether the document names it itself. until: the last day on which what is due is its own, where it was
    released with a reason.
    """

    __tablename__ = "measure_units"
    __table_args__ = (
        _of_measure(),
        UniqueConstraint("programme_id", "measure", "unit", "since"),
        Index(
            "uq_measure_units_held",
            "programme_id",
            "measure",
            "unit",
            unique=True,
            postgresql_where=text("until is null"),
        ),
        CheckConstraint("until is null or not by_name", name="named"),
        CheckConstraint("until is null or released_for is not null", name="released"),
    )

    programme_id: Mapped[str]
    measure: Mapped[str]
    unit: Mapped[str] = mapped_column(ForeignKey("units.id"), index=True)
    written: Mapped[str]
    by_name: Mapped[bool]
    since: Mapped[date]
    entered_for: Mapped[str | None]
    until: Mapped[date | None]
    released_for: Mapped[str | None]


class ReportingDate(Base, Entry):
    """When reports are due (报告时间): a day, or a month to its last day, once or every year up to a last day.

    measure: None where it holds for every measure of the programme. by_document: printed there, and so unchangeable.
    """

    __tablename__ = "reporting_dates"
    __table_args__ = (
        _of_measure(),
        UniqueConstraint("programme_id", "title"),
        CheckConstraint("(month is null) <> (day is null)", name="precise"),
        CheckConstraint("until is null or yearly", name="until"),
    )
    clauses = ("P-4.2", "T-5")

    programme_id: Mapped[str] = mapped_column(ForeignKey("programmes.id"))
    measure: Mapped[str | None]
    title: Mapped[str]
    month: Mapped[Month | None]
    day: Mapped[date | None]
    yearly: Mapped[bool]
    until: Mapped[date | None]
    clause: Mapped[str] = mapped_column(default="P-4.2")
    by_document: Mapped[bool] = mapped_column(default=False)

    @property
    def first_due_on(self) -> date:
        """The first day that it falls due: of a month its last."""
        if self.month is not None:
            return self.month.last
        assert self.day is not None  # the table's check
        return self.day


class ProgressReport(Base, db.Identified):
    """What a unit reported on a measure (进展报告): added to, never changed; taken back with a reason.

    due_on: the reporting date that it answers, None of one between two; share: percent.
    """

    __tablename__ = "progress_reports"
    __table_args__ = (
        _of_measure(),
        ForeignKeyConstraint(
            ["programme_id", "stage"], ["programme_stages.programme_id", "programme_stages.number"]
        ),
        Index("ix_progress_reports_measure", "programme_id", "measure", "unit", "due_on"),
        CheckConstraint("share between 0 and 100", name="share"),
        CheckConstraint("(withdrawn_at is null) = (withdrawn_for is null)", name="withdrawn"),
    )

    programme_id: Mapped[str]
    measure: Mapped[str]
    unit: Mapped[str] = mapped_column(ForeignKey("units.id"), index=True)
    stage: Mapped[int]
    due_on: Mapped[date | None]
    as_of: Mapped[date]
    text: Mapped[str]
    share: Mapped[int | None]
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    received_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_for: Mapped[str | None]


STAGES = Course("stage", Stage, STAGE, Belonging(), "没有这个阶段。")
