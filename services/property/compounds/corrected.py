"""What a thing that was corrected is today."""

from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from services.property.companies import Company
from services.property.compounds.models import Compound
from services.property.corrections import Correction
from services.property.divisions import Division

_TABLES: Final[dict[str, Any]] = {"compound": Compound, "company": Company, "community": Division}


async def current(session: AsyncSession, correction: Correction) -> Any | None:
    """The row that bears today what a correction says of a name: what it was merged into, or the same; None where gone."""
    table = _TABLES[correction.kind]
    row = await session.get(table, correction.subject_id)
    into = getattr(row, "merged_into_id", correction.into_id)
    if into is not None:
        row = await session.get(table, into)
    return row if row is not None and row.withdrawn_on is None else None
