"""Numbers that people read, without gaps or repeats: DS-E-20240624-0001."""

from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_NEXT = text(
    "INSERT INTO number_series (series, day, last) VALUES (:series, :day, 1)"
    " ON CONFLICT (series, day) DO UPDATE SET last = number_series.last + 1 RETURNING last"
)


async def next_number(session: AsyncSession, series: str, day: date) -> str:
    """The next number of a series on a day; taken back if the transaction fails."""
    stamp = f"{day:%Y%m%d}"
    last = (await session.execute(_NEXT, {"series": series, "day": stamp})).scalar_one()
    return f"DS-{series}-{stamp}-{last:04d}"
