"""A subscription is switched off where its receiver takes nothing any more, and told to be; it goes on where it stood."""

from uuid import UUID

from pydantic import Field

from kit.context import Context
from kit.district.clock import LocalTime
from kit.events.event import Event
from kit.events.holding import begin_again, revive
from kit.logs import log
from kit.storage.tables import Subscription


class WebhookSwitchedOff(Event, type="webhook.switched-off", title="事件推送停用"):
    """A receiver is sent nothing more until somebody switches it on again; no name and no address of it is told."""

    subscription: UUID = Field(description="订阅编号")
    state: str = Field(description="off 长期没有收下事件，gone 接收方应答 410")
    reason: str = Field(description="最近一次失败的原因")
    since: LocalTime | None = Field(description="从何时起没有收下过事件")


async def switch_off(context: Context, row: Subscription, state: str, reason: str) -> None:
    """Stop a subscription; what was given up while its receiver took nothing was not the events' fault, and is held again."""
    if row.failing_since is not None:
        await revive(context.session, row.id, row.failing_since)
    row.state, row.stopped_at, row.last_error, row.next_attempt_at = state, context.now, reason, None
    told = WebhookSwitchedOff(subscription=row.id, state=state, reason=reason, since=row.failing_since)
    context.record(told, str(row.id), concerns=row.client)
    log.warning("subscription-switched-off", subscription=row.name, state=state, error=reason)


async def change(context: Context, row: Subscription, **columns: object) -> None:
    """Change a subscription, which is then tried at once; a delivery that is on its way no longer counts."""
    for name, value in columns.items():
        setattr(row, name, value)
    row.version, row.failures, row.failing_since, row.next_attempt_at = row.version + 1, 0, None, None
    if row.state in ("active", "paused"):
        row.stopped_at = None
    await begin_again(context.session, row.id, context.now)
