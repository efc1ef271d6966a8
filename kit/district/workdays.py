"""Working days in mainland China, and due days counted in them.

The official days off and the weekends worked in return come from `chinesecalendar`, which carries the State
Council's yearly notices. A year without a notice yet is answered from weekends and statutory holidays, and
marked `provisional`: the notice will move a few days, so a due day may still move with them. A `Notice` that
somebody has entered settles its year, and goes before the library.
"""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import chinese_calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")

#: Statutory holidays with a fixed date, as (month, day).
FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})

#: First day of the lunar year, 清明, 端午 and 中秋 of the years that have no notice yet.
FESTIVALS = {
    2027: (date(2027, 2, 6), date(2027, 4, 5), date(2027, 6, 9), date(2027, 9, 15)),
    2028: (date(2028, 1, 26), date(2028, 4, 4), date(2028, 5, 28), date(2028, 10, 3)),
    2029: (date(2029, 2, 13), date(2029, 4, 4), date(2029, 6, 16), date(2029, 9, 22)),
    2030: (date(2030, 2, 3), date(2030, 4, 5), date(2030, 6, 5), date(2030, 9, 12)),
}

ONE_DAY = timedelta(days=1)


class Workday(NamedTuple):
    """Whether people work on a day; `provisional` while no notice settles it."""

    workday: bool
    provisional: bool


class Due(NamedTuple):
    """A day that a count of working days arrives at; `provisional` when it passed an unsettled day."""

    day: date
    provisional: bool


class Notice(NamedTuple):
    """A year's notice as it was entered: the days off that it names, and the weekend days worked in return.

    Either may lie in the last week of the year before.
    """

    year: int
    days_off: frozenset[date]
    worked: frozenset[date]


@lru_cache(maxsize=4096)
def is_workday(day: date, notices: tuple[Notice, ...] = ()) -> Workday:
    """Whether `day` is a working day; notices: those that were entered."""
    settled = {notice.year for notice in notices}
    for notice in notices:
        if day in notice.worked or day in notice.days_off:
            return Workday(day in notice.worked, provisional=False)
    provisional = _next_notice_may_move(day, settled)
    if day.year in settled:
        return Workday(day.isoweekday() <= 5, provisional)
    try:
        return Workday(chinese_calendar.is_workday(day), provisional)
    except NotImplementedError:  # the library's answer for a year without a notice
        return Workday(day.isoweekday() <= 5 and not is_statutory_holiday(day), provisional=True)


def add_workdays(start: date, days: int, notices: tuple[Notice, ...] = ()) -> Due:
    """The day that is `days` working days after `start`, counted from the day after it.

    A negative count goes back from the day before; zero is `start` itself, worked or not.
    """
    due, provisional, left = start, False, abs(days)
    step = ONE_DAY if days > 0 else -ONE_DAY
    while left:
        due += step
        day = is_workday(due, notices)
        left -= day.workday
        provisional |= day.provisional
    return Due(due, provisional)


def end_of_day(day: date) -> datetime:
    """The last second of `day` in Asia/Shanghai: when something due on that day falls due."""
    return datetime.combine(day, time(23, 59, 59), SHANGHAI)


def is_statutory_holiday(day: date) -> bool:
    """Whether nobody works on a day by law, whatever a notice says; festivals as far as our table goes."""
    return (day.month, day.day) in FIXED_HOLIDAYS or day in _festival_holidays(day.year)


@lru_cache
def _festival_holidays(year: int) -> frozenset[date]:
    """Lunar new year's eve and the three days after it, 清明, 端午, 中秋; empty beyond the table."""
    if year not in FESTIVALS:
        return frozenset()
    new_year, *single = FESTIVALS[year]
    return frozenset(single) | {new_year + ONE_DAY * offset for offset in (-1, 0, 1, 2)}


def _next_notice_may_move(day: date, settled: Collection[int]) -> bool:
    """Whether `day` is in the last week of the last year with a notice, the library's or one that was entered.

    The next year's notice has reached back there for New Year: the weekend of 2018-12-29 was worked for 2019.
    """
    known = day.year < max(chinese_calendar.holidays).year or day.year + 1 in settled
    return day.month == 12 and day.day >= 25 and not known
