"""Tables of the self-assessment and of what is put right after it (T-3)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kit.storage import db
from kit.web.ownership import Belonging, street_of
from kit.web.registers import Entry
from services.office.base import Base
from services.office.course import Course
from services.office.plan.stages import CORRECTION


class Criterion(Base, Entry):
    """A criterion that the district assesses itself by (创建指标)."""

    __tablename__ = "criteria"
    __table_args__ = (UniqueConstraint("programme_id", "number"),)
    clauses = ("T-3",)

    programme_id: Mapped[str] = mapped_column(ForeignKey("programmes.id"))
    number: Mapped[str]
    content: Mapped[str]


class Assessment(Base, db.Identified):
    """How the district found itself by a criterion (自查结果); the last one counts."""

    __tablename__ = "self_assessments"

    criterion_id: Mapped[UUID] = mapped_column(ForeignKey("criteria.id"), index=True)
    programme_id: Mapped[str] = mapped_column(ForeignKey("programmes.id"))
    met: Mapped[bool]
    finding: Mapped[str]
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    assessed_on: Mapped[date]
    entered_at: Mapped[datetime]


class Correction(Base, db.Identified):
    """What a unit has to put right after the self-assessment (整改事项), to the end of a day."""

    __tablename__ = "corrections"
    __table_args__ = (
        CheckConstraint("state in ('open','done','accepted')", name="state"),
        CheckConstraint("(state = 'open') = (done_at is null)", name="done"),
    )

    assessment_id: Mapped[UUID] = mapped_column(ForeignKey("self_assessments.id"), index=True)
    programme_id: Mapped[str] = mapped_column(ForeignKey("programmes.id"))
    unit: Mapped[str] = mapped_column(ForeignKey("units.id"), index=True)
    task: Mapped[str]
    due_on: Mapped[date]
    state: Mapped[str]
    entered_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


CORRECTIONS = Course(
    "correction", Correction, CORRECTION, Belonging(street_of(Correction.unit)), "没有这个单位。"
)
