"""Delivery of events to one subscriber: in order, at least once, signed per Standard Webhooks."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from procrastinate import RetryStrategy
from sqlalchemy import cast, exists, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from standardwebhooks import Webhook

from kit.events.feed import feed
from kit.events.subscriptions import CloudEvent, cloud_event, defer_delivery, wanted
from kit.logs import log
from kit.storage import db
from kit.storage.tables import EventRow, Subscription
from kit.storage.transactions import Database

if TYPE_CHECKING:
    import httpx2

MEDIA_TYPE = "application/cloudevents+json"

#: What goes wrong on our side; that a receiver fails is no exception and has its own growing pauses.
RETRY = RetryStrategy(wait=30)

_BATCH = 200
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=1)


def deliverer(
    database: Database, service: str, clock: Callable[[], datetime]
) -> Callable[..., Awaitable[None]]:
    """The task that brings one subscription up to date."""

    async def deliver(subscription: str) -> None:
        while await _deliver_batch(database, service, UUID(subscription), clock):
            pass

    return deliver


async def _deliver_batch(
    database: Database, service: str, identity: UUID, clock: Callable[[], datetime]
) -> bool:
    """Deliver the next events; returns whether more may be waiting."""
    async with database.transaction() as session:
        subscription = await session.get(Subscription, identity)
        if subscription is None or (subscription.next_attempt_at or clock()) > clock():
            return False
        rows = await feed(session, (subscription.cursor_xid, subscription.cursor_id), _BATCH)
        if not rows:
            await _come_back_if_hidden(session, subscription, clock())
            return False
        secret = database.cipher.open(subscription.secret)
    for row in rows:
        if wanted(row.type, subscription.types):
            error = await _post(database.http, subscription.url, secret, cloud_event(row, service), clock())
            if error is not None:
                await _failed(database, identity, error, clock())
                return False
            if not await _advance(database, identity, row):
                return False
    return await _advance(database, identity, rows[-1]) and len(rows) == _BATCH


async def _come_back_if_hidden(session: AsyncSession, subscription: Subscription, now: datetime) -> None:
    # An event is hidden while an older transaction still runs: look again shortly.
    after = tuple_(EventRow.xid, EventRow.id) > tuple_(
        cast(subscription.cursor_xid, db.Xid8), subscription.cursor_id
    )
    if (await session.execute(select(exists().where(after)))).scalar_one():
        defer_delivery(session, subscription.id, at=now + timedelta(seconds=1))


async def _post(
    client: "httpx2.AsyncClient", url: str, secret: str, event: CloudEvent, now: datetime
) -> str | None:
    body = json.dumps(event.model_dump(mode="json"), ensure_ascii=False, separators=(",", ":"))
    headers = {
        "content-type": MEDIA_TYPE,
        "webhook-id": event.id,
        "webhook-timestamp": str(int(now.timestamp())),
        # The library takes the wall clock's figures for UTC whatever the zone.
        "webhook-signature": Webhook(secret).sign(event.id, now.astimezone(UTC), body),
    }
    from httpx2 import HTTPError, InvalidURL

    try:
        response = await client.post(url, content=body.encode(), headers=headers)
    except (HTTPError, InvalidURL) as error:
        return f"{type(error).__name__}: {error}"
    return None if response.is_success else f"HTTP {response.status_code}"


async def _advance(database: Database, identity: UUID, reached: EventRow) -> bool:
    """Note how far a subscription has got; False where it has ended, or another delivery is further."""
    place = tuple_(Subscription.cursor_xid, Subscription.cursor_id)
    advance = (
        update(Subscription)
        .where(Subscription.id == identity, place <= tuple_(cast(reached.xid, db.Xid8), reached.id))
        .values(
            cursor_xid=reached.xid, cursor_id=reached.id, failures=0, next_attempt_at=None, last_error=None
        )
        .returning(Subscription.id)
    )
    async with database.transaction() as session:
        return (await session.execute(advance)).scalar_one_or_none() is not None


async def _failed(database: Database, identity: UUID, error: str, now: datetime) -> None:
    async with database.transaction() as session:
        subscription = await session.get(Subscription, identity, with_for_update=True)
        if subscription is None:
            return
        pause = min(_FIRST_PAUSE * 2**subscription.failures, _LONGEST_PAUSE)
        subscription.failures = min(subscription.failures + 1, 30)
        subscription.next_attempt_at = now + pause
        subscription.last_error = error[:500]
        defer_delivery(session, identity, at=subscription.next_attempt_at)
        log.warning(
            "delivery-failed", subscription=subscription.name, error=error, again=pause.total_seconds()
        )
