"""Delivery of events to subscribers: in order, at least once, signed per Standard Webhooks.

A subscription's cursor says how far it has got: what lies beyond it is to be delivered. An event that is not taken is
held (`kit.events.holding`), and with it whatever else is told of its subject; other subjects go on. What the deployment
names gets everything in one order and is never given up. One worker of a service delivers at a time, which it proves by
a lock that ends with its connection; within it each subscriber is served on its own, so that a slow one keeps nobody waiting.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import cast, exists, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from kit import spans
from kit.context import Context
from kit.events import holding
from kit.events.feed import feed
from kit.events.holding import PATIENCE, Subjects, pause
from kit.events.posting import NOT_SENT, Failure, Receiver, post
from kit.events.subscriptions import cloud_event, wants
from kit.events.switching import switch_off
from kit.logs import log
from kit.storage import db
from kit.storage.tables import EventRow, HeldEvent, Subscription
from kit.storage.transactions import Database

_BATCH = 200
#: Between two attempts at what the deployment names.
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=1)
#: The longest that a receiver may ask us to wait by Retry-After.
_LONGEST_ASKED = timedelta(days=1)
#: What stands in a subscription after an event was taken.
_TAKEN: Final = {"failures": 0, "failing_since": None, "next_attempt_at": None, "last_error": None}
#: Seconds until we look again, woken or not: for events that were hidden, or a word that was lost.
LOOK_AGAIN = 1.0
#: Seconds between two words to the deliverer, however many transactions commit meanwhile.
WORD_EVERY = 0.1
_LEAD = text("SELECT pg_try_advisory_lock(7402150603)")
_LISTEN, _WORD = text("LISTEN written"), text("NOTIFY written")


async def wake_deliverer(database: Database) -> None:
    """Tell the deliverer, wherever it runs, that this process has written events; until the database is closed.

    Not in the writing transaction: a NOTIFY there would let one commit through at a time. It ends by itself: who is
    cancelled while it opens a connection leaves half of one behind.
    """
    while True:
        await database.written.wait()
        if database.closing.is_set():
            return
        database.written.clear()
        with suppress(Exception):  # it looks by itself, too
            async with database.engine.connect() as connection:
                await connection.execute(_WORD)
                await connection.commit()
        with suppress(TimeoutError):
            await asyncio.wait_for(database.closing.wait(), WORD_EVERY)


@dataclass(frozen=True)
class Turn:
    """What a subscription is to be sent in one go: what is due again, then what is new; subjects: what it lacks of these."""

    receiver: Receiver
    again: list[tuple[HeldEvent, EventRow]]
    new: list[EventRow]
    subjects: Subjects


class Deliverer:
    """Brings the subscriptions of a service up to date."""

    def __init__(self, database: Database, service: str, clock: Callable[[], datetime]) -> None:
        self._database, self._service, self._clock = database, service, clock
        self._running: dict[UUID, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Deliver until cancelled; while the database is away, or another worker delivers, wait."""
        while True:
            try:
                async with self._database.engine.connect() as connection:
                    try:
                        await self._lead(await connection.execution_options(isolation_level="AUTOCOMMIT"))
                    finally:
                        await connection.invalidate()  # kept in the pool, it would keep the lock too
            except Exception as error:
                log.error("delivery-interrupted", error=type(error).__name__)
            finally:
                await self._end_all()
            await asyncio.sleep(2)

    async def _lead(self, connection: AsyncConnection) -> None:
        """Deliver for as long as the connection, and with it the lock, lasts."""
        await connection.execute(_LISTEN)
        driver: Any = (await connection.get_raw_connection()).driver_connection
        leads = False
        while True:
            leads = leads or bool((await connection.execute(_LEAD)).scalar_one())
            if leads:
                await self.start()
            async for _ in driver.notifies(timeout=LOOK_AGAIN, stop_after=1):
                pass

    async def start(self) -> None:
        """Begin with every subscription that is behind, not waiting after a failure, and not being served."""
        now = self._clock()
        behind = exists().where(
            tuple_(EventRow.xid, EventRow.id) > tuple_(Subscription.cursor_xid, Subscription.cursor_id)
        )
        due = behind & (Subscription.next_attempt_at.is_(None) | (Subscription.next_attempt_at <= now))
        again = exists().where(HeldEvent.subscription_id == Subscription.id, HeldEvent.next_attempt_at <= now)
        served = select(Subscription.id).where(Subscription.state == "active", due | again)
        async with self._database.engine.connect() as connection:
            found = (await connection.scalars(served)).all()
        for identity in found:
            if identity not in self._running:
                self._running[identity] = asyncio.create_task(self._serve(identity))

    async def finish(self) -> None:
        """Wait until everybody who is being served is up to date."""
        await asyncio.gather(*self._running.values())

    async def _serve(self, identity: UUID) -> None:
        try:
            while await self._deliver_batch(identity):
                pass
        except Exception as error:
            log.warning("delivery-failed", subscription=str(identity), error=type(error).__name__)
        finally:
            del self._running[identity]

    async def _end_all(self) -> None:
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _deliver_batch(self, identity: UUID) -> bool:
        """Deliver what is due again and the next events; returns whether more may be waiting."""
        turn = await self._begin(identity)
        if turn is None:
            return False
        for held, row in turn.again:
            if not await self._send_again(turn, held, row):
                return False
        if turn.again and turn.new:
            turn = replace(turn, subjects=await self._subjects(identity, turn.new))
        for row in turn.new:
            if not await self._send(turn, row):
                return False
        if turn.new:
            async with self._database.transaction() as session:
                if not await _reach(session, turn.receiver, turn.new[-1]):
                    return False
        return bool(turn.again) or len(turn.new) == _BATCH

    async def _begin(self, identity: UUID) -> Turn | None:
        """What is to be sent now; None where there is nothing."""
        now = self._clock()
        async with self._database.transaction() as session:
            row = await session.get(Subscription, identity)
            if row is None or row.state != "active":
                return None
            again = await holding.due(session, identity, now)
            waits = row.next_attempt_at is not None and row.next_attempt_at > now
            new = [] if waits else await feed(session, (row.cursor_xid, row.cursor_id), _BATCH)
            if not (again or new):
                return None
            receiver = Receiver.of(row, self._database, now)
        found = await self._subjects(identity, [*new, *(event for _, event in again)])
        return Turn(receiver, again, new, found)

    async def _subjects(self, identity: UUID, rows: list[EventRow]) -> Subjects:
        async with self._database.transaction() as session:
            return await holding.of_subjects(session, identity, {row.subject for row in rows})

    async def _send(self, turn: Turn, row: EventRow) -> bool:
        """Send a new event, or hold it behind an earlier one on its subject; False where no other may follow now."""
        receiver, subjects = turn.receiver, turn.subjects
        if not wants(receiver.row, row):
            return True
        if row.subject in subjects.held:
            async with self._database.transaction() as session:
                reached = await _reach(session, receiver, row)
                if reached:
                    holding.hold(session, receiver.row, row)
                return reached
        failure = await self._post(turn, row)
        if failure is not None:
            subjects.held.add(row.subject)
            return await self._failed(receiver, row, failure)
        async with self._database.transaction() as session:
            return await _reach(session, receiver, row, **_TAKEN)

    async def _send_again(self, turn: Turn, held: HeldEvent, row: EventRow) -> bool:
        """Send an event that was held; False where no other may follow now."""
        receiver, wanted = turn.receiver, wants(turn.receiver.row, row)
        failure = await self._post(turn, row) if wanted else None
        if failure is not None:
            return await self._failed_again(receiver, held, failure)
        async with self._database.transaction() as session:
            subscription = await _standing(session, receiver)
            if subscription is None:
                return False
            for name, value in _TAKEN.items() if wanted else ():
                setattr(subscription, name, value)
            await holding.let_go(session, held, self._clock())
            return True

    async def _post(self, turn: Turn, row: EventRow) -> Failure | None:
        """Send an event, once. What nobody thought of is a failure as well: else it would be sent again each second."""
        try:
            event, undelivered = cloud_event(row, self._service), turn.subjects.dead_before(row)
            with spans.span(f"deliver {row.type}", spans.PRODUCER, _about(row), parent=row.trace) as span:
                failure = await post(turn.receiver, event, self._clock(), undelivered)
                if failure is not None:
                    span.failed(failure.cause)
            return failure
        except Exception as error:
            log.error("delivery-broken", subscription=turn.receiver.row.name, exc_info=error)
            return Failure(NOT_SENT, type(error).__name__)

    async def _failed(self, receiver: Receiver, row: EventRow, failure: Failure) -> bool:
        """A new event was not taken: it is held, and the first time the next one is tried, as this one may be to blame."""
        async with self._database.transaction() as session:
            context = Context.of_system(session, self._clock())
            subscription = await _standing(session, receiver)
            if subscription is None:
                return False
            if failure.gone:
                await switch_off(context, subscription, "gone", failure.said)
            elif subscription.client is None:
                longer = min(_FIRST_PAUSE * 2**subscription.failures, _LONGEST_PAUSE)
                _wait(context, subscription, failure, _asked(failure) or longer)
            elif await _reach(session, receiver, row):
                held = holding.hold(session, subscription, row)
                if not await self._count(context, subscription, held, failure):
                    return False
                first = subscription.failures == 0
                wait = timedelta() if first else pause(subscription.failures)
                _wait(context, subscription, failure, _asked(failure) or wait)
                return first and failure.wait is None
            return False

    async def _failed_again(self, receiver: Receiver, held: HeldEvent, failure: Failure) -> bool:
        """A held event was not taken again."""
        async with self._database.transaction() as session:
            context = Context.of_system(session, self._clock())
            subscription = await _standing(session, receiver)
            again = await session.get(HeldEvent, held.id)
            if subscription is None or again is None:
                return False
            if failure.gone:
                await switch_off(context, subscription, "gone", failure.said)
                return False
            if not await self._count(context, subscription, again, failure):
                return False
            subscription.last_error = failure.said
            asked = _asked(failure)
            if asked is not None:
                subscription.next_attempt_at = context.now + asked
            return asked is None

    async def _count(
        self, context: Context, subscription: Subscription, held: HeldEvent, failure: Failure
    ) -> bool:
        """Note a failure with the event that it is of; False where it was the last one before all is switched off."""
        session, now, asked = context.session, context.now, _asked(failure)
        held.attempts, held.last_error = held.attempts + 1, failure.said
        held.since = held.since or now
        subscription.failing_since = subscription.failing_since or now
        last = held.since + PATIENCE
        held.next_attempt_at = now + asked if asked else min(now + pause(held.attempts), last)
        if await holding.takes_nothing(session, subscription, now):
            await switch_off(context, subscription, "off", failure.said)
            return False
        if now >= last:
            await holding.give_up(session, held, now)
            if not await holding.holds(session, subscription.id):
                subscription.failing_since = None
            log.warning("delivery-given-up", subscription=subscription.name, error=failure.cause)
        elif asked is not None:
            await session.flush()
            await holding.leave_alone(session, subscription.id, now + asked)
        return True


async def _reach(session: AsyncSession, receiver: Receiver, row: EventRow, **columns: object) -> bool:
    """Note how far a subscription has got; False where it has ended or changed, or another delivery is further."""
    place = tuple_(Subscription.cursor_xid, Subscription.cursor_id)
    advance = (
        update(Subscription)
        .where(receiver.stands, place <= tuple_(cast(row.xid, db.Xid8), row.id))
        .values(cursor_xid=row.xid, cursor_id=row.id, **columns)
        .returning(Subscription.id)
    )
    return (await session.execute(advance)).scalar_one_or_none() is not None


async def _standing(session: AsyncSession, receiver: Receiver) -> Subscription | None:
    """The subscription, locked, while it says the same and is served."""
    return (
        await session.scalars(select(Subscription).where(receiver.stands).with_for_update())
    ).one_or_none()


def _about(row: EventRow) -> dict[str, str | int]:
    return {"cloudevents.event_type": row.type, "cloudevents.event_id": str(row.event_id)}


def _asked(failure: Failure) -> timedelta | None:
    """How long a receiver wants to be left alone."""
    return None if failure.wait is None else min(max(failure.wait, _FIRST_PAUSE), _LONGEST_ASKED)


def _wait(context: Context, row: Subscription, failure: Failure, wait: timedelta) -> None:
    """Send nothing new for a while; what is no while does not hold anything up."""
    row.failures = min(row.failures + 1, 30)
    row.last_error, row.next_attempt_at = failure.said, context.now + wait if wait else None
    log.warning("delivery-failed", subscription=row.name, error=failure.cause, again=wait.total_seconds())
