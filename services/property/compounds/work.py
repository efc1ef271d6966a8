"""A compound to be changed, by those who may change it."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from kit.context import Context
from kit.storage import db
from kit.web.ownership import Belonging
from services.property.compounds.models import Compound
from services.property.divisions import COMMUNITY, STREET

NO_SUCH_COMPOUND = "没有这个小区。"


def of_compound(compound_id: Any) -> Belonging:
    """Whose rows are that hang on a compound: of the street where it lies."""
    lies = (COMMUNITY.id == Compound.community_id) & (STREET.id == COMMUNITY.parent_id)
    return Belonging(select(STREET.name).where(Compound.id == compound_id, lies).scalar_subquery())


#: Whose compounds are.
BELONGING = of_compound(Compound.id)


async def own_compound(context: Context, id: UUID) -> Compound:
    """The compound, locked, for a caller who is not limited to another street or town.

    Raises: NotFound.
    """
    compound = await db.locked(context.session, Compound, id, NO_SUCH_COMPOUND)
    await context.must_hold(BELONGING, Compound.id == id, NO_SUCH_COMPOUND)
    return compound
