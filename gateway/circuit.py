"""A circuit for each service: one that does not answer is not asked for a while, so that nobody waits for it in vain.

What counts is no answer at all: no connection, none in time, a connection closed instead. An answer of any status ends
the run of failures, 502, 503 and 504 too: the service that gives it is there and says itself when to come again.
"""

from collections.abc import Callable
from math import ceil
from time import monotonic
from typing import Literal

from gateway.upstream import Dropped, Silent, Unreachable, UpstreamError
from kit.logs import log

State = Literal["closed", "half-open", "open"]

_NO_ANSWER = (Unreachable, Silent, Dropped)


class Refused(UpstreamError):
    """The service was not asked; to be tried again after `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__("not asked, as it has not answered for a while")
        self.seconds = seconds


class Circuit:
    """Opens after `limit` requests in a row without an answer, and lets one through every `pause` seconds to find out."""

    def __init__(
        self, service: str, limit: int, pause: float, clock: Callable[[], float] = monotonic
    ) -> None:
        self.opened = 0
        self._service, self._limit, self._pause, self._clock = service, limit, pause, clock
        self._run, self._until, self._trying = 0, 0.0, False

    @property
    def state(self) -> State:
        """As it stands now."""
        if self._run < self._limit:
            return "closed"
        return "half-open" if self._clock() >= self._until else "open"

    def attempt(self) -> "_Attempt":
        """Ask the service within a block of this; what it raises tells whether there was an answer.

        Raises: Refused, when it is not to be asked.
        """
        return _Attempt(self, trial=self._begin())

    def ended(self, error: type[BaseException] | None, *, trial: bool) -> None:
        """An attempt is over."""
        if trial:
            self._trying = False
        if error is None:
            self._answered()
        elif issubclass(error, _NO_ANSWER):
            self._failed(trial)

    def _begin(self) -> bool:
        """Whether this request is the one that finds out."""
        if self._run < self._limit:
            return False
        left = self._until - self._clock()
        if left > 0 or self._trying:
            raise Refused(max(1, ceil(left)))
        self._trying = True
        return True

    def _failed(self, trial: bool) -> None:
        self._run += 1
        if self._run == self._limit:
            self.opened += 1
            log.error("circuit-opened", service=self._service, failures=self._run)
        if trial or self._run == self._limit:  # those that were under way meanwhile change nothing
            self._until = self._clock() + self._pause

    def _answered(self) -> None:
        if self._run >= self._limit:
            log.info("circuit-closed", service=self._service)
        self._run = 0


class _Attempt:
    __slots__ = ("_circuit", "_trial")

    def __init__(self, circuit: Circuit, *, trial: bool) -> None:
        self._circuit, self._trial = circuit, trial

    def __enter__(self) -> None:
        pass

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        self._circuit.ended(error, trial=self._trial)
