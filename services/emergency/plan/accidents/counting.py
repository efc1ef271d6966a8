"""What is known of an accident from everything that was told of it: which telling of each fact counts, and why not.

A report is never refused (E-4.1d); what does not count is kept with the reason, and said.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kit.district.clock import days_after
from services.emergency.plan.accidents.deadlines import AccidentKind

#: 国务院令第493号第十三条: days within which a change of casualties is reported and regrades the accident.
CASUALTY_DAYS = {AccidentKind.ROAD_TRAFFIC: 7, AccidentKind.FIRE: 7, AccidentKind.OTHER: 30}
CASUALTIES = ("deaths", "serious_injuries")
#: Numbers that the unit where it happened does not lower by its own word (E-4.1c: verified by the bureau).
GUARDED = ("deaths", "serious_injuries", "endangered", "missing", "direct_loss_yuan")

EARLIER = "较早，未采用：已有时间更晚的情况"
CORRECTED = "已更正，不再采用"
UNVERIFIED = "事发单位报的较小数字，经区应急管理局核实后采用"


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What one report tells: when what it says was so, and its place in the order in which reports came.

    of_unit: the unit where it happened tells it; verified: the bureau has verified since; withdrawn: facts that a
    correction has taken back.
    """

    at: datetime
    order: int
    facts: Mapping[str, Any]
    of_unit: bool = False
    verified: bool = False
    withdrawn: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Counted:
    """Each fact as it is known, and by the order of a telling which of its facts do not count, and why (Chinese)."""

    known: dict[str, Any] = field(default_factory=dict)
    unused: dict[int, dict[str, str]] = field(default_factory=dict)


def count(tellings: Iterable[Telling], first_known_at: datetime) -> Counted:
    """Of each fact the last that was told counts, by the time of what it says (E-4.1e).

    Not what was withdrawn; not casualties beyond the law's window; not the unit's own smaller numbers before they
    were verified. What comes late and speaks of an earlier time does not replace a later one.
    """
    in_time = sorted(tellings, key=lambda each: (each.at, each.order))
    kind, until = _window(in_time, first_known_at)
    counted = Counted()
    by: dict[str, int] = {}
    for telling in in_time:
        for name, value in telling.facts.items():
            why = _why_not(telling, name, value, counted.known)
            if (
                why is None
                and name in CASUALTIES
                and telling.at > until
                and value != counted.known.get(name, 0)
            ):
                why = f"超出 {CASUALTY_DAYS[kind]} 日补报期，留存而不改变等级（国务院令第493号第十三条）"
            if why is not None:
                counted.unused.setdefault(telling.order, {})[name] = why
                continue
            counted.known[name], by[name] = value, telling.order
    _say_what_is_earlier(in_time, counted, by)
    return counted


def _window(in_time: list[Telling], first_known_at: datetime) -> tuple[AccidentKind, datetime]:
    """The kind of the accident and the end of the window for its casualties, by what was told last of both.

    An accident that is heard of only after its window has no change of casualties to be late: whatever is told grades it.
    """
    kind, occurred = AccidentKind.OTHER, first_known_at
    for telling in in_time:
        facts = {name: value for name, value in telling.facts.items() if name not in telling.withdrawn}
        kind = AccidentKind(facts.get("kind") or kind)
        if told := facts.get("occurred_at"):
            occurred = datetime.fromisoformat(told) if isinstance(told, str) else told
    until = days_after(occurred, CASUALTY_DAYS[kind])
    heard_late = bool(in_time) and in_time[0].at > until
    return kind, in_time[-1].at if heard_late else until


def _why_not(telling: Telling, name: str, value: Any, known: Mapping[str, Any]) -> str | None:
    if name in telling.withdrawn:
        return CORRECTED
    smaller = name in GUARDED and name in known and _number(value) < _number(known[name])
    return UNVERIFIED if smaller and telling.of_unit and not telling.verified else None


def _number(value: Any) -> float:
    return float(value)


def _say_what_is_earlier(in_time: list[Telling], counted: Counted, by: Mapping[str, int]) -> None:
    """A telling that came after the one that counts, and speaks of an earlier time, is told so."""
    for telling in in_time:
        for name, value in telling.facts.items():
            late = by.get(name, telling.order) < telling.order and counted.known.get(name) != value
            if late and name not in counted.unused.get(telling.order, {}):
                counted.unused.setdefault(telling.order, {})[name] = EARLIER
