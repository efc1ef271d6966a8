"""How often a caller may come: a token bucket per caller."""

from collections.abc import Callable
from math import ceil
from time import monotonic

from kit.web.problems import TooMany

_REMEMBERED = 4096


class Limiter:
    """Gives every caller `burst` requests at once and `rate` per second after that.

    A process counts for itself: with n gateway processes a caller may come up to n times as often.
    """

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = monotonic) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def admit(self, caller: str) -> None:
        """Count one request of the caller.

        Raises: TooMany, with the whole seconds to wait in Retry-After.
        """
        now = self._clock()
        left, since = self._buckets.get(caller) or (float(self._burst), now)
        left = min(self._burst, left + (now - since) * self._rate)
        if left < 1:
            wait = max(1, ceil((1 - left) / self._rate))
            raise TooMany(
                "too-many-requests", f"请求太频繁，请 {wait} 秒后再试。", headers={"Retry-After": str(wait)}
            )
        self._buckets[caller] = (left - 1, now)
        if len(self._buckets) > _REMEMBERED:
            self._forget_the_idle(now)

    def _forget_the_idle(self, now: float) -> None:
        """Drop the buckets that are full again; should all be in use, drop the half that came first."""
        refill = self._burst / self._rate
        self._buckets = {
            who: (left, since) for who, (left, since) in self._buckets.items() if now - since < refill
        }
        if len(self._buckets) > _REMEMBERED:
            for who in list(self._buckets)[: _REMEMBERED // 2]:
                del self._buckets[who]
