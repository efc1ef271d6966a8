"""A compound to be changed, by those who may change it."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.context import Context
from kit.storage import db
from kit.web.ownership import Belonging
from kit.web.problems import NotFound
from services.property.compounds.models import Compound, located
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
    _must_stand(compound)
    return compound


async def locked_compound(context: Context, id: UUID) -> Compound:
    """The compound, locked, for a caller who is to be asked whose that is which hangs on it.

    Raises: NotFound.
    """
    compound = await db.locked(context.session, Compound, id, NO_SUCH_COMPOUND)
    _must_stand(compound)
    return compound


def _must_stand(compound: Compound) -> None:
    if compound.withdrawn_on is not None:
        raise NotFound("not-found", "这个小区已撤回，或已并入另一小区。")


async def street_of(session: AsyncSession, id: UUID) -> tuple[str, str]:
    """The names of the street in which a compound lies, and of the compound."""
    query = located(select(STREET.name, Compound.name)).where(Compound.id == id)
    street, name = (await session.execute(query)).one()
    return street, name


async def one_at_a_time(session: AsyncSession) -> None:
    """Wait for whoever else changes what surveys say, or what is named in them; held until the transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext("surveys"))))
