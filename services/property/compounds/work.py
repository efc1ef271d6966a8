"""A compound to be changed, by those who may change it."""

from uuid import UUID

from sqlalchemy import select

from kit.context import Context
from kit.storage import db
from services.property.compounds.models import Compound
from services.property.divisions import COMMUNITY, STREET

NO_SUCH_COMPOUND = "没有这个小区。"


async def own_compound(context: Context, id: UUID) -> Compound:
    """The compound, locked, for a caller who is not limited to another street or town.

    Raises: NotFound, Forbidden.
    """
    compound = await db.locked(context.session, Compound, id, NO_SUCH_COMPOUND)
    if context.caller.division is not None:
        of_community = select(STREET.name).join(COMMUNITY, COMMUNITY.parent_id == STREET.id)
        street = await context.session.scalars(of_community.where(COMMUNITY.id == compound.community_id))
        context.caller.must_cover(street.one())
    return compound
