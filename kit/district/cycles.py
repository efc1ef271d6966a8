"""Periods that come again: what has to be done in each of them, and until when."""

from datetime import date, timedelta

from kit.web.shapes import Choice


class Cycle(Choice):
    """How often something has to be done (周期)."""

    MONTH = "month", "每月"
    QUARTER = "quarter", "每季度"
    YEAR = "year", "每年"

    @property
    def months(self) -> int:
        """How long a period is; a year and each of its quarters begin with its first month."""
        return {Cycle.MONTH: 1, Cycle.QUARTER: 3, Cycle.YEAR: 12}[self]

    def first_day(self, day: date) -> date:
        """The first day of the period that a day lies in."""
        return date(day.year, (day.month - 1) // self.months * self.months + 1, 1)

    def last_day(self, day: date) -> date:
        """The last day of the period that a day lies in."""
        ahead = self.first_day(day).month - 1 + self.months
        return date(day.year + ahead // 12, ahead % 12 + 1, 1) - timedelta(days=1)

    def next_last_day(self, day: date) -> date:
        """The last day of the period after the one that a day lies in."""
        return self.last_day(self.last_day(day) + timedelta(days=1))
