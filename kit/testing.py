"""The pytest plugin: a service on its own database, a clock that the test moves, and callers with scopes.

The address of a PostgreSQL superuser comes from TEST_POSTGRES_URL (tests/conftest.py starts a server and
sets it). A test has a service to itself, on a clone of the service's migrated and loaded template database; the
service runs on from one test to the next, and its clone is made as new in between (kit.clones).
"""

import asyncio
import base64
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import ExitStack
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2
import pytest
import structlog
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import AsyncClient, Response
from joserfc.jwk import RSAKey
from pydantic import SecretStr

from kit import cli
from kit.clones import Clone
from kit.context import Context
from kit.district.clock import SHANGHAI
from kit.events.delivery import Deliverer
from kit.in_loop import InLoop
from kit.logs import mask_texts
from kit.service import Service, create_app
from kit.settings import FileSettings, ServiceSettings
from kit.storage.transactions import Database
from kit.web.caller import Caller, Person
from kit.web.tokens import Verifier, sign, write_jwks
from kit.worker import seal_all

# Plain lines on whatever standard output a test captures; the default would draw every local variable.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
        mask_texts,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
)

START = datetime(2024, 6, 24, 9, 30, tzinfo=SHANGHAI)
PERSONAL_KEY = SecretStr(base64.b64encode(b"k" * 32).decode())
#: The database of a service that is to have a clone.
NOT_SAID = SecretStr("postgresql+psycopg:///")
SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()


class Clock:
    """The time that a service under test sees."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **delta: float) -> datetime:
        """Let time pass, e.g. `advance(minutes=31)`."""
        self.now += timedelta(**delta)
        return self.now


#: The one clock of all services under test, which run from one test to the next.
CLOCK = Clock()


class Client:
    """A caller of the service under test: `client.post("/incidents", json=…)` below the service's prefix."""

    def __init__(self, http: httpx2.Client, prefix: str, token: str | None) -> None:
        self._http, self._prefix = http, prefix
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def request(
        self, method: str, path: str, headers: dict[str, str] | None = None, **kwargs: Any
    ) -> Response:
        """Send a request as this caller."""
        return self._http.request(
            method, self._prefix + path, headers=self._headers | (headers or {}), **kwargs
        )

    def over(self, http: httpx2.Client) -> "Client":
        """The same caller on another connection."""
        made = copy(self)
        made._http = http
        return made

    def get(self, path: str, **kwargs: Any) -> Response:
        return self.request("GET", path, **kwargs)

    def post(self, path: str, **kwargs: Any) -> Response:
        return self.request("POST", path, **kwargs)

    def put(self, path: str, **kwargs: Any) -> Response:
        return self.request("PUT", path, **kwargs)

    def patch(self, path: str, **kwargs: Any) -> Response:
        return self.request("PATCH", path, **kwargs)

    def delete(self, path: str, **kwargs: Any) -> Response:
        return self.request("DELETE", path, **kwargs)

    def changes(self, count: int) -> list[dict[str, Any]]:
        """The first `count` events of the change feed.

        An event is hidden while an older transaction runs anywhere in the cluster, other tests' too: wait.
        """
        return self._feed(count, lambda _: True)

    def told(self, kind: str, count: int = 1) -> list[dict[str, Any]]:
        """The events of the change feed whose type holds `kind`, once there are `count` of them."""
        return self._feed(count, lambda event: kind in event["type"])

    def _feed(self, count: int, wanted: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
        deadline = time.monotonic() + 20
        while True:
            events = [each for each in self.get("/changes").json()["items"] if wanted(each)]
            if len(events) >= count or time.monotonic() > deadline:
                return events
            time.sleep(0.05)


class Served:
    """A service on a clone, from one test to the next: its application runs on, with the connections that it has."""

    def __init__(self, service: Service, settings: ServiceSettings, clone: Clone, app: FastAPI) -> None:
        self.service, self.clone, self.app = service, clone, app
        if settings.database_url == NOT_SAID:
            settings = settings.model_copy(update={"database_url": SecretStr(clone.url)})
        app.state.settings = settings
        app.state.clock, app.state.verifier = CLOCK, Verifier(settings)
        self._runs = TestClient(app).__enter__()
        transport = InLoop(self._runs)
        self.loop = transport.loop
        self.http = httpx2.Client(
            transport=transport,
            base_url=self._runs.base_url,
            headers=self._runs.headers,
            follow_redirects=True,
        )

    def close(self) -> None:
        """End it, though not its clone."""
        self.http.close()
        self._runs.__exit__(None, None, None)


@dataclass
class Running:
    """A service under test, on a database of its own."""

    service: Service
    app: FastAPI
    http: httpx2.Client
    loop: asyncio.AbstractEventLoop
    clone: Clone
    key: RSAKey
    clock: Clock
    #: Whether anything was done to it that is not undone by emptying tables.
    bent: bool = False

    @property
    def database(self) -> Database:
        self.bent = True
        database: Database = self.app.state.database
        return database

    @property
    def url(self) -> str:
        """The address of its database, for others."""
        self.bent = True
        return self.clone.url

    def client(
        self,
        *scopes: str,
        name: str = "tester",
        called: str | None = None,
        person: Person | None = None,
        **limited: str | None,
    ) -> Client:
        """A caller with these scopes; without any, one that may read and write in this service.

        called: what people call it, where that is not its id; person: who sits behind it; limited: its unit, and the
        division or company that its token is limited to.
        """
        granted = scopes or (f"{self.service.name}:read", f"{self.service.name}:write")
        unit, division, company = (limited.get(each) for each in ("unit", "division", "company"))
        caller = Caller(name, called or name, unit, division, company, frozenset(granted), person)
        token = sign(caller, self.key, self.app.state.settings, lifetime=3600)
        return Client(self.http, self.service.prefix, token)

    def stranger(self) -> Client:
        """A caller without a token."""
        return Client(self.http, self.service.prefix, None)

    def bearer(self, token: str) -> Client:
        """A caller with a token of the test's own making."""
        return Client(self.http, self.service.prefix, token)

    def run(self, work: Callable[..., Awaitable[Any]], *arguments: Any) -> Any:
        """Run `work(context, *arguments)` as the system, in a transaction that commits."""

        async def in_transaction() -> Any:
            async with self.app.state.database.transaction() as session:
                return await work(Context.of_system(session, self.clock()), *arguments)

        return self.call(in_transaction)

    def call(self, work: Callable[..., Coroutine[Any, Any, Any]], *arguments: Any) -> Any:
        """Run a coroutine function in the service's event loop."""
        return asyncio.run_coroutine_threadsafe(work(*arguments), self.loop).result()

    def sql(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Run a statement as somebody with direct access to the database."""
        self.bent |= "pg_terminate" in statement
        return self.clone.sql(statement, *parameters)

    def work(self, http: AsyncClient | None = None) -> None:
        """Do what a worker does: jobs that are due, deliveries through the given client, sealing; until none is left.

        Recurring jobs are run by `tick`, so that none comes in between.
        """
        self.wait_for_horizon()
        database: Database = self.app.state.database
        queue = database.queue.app
        if http is not None:
            self.bent = True
            database.http = database.outside = http

        async def once() -> None:
            async with queue.open_async():
                await queue.run_worker_async(
                    wait=False,
                    install_signal_handlers=False,
                    listen_notify=False,
                    delete_jobs="successful",
                )
            deliverer = Deliverer(database, self.service.name, self.clock)
            await deliverer.start()
            await deliverer.finish()
            await seal_all(database)

        recurring = queue.periodic_registry.periodic_tasks
        with pytest.MonkeyPatch.context() as patch:
            for each in [*recurring]:
                patch.delitem(recurring, each)
            self.call(once)

    def wait_for_horizon(self) -> None:
        """Wait until no event is hidden by a transaction of another test, in a database of its own."""
        hidden = (
            "SELECT EXISTS (SELECT FROM events WHERE xid >= pg_snapshot_xmin(pg_current_snapshot()))"
            " AND EXISTS (SELECT FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND datname <> current_database())"
        )
        deadline = time.monotonic() + 60
        while self.sql(hidden) == [(True,)] and time.monotonic() < deadline:
            time.sleep(0.02)

    def tick(self, name: str) -> None:
        """Run a recurring job of the service or the house, as at its time."""
        self.run(self.service.all_jobs[name].run)


@pytest.fixture(scope="session")
def _key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "test"})


@pytest.fixture(scope="session")
def _jwks(_key: RSAKey) -> Iterator[Path]:
    # Not in pytest's own folder, which other runs clear.
    with TemporaryDirectory(prefix="dongsheng-keys-") as folder:
        path = Path(folder, "jwks.json")
        write_jwks([_key], path)
        yield path


@pytest.fixture
def clock() -> Clock:
    """The services' clock; starts on 2024-06-24 09:30 in the district."""
    CLOCK.now = START
    return CLOCK


#: What no test uses right now: services that run, clones that none runs on, and applications with neither. Of services that
#: run and applications by the very service, since tests serve changed ones under the same name.
_served: defaultdict[int, list[Served]] = defaultdict(list)
_clones: defaultdict[str, list[Clone]] = defaultdict(list)
_apps: defaultdict[int, list[FastAPI]] = defaultdict(list)


@pytest.fixture(scope="session")
def _at_the_end() -> Iterator[None]:
    yield
    for served in chain(*_served.values()):
        served.close()
        served.clone.drop()
    for clone in chain(*_clones.values()):
        clone.drop()


@pytest.fixture
def serve(_key: RSAKey, _jwks: Path, clock: Clock, _at_the_end: None) -> Iterator[Callable[..., Running]]:
    """`serve(service)` runs a service on a database that is as the service's template."""
    with ExitStack() as stack:

        def start(service: Service, **settings: Any) -> Running:
            of_house = not settings
            kept = _served[id(service)]
            served = (
                kept.pop() if of_house and kept else _start(service, _settings(service, _jwks, **settings))
            )
            running = Running(service, served.app, served.http, served.loop, served.clone, _key, clock)
            stack.callback(_give_back, served, running, of_house=of_house)
            return running

        yield start


def _start(service: Service, settings: ServiceSettings) -> Served:
    clones, apps = _clones[service.name], _apps[id(service)]
    clone = clones.pop() if clones else Clone(service, partial(_load, service, settings))
    as_always = _is_bounded_as_always(settings)
    app = apps.pop() if as_always and apps else create_app(service, settings, clock=CLOCK)
    return Served(service, settings, clone, app)


async def _load(service: Service, settings: ServiceSettings, url: SecretStr) -> None:
    await cli.load(service, settings.model_copy(update={"database_url": url}))


def _give_back(served: Served, running: Running, *, of_house: bool) -> None:
    """Keep for the next test what can be made as new."""
    service = served.service
    if of_house and not running.bent and served.clone.renew():
        served.app.state.database.memory.clear()
        _served[id(service)].append(served)
        return
    served.close()
    if served.clone.renew(alone=True):
        _clones[service.name].append(served.clone)
    else:
        served.clone.drop()
    if _is_bounded_as_always(served.app.state.settings):
        _apps[id(service)].append(served.app)


def _is_bounded_as_always(settings: ServiceSettings) -> bool:
    """Whether bodies have the bounds of settings that say none; an application keeps those that it was made with."""
    fields = type(settings).model_fields
    return all(
        getattr(settings, name) == fields[name].default
        for name in ("max_body_bytes", "max_stream_bytes", "max_form_bytes")
    )


def _settings(service: Service, jwks: Path, **settings: Any) -> ServiceSettings:
    """The settings of a service under test, but for its database."""
    given: dict[str, Any] = {
        "database_url": NOT_SAID,
        "personal_key": PERSONAL_KEY,
        "token_jwks": jwks,
        "pool_size": 2,
        "pool_overflow": 15,
        "subscriber_networks": ("127.0.0.0/8",),
    }
    if issubclass(service.settings, FileSettings):
        given["files_folder"] = jwks.parent / "files" / service.name
    return service.settings(**(given | settings))
