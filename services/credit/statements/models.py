"""Tables of credit statements, and of the records that stood behind each."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from kit.storage import db
from services.credit.base import Base


class Statement(Base, db.Identified):
    """What was said of a company's credit as of a day (信用证明), signed, and never changed (P-2.3.2c).

    jws: the signed statement as it was given out, in the compact form of RFC 7515.
    """

    __tablename__ = "statements"

    company_id: Mapped[UUID] = mapped_column(ForeignKey("companies.id"), index=True)
    name: Mapped[str]
    uscc: Mapped[str | None]
    as_of: Mapped[date]
    scheme: Mapped[str] = mapped_column(ForeignKey("schemes.code"))
    score: Mapped[Decimal]
    grade: Mapped[str]
    key_rectification: Mapped[bool]
    issued_at: Mapped[datetime]
    client: Mapped[str]
    jws: Mapped[str]


class StatementRecord(Base):
    """A record that counted in the score of a statement."""

    __tablename__ = "statement_records"

    statement_id: Mapped[UUID] = mapped_column(ForeignKey("statements.id"), primary_key=True)
    record_id: Mapped[UUID] = mapped_column(ForeignKey("records.id"), primary_key=True)
