"""The audit: every write and every look at personal data, sealed behind the writers in commit order.

An entry is written with the transaction that it tells of, without a lock. The worker seals what has been
committed: each seal holds the hash of its entry and of the seal before, so that whoever touches an entry, or takes
one away, is found. What is not sealed yet is told by `verify`.
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from pydantic import Field
from sqlalchemy import String, cast, func, insert, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from kit.storage import db
from kit.storage.tables import AuditHead, AuditRow, AuditSeal
from kit.web.shapes import Answer

GENESIS = "0" * 64
#: Entries that are sealed in one transaction.
BATCH = 1000

# The details as text: the hash covers what was written, not what a parser makes of it.
_DETAILS = cast(AuditRow.details, String).label("details")
_ENTRY = (
    AuditRow.at,
    AuditRow.client,
    AuditRow.person,
    AuditRow.person_name,
    AuditRow.unit,
    AuditRow.action,
    AuditRow.subject,
    AuditRow.request_id,
    _DETAILS,
)


async def seal(session: AsyncSession) -> int:
    """Seal the next entries in commit order; how many there were. Two sealers wait for one another."""
    head = (await session.execute(select(AuditHead.__table__).with_for_update())).one()
    horizon = AuditRow.xid < func.pg_snapshot_xmin(func.pg_current_snapshot())
    after = tuple_(AuditRow.xid, AuditRow.id) > tuple_(cast(head.xid, db.Xid8), head.entry)
    query = select(AuditRow.id, AuditRow.xid, *_ENTRY).where(after, horizon)
    rows = (await session.execute(query.order_by(AuditRow.xid, AuditRow.id).limit(BATCH))).all()
    if not rows:
        return 0
    seq, hash = head.seq, head.hash
    seals = []
    for row in rows:
        seq += 1
        hash = _link(seq, row, hash)
        seals.append({"seq": seq, "entry": row.id, "hash": hash})
    await session.execute(insert(AuditSeal), seals)
    last = {"xid": rows[-1].xid, "entry": rows[-1].id, "seq": seq, "hash": hash}
    await session.execute(update(AuditHead).values(last))
    return len(rows)


#: How far the audit is sealed, and what lies beyond: how many, up to ten thousand, and the time of the first. In their order,
#: so that they are counted by the index: without it all entries would be read where all are sealed.
_UNSEALED = text(
    "SELECT h.seq, (SELECT count(*) FROM (SELECT FROM audit a WHERE (a.xid, a.id) > (h.xid, h.entry)"
    " ORDER BY a.xid, a.id LIMIT 10000) AS waiting), (SELECT a.at FROM audit a WHERE (a.xid, a.id) > (h.xid, h.entry)"
    " ORDER BY a.xid, a.id LIMIT 1) FROM audit_head h"
)


async def unsealed(session: AsyncSession) -> tuple[int, int, datetime | None]:
    """(how many entries are sealed, how many are not yet, up to 10,000, since when the first of them is there)."""
    sealed, waiting, since = (await session.execute(_UNSEALED)).one()
    return sealed, waiting, since


def _link(seq: int, row: Any, previous: str) -> str:
    """The hash of an entry; the person stands in it only where there is one, so that seals from before there were still hold."""
    parts = [row.client, row.unit, row.action, row.subject, row.request_id, row.details, previous]
    if (row.person, row.person_name) != (None, None):
        parts.append([row.person, row.person_name])
    line = json.dumps([seq, row.at.astimezone(UTC).isoformat(), *parts], ensure_ascii=False)
    return hashlib.sha256(line.encode()).hexdigest()


class Verification(Answer, title="审计核验"):
    """Whether the audit holds (审计核验): how far it is sealed, what is not yet, and the first that is wrong."""

    holds: bool = Field(description="已封存的审计记录是否完整、未被改动")
    entries: int = Field(description="从头起核验无误的条数")
    broken_at: int | None = Field(default=None, description="从第几条起被改动、缺失或多出；完整时为空")
    unsealed: int = Field(default=0, description="已写入、尚待封存的条数，由后台随后封存")


async def verify_audit(session: AsyncSession) -> Verification:
    """Recompute all seals against their entries and the head, in a session that reads (`Database.reading`)."""
    # One snapshot for all that is read: writers append and the sealer seals meanwhile.
    await session.execute(text("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"))
    found = await _verify(session)
    await session.execute(text("COMMIT"))
    return found


async def _verify(session: AsyncSession) -> Verification:
    head = (await session.execute(select(AuditHead.__table__))).one_or_none()
    hash, verified = GENESIS, 0
    query = (
        select(AuditSeal.seq, AuditSeal.hash, AuditRow.id, *_ENTRY)
        .outerjoin(AuditRow, AuditRow.id == AuditSeal.entry)
        .order_by(AuditSeal.seq)
    )
    rows = await session.stream(query.execution_options(yield_per=1000))
    async for row in rows:
        if row.seq != verified + 1 or row.id is None or row.hash != _link(row.seq, row, hash):
            await rows.close()
            return Verification(holds=False, entries=verified, broken_at=verified + 1)
        hash, verified = row.hash, verified + 1
    if head is None or (head.seq, head.hash) != (verified, hash):
        place = verified + 1 if head is None else min(head.seq, verified) + 1
        return Verification(holds=False, entries=place - 1, broken_at=place)
    beyond = tuple_(AuditRow.xid, AuditRow.id) > tuple_(cast(head.xid, db.Xid8), head.entry)
    sealed = select(AuditSeal.seq).where(AuditSeal.entry == AuditRow.id).exists()
    counts = select(func.count().filter(beyond), func.count().filter(~beyond)).where(~sealed)
    unsealed, slipped_in = (await session.execute(counts)).one()
    if slipped_in:  # somebody wrote behind the sealer's back
        return Verification(holds=False, entries=verified, broken_at=verified + 1, unsealed=unsealed)
    return Verification(holds=True, entries=verified, unsealed=unsealed)
