"""The yearly notices of days off and of weekends worked in return (节假日安排通知), as an operator enters them.

The library that counts working days knows the years whose notice it carries. A notice entered here settles its year,
and goes before the library.
"""

from datetime import date

from sqlalchemy import CheckConstraint, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Date

from kit.district.workdays import Notice
from services.lawstudy.base import Base


class HolidayNotice(Base):
    """The notice of a year (节假日安排通知): every day off that it names, and every weekend that is worked."""

    __tablename__ = "holiday_notices"
    __table_args__ = (CheckConstraint("year BETWEEN 2000 AND 2100", name="year"),)

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[str]
    days_off: Mapped[list[date]] = mapped_column(ARRAY(Date))
    worked: Mapped[list[date]] = mapped_column(ARRAY(Date))


async def entered(session: AsyncSession) -> tuple[Notice, ...]:
    """The notices that were entered, as working days are counted with."""
    rows = await session.scalars(select(HolidayNotice).order_by(HolidayNotice.year))
    return tuple(Notice(row.year, frozenset(row.days_off), frozenset(row.worked)) for row in rows)
