"""Who gets the events: subscriptions, what they want, and a delivery in the queue when there is something."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import exists, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kit.district.clock import LocalTime
from kit.personal.cipher import Cipher
from kit.settings import Subscriber
from kit.storage import db
from kit.storage.pending import defer
from kit.storage.tables import EventRow, Subscription

DELIVER = "deliver-events"
#: What the types of an exercise's events begin with.
EXERCISE = "exercise."


class CloudEvent(BaseModel):
    """A fact as CloudEvents 1.0 JSON."""

    model_config = ConfigDict(title="事件")

    specversion: str = "1.0"
    id: str = Field(description="事件编号，重复收到同一编号时应忽略")
    source: str = Field(description="发出事件的服务", examples=["/property"])
    type: str = Field(description="事件类型", examples=["property.company.registered"])
    subject: str = Field(description="事件所说的对象")
    time: LocalTime = Field(description="发生时间")
    datacontenttype: str = "application/json"
    data: dict[str, Any] = Field(description="事件内容")


def cloud_event(row: EventRow, service: str) -> CloudEvent:
    """The row as CloudEvents 1.0."""
    return CloudEvent(
        id=str(row.event_id),
        source=f"/{service}",
        type=row.type,
        subject=row.subject,
        time=row.time,
        data=row.data,
    )


def wanted(event_type: str, types: Collection[str]) -> bool:
    """Whether a subscription to `types` wants an event type; `*` and `property.*` are patterns.

    An exercise's events go only to who asks for exercises by name: `*` means all that is real.
    """
    if event_type.startswith(EXERCISE):
        types = [pattern for pattern in types if pattern.startswith(EXERCISE)]
    return any(
        pattern in ("*", event_type) or (pattern.endswith(".*") and event_type.startswith(pattern[:-1]))
        for pattern in types
    )


async def defer_deliveries(session: AsyncSession, types: set[str]) -> None:
    """Enqueue a delivery for every subscription that wants one of the types.

    One that waits after a failure has its next delivery in the queue already.
    """
    query = select(Subscription.id, Subscription.types).where(Subscription.next_attempt_at.is_(None))
    for identity, patterns in await session.execute(query):
        if any(wanted(event_type, patterns) for event_type in types):
            defer_delivery(session, identity)


def defer_delivery(session: AsyncSession, subscription: UUID, at: datetime | None = None) -> None:
    """Enqueue a delivery; one subscription's deliveries run one at a time."""
    defer(session, DELIVER, lock=f"subscription:{subscription}", at=at, subscription=str(subscription))


async def declare(session: AsyncSession, subscriber: Subscriber, cipher: Cipher, now: datetime) -> None:
    """Keep a subscription that the deployment names; what it has received already stays known."""
    row = {
        "url": subscriber.url,
        "secret": cipher.seal(subscriber.secret.get_secret_value()),
        "types": list(subscriber.types),
    }
    statement = insert(Subscription).values(id=db.new_id(), name=subscriber.name, created_at=now, **row)
    await session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=row))


async def sweep(session: AsyncSession, now: datetime) -> None:
    """Enqueue a delivery for every subscription that is behind and not waiting; a periodic job."""
    behind = exists().where(
        tuple_(EventRow.xid, EventRow.id) > tuple_(Subscription.cursor_xid, Subscription.cursor_id)
    )
    due = Subscription.next_attempt_at.is_(None) | (Subscription.next_attempt_at <= now)
    for identity in await session.scalars(select(Subscription.id).where(behind, due)):
        defer_delivery(session, identity)
