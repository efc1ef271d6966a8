"""How long a unit has: limits in natural time, working hours or working days, and how a pause moves them. Pure."""

from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from kit.district import reference
from kit.district.workdays import ONE_DAY, SHANGHAI, add_workdays, end_of_day, is_workday

CLOCKS = Path(__file__).with_name("data") / "clocks.yaml"
#: The levels of supervision (提醒 → 催办 → 督办 → 提级), the gentlest first.
LEVELS = ("remind", "urge", "supervise", "escalate")
URGENCIES = ("normal", "urgent", "emergency")


class Term(NamedTuple):
    """When a limit ends; provisional: on a calendar that no notice settles yet."""

    at: datetime
    provisional: bool


@dataclass(frozen=True)
class Limit:
    """How long something may take: minutes, hours, working hours, the same day, or working days from the day after."""

    hours: int | None = None
    same_day: bool = False
    workdays: int | None = None
    working_hours: int | None = None
    minutes: int | None = None

    def __post_init__(self) -> None:
        given = [value for each in fields(self) if (value := getattr(self, each.name)) is not None]
        if len(given) - (not self.same_day) != 1:
            raise TypeError("a limit is minutes, hours, working hours, the same day, or working days")

    @property
    def natural(self) -> timedelta | None:
        """How long it is where it runs day and night."""
        if self.hours is not None or self.minutes is not None:
            return timedelta(hours=self.hours or 0, minutes=self.minutes or 0)
        return None

    def due(self, start: datetime) -> Term:
        """When it ends that begins at `start`."""
        if self.natural is not None:
            return Term(start + self.natural, provisional=False)
        if self.working_hours is not None:
            return _worked(start, timedelta(hours=self.working_hours))
        day = start.astimezone(SHANGHAI).date()
        if self.same_day:
            return Term(end_of_day(day), provisional=False)
        due = add_workdays(day, self.workdays or 0)
        return Term(end_of_day(due.day), due.provisional)

    def resumed(self, due: datetime, paused: datetime, resumed: datetime) -> datetime:
        """When it ends after a pause: what was left of it then is left of it now. A term that was over stays."""
        if paused >= due:
            return due
        if self.working_hours is not None:
            return _worked(resumed, worked_between(paused, due)).at
        if self.workdays is None:
            return due + (resumed - paused)
        left = _workdays_between(paused.astimezone(SHANGHAI).date(), due.astimezone(SHANGHAI).date())
        return max(due, end_of_day(add_workdays(resumed.astimezone(SHANGHAI).date(), left).day))


class Rung(NamedTuple):
    """A step of supervision: so long after (or before) the term of a clock."""

    code: str
    level: str
    clock: str
    after: Limit | None
    before: timedelta | None
    text: str

    def at(self, due: datetime) -> datetime:
        """When it is raised for a clock that ends then."""
        return due - self.before if self.before is not None else (self.after or _NOTHING).due(due).at


_NOTHING = Limit(minutes=0)


@dataclass(frozen=True)
class Clocks:
    """What holds for all matters alike. raised_after_*: a request is raised by itself; returns, extensions: how often,
    within how long.
    """

    office_hours: tuple[tuple[time, time], ...]
    versions: tuple[dict[str, Any], ...]
    ladder: tuple[Rung, ...]
    ladder_source: str
    raised_after_units: int
    raised_after_redos: int
    returns_within: Limit
    returns: int
    extensions: int
    extensions_source: str

    def on(self, day: date, urgency: str) -> tuple[Limit, Limit, str]:
        """(limit to sign, limit to contact, source) of what is dispatched on a day."""
        version = max(
            (each for each in self.versions if each["since"] <= day), key=lambda each: each["since"]
        )
        limits = version["urgencies"][urgency]
        return limits["sign"], limits["contact"], version["source"]


@cache
def clocks() -> Clocks:
    """The data of clocks.yaml. Raises: TypeError for what is no limit."""
    plain = reference.read(CLOCKS)
    versions = tuple(
        each
        | {
            "urgencies": {
                name: {clock: Limit(**limit) for clock, limit in limits.items()}
                for name, limits in each["urgencies"].items()
            }
        }
        for each in plain["versions"]
    )
    return Clocks(
        office_hours=tuple(
            (time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in plain["office_hours"]
        ),
        versions=versions,
        ladder=tuple(_rung(**each) for each in plain["ladder"]),
        ladder_source=plain["ladder_source"],
        raised_after_units=plain["raised_after"]["units"],
        raised_after_redos=plain["raised_after"]["redos"],
        returns_within=Limit(**plain["returns"]["within"]),
        returns=plain["returns"]["times"],
        extensions=plain["extensions"]["times"],
        extensions_source=plain["extensions"]["source"],
    )


def earliest() -> date:
    """The first day of which it is known how long a unit has."""
    first: date = min(each["since"] for each in clocks().versions)
    return first


def _rung(*, after: dict[str, Any] | None = None, before: dict[str, int] | None = None, **plain: str) -> Rung:
    return Rung(
        after=Limit(**after) if after is not None else None,
        before=timedelta(**before) if before is not None else None,
        **plain,
    )


def worked_between(start: datetime, end: datetime) -> timedelta:
    """How long the offices are open between two moments."""
    first, last = start.astimezone(SHANGHAI).date(), end.astimezone(SHANGHAI).date()
    total, day = timedelta(0), first
    while day <= last:
        for opens, closes in _open(day):
            total += max(min(closes, end) - max(opens, start), timedelta(0))
        day += ONE_DAY
    return total


def _worked(start: datetime, left: timedelta) -> Term:
    """When the offices have been open for so long since `start`."""
    day, provisional = start.astimezone(SHANGHAI).date(), False
    while True:
        provisional |= is_workday(day).provisional
        for opens, closes in _open(day):
            begins = max(opens, start)
            if closes - begins >= left:
                return Term(begins + left, provisional)
            left -= max(closes - begins, timedelta(0))
        day += ONE_DAY


def _open(day: date) -> list[tuple[datetime, datetime]]:
    if not is_workday(day).workday:
        return []
    return [
        (datetime.combine(day, opens, SHANGHAI), datetime.combine(day, closes, SHANGHAI))
        for opens, closes in clocks().office_hours
    ]


def _workdays_between(day: date, last: date) -> int:
    """How many working days come after a day, up to the last."""
    count = 0
    while day < last:
        day += ONE_DAY
        count += is_workday(day).workday
    return count
