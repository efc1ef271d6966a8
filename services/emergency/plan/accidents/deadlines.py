"""The clocks of an accident: what is owed by when, counted from what, under which clause or article."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from kit.district.clock import days_after, end_of_day, local_day, years_after
from services.emergency.plan.accidents.grading import Grade


class AccidentKind(StrEnum):
    """The kinds of accidents (事故类别) that the law gives a shorter window for changed casualties."""

    ROAD_TRAFFIC = "road_traffic"
    FIRE = "fire"
    OTHER = "other"


class Clock(StrEnum):
    """What starts a deadline."""

    UNIT_INFORMED = "unit_informed"
    DISTRICT_INFORMED = "district_informed"
    OCCURRED = "occurred"
    INVESTIGATION_RECEIVED = "investigation_received"
    INVESTIGATION_APPROVED = "investigation_approved"


class Since(StrEnum):
    """The moment a deadline was really counted from."""

    UNIT_INFORMED_AT = "unit_informed_at"
    OCCURRED_AT = "occurred_at"
    FIRST_KNOWN_AT = "first_known_at"
    PREVIOUS_STEP_DONE = "previous_hop_done"
    PREVIOUS_STEP_DUE = "previous_hop_due"
    GRADE_ROSE_AT = "grade_rose_at"
    INVESTIGATION_RECEIVED_AT = "investigation_received_at"
    INVESTIGATION_APPROVED_AT = "investigation_approved_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """A national law: its title, and its number or edition."""

    title: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """What is owed, by whom, and by which clause or article. `window`: a period in which it is owed at any time."""

    id: str
    asks: str
    owner: str
    clause: str
    window: bool = False
    law: str | None = None
    article: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineRule(Owed):
    """A deadline as data; see data/deadlines.yaml for the meaning of each field."""

    clock: Clock | None = None
    after: str | None = None
    minutes: int = 0
    days: int = 0
    years: int = 0
    remind: int = 0
    grades: tuple[Grade, ...] = tuple(Grade)
    kinds: tuple[AccidentKind, ...] = tuple(AccidentKind)
    extension_days: int = 0
    appraisal_excluded: bool = False

    def __post_init__(self) -> None:
        if (self.clock is None) == (self.after is None):
            raise ValueError(f"deadline {self.id} starts either by a clock or after another deadline")
        if sum(length > 0 for length in (self.minutes, self.days, self.years)) != 1:
            raise ValueError(f"deadline {self.id} runs for minutes, days or years, one of them")
        if (self.law is None) != (self.article is None):
            raise ValueError(f"deadline {self.id} names a law and its article together")


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """What is known of when. Only `first_known_at` is always there: when the district heard of the accident.

    done, extended_days: when a deadline was met, and what the authority has granted, by the deadline's id.
    owed_since: when the grade first asked for a deadline, by its id, where that was not from the beginning.
    appraisal_days: spent on technical appraisal, which do not count (国务院令第493号第二十七条).
    """

    first_known_at: datetime
    occurred_at: datetime | None = None
    unit_informed_at: datetime | None = None
    investigation_received_at: datetime | None = None
    investigation_approved_at: datetime | None = None
    done: Mapping[str, datetime] = field(default_factory=dict)
    extended_days: Mapping[str, int] = field(default_factory=dict)
    owed_since: Mapping[str, datetime] = field(default_factory=dict)
    appraisal_days: int = 0

    @property
    def earliest(self) -> tuple[Since, datetime]:
        """The earliest time there is of the accident itself."""
        if self.occurred_at is not None and self.occurred_at <= self.first_known_at:
            return Since.OCCURRED_AT, self.occurred_at
        return Since.FIRST_KNOWN_AT, self.first_known_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline(Owed):
    """A deadline that runs from when to when.

    `provisional`: it was counted from the best time there is, until the one it hangs on is known.
    """

    since: Since
    started_at: datetime
    due: datetime
    remind_at: datetime
    provisional: bool


def deadlines(
    rules: Iterable[DeadlineRule], times: Times, grade: Grade, kind: AccidentKind = AccidentKind.OTHER
) -> tuple[Deadline, ...]:
    """The deadlines that run for an accident, in the order of the data (E-4.1a, E-4.1c, E-4.1e, E-5.4).

    A deadline whose clock has not started yet is left out. All in natural time.
    """
    running: dict[str, Deadline] = {}
    for rule in rules:
        if grade in rule.grades and kind in rule.kinds:
            started = _start(rule, times, running)
            if started is not None:
                running[rule.id] = _run(rule, times, *started)
    return tuple(running.values())


def _run(rule: DeadlineRule, times: Times, since: Since, started_at: datetime, provisional: bool) -> Deadline:
    due = _due(rule, times, started_at)
    owed: dict[str, Any] = {each.name: getattr(rule, each.name) for each in fields(Owed)}
    return Deadline(
        since=since,
        started_at=started_at,
        due=due,
        remind_at=due - timedelta(minutes=rule.remind),
        provisional=provisional,
        **owed,
    )


def _start(
    rule: DeadlineRule, times: Times, running: Mapping[str, Deadline]
) -> tuple[Since, datetime, bool] | None:
    """What the deadline is counted from, when that was, and whether a better time may still come."""
    if rule.after is not None:
        started = _after(running.get(rule.after), times)
        owed = times.owed_since.get(rule.id)
        if started is not None and owed is not None and owed > started[1]:
            return Since.GRADE_ROSE_AT, owed, False
        return started
    match rule.clock:
        case Clock.UNIT_INFORMED if times.unit_informed_at is not None:
            return Since.UNIT_INFORMED_AT, times.unit_informed_at, False
        case Clock.UNIT_INFORMED:
            return *times.earliest, True
        case Clock.OCCURRED if times.occurred_at is not None:
            return Since.OCCURRED_AT, times.occurred_at, False
        case Clock.OCCURRED:
            return *times.earliest, True
        case Clock.DISTRICT_INFORMED:
            return Since.FIRST_KNOWN_AT, times.first_known_at, False
        case Clock.INVESTIGATION_RECEIVED if times.investigation_received_at is not None:
            return Since.INVESTIGATION_RECEIVED_AT, times.investigation_received_at, False
        case Clock.INVESTIGATION_APPROVED if times.investigation_approved_at is not None:
            return Since.INVESTIGATION_APPROVED_AT, times.investigation_approved_at, False
    return None


def _after(previous: Deadline | None, times: Times) -> tuple[Since, datetime, bool] | None:
    """A step upward runs from when the one before was done; until then, from when that is due at the latest."""
    if previous is None:
        return None
    done = times.done.get(previous.id)
    if done is not None:
        return Since.PREVIOUS_STEP_DONE, done, False
    return Since.PREVIOUS_STEP_DUE, previous.due, True


def _due(rule: DeadlineRule, times: Times, started_at: datetime) -> datetime:
    if rule.minutes:
        return started_at + timedelta(minutes=rule.minutes)
    if rule.years:
        return end_of_day(years_after(local_day(started_at), rule.years))
    granted = min(times.extended_days.get(rule.id, 0), rule.extension_days)
    appraisal = times.appraisal_days if rule.appraisal_excluded else 0
    return days_after(started_at, rule.days + granted + appraisal)


class Standing(StrEnum):
    """How a deadline stands at a moment."""

    RUNNING = "running"
    APPROACHING = "approaching"
    OVERDUE = "overdue"
    MET = "met"
    MET_LATE = "met_late"
    CLOSED = "closed"


class Running(Protocol):
    """Whatever runs until it is due."""

    @property
    def window(self) -> bool: ...
    @property
    def due(self) -> datetime: ...
    @property
    def remind_at(self) -> datetime: ...


def standing(deadline: Running, done_at: datetime | None, now: datetime) -> Standing:
    """How a deadline stands; done at the very moment it is due is in time. A window only runs and closes."""
    if deadline.window:
        return Standing.RUNNING if now <= deadline.due else Standing.CLOSED
    if done_at is not None:
        return Standing.MET if done_at <= deadline.due else Standing.MET_LATE
    if now > deadline.due:
        return Standing.OVERDUE
    return Standing.APPROACHING if now >= deadline.remind_at else Standing.RUNNING


def late_by(deadline: Running, done_at: datetime | None, now: datetime) -> timedelta:
    """By how much a deadline is or was missed; zero when it was not (E-4.1a)."""
    if deadline.window:
        return timedelta(0)
    return max((done_at or now) - deadline.due, timedelta(0))


def late_minutes(deadline: Running, done_at: datetime | None, now: datetime) -> int:
    """By how many minutes it is or was missed, a minute begun counting whole (E-4.1a)."""
    return -(-late_by(deadline, done_at, now) // timedelta(minutes=1))
