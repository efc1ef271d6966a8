"""What has to happen for a target: how much is missing, in which order, and at what pace; pure (P-1.1 to P-1.3, P-2.2.5)."""

from dataclasses import dataclass
from datetime import date
from math import ceil

from kit.district.periods import Month
from services.property.plan.coverage import Standing


@dataclass(frozen=True)
class Pace:
    """How many compounds a month make a target's date, and why there is no such number where there is none."""

    per_month: int | None
    months: int
    wording: str


def pace(standing: Standing, on: date) -> Pace:
    """The pace from a day to the target's date, both days counted: the month of each counts whole.

    Of a target that is met nothing is needed; of one whose date has passed no pace makes it any more.
    """
    by = standing.target.by
    if standing.missing == 0:
        return Pace(0, 0, "已达到，保持即可")
    if on > by:
        return Pace(None, 0, f"期限 {by} 已过，没有可以达到的进度，应尽快补足 {standing.missing} 个")
    months = months_between(on, by)
    needed = ceil(standing.missing / months)
    return Pace(needed, months, f"到 {by} 还有 {months} 个月，每月至少 {needed} 个")


def months_between(first: date, last: date) -> int:
    """The calendar months that the days from one to the other lie in, at least one."""
    start, end = Month.of(first), Month.of(last)
    return (end.year - start.year) * 12 + end.month - start.month + 1


def worst_first(standing: Standing) -> tuple[int, float, int]:
    """What a list of what has to happen is ordered by: what is overdue, then the widest gap, then the most compounds."""
    gap = float(standing.gap) if standing.gap is not None else 0.0
    return (0 if standing.due and not standing.met else 1, -gap, -standing.missing)
