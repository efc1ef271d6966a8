"""Who owes a duty on a day, as statements: `Duty.due_on` in SQL, over as many subjects as there are."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    Interval,
    Select,
    Subquery,
    Text,
    and_,
    cast,
    func,
    literal,
    null,
    select,
    text,
    union_all,
)

from kit.district.cycles import Cycle
from kit.duties.duty import Duty


@dataclass(frozen=True, slots=True)
class Owed:
    """A duty and who owes it: `owing(day)` selects `Who(…).columns` of each subject that owes it on a day.

    Of a duty with a cycle these are all subjects, of one without those alone that lack something.
    """

    duty: Duty
    owing: Callable[[date], Select[Any]]


class Who(NamedTuple):
    """A subject that owes something, as columns or values.

    since: from when on it owes it; last_done_on: when it was done last up to the day; street: the name of the
    street or town where it is, None of what is the district's; company: the credit code of the company whose it is;
    lacks: what is missing, in Chinese.
    """

    id: Any
    name: Any
    since: Any
    last_done_on: Any = None
    street: Any = None
    company: Any = None
    lacks: Any = None

    @property
    def columns(self) -> tuple[ColumnElement[Any], ...]:
        """What `Owed.owing` selects."""
        dates = ("since", "last_done_on")
        return tuple(
            cast(null() if value is None else value, Date if key in dates else Text).label(
                _LABELS.get(key, key)
            )
            for key, value in self._asdict().items()
        )


_LABELS = {"id": "subject_id"}


def owing(owed: Iterable[Owed], day: date) -> Subquery:
    """All who owe one of the duties on a day: `Who`, with duty, due_on, done and overdue."""
    return union_all(*(_of_one(each, day) for each in owed)).subquery("owing")


def _of_one(owed: Owed, day: date) -> Select[Any]:
    duty, subjects = owed.duty, owed.owing(day).subquery()
    due = due_on(duty, subjects.c.since, subjects.c.last_done_on)
    in_time: ColumnElement[bool] = literal(False)
    if duty.cycle is not None:
        in_time = func.coalesce(subjects.c.last_done_on >= duty.cycle.first_day(day), False)
    return select(
        literal(duty.key, Text).label("duty"),
        *subjects.c,
        due.label("due_on"),
        in_time.label("done"),
        and_(due < day, ~in_time, literal(not duty.invites)).label("overdue"),
    )


def due_on(duty: Duty, since: Any, last_done: Any) -> ColumnElement[date]:
    """`Duty.due_on` of columns."""
    owed_since = func.greatest(since, literal(duty.begins, Date), type_=Date)
    if duty.cycle is None:
        return (
            owed_since if duty.by is None else func.greatest(owed_since, literal(duty.by, Date), type_=Date)
        )
    first, following = _last_day(duty.cycle, owed_since, 1), _last_day(duty.cycle, last_done, 2)
    return func.greatest(first, following, type_=Date)  # which leaves out what is null


def _last_day(cycle: Cycle, day: Any, periods: int) -> ColumnElement[date]:
    """The last day of the period that a day lies in, or with 2 of the one after it."""
    beginning = func.date_trunc(literal(cycle.value, Text), cast(day, DateTime), type_=DateTime)
    length = cast(literal(f"{cycle.months * periods} months", Text), Interval)
    return cast(beginning + length - text("interval '1 day'"), Date)
