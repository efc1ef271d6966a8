"""Tables of the published red and black lists, and of who left the black one."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Text, and_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.credit.base import Base


class ListEntry(Base):
    """A company on the red or black list of an evaluation, with the reasons (红黑榜); as it was published."""

    __tablename__ = "list_entries"
    __table_args__ = (CheckConstraint("listed in ('red','black')", name="listed"),)

    evaluation_id: Mapped[UUID] = mapped_column(ForeignKey("evaluations.id"), primary_key=True)
    company_id: Mapped[UUID] = mapped_column(ForeignKey("companies.id"), primary_key=True, index=True)
    listed: Mapped[Literal["red", "black"]] = mapped_column(Text)
    name: Mapped[str]
    uscc: Mapped[str | None]
    score: Mapped[Decimal]
    grade: Mapped[str]
    reasons: Mapped[list[str]] = mapped_column(JSONB)
    records: Mapped[list[Any]] = mapped_column(JSONB)


class ListExit(Base):
    """When a company left the public black list before the next one (移出), what put it there being repaired or taken back."""

    __tablename__ = "list_exits"
    __table_args__ = (
        ForeignKeyConstraint(
            ["evaluation_id", "company_id"], ["list_entries.evaluation_id", "list_entries.company_id"]
        ),
    )

    evaluation_id: Mapped[UUID] = mapped_column(primary_key=True)
    company_id: Mapped[UUID] = mapped_column(primary_key=True)
    left_on: Mapped[date]
    reason: Mapped[str]
    entered_at: Mapped[datetime]


#: Which exit is of which entry.
OF_ENTRY: Final = and_(
    ListExit.evaluation_id == ListEntry.evaluation_id, ListExit.company_id == ListEntry.company_id
)
