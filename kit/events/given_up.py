"""Events that were given up: listed, and sent again where somebody asks."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.context import Context
from kit.events import holding
from kit.events.shapes import DeadEventOut
from kit.storage.tables import EventRow, HeldEvent, Subscription
from kit.web.problems import Conflict, NotFound

_LISTED = 500


async def listed(session: AsyncSession, row: Subscription) -> list[DeadEventOut]:
    """The events that were given up, oldest first."""
    query = (
        select(HeldEvent, EventRow)
        .join(EventRow, EventRow.id == HeldEvent.event)
        .where(HeldEvent.subscription_id == row.id, HeldEvent.dead_at.is_not(None))
        .order_by(EventRow.xid, EventRow.id)
        .limit(_LISTED)
    )
    return [DeadEventOut.of(held, event, id=event.event_id) for held, event in await session.execute(query)]


async def resend(context: Context, service: str, row: Subscription, event_id: UUID) -> None:
    """Send an event again; row: locked.

    Raises: NotFound for an event that there is not, Conflict for one that was not given up.
    """
    event = (
        await context.session.scalars(select(EventRow).where(EventRow.event_id == event_id))
    ).one_or_none()
    if event is None:
        raise NotFound("not-found", "没有这个事件，请核对编号。")
    given_up = select(HeldEvent).where(
        HeldEvent.subscription_id == row.id, HeldEvent.event == event.id, HeldEvent.dead_at.is_not(None)
    )
    held = (await context.session.scalars(given_up)).one_or_none()
    if held is None:
        raise Conflict("not-given-up", "这个事件没有被放弃：已经投递，或仍在重试，不需要重新投递。")
    await holding.send_again(context.session, held, context.now)
    context.audit(f"{service}.subscription.resend", row.name, event=str(event_id))
