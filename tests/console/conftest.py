"""The console under test: its pages over the real gateway's tokens and real services, in one process."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml
from fastapi.testclient import TestClient
from httpx2 import ASGITransport, Request, Response
from joserfc.jwk import RSAKey
from pydantic import SecretStr

from console.app import create_app
from console.cli import load
from console.home import HOME
from console.settings import ConsoleSettings
from gateway.app import create_app as create_gateway
from gateway.keys import make_keys
from gateway.settings import GatewaySettings
from gateway.upstream import Request as Question
from gateway.upstream import Unreachable
from kit.clones import Clone
from kit.service import Service
from kit.storage.db import new_id
from kit.testing import CLOCK, START, Clock, InLoop, Running
from kit.web.assertions import new_key, public_jwk, read_key
from tests.console.crowd import grown

HERE = "http://console.test"
SERVICES = ("property", "credit", "emergency", "lawstudy", "office")
#: The accounts that there are before any other.
FIRST = ("administrator", "security", "auditor")
CLIENTS = yaml.safe_load(Path("deploy/clients.yaml").read_text(encoding="utf-8"))["clients"]


class Door(httpx2.AsyncBaseTransport):
    """What the console reaches: the gateway itself, and behind it the services that a test serves; others are away."""

    def __init__(self, gateway: TestClient) -> None:
        self._places: dict[str, tuple[ASGITransport, asyncio.AbstractEventLoop]] = {}
        self.asked: list[Request] = []
        self.crowded = False
        assert gateway.portal is not None
        loop = gateway.portal.call(asyncio.get_running_loop)
        self._gateway = (_transport(gateway.app), loop)
        self._running = gateway.app.own.state.running
        self._running.services.pools = {name: Behind(name, self) for name in SERVICES}

    def serve(self, running: Running) -> None:
        self._places[running.service.name] = (_transport(running.app), running.loop)
        self._running.dispatching.matters._fresh_until = float("-inf")  # its matters are asked for at once

    def forget(self) -> None:
        self._places.clear()
        self.asked.clear()
        self.crowded = False

    async def handle_async_request(self, request: Request) -> Response:
        self.asked.append(request)
        await request.aread()
        name = request.url.path.split("/")[1]
        told = await (self.ask(name, request) if name in SERVICES else self._from(self._gateway, request))
        return grown(request, told) if self.crowded else told

    async def ask(self, name: str, request: Request) -> Response:
        """The answer of a service. Raises: ConnectError where the test serves none."""
        if name not in self._places:
            raise httpx2.ConnectError("away", request=request)
        return await self._from(self._places[name], request)

    async def _from(
        self, place: tuple[ASGITransport, asyncio.AbstractEventLoop], request: Request
    ) -> Response:
        transport, loop = place
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(_answer(transport, request), loop))


class Behind:
    """What the gateway itself asks a service by, in place of connections to it."""

    prefix = ""

    def __init__(self, name: str, door: Door) -> None:
        self._name, self._door = name, door
        self.host = f"{name}.test".encode()

    async def ask(self, question: Question) -> "Whole":
        address = f"http://{self._name}.test{question.target}"
        asked = Request(question.method, address, headers=question.headers, content=question.body)
        try:
            return Whole(await self._door.ask(self._name, asked))
        except httpx2.ConnectError:
            raise Unreachable("away") from None

    def close(self) -> None:
        """Nothing is open."""


class Whole:
    """A service's answer as the gateway reads it, all at once."""

    complete = True

    def __init__(self, response: Response) -> None:
        self.status = response.status_code
        self.headers = [(name.lower(), value) for name, value in response.headers.raw]
        self._body = response.content

    async def read(self) -> bytes:
        return self._body

    def close(self) -> None:
        """Nothing is open."""


def _transport(app: Any) -> ASGITransport:
    return ASGITransport(app, raise_app_exceptions=False, client=("127.0.0.1", 50000))


async def _answer(transport: ASGITransport, request: Request) -> Response:
    copy = Request(
        request.method, str(request.url), headers=request.headers.multi_items(), content=request.content
    )
    answer = await transport.handle_async_request(copy)
    return Response(answer.status_code, headers=answer.headers, content=await answer.aread(), request=request)


@dataclass
class Shown:
    """A page as a browser has it."""

    status: int
    text: str
    headers: httpx2.Headers
    words: str = ""

    @classmethod
    def of(cls, response: Response) -> "Shown":
        return cls(response.status_code, response.text, response.headers, words_of(response.text))

    @property
    def goes_to(self) -> str:
        """Where the answer sends the browser."""
        return self.headers.get("location", "")


class Person:
    """Somebody before a browser."""

    def __init__(self, http: httpx2.Client, id: str) -> None:
        self.http, self.id = http, id

    def see(self, address: str, **headers: str) -> Shown:
        """Open a page."""
        return Shown.of(self.http.get(address, headers=headers))

    def do(self, address: str, **filled: str) -> Shown:
        """Hand a form in from a page of ours."""
        return Shown.of(self.http.post(address, data=filled, headers={"Origin": HERE}))


@dataclass
class Desk:
    """The console, with people before it."""

    clone: Clone
    door: Door
    clock: Clock
    app: Any
    runs: TestClient
    people: list[Person] = field(default_factory=list)
    begun: int = 0

    def somebody(self) -> Person:
        """Who is not signed in."""
        http = httpx2.Client(transport=InLoop(self.runs), base_url=HERE, follow_redirects=False)
        self.people.append(Person(http, ""))
        return self.people[-1]

    def sit(self, role: str | None, login: str = "lihua", name: str = "李华", **of: str) -> Person:
        """Somebody who is signed in with a role; of: unit, division or company."""
        person, id = self.somebody(), str(new_id())
        self.clone.sql(
            "INSERT INTO people (id, login, name, role, unit, division, company, to_change, active, made_at, version)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, false, true, %s, 1)",
            *(id, login, name, role, of.get("unit"), of.get("division"), of.get("company"), self.clock()),
        )
        cookie = f"cookie of {login}"
        self.clone.sql(
            "INSERT INTO sessions VALUES (sha256(%s::bytea), %s, %s, %s, %s::timestamptz + '30 min',"
            " %s::timestamptz + '12 h', '127.0.0.1', 'a browser')",
            *(cookie.encode(), id, *(self.clock(),) * 4),
        )
        person.http.cookies.set("session", cookie)
        person.id = id
        return person

    def officer(self, name: str = "李华") -> Person:
        """A duty officer of the emergency bureau."""
        return self.sit("duty-officer", name=name, unit="emergency-bureau")

    def crowd(self) -> None:
        """From now on there is a great deal of everything."""
        self.door.crowded = True

    def audit(self) -> list[tuple[Any, ...]]:
        """(what was done, by whom), in order, since the test began."""
        return self.clone.sql("SELECT action, person_name FROM audit WHERE id > %s ORDER BY id", self.begun)


@pytest.fixture(scope="session")
def _gateway(_key: RSAKey, _jwks: Path) -> Iterator[tuple[TestClient, Path]]:
    folder = _jwks.parent
    (folder / "signing.pem").write_bytes(_key.as_pem(private=True))
    (folder / "signing.pem").chmod(0o600)
    (folder / "console.pem").write_text(new_key())
    own = CLIENTS["console"] | {"assertion_keys": [public_jwk(read_key(folder / "console.pem"))]}
    (folder / "clients.yaml").write_text(yaml.safe_dump({"clients": {"console": own}}, allow_unicode=True))
    settings = GatewaySettings(
        token_jwks=_jwks,
        signing_key=folder / "signing.pem",
        clients=folder / "clients.yaml",
        upstreams=dict.fromkeys(SERVICES, "http://127.0.0.1:9"),
        circuit_failures=10**6,
        token_rate=1000,
        token_burst=1000,
    )
    make_keys(settings)
    with TestClient(create_gateway(settings)) as runs:
        yield runs, folder / "console.pem"


@pytest.fixture(scope="session")
def _console(_gateway: tuple[TestClient, Path]) -> Iterator[Desk]:
    async def first(url: SecretStr) -> None:
        await load(url, lambda _login, _password: None)

    CLOCK.now = START  # whatever time an earlier test left: what has ended by now is removed at the start
    clone, door = Clone(HOME, first), Door(_gateway[0])
    settings = ConsoleSettings(
        database_url=SecretStr(clone.url),
        gateway="http://gateway.test",
        assertion_key=_gateway[1],
        public_url=HERE,
        pool_size=2,
    )
    app = create_app(settings, clock=CLOCK, transport=door)
    with TestClient(app) as runs:
        yield Desk(clone, door, CLOCK, app, runs)
    clone.drop()


@pytest.fixture
def desk(_console: Desk, clock: Clock) -> Iterator[Desk]:
    """The console as it is when it begins, with nobody before it but the first accounts."""
    _console.begun = _console.clone.sql("SELECT max(id) FROM audit")[0][0]
    yield _console
    for person in _console.people:
        person.http.close()
    _console.people.clear()
    _console.door.forget()
    for table in ("sessions", "tries", f"people WHERE login NOT IN {FIRST}"):
        _console.clone.sql(f"DELETE FROM {table}")


@pytest.fixture
def behind(desk: Desk, serve: Callable[..., Running]) -> Callable[[Service], Running]:
    """`behind(service)`: a service that the pages reach."""

    def start(service: Service) -> Running:
        running = serve(service)
        desk.door.serve(running)
        return running

    return start


class _Words(HTMLParser):
    """What somebody reads: the text of `main`, with blanks as they are seen."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data)


def words_of(text: str) -> str:
    """The words of a page's main part, each gap one blank."""
    parser = _Words()
    _, _, main = text.partition("<main")
    parser.feed("<main" + main)
    return " ".join(" ".join(parser.found).split())
