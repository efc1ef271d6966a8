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
    row = await session.get(_TABLES[correction.kind], correction.into_id or correction.subject_id)
    return row if row is not None and row.withdrawn_on is None else None
