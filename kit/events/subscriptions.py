"""Who gets the events: subscriptions, and what they want."""

from collections.abc import Collection
from typing import Any

from pydantic import Field
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from kit.context import Context
from kit.district.clock import LocalTime
from kit.events.event import EXERCISE
from kit.settings import Subscriber
from kit.storage import db
from kit.storage.tables import EventRow, Subscription
from kit.web.shapes import Shape


class CloudEvent(Shape, title="事件"):
    """A fact as CloudEvents 1.0 JSON (事件)."""

    specversion: str = Field(default="1.0", description="CloudEvents 版本", examples=["1.0"])
    id: str = Field(
        description="事件编号，重复收到同一编号时应忽略", examples=["0190a5f2-7c11-7b3e-9a54-3f2d8c6e1b07"]
    )
    source: str = Field(description="发出事件的服务", examples=["/property"])
    type: str = Field(description="事件类型", examples=["property.company.registered"])
    subject: str = Field(description="事件所说的对象", examples=["DS-EQ-20240624-0001"])
    time: LocalTime = Field(description="发生时间")
    datacontenttype: str = Field(
        default="application/json", description="内容类型", examples=["application/json"]
    )
    data: dict[str, Any] = Field(
        description="事件内容",
        examples=[{"number": "DS-EQ-20240624-0001", "action": "accept", "state": "accepted"}],
    )
    traceparent: str | None = Field(
        default=None,
        exclude_if=lambda value: value is None,
        description="引起事件的办理所在的链路（CloudEvents Distributed Tracing 扩展），部署启用链路追踪时才有",
        examples=["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"],
    )


def cloud_event(row: EventRow, service: str) -> CloudEvent:
    """The row as CloudEvents 1.0."""
    return CloudEvent(
        id=str(row.event_id),
        source=f"/{service}",
        type=row.type,
        subject=row.subject,
        time=row.time,
        data=row.data,
        traceparent=row.trace,
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


def wants(subscription: Subscription, row: EventRow) -> bool:
    """Whether a subscription is to get an event: by its type, and by whom it concerns where it is to one's own only."""
    own = not subscription.mine or (row.client is not None and row.client == subscription.client)
    return own and wanted(row.type, subscription.types)


async def declare(context: Context, subscriber: Subscriber) -> None:
    """Keep a subscription that the deployment names, and serve it; what it has received already stays known."""
    row = {
        "state": "active",
        "stopped_at": None,
        "url": subscriber.url,
        "secret": context.cipher.seal(subscriber.secret.get_secret_value()),
        "types": list(subscriber.types),
    }
    statement = insert(Subscription).values(
        id=db.new_id(), name=subscriber.name, created_at=context.now, **row
    )
    await context.session.execute(
        statement.on_conflict_do_update(index_elements=["client", "name"], set_=row)
    )


async def end_others(context: Context, named: Collection[str]) -> None:
    """End the subscriptions that the deployment named once and names no more."""
    ended = delete(Subscription).where(Subscription.client.is_(None), Subscription.name.not_in(named))
    await context.session.execute(ended)
