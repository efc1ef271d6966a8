"""What a transaction leaves behind beside its rows: events, audit entries and jobs, committed with it."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar

import structlog
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import cast, func, insert, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from kit import db
from kit.floor import AuditHead, AuditRow, EventRow
from kit.tokens import Caller

GENESIS = "0" * 64


class Event(BaseModel):
    """A fact in the past tense. A subclass names its type: `class CompanyRegistered(Event, type="…")`."""

    type: ClassVar[str]

    def __init_subclass__(cls, *, type: str, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.type = type


@dataclass
class DeferredJob:
    """A job to be put into the queue when the transaction commits."""

    name: str
    arguments: dict[str, Any]
    lock: str | None = None
    at: datetime | None = None


@dataclass
class Pending:
    """What the transaction will leave behind; kept in `session.info`."""

    events: list[dict[str, Any]] = field(default_factory=list)
    audits: list[dict[str, Any]] = field(default_factory=list)
    jobs: list[DeferredJob] = field(default_factory=list)


def pending(session: AsyncSession) -> Pending:
    """The transaction's list of what it will leave behind."""
    found: Pending = session.info.setdefault("pending", Pending())
    return found


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


def audit(
    session: AsyncSession, action: str, subject: str, caller: Caller, now: datetime, details: dict[str, Any]
) -> None:
    """Add an entry to the audit chain without telling other systems."""
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    pending(session).audits.append(
        {
            "at": now,
            "client": caller.client,
            "unit": caller.unit,
            "action": action,
            "subject": subject,
            "request_id": request_id,
            "details": details,
        }
    )


def defer(
    session: AsyncSession, name: str, *, lock: str | None = None, at: datetime | None = None, **arguments: Any
) -> None:
    """Put a job into the queue when the transaction commits; jobs with the same lock run one at a time."""
    pending(session).jobs.append(DeferredJob(name, arguments, lock, at))


async def write_events(session: AsyncSession) -> set[str]:
    """Write the pending events; returns their types."""
    events = pending(session).events
    if events:
        await session.execute(insert(EventRow), events)
    return {event["type"] for event in events}


async def write_audit(session: AsyncSession) -> None:
    """Append the pending audit entries to the chain.

    The head row is locked from here to the commit, so this comes last in a transaction.
    """
    entries = pending(session).audits
    if not entries:
        return
    head = (await session.execute(select(AuditHead.seq, AuditHead.hash).with_for_update())).one()
    seq, previous = head
    for entry in entries:
        seq += 1
        entry |= {"seq": seq, "previous": previous}
        entry["hash"] = previous = _link(entry)
    await session.execute(insert(AuditRow), entries)
    await session.execute(update(AuditHead).values(seq=seq, hash=previous))


def _link(entry: dict[str, Any]) -> str:
    at: datetime = entry["at"]
    parts = [
        entry[name]
        for name in ("seq", "client", "unit", "action", "subject", "request_id", "details", "previous")
    ]
    line = json.dumps([at.astimezone(UTC).isoformat(), *parts], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(line.encode()).hexdigest()


class Verification(BaseModel):
    """Whether the audit chain holds, how many entries were found right, and the first that is wrong or missing."""

    model_config = ConfigDict(title="审计核验")

    holds: bool = Field(description="审计记录是否完整、未被改动")
    entries: int = Field(description="从头起核验无误的条数")
    broken_at: int | None = Field(default=None, description="从第几条起被改动、缺失或多出；完整时为空")


async def verify_audit(session: AsyncSession) -> Verification:
    """Recompute the whole chain against its rows and its head, in a transaction that has read nothing yet."""
    # One snapshot for the rows and the head: writers append meanwhile.
    await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
    head = (await session.execute(select(AuditHead.seq, AuditHead.hash))).one_or_none()
    previous, verified = GENESIS, 0
    rows = await session.stream(
        select(*AuditRow.__table__.columns).order_by(AuditRow.seq).execution_options(yield_per=1000)
    )
    async for row in rows.mappings():
        entry = dict(row)
        if entry["seq"] != verified + 1 or entry["previous"] != previous or entry["hash"] != _link(entry):
            await rows.close()
            return Verification(holds=False, entries=verified, broken_at=verified + 1)
        previous, verified = entry["hash"], verified + 1
    if head is None or tuple(head) != (verified, previous):
        place = verified + 1 if head is None else min(head.seq, verified) + 1
        return Verification(holds=False, entries=place - 1, broken_at=place)
    return Verification(holds=True, entries=verified)


async def feed(session: AsyncSession, cursor: tuple[str, int], limit: int) -> list[EventRow]:
    """Events after the cursor, in commit order, without a gap or a repeat while writers run.

    A row is readable once every transaction that began before its own has ended: what comes later
    in time comes later in the feed.
    """
    after = tuple_(EventRow.xid, EventRow.id) > tuple_(cast(cursor[0], db.Xid8), cursor[1])
    horizon = EventRow.xid < func.pg_snapshot_xmin(func.pg_current_snapshot())
    query = select(EventRow).where(after, horizon).order_by(EventRow.xid, EventRow.id).limit(limit)
    return list(await session.scalars(query))
