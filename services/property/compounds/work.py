"""A compound to be changed, by those who may change it."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kit.storage import db
from kit.web.tokens import Caller
from services.property.compounds.models import Compound
from services.property.divisions import Division


async def own_compound(session: AsyncSession, id: UUID, caller: Caller) -> Compound:
    """The compound, locked, for a caller who is not limited to another street or town.

    Raises: NotFound, Forbidden.
    """
    compound = await db.locked(session, Compound, id, "没有这个小区。")
    if caller.division is not None:
        caller.must_cover(await _street_of(session, compound))
    return compound


async def _street_of(session: AsyncSession, compound: Compound) -> str:
    community, street = aliased(Division), aliased(Division)
    query = (
        select(street.name)
        .join(community, community.parent_id == street.id)
        .where(community.id == compound.community_id)
    )
    return (await session.execute(query)).scalar_one()
