"""Table of applications for repair."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kit.storage import db
from kit.web.ownership import Belonging
from services.credit.base import Base
from services.credit.companies.models import Company
from services.credit.course import Course
from services.credit.plan.evaluation import REPAIR


class Repair(Base, db.Identified):
    """A company's application that a bad record be used and public no more (信用修复); due_on: by when it is checked."""

    __tablename__ = "repairs"
    __table_args__ = (
        CheckConstraint("state in ('filed','approved','refused')", name="state"),
        CheckConstraint("(state = 'filed') = (decided_at is null)", name="decided"),
        # One that runs, and one that was approved; a refused one may be filed again.
        Index("uq_repairs_record_id", "record_id", unique=True, postgresql_where="state <> 'refused'"),
        Index("ix_repairs_filed", "due_on", postgresql_where="state = 'filed'"),
    )

    record_id: Mapped[UUID] = mapped_column(ForeignKey("records.id"))
    company_id: Mapped[UUID] = mapped_column(ForeignKey("companies.id"), index=True)
    commitment: Mapped[str]
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    filed_at: Mapped[datetime]
    due_on: Mapped[date]
    state: Mapped[str]
    decision: Mapped[str | None]
    decided_at: Mapped[datetime | None]


_USCC = select(Company.uscc).where(Company.id == Repair.company_id).scalar_subquery()
REPAIRS = Course("repair", Repair, REPAIR, Belonging(company=_USCC), "没有这家企业。")
