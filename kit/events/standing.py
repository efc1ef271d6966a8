"""How subscriptions fare: how far each is behind, whether it fails."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from kit.storage import db
from kit.storage.tables import HeldEvent, Subscription

#: Events behind that are counted; beyond, a subscription is far behind, and counting costs.
COUNTED = 10_000
#: Seconds after which one that the deployment names counts as lagging, whether it fails or not.
LATE = 300


#: Events beyond each cursor and those that are held, and the time of the first of them. In their order, so that they are
#: counted by the index: without it all events would be read where none is beyond.
_WAITING = text(
    "SELECT s.id, (SELECT count(*) FROM (SELECT FROM events e WHERE (e.xid, e.id) > (s.cursor_xid, s.cursor_id)"
    " ORDER BY e.xid, e.id LIMIT :counted) AS waiting) AS waiting,"
    " least((SELECT time FROM events e WHERE (e.xid, e.id) > (s.cursor_xid, s.cursor_id)"
    " ORDER BY e.xid, e.id LIMIT 1), (SELECT min(e.time) FROM held_events h JOIN events e ON e.id = h.event"
    " WHERE h.subscription_id = s.id AND h.dead_at IS NULL)) AS since FROM subscriptions s"
)


@dataclass(frozen=True)
class Standing:
    """How a subscription stands. behind: events not delivered, up to `COUNTED`; seconds: age of the oldest of them."""

    row: Subscription
    behind: int
    seconds: float
    lacks: "Lacks"

    @property
    def held(self) -> int:
        return self.lacks.held

    @property
    def dead(self) -> int:
        return self.lacks.dead

    @property
    def next_attempt_at(self) -> datetime | None:
        return self.lacks.next_attempt_at

    @property
    def off(self) -> bool:
        """Whether it was switched off, or its receiver is gone."""
        return self.row.state in ("off", "gone")

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


@dataclass(frozen=True)
class Lacks:
    """What a subscription has passed by. held: tried again, or waiting behind such; dead: given up."""

    held: int
    dead: int
    next_attempt_at: datetime | None


async def lacking(session: AsyncSession, subscriptions: Collection[UUID]) -> dict[UUID, Lacks]:
    """What each of these subscriptions has passed by, and when it is tried next."""
    if not subscriptions:
        return {}
    dead = func.count(HeldEvent.dead_at)
    query = (
        select(
            Subscription.id,
            func.count(HeldEvent.id) - dead,
            dead,
            case(
                (
                    Subscription.state == "active",
                    func.least(Subscription.next_attempt_at, func.min(HeldEvent.next_attempt_at)),
                )
            ),
        )
        .outerjoin(HeldEvent, HeldEvent.subscription_id == Subscription.id)
        .where(db.among(Subscription.id, subscriptions))
        .group_by(Subscription.id)
    )
    return {id: Lacks(*found) for id, *found in await session.execute(query)}


async def standings(session: AsyncSession, now: datetime) -> list[Standing]:
    """How every subscription stands, by name."""
    query = select(Subscription).order_by(Subscription.name, Subscription.id)
    rows = list(await session.scalars(query))
    found = {row.id: row for row in await session.execute(_WAITING, {"counted": COUNTED})} if rows else {}
    lacks = await lacking(session, [row.id for row in rows])
    return [
        Standing(
            row=row,
            behind=min(found[row.id].waiting + lacks[row.id].held, COUNTED),
            seconds=max((now - since).total_seconds(), 0) if since else 0,
            lacks=lacks[row.id],
        )
        for row in rows
        for since in [found[row.id].since]
    ]


def lagging(found: Sequence[Standing], named: Collection[str]) -> list[str]:
    """Those that the deployment names and that lag, or are gone."""
    declared = {each.name: each for each in found if each.declared}
    return [name for name in named if name not in declared or declared[name].lags]
