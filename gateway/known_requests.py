"""What was handed in before, whichever service has it: each service knows only its own source's numbers (P-2.2.2b)."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode
from weakref import WeakValueDictionary

from gateway.services import Fields, Reply, Services

#: Seconds that services may take to say whether they know a number: a call about an accident must not wait long for it.
_PATIENCE = 2.0
#: A source and its number.
Mark = tuple[str, str]
Request = dict[str, Any]


def mark_of(source: str, number: str | None) -> Mark | None:
    """What tells a handed-in request from others, as services keep it; None where its source gives no number."""
    return (source.strip(), number.strip()) if number and number.strip() else None


class Marks:
    """Who hands something in with a mark has its turn after who does so with the same at this gateway."""

    def __init__(self) -> None:
        self._turns: WeakValueDictionary[Mark, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, mark: Mark | None) -> AsyncIterator[None]:
        """Alone with a mark; at once where there is none."""
        if mark is None:
            yield
            return
        lock = self._turns.setdefault(mark, asyncio.Lock())
        async with lock:
            yield


async def known_elsewhere(services: Services, owner: str, mark: Mark, headers: Fields) -> Request | None:
    """The request with a mark that another service than the owner of its matter has, as the caller sees it.

    None where the owner itself has it, which then answers on its own. A service that is away or refuses knows nothing:
    what is handed in is taken all the same. Of one that was sent on, the last is answered.
    """
    source, number = mark
    query = urlencode({"source": source, "external_number": number, "limit": 1})
    replies = await services.ask_all(f"/dispatch/requests?{query}", headers, _PATIENCE)
    found = _found(replies)
    if owner in found:
        return None
    return min(found.values(), key=lambda each: each["state"] == "transferred", default=None)


def _found(replies: Mapping[str, Reply | None]) -> dict[str, Request]:
    answered = {name: reply for name, reply in replies.items() if reply is not None and reply.status == 200}
    pages = {name: reply.json()["items"] for name, reply in answered.items()}
    return {name: items[0] for name, items in pages.items() if items}
