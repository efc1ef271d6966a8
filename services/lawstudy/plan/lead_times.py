"""Until when a text has to be in, and how it stands with that; pure (N-2.1).

The document asks for the reviewed text ahead of the session and names no day: how many working days is a setting.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Final

from kit.district.clock import end_of_day
from kit.district.workdays import Due
from kit.web.shapes import Choice

#: A day is over when its last second is: what is due at 23:59:59 is in time until midnight.
LAST_SECOND: Final = timedelta(seconds=1)


class Standing(Choice):
    """How it stands with a session's text (材料报送情况)."""

    IN_TIME = "in_time", "按时"
    LATE = "late", "迟报"
    MISSING = "missing", "逾期未报"
    OPEN = "open", "未到期"


def text_due(day: date, workdays: int, count: Callable[[date, int], Due]) -> tuple[datetime, bool]:
    """When the reviewed text of a session on a day is due: the end of the day so many working days before it.

    Returns the moment, and whether it is provisional, as the year's notice has not settled the days between.
    """
    due = count(day, -workdays)
    return end_of_day(due.day), due.provisional


def standing(due_at: datetime, passed_at: datetime | None, now: datetime) -> Standing:
    """How it stands with a text that is due, and passed since `passed_at` if it is; a text in at the due second is in time."""
    ends = due_at + LAST_SECOND
    if passed_at is not None:
        return Standing.IN_TIME if passed_at < ends else Standing.LATE
    return Standing.OPEN if now < ends else Standing.MISSING
