"""How many requests the gateway works on at a time: what comes beyond is refused at once, not put aside."""

from collections.abc import Iterator
from contextlib import contextmanager

from kit.web.problems import Unavailable


class Room:
    """Room for so many requests."""

    def __init__(self, places: int) -> None:
        self.places, self.taken = places, 0

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place for the time of the block.

        Raises: Unavailable, when all are taken.
        """
        if self.taken >= self.places:
            raise Unavailable("gateway-busy", "同时办理的请求太多，请稍后重试。", retry_after=1)
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1
