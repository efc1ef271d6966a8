"""How often a caller may come: a token bucket per caller."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from time import monotonic

from kit.web.problems import TooMany

_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Quota:
    """How often a caller may come again: `left` at once, and `full`, the seconds until all of it is there again.

    policy: the whole of it, as `RateLimit-Policy` says it (draft-ietf-httpapi-ratelimit-headers); name: the policy's.
    """

    name: str
    policy: str
    left: int
    full: int

    def headers(self) -> dict[str, str]:
        """The header fields that tell a caller."""
        return {"RateLimit-Policy": self.policy, "RateLimit": f'"{self.name}";r={self.left};t={self.full}'}

    def fields(self) -> list[tuple[bytes, bytes]]:
        """The same as ASGI has them."""
        return [(name.lower().encode(), value.encode()) for name, value in self.headers().items()]


class Limiter:
    """Gives every caller `burst` requests at once and `rate` per second after that; `name`: what callers know it by.

    A process counts for itself: with n gateway processes a caller may come up to n times as often.
    """

    def __init__(
        self, rate: float, burst: int, clock: Callable[[], float] = monotonic, *, name: str = "caller"
    ) -> None:
        self._rate, self._burst, self._clock, self._name = rate, burst, clock, name
        self._policy = f'"{name}";q={burst};w={max(1, ceil(burst / rate))}'
        self._buckets: dict[str, tuple[float, float]] = {}

    def admit(self, caller: str) -> Quota:
        """Count one request of the caller; what it may do after it.

        Raises: TooMany, with the whole seconds to wait in Retry-After.
        """
        now = self._clock()
        left, since = self._buckets.get(caller) or (float(self._burst), now)
        left = min(self._burst, left + (now - since) * self._rate)
        if left < 1:
            wait = max(1, ceil((1 - left) / self._rate))
            headers = self._quota(left).headers() | {"Retry-After": str(wait)}
            raise TooMany("too-many-requests", f"请求太频繁，请 {wait} 秒后再试。", headers=headers)
        self._buckets[caller] = (left - 1, now)
        if len(self._buckets) > _REMEMBERED:
            self._forget_the_idle(now)
        return self._quota(left - 1)

    def _quota(self, left: float) -> Quota:
        return Quota(self._name, self._policy, int(left), max(1, ceil((self._burst - left) / self._rate)))

    def _forget_the_idle(self, now: float) -> None:
        """Drop the buckets that are full again; should all be in use, drop the half that came first."""
        refill = self._burst / self._rate
        self._buckets = {
            who: (left, since) for who, (left, since) in self._buckets.items() if now - since < refill
        }
        if len(self._buckets) > _REMEMBERED:
            for who in list(self._buckets)[: _REMEMBERED // 2]:
                del self._buckets[who]
