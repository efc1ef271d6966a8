"""The console's pages, on top of what its services take to answer, among few compounds and among 100,000; and figures.

    python -m bench.pages [--rounds 3] [--check]

The whole set runs as `make run` starts it, with open accidents on the board. The console is served in this process, so
that it is known when a page waits for an answer and when it works: what it takes itself is the time in which it waits
for none, its whole way from the request to the last byte. The figures of pages are asked for at the gateway in turn with
the JSON answer that they rest on, among few compounds, where what is counted hides nothing of the drawing.
"""

import asyncio
import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode

import httpx2
import psycopg
from sqlalchemy.engine import make_url

from bench import coverage
from bench.command import run
from bench.timing import seconds
from bench.whole_set import operator_token, whole_set
from console.app import create_app
from console.pages import PAGES
from console.people.roles import all_roles
from console.settings import ConsoleSettings
from deploy.tokens import read_environment
from kit.logs import configure
from kit.storage.db import new_id

#: What is promised: seconds of a page on top of its services' answers; how many times that may grow with compounds; seconds
#: that all of a page may take longer with them.
ON_TOP, GROWTH, LATER = 0.150, 1.5, 0.5
FEW, MANY = 1_000, 100_000
#: Below this a page's own time is the clock's as much as its own, and what it grows by says nothing.
_NOISE = 0.010
ACCIDENTS = 50
_ROLE = "leader"
#: Pages that count compounds as they stand.
_COUNTING = ("/targets", "/district", "/pace")
_STREET = "/streets/" + quote("天骄街道")
_EMPTY = (
    "TRUNCATE observations, surveys, committees, red_properties, contracts, charges, compounds, companies CASCADE",
    "DELETE FROM divisions WHERE kind = 'community'",
)
#: What makes of an answer its figure.
_DRAWN = ("format", "figure", "measure", "width")


@dataclass(frozen=True)
class Look:
    """Seconds of one look at a page: its own, and those in which it waited; asked: the paths of its answers."""

    own: float
    waited: float
    asked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Figures:
    """Of each page what it took among few compounds; of those that count compounds, among many; of each figure its time
    by its answer's.
    """

    few: Mapping[str, Look]
    many: Mapping[str, Look]
    drawn: Mapping[str, float]

    def broken(self) -> list[str]:
        """What takes longer than promised."""
        late = [
            f"{page} takes {look.own * 1000:.0f} ms on top of its services' answers"
            for looks in (self.few, self.many)
            for page, look in looks.items()
            if look.own > ON_TOP
        ]
        grown = [
            f"{page} works longer among {MANY:,} compounds than among {FEW:,}"
            for page, look in self.many.items()
            if look.own > max(GROWTH * self.few[page].own, _NOISE)
        ]
        slower = [
            f"{page} comes more than {LATER} s later among {MANY:,} compounds than among {FEW:,}"
            for page, look in self.many.items()
            if look.own + look.waited > self.few[page].own + self.few[page].waited + LATER
        ]
        return late + grown + slower


class Waiting(httpx2.AsyncBaseTransport):
    """The way to the gateway, which knows how long at least one answer was waited for."""

    def __init__(self) -> None:
        self._way = httpx2.AsyncHTTPTransport()
        self.begin()

    def begin(self) -> None:
        """Forget what was asked so far."""
        self.asked: list[str] = []
        self.waited = 0.0
        self._open, self._since = 0, 0.0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The answer with its whole content. Raises: httpx2.HTTPError."""
        self.asked.append(str(request.url.raw_path.decode()))
        if not self._open:
            self._since = time.perf_counter()
        self._open += 1
        try:
            answer = await self._way.handle_async_request(request)
            await answer.aread()
            return answer
        finally:
            self._open -= 1
            if not self._open:
                self.waited += time.perf_counter() - self._since

    async def aclose(self) -> None:
        """Close its connections."""
        await self._way.aclose()


def main() -> None:
    """Run from the command line."""
    run("Pages against their services' answers, and figures.", measure, rounds=3)


def measure(rounds: int) -> Figures:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="dongsheng-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as another user where we are root
        with whole_set(folder) as (_, port, __):
            ask = Asking(port, operator_token(port, folder))
            addresses = [*_menu(), _STREET, f"/accidents/{_open_accidents(ask)}"]
            environment = read_environment(folder)
            cookie = _sit(environment)
            with _database(environment, "PROPERTY") as database:
                _fill(database, FEW)
                few = asyncio.run(_look_at(environment, cookie, addresses, rounds))
                _print(FEW, few, rounds)
                drawn = _figures(ask, few, rounds)
                _print_figures(drawn)
                _fill(database, MANY)
                many = asyncio.run(_look_at(environment, cookie, [*_COUNTING, _STREET], rounds))
                _print(MANY, many, rounds)
    return Figures(few, many, drawn)


def _fill(database: psycopg.Connection[Any], compounds: int) -> None:
    for statement in _EMPTY:
        database.execute(statement)
    coverage.fill(database, compounds)


def _menu() -> list[str]:
    scopes = set(all_roles()[_ROLE].scopes)
    shown = [page for page in PAGES if page.group and not page.duties]
    return [page.address for page in shown if not page.scopes or scopes.intersection(page.scopes)]


class Asking:
    """The gateway, asked over one connection that is made anew where it was idle."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def __call__(self, path: str, body: Any = None) -> bytes:
        """An answer. Ends the program unless it is 2xx."""
        method, data = ("GET", None) if body is None else ("POST", json.dumps(body))
        self._connection.request(method, path, data, self._headers)
        answer = self._connection.getresponse()
        read = answer.read()
        if answer.status >= 300:
            sys.exit(f"{path} answered {answer.status}: {read[:500].decode(errors='replace')}")
        return read

    def anew(self) -> None:
        """Let go of a connection that the gateway may have closed."""
        self._connection.close()

    def has(self, path: str) -> bool:
        """Whether anything stands at a path."""
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        answer.read()
        return answer.status == 200


def _open_accidents(ask: Asking) -> str:
    """Report the accidents of the board; the number of the last."""
    for number in range(ACCIDENTS):
        told = {"unit": f"测速煤业{number}公司", "place": f"{number} 号井", "division": "铜川镇", "deaths": 1}
        taken = json.loads(ask("/emergency/v1/incidents", told))
    return str(taken["number"])


def _database(environment: Mapping[str, str], whose: str) -> psycopg.Connection[Any]:
    url = make_url(environment[f"{whose}_DATABASE_URL"]).set(drivername="postgresql")
    return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)


def _sit(environment: Mapping[str, str]) -> str:
    """Somebody who is signed in and sees every board; the cookie."""
    person, cookie = new_id(), "bench"
    with _database(environment, "CONSOLE") as database:
        database.execute(
            "INSERT INTO people (id, login, name, role, unit, to_change, active, made_at, version)"
            " VALUES (%s, 'bench', '测速', %s, %s, false, true, now(), 1)",
            [person, _ROLE, all_roles()[_ROLE].unit],
        )
        database.execute(
            "INSERT INTO sessions (key, person_id, made_at, seen_at, idle_at, ends_at, address, agent)"
            " VALUES (%s, %s, now(), now(), now() + interval '1 day', now() + interval '1 day', '127.0.0.1', '')",
            [hashlib.sha256(cookie.encode()).digest(), person],
        )
    return cookie


async def _look_at(
    environment: Mapping[str, str], cookie: str, addresses: list[str], rounds: int
) -> dict[str, Look]:
    given = {name.removeprefix("CONSOLE_").lower(): value for name, value in environment.items()}
    # A page that gave an answer up would be measured without it.
    settings = ConsoleSettings.model_validate(given | {"patience": 60})
    configure("WARNING", settings.log_format)
    waiting = Waiting()
    served = httpx2.ASGITransport(create_app(settings, transport=waiting))
    async with httpx2.AsyncClient(
        transport=served, base_url=settings.public_url, cookies={"session": cookie}
    ) as browser:
        looks = {address: [await _look(browser, waiting, address)] for address in addresses}
        for _ in range(rounds):
            for address in addresses:
                looks[address].append(await _look(browser, waiting, address))
    await waiting.aclose()
    # Nobody is measured cold: what was counted of compounds is kept until it changes, and by each process from its start on.
    return {address: _median(taken[1:]) for address, taken in looks.items()}


async def _look(browser: httpx2.AsyncClient, waiting: Waiting, address: str) -> Look:
    waiting.begin()
    started = time.perf_counter()
    answer = await browser.get(address)
    taken = time.perf_counter() - started
    if answer.status_code != 200 or "暂时连接不上" in answer.text or "暂时不能回答" in answer.text:
        sys.exit(f"{address} answered {answer.status_code}, or could not show a part: {answer.text[-2000:]}")
    return Look(taken - waiting.waited, waiting.waited, tuple(waiting.asked))


def _median(looks: list[Look]) -> Look:
    return Look(median(each.own for each in looks), median(each.waited for each in looks), looks[-1].asked)


def _figures(ask: Asking, looks: Mapping[str, Look], rounds: int) -> dict[str, float]:
    """The time of each figure on these pages, as it is drawn for a desk, by that of the answer it rests on."""
    asked = {path for look in looks.values() for path in look.asked if "format=svg" in path}
    ask.anew()
    wide = sorted(path for path in asked if "width=640" in path and ask.has(path))
    return {path.removesuffix("&width=640"): _drawn(ask, path, 5 * rounds) for path in wide}


def _drawn(ask: Asking, path: str, rounds: int) -> float:
    address, _, query = path.partition("?")
    answer = f"{address}?{urlencode([each for each in parse_qsl(query) if each[0] not in _DRAWN])}"
    return median(seconds(lambda: ask(path)) / seconds(lambda: ask(answer)) for _ in range(rounds))


def _print(compounds: int, looks: Mapping[str, Look], rounds: int) -> None:
    print(f"\nPages among {compounds:,} compounds, medians of {rounds} looks\n")
    print(
        "| page | answers | of them all, ms | on top, ms | on top, of its answers |\n|---|---:|---:|---:|---:|"
    )
    for page, look in looks.items():
        times = f"{look.waited * 1000:.0f} | {look.own * 1000:.0f} | {look.own / look.waited:.2f}"
        print(f"| {unquote(page)} | {len(look.asked)} | {times} |", flush=True)


def _print_figures(drawn: Mapping[str, float]) -> None:
    print("\nFigures, by the JSON answer that each rests on\n\n| figure | ratio |\n|---|---:|")
    for path, ratio in drawn.items():
        print(f"| {unquote(path)} | {ratio:.2f} |", flush=True)


if __name__ == "__main__":
    main()
