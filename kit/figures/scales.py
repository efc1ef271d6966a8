"""Scales of figures: of shares, of numbers, and of time, with the ticks that people would write at them."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from kit.district.clock import SHANGHAI

#: Steps of a time axis, from five minutes to sixty days.
_STEPS: Final = tuple(
    timedelta(minutes=each)
    for each in (5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 7200, 10080, 21600, 43200, 86400)
)


@dataclass(frozen=True, slots=True)
class Scale:
    """A scale from 0 to `top`, in steps, whose numbers are written as shares or with a unit."""

    top: float
    step: float
    share_of: bool = False
    unit: str = ""

    def share(self, value: float) -> float:
        """How much of the scale a value is, from 0 to 1."""
        return min(max(value / self.top, 0.0), 1.0)

    def said(self, value: float) -> str:
        """A value as it is written at the scale."""
        return f"{value:.0%}" if self.share_of else f"{value:g}{self.unit}"

    def ticks(self) -> list[tuple[float, str]]:
        """The values at which something is written, with what is written."""
        count = round(self.top / self.step)
        return [(self.step * number, self.said(self.step * number)) for number in range(count + 1)]


SHARES: Final = Scale(1.0, 0.2, share_of=True)


def counting(most: float, unit: str = "") -> Scale:
    """A scale of whole numbers up to at least the greatest, in steps of 1, 2 or 5 times a power of ten."""
    raw = max(most, 1) / 5
    power = 10 ** math.floor(math.log10(raw)) if raw >= 1 else 1
    step = next(power * each for each in (1, 2, 5, 10) if power * each >= raw)
    return Scale(step * math.ceil(max(most, 1) / step), step, unit=unit)


@dataclass(frozen=True, slots=True)
class Times:
    """A scale of time from a start to an end."""

    start: datetime
    end: datetime

    def share(self, at: datetime) -> float:
        """How far along a moment is, from 0 to 1; what lies outside is at the edge."""
        return min(max((at - self.start) / (self.end - self.start), 0.0), 1.0)

    def ticks(self, most: int) -> Iterator[tuple[datetime, str]]:
        """Round moments of Beijing time, at most about so many: hours of a day, or days."""
        whole = self.end - self.start
        step = next((each for each in _STEPS if whole / each <= most), whole / most)
        midnight = self.start.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
        at = midnight + step * math.ceil((self.start - midnight) / step)
        day = None
        while at <= self.end:
            if step >= timedelta(days=1):
                yield at, f"{at.month}月{at.day}日"
            else:
                yield at, f"{at:%H:%M}" if day in (None, at.date()) else f"{at.month}月{at.day}日"
            day, at = at.date(), at + step
