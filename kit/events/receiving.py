"""An event of another service is taken in once, however often and by whichever way it comes."""

from collections.abc import Awaitable, Callable, Mapping

from sqlalchemy.dialects.postgresql import insert

from kit.context import Context
from kit.events.subscriptions import CloudEvent
from kit.personal.originals import take_in
from kit.storage.tables import Received

#: What a service does with an event of another, in the receiving transaction.
Handler = Callable[[Context, CloudEvent], Awaitable[None]]


async def receive(context: Context, event: CloudEvent, handlers: Mapping[str, Handler]) -> None:
    """Take in an event; a repeat changes nothing, and nor does one that nobody here waits for.

    Raises: whatever its handler raises.
    """
    handler = handlers.get(event.type)
    if handler is None:
        return
    received = insert(Received).values(event_id=event.id, type=event.type, received_at=context.now)
    claim = received.on_conflict_do_nothing().returning(Received.event_id)
    fresh = await context.session.execute(claim.execution_options(bookkeeping=True))
    if fresh.scalar_one_or_none() is not None:
        await handler(context, take_in(context.session, event))
