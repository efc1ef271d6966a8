"""How subscriptions fare: how far each is behind, whether it fails."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from kit.storage.tables import Subscription

#: Events behind that are counted; beyond, a subscription is far behind, and counting costs.
COUNTED = 10_000
#: Seconds after which one that the deployment names counts as lagging, whether it fails or not.
LATE = 300


#: Events beyond each cursor, and the time of the first of them.
_WAITING = text(
    "SELECT s.id, (SELECT count(*) FROM (SELECT FROM events e WHERE (e.xid, e.id) > (s.cursor_xid, s.cursor_id)"
    " LIMIT :counted) AS waiting) AS behind,"
    " (SELECT time FROM events e WHERE (e.xid, e.id) > (s.cursor_xid, s.cursor_id)"
    " ORDER BY e.xid, e.id LIMIT 1) AS since FROM subscriptions s"
)


@dataclass(frozen=True)
class Standing:
    """How a subscription stands. behind: events not delivered, up to `COUNTED`; seconds: age of the oldest of them."""

    row: Subscription
    behind: int
    seconds: float

    @property
    def name(self) -> str:
        return self.row.name

    @property
    def declared(self) -> bool:
        """Whether the deployment names it."""
        return self.row.client is None

    @property
    def failures(self) -> int:
        return self.row.failures

    @property
    def lags(self) -> bool:
        """Whether somebody has to look."""
        return self.row.state != "active" or self.failures > 0 or self.seconds > LATE


async def standings(session: AsyncSession, now: datetime) -> list[Standing]:
    """How every subscription stands, by name."""
    query = select(Subscription).order_by(Subscription.name, Subscription.id)
    rows = list(await session.scalars(query))
    found = {row.id: row for row in await session.execute(_WAITING, {"counted": COUNTED})} if rows else {}
    return [
        Standing(row, found[row.id].behind, max((now - since).total_seconds(), 0) if since else 0)
        for row in rows
        for since in [found[row.id].since]
    ]


def lagging(found: Sequence[Standing], named: Collection[str]) -> list[str]:
    """Those that the deployment names and that lag, or are gone."""
    declared = {each.name: each for each in found if each.declared}
    return [name for name in named if name not in declared or declared[name].lags]
