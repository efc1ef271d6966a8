"""How often somebody may try to sign in: counted before a password is looked at, in the database, so that no two slip through."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import case, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from console.people.tables import Tries

#: Failures that an account, and an address, may have within the time after which they are forgotten.
OF_ACCOUNT, OF_ADDRESS = 5, 30
FORGOTTEN: Final = timedelta(minutes=30)


def account(login: str) -> str:
    """The key of an account, whether there is one or not."""
    return "account " + hashlib.sha256(login.encode()).hexdigest()


def address(given: str) -> str:
    """The key of an address."""
    return f"address {given}"


async def count(session: AsyncSession, now: datetime, keys: Sequence[str]) -> bool:
    """Count a try under each key; whether it may be made under all.

    Whoever goes on failing while locked out does not lengthen it.
    """
    allowed = True
    for key in sorted(keys):  # in one order, so that no two wait for each other
        old = Tries.since < now - FORGOTTEN
        made = insert(Tries).values(key=key, count=1, since=now)
        again = {
            "count": case((old, 1), else_=Tries.count + 1),
            "since": case((old, now), else_=Tries.since),
        }
        counted = await session.scalar(
            made.on_conflict_do_update(index_elements=[Tries.key], set_=again).returning(Tries.count)
        )
        limit = OF_ADDRESS if key.startswith("address ") else OF_ACCOUNT
        allowed &= counted is not None and counted <= limit
    return allowed


async def forgive(session: AsyncSession, login: str, given: str) -> None:
    """Forget the failures of an account, and the one try of its address that turned out right."""
    await session.execute(delete(Tries).where(Tries.key == account(login)))
    row = await session.get(Tries, address(given), with_for_update=True)
    if row is not None:
        row.count -= 1


async def unlock(session: AsyncSession, login: str) -> bool:
    """Forget the failures of an account; whether there were so many that it was locked."""
    gone = await session.scalar(delete(Tries).where(Tries.key == account(login)).returning(Tries.count))
    return gone is not None and gone > OF_ACCOUNT


async def locked(session: AsyncSession, logins: Sequence[str], now: datetime) -> set[str]:
    """Which of the accounts nobody can sign in to at present."""
    keys = {account(login): login for login in logins}
    query = select(Tries.key).where(
        Tries.key.in_(keys), Tries.count >= OF_ACCOUNT, Tries.since >= now - FORGOTTEN
    )
    return {keys[key] for key in await session.scalars(query)}
