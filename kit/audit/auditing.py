"""The audit: every write and every look at personal data, in a chain that shows what was touched."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import structlog
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from kit.storage.pending import pending
from kit.storage.tables import AuditHead, AuditRow
from kit.web.tokens import Caller

GENESIS = "0" * 64


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
