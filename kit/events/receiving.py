"""An event of another service is taken in once, however often and by whichever way it comes."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy.dialects.postgresql import insert

from kit.context import Context
from kit.events.subscriptions import CloudEvent
from kit.personal.originals import take_in
from kit.storage.tables import Received
from kit.web.caller import Caller
from kit.web.problems import Invalid

Read = TypeVar("Read", bound=BaseModel)
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


def read(event: CloudEvent, kind: type[Read]) -> Read:
    """What an event says. Raises: Invalid when that is not what was agreed; the sender tries again later."""
    try:
        return kind.model_validate(event.data)
    except ValidationError:
        raise Invalid("bad-event-data", f"{event.type} 事件的内容不符合约定，请发送方改正。") from None


def in_name_of(context: Context, event: CloudEvent) -> Context:
    """The context in which an event is taken in: whoever sent it is the author."""
    return replace(context, caller=Caller(client=event.source.removeprefix("/")))
