"""What was counted of a street on a day stays in memory until a fact that it rests on has changed.

Facts say themselves, by triggers (migration 0020), of which compound and from which day on they have changed. A process
remembers the snapshot up to which it knows of changes: what has become visible since, whenever its transaction began, is
what is forgotten. So an answer is never older than the moment in which it was asked for.
"""

import json
from asyncio import Lock
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, TypeVar
from uuid import UUID
from weakref import WeakValueDictionary

from sqlalchemy import BigInteger, Identity, TextClause, delete, func, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from kit.context import Context
from kit.storage import db
from services.property.base import Base

Value = TypeVar("Value")
StreetDay = tuple[UUID, date]
Counting = Callable[[Collection[UUID], Collection[date]], Awaitable[Mapping[StreetDay, Value]]]

#: So many streets on days at most; those that were counted first are forgotten first.
_MOST: Final = 1000
#: What a process knows is forgotten before the changes that it might not know of.
_TRUSTED: Final = timedelta(hours=12)
_LOGGED: Final = timedelta(days=1)


class CoverageChange(Base):
    """A compound that coverage has to be counted anew of, on all days from one on.

    street_id: where it was, if that may have changed; neither: every compound.
    """

    __tablename__ = "coverage_changes"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    xid: Mapped[str] = mapped_column(db.Xid8, server_default=text("pg_current_xact_id()"), index=True)
    at: Mapped[datetime] = mapped_column(server_default=func.transaction_timestamp(), index=True)
    compound_id: Mapped[UUID | None]
    street_id: Mapped[UUID | None]
    since: Mapped[date] = mapped_column(server_default="0001-01-01")


_FIRST = text("SELECT CAST(pg_current_snapshot() AS text), now(), '[]'")
#: The streets, null for all, whose counts have changed since a snapshot, and from which day on; with the snapshot of now.
_NEWS = text(
    "WITH news AS (SELECT * FROM coverage_changes WHERE xid >= pg_snapshot_xmin(CAST(:known AS pg_snapshot))"
    " AND NOT pg_visible_in_snapshot(xid, CAST(:known AS pg_snapshot))),"
    " touched AS (SELECT street_id, since FROM news WHERE street_id IS NOT NULL OR compound_id IS NULL"
    " UNION ALL SELECT divisions.parent_id, since FROM news JOIN compounds ON compounds.id = compound_id"
    " JOIN divisions ON divisions.id = community_id)"
    " SELECT CAST(pg_current_snapshot() AS text), now(), (SELECT coalesce(json_agg(each), '[]')"
    " FROM (SELECT street_id AS street, min(since) AS since FROM touched GROUP BY street_id) AS each)::text"
)


@dataclass(frozen=True)
class Seen:
    """What a look at the changes saw: everything in a snapshot, at a time of the database; changes: JSON."""

    snapshot: str
    at: datetime
    changes: str

    @property
    def end(self) -> int:
        """The first transaction that had not begun."""
        return int(self.snapshot.split(":")[1])

    def news(self) -> tuple[TextClause, dict[str, str]]:
        """The statement of what has changed since, and its values."""
        return _NEWS, {"known": self.snapshot}

    def follows(self, known: "Seen") -> bool:
        """Whether all changes since are still logged, and the database has not gone back, as one that was restored has."""
        return self.end >= known.end and self.at - known.at < _TRUSTED


class Kept:
    """What one process has counted of one database."""

    def __init__(self) -> None:
        self._known: Seen | None = None
        self._values: dict[tuple[UUID, date, Hashable], Any] = {}
        self._news: Counter[UUID | None] = Counter()
        self._asking: WeakValueDictionary[Hashable, Lock] = WeakValueDictionary()

    def alone(self, question: Hashable) -> Lock:
        """Held by whoever counts: others who ask the same wait, and find it."""
        return self._asking.setdefault(question, Lock())

    async def forget_changed(self, session: AsyncSession) -> None:
        """Forget what has changed, up to now."""
        known = self._known
        seen = Seen(*(await session.execute(*known.news() if known else (_FIRST, {}))).one())
        if known is not None and not seen.follows(known):
            self._forget(None, date.min)
        for each in json.loads(seen.changes):
            street = None if each["street"] is None else UUID(each["street"])
            self._forget(street, date.fromisoformat(each["since"]))
        # Of two that looked at once the later one, unless it was a first look, which hears of nothing.
        if self._known is known or (known and self._known and seen.end >= self._known.end):
            self._known = seen

    def _forget(self, street: UUID | None, since: date) -> None:
        self._news[street] += 1
        changed = [key for key in self._values if street in (None, key[0]) and key[1] >= since]
        for key in changed:
            del self._values[key]

    def news(self, street: UUID) -> int:
        """How much has been heard of a street so far: what is counted counts by it until more is heard."""
        return self._news[street] + self._news[None]

    def missing(self, wanted: Iterable[StreetDay], what: Hashable) -> list[StreetDay]:
        """What has to be counted."""
        return [each for each in wanted if (*each, what) not in self._values]

    def keep(self, counted: Mapping[StreetDay, Any], what: Hashable, heard: Mapping[UUID, int]) -> None:
        """Keep what was counted of streets of which nothing was heard meanwhile."""
        fresh = {
            (*each, what): value for each, value in counted.items() if heard[each[0]] == self.news(each[0])
        }
        self._values |= fresh
        for key in list(self._values)[: max(len(self._values) - _MOST, 0)]:
            del self._values[key]

    def of(self, wanted: Iterable[StreetDay], what: Hashable) -> dict[StreetDay, Any]:
        """What is kept of what is wanted."""
        return {each: self._values[key] for each in wanted if (key := (*each, what)) in self._values}


async def of_streets(
    session: AsyncSession, wanted: Collection[StreetDay], what: Hashable, count: Counting[Value]
) -> dict[StreetDay, Value]:
    """What is counted of streets on days, by street and day; what is not kept is counted, at once, by `count(streets, days)`.

    what: which count it is. Whoever writes counts all: it sees what nobody else does.
    """
    if not session.info.get("reads"):
        return dict(await _count(wanted, count))
    kept: Kept = session.info["memory"].setdefault("coverage", Kept())
    await kept.forget_changed(session)
    async with kept.alone((frozenset(wanted), what)):
        found = kept.of(wanted, what)
        if missing := kept.missing(wanted, what):
            heard = {street: kept.news(street) for street, _ in missing}
            counted = await _count(missing, count)
            kept.keep(counted, what, heard)
            found |= {each: counted[each] for each in missing}
    return found


async def _count(wanted: Collection[StreetDay], count: Counting[Value]) -> Mapping[StreetDay, Value]:
    return await count({street for street, _ in wanted}, {day for _, day in wanted})


async def forget_old_changes(context: Context) -> None:
    """Remove changes that every process has heard of, or has forgotten what it counted before."""
    await context.session.execute(delete(CoverageChange).where(CoverageChange.at < func.now() - _LOGGED))
