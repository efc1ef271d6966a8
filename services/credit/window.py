"""How often an address may ask what is open to everybody: so many requests in a window, counted in this process."""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Annotated, Final

from fastapi import Depends, Request

from kit.context import Context
from kit.web.access import everybody
from kit.web.problems import TooMany

PER_WINDOW: Final = 60
LENGTH: Final = timedelta(minutes=1)
#: Addresses that are remembered; beyond, the one that began first is forgotten.
REMEMBERED: Final = 10_000


class Window:
    """Requests of each address since its window began."""

    def __init__(
        self, per_window: int = PER_WINDOW, length: timedelta = LENGTH, most: int = REMEMBERED
    ) -> None:
        self._per_window, self._length, self._most = per_window, length, most
        self._seen: OrderedDict[str, tuple[datetime, int]] = OrderedDict()

    def count(self, address: str, now: datetime) -> None:
        """Count a request. Raises: TooMany, which says in how many seconds the window is over."""
        begun, count = self._seen.get(address, (now, 0))
        if not begun <= now < begun + self._length:
            begun, count = now, 0
            self._seen.pop(address, None)  # its window is the newest now
        if count >= self._per_window:
            left = -((now - begun - self._length) // timedelta(seconds=1))
            raise TooMany(
                "too-many-queries",
                f"查询太频繁，每分钟最多 {self._per_window} 次，请在 {left} 秒后重试。",
                headers={"Retry-After": str(left)},
            )
        self._seen[address] = (begun, count + 1)
        if len(self._seen) > self._most:
            self._seen.popitem(last=False)

    def __len__(self) -> int:
        """How many addresses are remembered."""
        return len(self._seen)


def address_of(request: Request) -> str:
    """The caller's address: as the gateway says, which lets no caller say it; of a direct call, where it comes from."""
    said = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    return said or (request.client.host if request.client is not None else "")


WINDOW = Window()


async def _counted(request: Request, context: Annotated[Context, everybody()]) -> Context:
    WINDOW.count(address_of(request), context.now)
    return context


#: Of the public, so many times a minute from one address.
Public = Annotated[Context, Depends(_counted)]
