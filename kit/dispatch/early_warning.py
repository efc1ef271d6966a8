"""Early warning (苗头预警): more requests of one matter in one place than its own past leads to expect. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from math import exp, lgamma, log
from typing import Final

#: How long a window is, and with how many before it it is compared at most and at least.
DAYS: Final = 28
WINDOWS: Final = 12
FEWEST_WINDOWS: Final = 3
#: How many requests a pattern has at least, and how unlikely so many have to be.
MINIMUM: Final = 3
UNLIKELY: Final = 0.01


@dataclass(frozen=True)
class Signal:
    """What one window says, beside those before it. expected: in a window; probability: of so many or more."""

    count: int
    past: int
    windows: int
    expected: float
    probability: float

    @property
    def noticed(self) -> bool:
        """Whether it is told: enough of them, more than expected, unlikely to be chance, with enough of a past."""
        return self.count >= MINIMUM and self.windows >= FEWEST_WINDOWS and self.probability < UNLIKELY

    @property
    def words(self) -> str:
        """The numbers and what follows from them, for whoever reads it."""
        past = (
            f"此前 {self.windows} 个 {DAYS} 天共 {self.past} 件，平均每 {DAYS} 天 {self.expected:.2f} 件"
            if self.past
            else f"此前 {self.windows} 个 {DAYS} 天一件也没有，按共 1 件估计，平均每 {DAYS} 天 {self.expected:.2f} 件"
        )
        return f"最近 {DAYS} 天有 {self.count} 件；{past}。如果只是偶然，出现这么多件或更多的概率为{_said(self.probability)}。"


def signal(count: int, past: int, windows: int) -> Signal:
    """What a window with `count` requests says, after `past` in so many windows before it.

    The chance is that of a Poisson distribution with the mean of the past; a place that had none counts as if it had had
    one in all, since none so far is not never.
    """
    expected = max(past, 1) / max(windows, 1)
    return Signal(count, past, windows, expected, at_least(count, expected))


def at_least(count: int, expected: float) -> float:
    """The probability of `count` or more where so many are expected (the upper tail of a Poisson distribution)."""
    if count <= 0:
        return 1.0
    # From the end of the tail that is smaller: small chances are then exact, not what is left of one.
    if count <= expected:
        return 1.0 - sum(_exactly(each, expected) for each in range(count))
    whole, each = 0.0, count
    while (term := _exactly(each, expected)) > whole * 1e-16:
        whole, each = whole + term, each + 1
    return min(whole, 1.0)


def window(today: date) -> tuple[date, date, date]:
    """(first day of the past, first day of the window, its last day) on a day."""
    begins = today - timedelta(days=DAYS - 1)
    return begins - timedelta(days=DAYS * WINDOWS), begins, today


def windows_since(first: date, begins: date) -> int:
    """How many whole windows of a past that begins on a day lie before a window."""
    return max(0, min(WINDOWS, (begins - first).days // DAYS))


def _exactly(count: int, expected: float) -> float:
    return exp(count * log(expected) - expected - lgamma(count + 1))


def _said(probability: float) -> str:
    return "不到百万分之一" if probability < 1e-6 else f"约 {probability:.4%}"
