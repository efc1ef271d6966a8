"""Rumours and reports in the media about an accident: the opinion watch as its file and timeline see it.

They are found, checked and answered in the register of opinions (E-3.2c); one that names an incident leaves
its trace in that incident's timeline (E-4.8).
"""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.emergency.case.incident import Incident
from services.emergency.releases.opinion import Opinion, OpinionOut


async def rumours_of(session: AsyncSession, incident: Incident) -> list[OpinionOut]:
    """The opinions that name an incident, in the order in which they were found."""
    query = select(Opinion).where(Opinion.incident == incident.number)
    rows = await session.scalars(query.order_by(Opinion.found_at, Opinion.id))
    return [OpinionOut.model_validate(row) for row in rows]
