"""One pass: what the platform has is handed in, and the platform is told how its requests stand.

A pass goes by what is there, not by what changed since: whatever was lost on the way, in either direction, is done by the
next one. It looks back behind the last whole pass, so that what was under way then is seen.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from adapter.district import District
from adapter.marks import Marks
from adapter.port import Away, Order, Platform, Refused, Telling
from adapter.tellings import needed, telling
from kit.logs import log

#: So many that are away in a row, and the side is: the pass ends.
_MOST_AWAY: Final = 3
#: How far a platform's clock may be ahead of ours.
_AHEAD: Final = timedelta(hours=1)


@dataclass
class Outcome:
    """What a pass did. refused: numbers of the platform's and why, for people to look at; whole: nothing was left undone."""

    taken: int = 0
    told: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    away: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether the next pass may begin where this one did."""
        return not self.away


@dataclass
class Passes:
    """Makes passes. looked: how a request stood when the platform was found to know it, so that it is not asked again."""

    platform: Platform
    district: District
    marks: Marks
    overlap: timedelta
    look_back: timedelta
    _taken: set[str] = field(default_factory=set, init=False)
    _looked: dict[str, Any] = field(default_factory=dict, init=False)

    def make(self, now: datetime) -> Outcome:
        """Both ways, once. The mark goes on only where nothing was left undone."""
        outcome = Outcome()
        since = self.marks.read() or now - self.look_back
        self._pull(since - self.overlap, now, outcome)
        self._push(since - self.overlap, outcome)
        if outcome.whole:
            self.marks.write(now)
        return outcome

    def _pull(self, since: datetime, now: datetime, outcome: Outcome) -> None:
        try:
            listed = self.platform.orders(since, now + _AHEAD)
        except (Away, Refused) as error:
            outcome.away.append(f"platform: {error}")
            return
        if not listed.whole:
            outcome.away.append("platform: the list changed while it was read")
        outcome.refused |= dict.fromkeys(listed.unread, "unreadable")
        fresh = [order for order in listed.items if order.number not in self._taken]
        done = self.hand_in(fresh, now, outcome)
        self._taken = {order.number for order in listed.items} & (self._taken | done)

    def _push(self, since: datetime, outcome: Outcome) -> None:
        changed = []
        try:
            for request in self.district.changed(since):
                changed.append(request)  # what was listed before it broke off is told of
        except (Away, Refused) as error:
            outcome.away.append(f"district: {error}")
        fresh = [each for each in changed if self._looked.get(each["number"]) != each["updated_at"]]
        left = {each["number"] for each in fresh} - self.tell(fresh, outcome)
        self._looked = {each["number"]: each["updated_at"] for each in changed if each["number"] not in left}

    # --------------------------------------------------------------------- also for reconciliation
    def hand_in(self, orders: Iterable[Order], now: datetime, outcome: Outcome) -> set[str]:
        """Hand orders in; the numbers of those that are there now."""

        def one(order: Order) -> None:
            taken = self.district.hand_in(order, now)
            outcome.taken += not taken.again
            if taken.dropped:
                log.warning("not-all-taken", order=order.number, request=taken.number, dropped=taken.dropped)

        return _each(orders, lambda order: order.number, one, outcome)

    def tell(self, requests: Iterable[Mapping[str, Any]], outcome: Outcome) -> set[str]:
        """Tell the platform of requests where it does not know; the requests' numbers that it knows of now."""

        def one(request: Mapping[str, Any]) -> None:
            full = self.district.request(request["number"])
            stands = telling(self._standing_for(full))
            mine = [full, *(self.district.request(number) for number in full["merged"])]
            for each in mine:
                if stands is not None and each["external_number"] and self._is_ours(each):
                    outcome.told += self._tell_one(each, stands)

        return _each(requests, lambda each: each["number"], one, outcome)

    def standing(self, request: Mapping[str, Any]) -> Telling | None:
        """How a request stands, as the platform would keep it; None where another with its number stands for it."""
        if request["state"] in ("declined", "merged"):
            request = self._standing_for(self.district.request(request["number"]))
        stands = telling(request)
        return None if stands is None else self.platform.kept(stands)

    def _standing_for(self, full: Mapping[str, Any]) -> Mapping[str, Any]:
        """The request that answers for this one: where it was merged into another, that one."""
        while full["state"] == "merged":
            full = self.district.request(full["merged_into"])
        return full

    def _is_ours(self, request: Mapping[str, Any]) -> bool:
        return bool(request["source"] == self.district.account.source)

    def _tell_one(self, request: Mapping[str, Any], stands: Telling) -> bool:
        """Whether it had to be told. What was told is asked for first, as a telling that came twice would stand twice."""
        number, due = request["external_number"], self.platform.kept(stands)
        if not needed(self.platform.told(number), due):
            return False
        self.platform.tell(number, due, datetime.fromisoformat(request["updated_at"]))
        return True


def _each(
    rows: Iterable[Any], name: Callable[[Any], str], act: Callable[[Any], None], outcome: Outcome
) -> set[str]:
    """Act on each row; one that is refused or away does not keep the others waiting. The names of those that went well."""
    done: set[str] = set()
    in_a_row = 0
    for row in rows:
        try:
            act(row)
            done.add(name(row))
            in_a_row = 0
        except Refused as refused:
            outcome.refused[name(row)] = refused.code
            in_a_row = 0
        except Away as away:
            outcome.away.append(f"{name(row)}: {away}")
            in_a_row += 1
            if in_a_row == _MOST_AWAY:
                break
    return done
