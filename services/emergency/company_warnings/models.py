"""The table of companies' own warnings."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from kit.storage import db
from services.emergency.base import Base, Marked


class CompanyWarning(Base, Marked, db.Identified):
    """A company's own warning (企业预警) on its way to the department that supervises it."""

    __tablename__ = "company_warnings"
    __table_args__ = (
        CheckConstraint("state in ('sent','received')", name="state"),
        CheckConstraint("(state = 'received') = (received_at is not null)", name="received"),
        CheckConstraint("colour in ('blue','yellow','orange','red')", name="colour"),
        Index("ix_company_warnings_unread", "department", postgresql_where="state = 'sent'"),
    )

    company_id: Mapped[UUID] = mapped_column(ForeignKey("companies.id"), index=True)
    department: Mapped[str] = mapped_column(index=True)
    street: Mapped[str] = mapped_column(index=True)
    colour: Mapped[str | None]
    signs: Mapped[str]
    measures: Mapped[str | None]
    found_at: Mapped[datetime]
    state: Mapped[str]
    sent_at: Mapped[datetime]
    received_at: Mapped[datetime | None]
    received_by: Mapped[str | None]
    finding: Mapped[str | None]
