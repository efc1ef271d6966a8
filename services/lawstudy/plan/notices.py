"""What a yearly notice of days off must be; pure."""

from collections.abc import Collection, Iterator
from datetime import date

from kit.district.workdays import ONE_DAY, is_statutory_holiday


def doubts(year: int, days_off: Collection[date], worked: Collection[date]) -> Iterator[tuple[str, str]]:
    """What no notice of a year says: (field, a Chinese reason)."""
    for field, days in (("days_off", days_off), ("worked", worked)):
        for day in sorted(set(days)):
            if not date(year - 1, 12, 25) <= day <= date(year, 12, 31):
                yield field, f"{day} 不在 {year} 年内，也不是上一年末的几天"
    for day in sorted(set(worked)):
        if day.isoweekday() <= 5:
            yield "worked", f"{day} 不是周末，平日上班不用列出"
        if day in days_off:
            yield "worked", f"{day} 同时列为放假"
    if missing := [day for day in _days_of(year) if is_statutory_holiday(day) and day not in days_off]:
        yield "days_off", f"缺少法定节假日：{'、'.join(map(str, missing))}"


def _days_of(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += ONE_DAY
