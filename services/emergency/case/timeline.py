"""The timeline of an accident: everything in one order, chained by SHA-256 so that no entry can be altered."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from kit.audit.auditing import GENESIS
from services.emergency.base import Base
from services.emergency.case.incident import Incident

#: What the hash of an entry covers, besides its incident, its times and the hash of the entry before.
_COVERED = ("seq", "kind", "text", "client", "client_unit", "clause")


class TimelineEntry(Base):
    """Something that happened (时间线记录): when (`occurred_at`), when we were told, who wrote it, under which clause."""

    __tablename__ = "timeline"
    __table_args__ = (Index("ix_timeline_occurred", "incident_id", "occurred_at", "seq"),)

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    text: Mapped[str]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    client: Mapped[str]
    client_unit: Mapped[str | None]
    clause: Mapped[str]
    previous: Mapped[str]
    hash: Mapped[str]

    def link(self) -> str:
        """The hash that this entry should have."""
        content = [
            str(self.incident_id),
            *(getattr(self, name) for name in _COVERED),
            self.occurred_at.astimezone(UTC).isoformat(),
            self.recorded_at.astimezone(UTC).isoformat(),
            self.previous,
        ]
        return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def add_entry(session: AsyncSession, incident: Incident, entry: TimelineEntry) -> None:
    """Put an entry at the end of an incident's timeline. The caller holds the lock of the incident's row."""
    incident.timeline_seq += 1
    entry.incident_id, entry.seq, entry.previous = incident.id, incident.timeline_seq, incident.timeline_hash
    entry.hash = incident.timeline_hash = entry.link()
    session.add(entry)


async def entries(session: AsyncSession, incident: Incident) -> list[TimelineEntry]:
    """The entries in the order in which things happened."""
    query = select(TimelineEntry).where(TimelineEntry.incident_id == incident.id)
    return list(await session.scalars(query.order_by(TimelineEntry.occurred_at, TimelineEntry.seq)))


@dataclass(frozen=True, slots=True)
class Chain:
    """How many entries there should be, the hash of the last, and the first that is wrong or not there."""

    entries: int
    head: str
    broken_at: int | None


async def chain_of(session: AsyncSession, incident: Incident) -> Chain:
    """Compute an incident's chain again, from its first entry to the end that the incident knows."""
    # One statement, so that an entry that is written meanwhile is seen with its end or not at all.
    query = (
        select(Incident.timeline_seq, Incident.timeline_hash, TimelineEntry)
        .outerjoin(TimelineEntry, TimelineEntry.incident_id == Incident.id)
        .where(Incident.id == incident.id)
        .order_by(TimelineEntry.seq)
    )
    rows = (await session.execute(query)).all()
    entries, head, _ = rows[0]
    previous, seq = GENESIS, 0
    for _, _, entry in rows if rows[0][2] is not None else ():
        seq += 1
        if (entry.seq, entry.previous, entry.hash) != (seq, previous, entry.link()):
            return Chain(entries, head, seq)
        previous = entry.hash
    return Chain(entries, head, None if (seq, previous) == (entries, head) else seq + 1)


def as_json(entry: TimelineEntry) -> dict[str, object]:
    """An entry with everything its hash covers, so that anyone can compute the chain again."""
    names = ("incident_id", *_COVERED, "occurred_at", "recorded_at", "previous", "hash")
    return {name: getattr(entry, name) for name in names}
