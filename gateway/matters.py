"""Which service owns which matter: learned from the services themselves, kept for a short time."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any

from gateway.services import Services, down
from gateway.upstream import Request
from kit.dispatch.api import unknown_matter
from kit.logs import log
from kit.web.problems import NotFound, Problem

_FRESH, _FRESH_IF_SOME_ARE_MISSING = 30.0, 2.0
_PATIENCE = 5.0

Matter = dict[str, Any]


@dataclass(frozen=True)
class NamedMatter:
    """What a matter is found by in a text."""

    code: str
    name: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Catalogue:
    """The matters by service. unavailable: did not answer just now; unknown: of those, never answered so far."""

    by_service: dict[str, list[Matter]]
    unavailable: tuple[str, ...]

    @property
    def unknown(self) -> tuple[str, ...]:
        """The services of which nothing is known."""
        return tuple(name for name in self.unavailable if name not in self.by_service)

    def all(self) -> list[Matter]:
        """Every matter, in the order of the services."""
        return [matter for matters in self.by_service.values() for matter in matters]

    def named(self) -> list[NamedMatter]:
        """Every matter by what it is found by."""
        return [
            NamedMatter(matter["code"], matter["name"], tuple(matter.get("words", ())))
            for matter in self.all()
        ]

    def owner(self, code: str, pointer: str = "/matter") -> str:
        """The service that owns a matter; pointer: where its code was given.

        Raises: Invalid, listing the known ones; Unavailable where a service that may own it did not answer.
        """
        for service, matters in self.by_service.items():
            if any(matter["code"] == code for matter in matters):
                return service
        self._all_must_be_known()
        raise unknown_matter(code, self.named(), pointer)

    def owner_of_number(self, number: str) -> str:
        """The service that gave out a request's number.

        Raises: NotFound; Unavailable where a service that may have done so did not answer.
        """
        for service, matters in self.by_service.items():
            if any(number.startswith(matter["prefix"]) for matter in matters):
                return service
        self._all_must_be_known()
        raise NotFound("not-found", f"没有编号为 {number} 的诉求。")

    def _all_must_be_known(self) -> None:
        if self.unknown:
            raise down(*self.unknown, unavailable=list(self.unknown))


class Matters:
    """The catalogue, asked for with the gateway's own token at most every 30 seconds.

    A service that stops answering keeps the matters that it had: a request of them is then refused by naming
    the service that is down, not as of an unknown matter.
    """

    def __init__(self, services: Services, own_token: Callable[[], str]) -> None:
        self._services, self._own_token = services, own_token
        self._catalogue = Catalogue({}, ())
        self._fresh_until = float("-inf")
        self._lock = asyncio.Lock()

    async def catalogue(self) -> Catalogue:
        """The matters as they are known now."""
        async with self._lock:
            if monotonic() >= self._fresh_until:
                await self._ask_all()
            return self._catalogue

    async def _ask_all(self) -> None:
        names = list(self._services.pools)
        token = self._own_token()
        answers = await asyncio.gather(*(self._ask(name, token) for name in names))
        answered = {name: answer for name, answer in zip(names, answers, strict=True) if answer is not None}
        former = self._catalogue.by_service
        known = {name: answered.get(name, former.get(name)) for name in names}
        unavailable = tuple(name for name in names if name not in answered)
        self._catalogue = Catalogue({name: it for name, it in known.items() if it is not None}, unavailable)
        self._fresh_until = monotonic() + (_FRESH_IF_SOME_ARE_MISSING if unavailable else _FRESH)

    async def _ask(self, service: str, token: str) -> list[Matter] | None:
        """The matters of a service, none for one that takes no requests; None when it does not answer."""
        headers = [(b"authorization", f"Bearer {token}".encode())]
        try:
            reply = await self._services.ask(
                service, Request("GET", f"/{service}/v1/dispatch/matters", headers), _PATIENCE
            )
        except Problem:
            return None
        if reply.status == 404:
            return []
        if reply.status != 200:
            log.error("no-matters", service=service, status=reply.status)
            return None
        matters: list[Matter] = reply.json()
        return matters
