"""Tables of yearly assessments, of the award fund of a year, and of what each company got of it (P-2.3.5a)."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.web.registers import Entry
from services.credit.base import Base


class Assessment(Base, Entry):
    """A company's yearly assessment by the district's own measure (年度考核考评), which is not the credit evaluation."""

    __tablename__ = "assessments"
    __table_args__ = (
        UniqueConstraint("company_id", "year"),
        CheckConstraint("points between 0 and 1000", name="points"),
        CheckConstraint("result in ('excellent','good','passed','failed')", name="result"),
    )
    clauses = ("P-2.3.5a",)

    company_id: Mapped[UUID] = mapped_column(ForeignKey("companies.id"))
    year: Mapped[int]
    result: Mapped[str]
    points: Mapped[Decimal | None]
    source: Mapped[str]


class AwardFund(Base):
    """The award fund of a year in fen, and how much of it is given out: never more than there is."""

    __tablename__ = "award_funds"
    __table_args__ = (CheckConstraint("given between 0 and fund", name="given"),)

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    fund: Mapped[int] = mapped_column(BigInteger)
    given: Mapped[int] = mapped_column(BigInteger)
    evaluation_id: Mapped[UUID] = mapped_column(ForeignKey("evaluations.id"))
    shared_out_at: Mapped[datetime]


class Award(Base):
    """What a company gets of a year's fund, in fen; weight: its score in hundredths; note: why it was adjusted."""

    __tablename__ = "awards"
    __table_args__ = (CheckConstraint("amount >= 0", name="amount"),)

    year: Mapped[int] = mapped_column(ForeignKey("award_funds.year"), primary_key=True)
    company_id: Mapped[UUID] = mapped_column(ForeignKey("companies.id"), primary_key=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    weight: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str | None]
