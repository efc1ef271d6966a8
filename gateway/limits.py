"""How often a caller may come: a token bucket per caller."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from time import monotonic

from starlette.requests import HTTPConnection

from kit.web.problems import TooMany

_REMEMBERED = 4096


@dataclass(slots=True)
class Quota:
    """How often a caller may come again: `left` at once, and `full`, the seconds until all of it is there again.

    policy: the whole of it, as `RateLimit-Policy` says it (draft-ietf-httpapi-ratelimit-headers); name: the policy's.
    """

    name: bytes
    policy: bytes
    left: int
    full: int

    def fields(self) -> tuple[tuple[bytes, bytes], ...]:
        """The header fields that tell a caller."""
        left = b'"%b";r=%d;t=%d' % (self.name, self.left, self.full)
        return (b"ratelimit-policy", self.policy), (b"ratelimit", left)


class Limiter:
    """Gives every caller `burst` requests at once and `rate` per second after that; `name`: what callers know it by.

    A process counts for itself: with n gateway processes a caller may come up to n times as often.
    """

    def __init__(
        self, rate: float, burst: int, clock: Callable[[], float] = monotonic, *, name: str = "caller"
    ) -> None:
        self._rate, self._burst, self._clock, self._name = rate, burst, clock, name.encode()
        self._policy = f'"{name}";q={burst};w={max(1, ceil(burst / rate))}'.encode()
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
            told = {name.decode(): value.decode() for name, value in self._quota(left).fields()}
            raise TooMany(
                "too-many-requests",
                f"请求太频繁，请 {wait} 秒后再试。",
                headers=told | {"Retry-After": str(wait)},
            )
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


def address(caller: HTTPConnection) -> str:
    """Where a caller who has no name comes from."""
    return caller.client.host if caller.client else "unknown"
