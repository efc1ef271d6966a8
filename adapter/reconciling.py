"""A day's orders counted and summed on both sides; what differs is set right where it can be, and the rest is listed."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from adapter.passes import Outcome, Passes
from adapter.port import Telling
from adapter.tellings import brief, digest
from kit.district.clock import SHANGHAI

#: So far around a day it is looked for: an order of its last minute may have been received in the next.
_MARGIN: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Difference:
    """An order that does not stand the same. here, there: its state and the sum of its text; None: it is not there."""

    number: str
    here: dict[str, str] | None
    there: dict[str, str] | None
    why: str | None = None


@dataclass(frozen=True)
class _Side:
    """The orders of a day on one side, and those of the hour before and after it."""

    day: Mapping[str, Telling]
    around: Mapping[str, Telling]


def reconcile(passes: Passes, day: date, now: datetime) -> dict[str, Any]:
    """Compare a day, set right what differs, and compare again.

    Returns: `found` and `left`, the differences before and after; the count and the sum (SHA-256) of each side after.
    Raises: Away, Refused where a side cannot be read as a whole.
    """
    here, there = _here(passes, day), _there(passes, day)
    found = _compare(here, there)
    outcome = Outcome()
    if found:
        _set_right(passes, day, found, outcome, now)
        here, there = _here(passes, day), _there(passes, day)
    left = [
        Difference(each.number, each.here, each.there, outcome.refused.get(each.number))
        for each in _compare(here, there)
    ]
    return {
        "day": day.isoformat(),
        "at": now.isoformat(),
        "here": {"count": len(here.day), "sha256": digest(here.day)},
        "there": {"count": len(there.day), "sha256": digest(there.day)},
        "found": [asdict(each) for each in found],
        "left": [asdict(each) for each in left],
    }


def _compare(here: _Side, there: _Side) -> list[Difference]:
    """What differs of the orders that either side counts to the day; one at its edge is known on the other side too."""
    mine, theirs = {**here.around, **here.day}, {**there.around, **there.day}
    every = sorted(here.day.keys() | there.day.keys())
    return [
        Difference(number, brief(mine.get(number)), brief(theirs.get(number)))
        for number in every
        if mine.get(number) != theirs.get(number)
    ]


def _set_right(
    passes: Passes, day: date, found: Iterable[Difference], outcome: Outcome, now: datetime
) -> None:
    start, end = _bounds(day)
    missing = {each.number for each in found if each.here is None}
    if missing:
        listed = passes.platform.orders(start, end)
        passes.hand_in((order for order in listed.items if order.number in missing), now, outcome)
        outcome.refused |= dict.fromkeys(listed.unread, "unreadable")
    for each in found:
        if each.here is not None and each.there is not None:
            told = Outcome()
            passes.tell(passes.district.by_number(each.number), told)
            for why in told.refused.values():
                outcome.refused[each.number] = why


def _here(passes: Passes, day: date) -> _Side:
    start, end = _bounds(day)
    rows = [
        (row["external_number"], datetime.fromisoformat(row["received_at"]), stands)
        for row in passes.district.received(start - _MARGIN, end + _MARGIN)
        if row["external_number"] and (stands := passes.standing(row)) is not None
    ]
    return _side(rows, start, end)


def _there(passes: Passes, day: date) -> _Side:
    start, end = _bounds(day)
    rows = passes.platform.standings(start - _MARGIN, end + _MARGIN)
    return _side([(row.number, row.at, row.telling) for row in rows], start, end)


def _side(rows: Iterable[tuple[str, datetime, Telling]], start: datetime, end: datetime) -> _Side:
    day: dict[str, Telling] = {}
    around: dict[str, Telling] = {}
    for number, at, stands in rows:
        (day if start <= at < end else around)[number] = stands
    return _Side(day, around)


def _bounds(day: date) -> tuple[datetime, datetime]:
    start = datetime.combine(day, time(), SHANGHAI)
    return start, start + timedelta(days=1)
