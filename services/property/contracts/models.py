"""Table of service contracts (物业服务合同)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Numeric, and_, select
from sqlalchemy.orm import Mapped, mapped_column

from kit.storage import db
from kit.web.ownership import Belonging
from services.property.base import Base
from services.property.companies import Company
from services.property.compounds.work import of_compound
from services.property.known import Remembered


class Contract(Base, db.Identified, db.Versioned, Remembered):
    """A service contract of a compound (物业服务合同).

    interim_rules: the document that is filed with it; fee: yuan for a square metre and month; grade: of service.
    """

    __tablename__ = "contracts"
    __table_args__ = (
        CheckConstraint("state in ('signed','submitted','filed','returned')", name="state"),
        CheckConstraint("(state = 'filed') = (filed_on is not null)", name="filed"),
        CheckConstraint("(state = 'returned') = (return_reason is not null)", name="returned"),
        CheckConstraint("ends_on > starts_on", name="term"),
        CheckConstraint("kind in ('preliminary','ordinary','fallback')", name="kind"),
        CheckConstraint("num_nonnulls(tender_number, tender_method, tendered_on) in (0, 3)", name="tender"),
        CheckConstraint("kind <> 'preliminary' or tender_number is not null", name="tendered"),
        CheckConstraint("fee >= 0", name="fee"),
        CheckConstraint("grade between 1 and 5", name="grade"),
    )

    compound_id: Mapped[UUID] = mapped_column(ForeignKey("compounds.id"), index=True)
    company_id: Mapped[UUID] = mapped_column(ForeignKey("companies.id"), index=True)
    kind: Mapped[str] = mapped_column(server_default="ordinary", index=True)
    signed_on: Mapped[date]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    tender_number: Mapped[str | None]
    tender_method: Mapped[str | None]
    tendered_on: Mapped[date | None]
    interim_rules: Mapped[str | None]
    fee: Mapped[Decimal | None] = mapped_column(Numeric(9, 4))
    grade: Mapped[int | None]
    state: Mapped[str] = mapped_column(index=True)
    submitted_at: Mapped[datetime | None]
    filed_on: Mapped[date | None]
    return_reason: Mapped[str | None]
    #: Why it was filed before it was handed in: the filing on paper.
    on_paper: Mapped[str | None]


def runs_filed(contract: type[Contract], day: Any) -> ColumnElement[bool]:
    """Whether a contract was filed by a day and runs on it, its first and last days included (P-2.2.5)."""
    return and_(contract.filed_on <= day, contract.starts_on <= day, contract.ends_on >= day)


#: Whose contracts are.
BELONGING = Belonging(
    of_compound(Contract.compound_id).division,
    select(Company.uscc).where(Company.id == Contract.company_id).scalar_subquery(),
)
