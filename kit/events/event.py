"""Facts that happened, told to other systems: recorded in the transaction that makes them true."""

from datetime import datetime
from typing import Any, ClassVar

from pydantic import BaseModel
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kit.audit.auditing import audit
from kit.storage import db
from kit.storage.pending import pending
from kit.storage.tables import EventRow
from kit.web.tokens import Caller


class Event(BaseModel):
    """A fact in the past tense. A subclass names its type: `class CompanyRegistered(Event, type="…")`."""

    type: ClassVar[str]

    def __init_subclass__(cls, *, type: str, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.type = type


def record(
    session: AsyncSession, event: Event, subject: str, caller: Caller, now: datetime, *, audited: bool = True
) -> None:
    """Record a fact about a subject: an event for others, and an audit entry for us.

    A bulk write records its many events with `audited=False` and one entry that sums it up.
    """
    data = event.model_dump(mode="json")
    pending(session).events.append(
        {"event_id": db.new_id(), "type": event.type, "subject": subject, "time": now, "data": data}
    )
    if audited:
        audit(session, event.type, subject, caller, now, data)


async def write_events(session: AsyncSession) -> set[str]:
    """Write the pending events; returns their types."""
    events = pending(session).events
    if events:
        await session.execute(insert(EventRow), events)
    return {event["type"] for event in events}
