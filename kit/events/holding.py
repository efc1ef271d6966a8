"""Events that a subscription has passed by: tried again each on its own, in order for each subject, dead after three days.

What comes after a held event on the same subject is held behind it; other subjects go on. What comes after a dead one is
delivered, and says so (`kit.events.posting.UNDELIVERED`).
"""

import random
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, delete, exists, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from kit.storage import db
from kit.storage.tables import EventRow, HeldEvent, Subscription

#: After how long an event that was never taken is given up, and a receiver that took nothing is switched off.
PATIENCE: Final = timedelta(days=3)
#: Pauses after the first, second … failure: those of Standard Webhooks.
_PAUSES: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
#: By how much of itself a pause may be longer, so that what failed together does not come again together.
_JITTER: Final = 0.1
#: Events that are tried again in one go, before new ones have their turn.
_AT_ONCE: Final = 20

#: The first of each subject is tried at once; those behind it wait.
_FIRST = text(
    "UPDATE held_events SET next_attempt_at = CASE WHEN held_events.id = first.id THEN cast(:now AS timestamptz) END"
    " FROM (SELECT DISTINCT ON (h.subject) h.id, h.subject FROM held_events h JOIN events e ON e.id = h.event"
    " WHERE h.subscription_id = :of AND h.dead_at IS NULL ORDER BY h.subject, e.xid, e.id) AS first"
    " WHERE held_events.subscription_id = :of AND held_events.dead_at IS NULL"
    " AND held_events.subject = first.subject AND (first.subject = :subject OR cast(:subject AS text) IS NULL)"
).bindparams(bindparam("subject", type_=db.TYPES[str]))


def pause(failures: int) -> timedelta:
    """How long to wait after so many failures, a little longer by chance."""
    found = _PAUSES[min(failures, len(_PAUSES)) - 1]
    return found * random.uniform(1, 1 + _JITTER)  # noqa: S311 # nosec B311 # spreads attempts


@dataclass(frozen=True)
class Subjects:
    """What a subscription has held or given up of some subjects. dead: the oldest event of each that was given up."""

    held: set[str]
    dead: dict[str, EventRow]

    def dead_before(self, row: EventRow) -> str | None:
        """The id of the oldest event on the same subject that was given up before this one."""
        dead = self.dead.get(row.subject)
        is_before = dead is not None and (int(dead.xid), dead.id) < (int(row.xid), row.id)
        return str(dead.event_id) if dead is not None and is_before else None


async def of_subjects(session: AsyncSession, subscription: UUID, subjects: Collection[str]) -> Subjects:
    """What a subscription has not delivered of these subjects."""
    query = (
        select(HeldEvent.dead_at, EventRow)
        .join(EventRow, EventRow.id == HeldEvent.event)
        .where(HeldEvent.subscription_id == subscription, db.among(HeldEvent.subject, subjects))
        .order_by(EventRow.xid, EventRow.id)
    )
    found = Subjects(set(), {})
    for dead_at, row in await session.execute(query):
        if dead_at is None:
            found.held.add(row.subject)
        else:
            found.dead.setdefault(row.subject, row)
    return found


def hold(session: AsyncSession, subscription: Subscription, row: EventRow) -> HeldEvent:
    """Pass an event by, for now."""
    held = HeldEvent(subscription_id=subscription.id, event=row.id, subject=row.subject, attempts=0)
    session.add(held)
    return held


async def due(session: AsyncSession, subscription: UUID, now: datetime) -> list[tuple[HeldEvent, EventRow]]:
    """What is to be tried again now, longest due first."""
    query = (
        select(HeldEvent, EventRow)
        .join(EventRow, EventRow.id == HeldEvent.event)
        .where(HeldEvent.subscription_id == subscription, HeldEvent.dead_at.is_(None))
        .where(HeldEvent.next_attempt_at <= now)
        .order_by(HeldEvent.next_attempt_at, EventRow.xid, EventRow.id)
        .limit(_AT_ONCE)
    )
    return [(held, row) for held, row in await session.execute(query)]


async def holds(session: AsyncSession, subscription: UUID) -> bool:
    """Whether a subscription has anything held."""
    mine = exists().where(HeldEvent.subscription_id == subscription, HeldEvent.dead_at.is_(None))
    return bool(await session.scalar(select(mine)))


async def let_go(session: AsyncSession, held: HeldEvent, now: datetime) -> None:
    """An event was taken, or is wanted no more: the next one on its subject has its turn."""
    await session.execute(delete(HeldEvent).where(HeldEvent.id == held.id))
    await first_now(session, held.subscription_id, now, held.subject)


async def give_up(session: AsyncSession, held: HeldEvent, now: datetime) -> None:
    """An event is dead: the next one on its subject has its turn."""
    held.dead_at, held.next_attempt_at = now, None
    await session.flush()
    await first_now(session, held.subscription_id, now, held.subject)


async def send_again(session: AsyncSession, held: HeldEvent, now: datetime) -> None:
    """A dead event is held again, as new, and has its turn before those after it that are still held."""
    held.dead_at, held.since, held.attempts = None, None, 0
    await session.flush()
    await first_now(session, held.subscription_id, now, held.subject)


async def first_now(
    session: AsyncSession, subscription: UUID, now: datetime, subject: str | None = None
) -> None:
    """The first held event of a subject, or of each, is to be tried at once."""
    await session.execute(_FIRST, {"of": subscription, "now": now, "subject": subject})


async def begin_again(session: AsyncSession, subscription: UUID, now: datetime) -> None:
    """All that is held is tried at once, as if for the first time."""
    await session.flush()
    mine = update(HeldEvent).where(HeldEvent.subscription_id == subscription, HeldEvent.dead_at.is_(None))
    await session.execute(mine.values(attempts=0, since=None))
    await first_now(session, subscription, now)


async def leave_alone(session: AsyncSession, subscription: UUID, until: datetime) -> None:
    """Nothing that is held is tried before a time."""
    mine = update(HeldEvent).where(HeldEvent.subscription_id == subscription)
    await session.execute(
        mine.where(HeldEvent.next_attempt_at < until).values(next_attempt_at=until),
        execution_options={"synchronize_session": "fetch"},
    )


async def revive(session: AsyncSession, subscription: UUID, since: datetime) -> None:
    """What was first tried at a time or later, and given up, is held again."""
    mine = update(HeldEvent).where(HeldEvent.subscription_id == subscription, HeldEvent.since >= since)
    await session.execute(mine.values(dead_at=None))


async def forget(session: AsyncSession, subscription: UUID) -> None:
    """Nothing is held, and nothing is dead: the subscription begins elsewhere."""
    await session.execute(delete(HeldEvent).where(HeldEvent.subscription_id == subscription))


async def takes_nothing(session: AsyncSession, row: Subscription, now: datetime) -> bool:
    """Whether a receiver has taken nothing for too long, though it was sent more than one event.

    One event alone may be what it cannot take.
    """
    if row.failing_since is None or now - row.failing_since < PATIENCE:
        return False
    await session.flush()
    failed = select(func.count()).where(
        HeldEvent.subscription_id == row.id, HeldEvent.since >= row.failing_since
    )
    return (await session.scalar(failed) or 0) > 1
