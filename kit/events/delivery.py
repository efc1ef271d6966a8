"""Delivery of events to subscribers: in order, at least once, signed per Standard Webhooks.

A subscription's cursor is all the state there is: what lies beyond it is to be delivered. One worker of a service
delivers at a time, which it proves by a lock that ends with its connection; within it each subscriber is served on
its own, so that a slow one keeps nobody waiting.
"""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, cast, exists, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection
from standardwebhooks import Webhook

from kit.events.feed import feed
from kit.events.subscriptions import CloudEvent, cloud_event, wanted
from kit.logs import log
from kit.storage import db
from kit.storage.tables import EventRow, Subscription
from kit.storage.transactions import Database

if TYPE_CHECKING:
    import httpx2

MEDIA_TYPE = "application/cloudevents+json"

_BATCH = 200
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=1)
#: The longest that a receiver may ask us to wait by Retry-After.
_LONGEST_ASKED = timedelta(days=1)
#: What a subscriber is told of whatever was no answer: more would tell it about machines that are not its own.
_NO_ANSWER = "没有得到应答，请核对接收地址、域名解析、证书和防火墙。"
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
        behind = exists().where(
            tuple_(EventRow.xid, EventRow.id) > tuple_(Subscription.cursor_xid, Subscription.cursor_id)
        )
        served = Subscription.state == "active"
        due = Subscription.next_attempt_at.is_(None) | (Subscription.next_attempt_at <= self._clock())
        async with self._database.engine.connect() as connection:
            found = (await connection.scalars(select(Subscription.id).where(served, behind, due))).all()
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
        """Deliver the next events; returns whether more may be waiting."""
        database, clock = self._database, self._clock
        async with database.transaction() as session:
            subscription = await session.get(Subscription, identity)
            if subscription is None or subscription.state != "active":
                return False
            if (subscription.next_attempt_at or clock()) > clock():
                return False
            rows = await feed(session, (subscription.cursor_xid, subscription.cursor_id), _BATCH)
            if not rows:
                return False
            receiver = Receiver.of(subscription, database)
        for row in rows:
            if wanted(row.type, subscription.types):
                event = cloud_event(row, self._service)
                failure = await _post(receiver, event, clock())
                if failure is not None:
                    await self._failed(receiver, failure)
                    return False
                if not await self._advance(receiver, row):
                    return False
        return await self._advance(receiver, rows[-1]) and len(rows) == _BATCH

    async def _advance(self, receiver: "Receiver", reached: EventRow) -> bool:
        """Note how far a subscription has got; False where it has ended or changed, or another delivery is further."""
        place = tuple_(Subscription.cursor_xid, Subscription.cursor_id)
        advance = (
            update(Subscription)
            .where(receiver.stands, place <= tuple_(cast(reached.xid, db.Xid8), reached.id))
            .values(
                cursor_xid=reached.xid,
                cursor_id=reached.id,
                failures=0,
                next_attempt_at=None,
                last_error=None,
            )
            .returning(Subscription.id)
        )
        async with self._database.transaction() as session:
            return (await session.execute(advance)).scalar_one_or_none() is not None

    async def _failed(self, receiver: "Receiver", failure: "Failure") -> None:
        async with self._database.transaction() as session:
            query = select(Subscription).where(receiver.stands).with_for_update()
            subscription = (await session.scalars(query)).one_or_none()
            if subscription is None:
                return
            pause = min(_FIRST_PAUSE * 2**subscription.failures, _LONGEST_PAUSE)
            if failure.wait is not None:
                pause = min(max(failure.wait, _FIRST_PAUSE), _LONGEST_ASKED)
            subscription.failures = min(subscription.failures + 1, 30)
            subscription.next_attempt_at = None if failure.gone else self._clock() + pause
            subscription.last_error = failure.said
            if failure.gone:
                subscription.state = "gone"
            log.warning(
                "delivery-failed",
                subscription=subscription.name,
                error=failure.cause,
                again=None if failure.gone else pause.total_seconds(),
            )


@dataclass(frozen=True)
class Receiver:
    """Where a subscription's events go, as it said when its delivery began."""

    id: UUID
    version: int
    url: str
    secret: str
    client: "httpx2.AsyncClient"

    @classmethod
    def of(cls, row: Subscription, database: Database) -> "Receiver":
        """What a subscription says; where it was not the deployment that named it, its address is checked."""
        client = database.http if row.client is None else database.outside
        return cls(row.id, row.version, row.url, database.cipher.open(row.secret), client)

    @property
    def stands(self) -> ColumnElement[bool]:
        """The subscription, while it says the same and is served."""
        same = and_(Subscription.id == self.id, Subscription.version == self.version)
        return and_(same, Subscription.state == "active")


@dataclass(frozen=True)
class Failure:
    """A delivery that failed. said: what the subscriber is told; cause: what the log is; wait: what it asked for."""

    said: str
    cause: str
    gone: bool = False
    wait: timedelta | None = None


async def _post(receiver: Receiver, event: CloudEvent, now: datetime) -> Failure | None:
    body = json.dumps(event.model_dump(mode="json"), ensure_ascii=False, separators=(",", ":"))
    headers = {
        "content-type": MEDIA_TYPE,
        "webhook-id": event.id,
        "webhook-timestamp": str(int(now.timestamp())),
        # The library takes the wall clock's figures for UTC whatever the zone.
        "webhook-signature": Webhook(receiver.secret).sign(event.id, now.astimezone(UTC), body),
    }
    from httpx2 import HTTPError, InvalidURL

    try:
        response = await receiver.client.post(receiver.url, content=body.encode(), headers=headers)
    except (HTTPError, InvalidURL) as error:
        return Failure(_NO_ANSWER, type(error).__name__)
    if response.is_success:
        return None
    said = f"HTTP {response.status_code}"
    return Failure(said, said, response.status_code == 410, _asked(response.headers.get("retry-after"), now))


def _asked(after: str | None, now: datetime) -> timedelta | None:
    """How long Retry-After asks to wait: seconds, or a date (RFC 9110, 10.2.3); None where it is neither."""
    if after is None:
        return None
    if after.isascii() and after.isdigit():
        return timedelta(seconds=min(int(after[:9]), 1_000_000))
    try:
        until = parsedate_to_datetime(after)
    except ValueError:
        return None
    return until - now if until.tzinfo else None
