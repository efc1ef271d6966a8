"""The pytest plugin: a service on its own database, a clock that the test moves, and callers with scopes.

The address of a PostgreSQL superuser comes from TEST_POSTGRES_URL (tests/conftest.py starts a server and
sets it). Each service has one migrated and loaded template database; a test gets a clone of it.
"""

import base64
import os
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import structlog
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import AsyncClient, Response
from joserfc.jwk import RSAKey
from pydantic import SecretStr

from kit import cli
from kit.context import Context
from kit.district.clock import SHANGHAI
from kit.events.delivery import Deliverer
from kit.logs import mask_texts
from kit.service import Service, create_app
from kit.settings import ServiceSettings
from kit.storage import migrations
from kit.storage.db import new_id
from kit.storage.transactions import Database
from kit.web.caller import Caller
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


class Client:
    """A caller of the service under test: `client.post("/incidents", json=…)` below the service's prefix."""

    def __init__(self, http: TestClient, prefix: str, token: str | None) -> None:
        self._http, self._prefix = http, prefix
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def request(
        self, method: str, path: str, headers: dict[str, str] | None = None, **kwargs: Any
    ) -> Response:
        """Send a request as this caller."""
        return self._http.request(
            method, self._prefix + path, headers=self._headers | (headers or {}), **kwargs
        )

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


@dataclass
class Running:
    """A service under test, on a database of its own."""

    service: Service
    app: FastAPI
    http: TestClient
    url: str
    key: RSAKey
    clock: Clock

    @property
    def database(self) -> Database:
        database: Database = self.app.state.database
        return database

    def client(
        self, *scopes: str, name: str = "tester", called: str | None = None, **limited: str | None
    ) -> Client:
        """A caller with these scopes; without any, one that may read and write in this service.

        called: what people call it, where that is not its id; limited: its unit, and the division or company that
        its token is limited to.
        """
        granted = scopes or (f"{self.service.name}:read", f"{self.service.name}:write")
        caller = Caller(client=name, name=called or name, scopes=frozenset(granted), **limited)
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
            async with self.database.transaction() as session:
                return await work(Context.of_system(session, self.clock()), *arguments)

        assert self.http.portal is not None
        return self.http.portal.call(in_transaction)

    def call(self, work: Callable[..., Awaitable[Any]], *arguments: Any) -> Any:
        """Run a coroutine function in the service's event loop."""
        assert self.http.portal is not None
        return self.http.portal.call(work, *arguments)

    def sql(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Run a statement as somebody with direct access to the database."""
        with psycopg.connect(self.url.replace("+psycopg", ""), autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), parameters or None)
            return cursor.fetchall() if cursor.description else []

    def work(self, http: AsyncClient | None = None) -> None:
        """Do what a worker does: jobs that are due, deliveries through the given client, sealing; until none is left.

        Recurring jobs are run by `tick`, so that none comes in between.
        """
        self._wait_for_horizon()
        queue = self.database.queue.app
        queue.periodic_registry.periodic_tasks.clear()
        if http is not None:
            self.database.http = self.database.outside = http

        async def once() -> None:
            async with queue.open_async():
                await queue.run_worker_async(
                    wait=False,
                    install_signal_handlers=False,
                    listen_notify=False,
                    delete_jobs="successful",
                )
            deliverer = Deliverer(self.database, self.service.name, self.clock)
            await deliverer.start()
            await deliverer.finish()
            await seal_all(self.database)

        self.call(once)

    def _wait_for_horizon(self) -> None:
        """Wait until no event is hidden by another test's transaction; not for ever, as the test may hide one."""
        hidden = "SELECT EXISTS (SELECT FROM events WHERE xid >= pg_snapshot_xmin(pg_current_snapshot()))"
        deadline = time.monotonic() + 3
        while self.sql(hidden) == [(True,)] and time.monotonic() < deadline:
            time.sleep(0.02)

    def tick(self, name: str) -> None:
        """Run a recurring job of the service or the house, as at its time."""
        self.run(self.service.all_jobs[name].run)


@pytest.fixture(scope="session")
def _key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "test"})


@pytest.fixture(scope="session")
def _jwks(_key: RSAKey, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "jwks.json"
    write_jwks([_key], path)
    return path


@pytest.fixture
def clock() -> Clock:
    """The services' clock; starts on 2024-06-24 09:30 in the district."""
    return Clock()


@pytest.fixture
def serve(_key: RSAKey, _jwks: Path, clock: Clock) -> Iterator[Callable[..., Running]]:
    """`serve(service)` runs a service on a clone of its template database."""
    with ExitStack() as stack:

        def start(service: Service, **settings: Any) -> Running:
            url = _clone(service, _jwks, stack)
            app = _app(service, _settings(service, url, _jwks, **settings), clock, stack)
            http = stack.enter_context(TestClient(app, raise_server_exceptions=False))
            return Running(service, app, http, url, _key, clock)

        yield start


#: Apps that no test uses right now. Making one costs more than all else that a test starts with.
_idle: list[tuple[Service, FastAPI]] = []


def _app(service: Service, settings: ServiceSettings, clock: Clock, stack: ExitStack) -> FastAPI:
    """An app of the service; one of an earlier test's unless it must be made otherwise."""
    if settings.max_body_bytes != _default(settings, "max_body_bytes"):
        return create_app(service, settings, clock=clock)
    made = next((pair for pair in _idle if pair[0] is service), None)
    if made is None:
        made = (service, create_app(service, settings, clock=clock))
    else:
        _idle.remove(made)
    _, app = made
    app.state.settings, app.state.clock, app.state.verifier = settings, clock, Verifier(settings)
    stack.callback(_idle.append, made)
    return app


def _default(settings: ServiceSettings, name: str) -> Any:
    return type(settings).model_fields[name].default


def _settings(service: Service, url: str, jwks: Path, **settings: Any) -> ServiceSettings:
    given: dict[str, Any] = {
        "database_url": SecretStr(url),
        "personal_key": PERSONAL_KEY,
        "token_jwks": jwks,
        "pool_size": 2,
        "pool_overflow": 15,
        "subscriber_networks": ("127.0.0.0/8",),
    }
    return service.settings(**(given | settings))


#: By service, clones that are still as the template: a test that only read leaves its own to the next.
_untouched: defaultdict[str, list[str]] = defaultdict(list)
_IS_UNTOUCHED = """
    SELECT numbackends = 0 AND tup_inserted + tup_updated + tup_deleted = 0
    FROM pg_stat_database WHERE datname = %s
"""


def _clone(service: Service, jwks: Path, stack: ExitStack) -> str:
    """The address of a database that is as the service's template."""
    admin = os.environ["TEST_POSTGRES_URL"]
    kept = _untouched[service.name]
    name = kept.pop() if kept else _new_clone(service, jwks, admin)

    def leave() -> None:
        with psycopg.connect(admin, autocommit=True) as connection:
            if connection.execute(_IS_UNTOUCHED, (name,)).fetchone() == (True,):
                kept.append(name)
            else:
                connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())

    stack.callback(leave)
    return _address(admin, name)


def _new_clone(service: Service, jwks: Path, admin: str) -> str:
    name = f"test_{service.name}_{new_id().hex}"
    with psycopg.connect(admin, autocommit=True) as connection:
        template = _template(service, jwks, connection, admin)
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY=file_copy'.encode())
    return name


_made: dict[str, str] = {}


def _template(service: Service, jwks: Path, connection: psycopg.Connection[Any], admin: str) -> str:
    """The service's template database, made by whichever test process comes first."""
    if service.name in _made:
        return _made[service.name]
    name = f"template_{service.name}"
    connection.execute("SELECT pg_advisory_lock(hashtext(%s))", (name,))
    try:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is None:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}_new" WITH (FORCE)'.encode())
            connection.execute(f'CREATE DATABASE "{name}_new"'.encode())
            _prepare(service, _settings(service, _address(admin, f"{name}_new"), jwks))
            connection.execute(f'ALTER DATABASE "{name}_new" RENAME TO "{name}"'.encode())
    finally:
        connection.execute("SELECT pg_advisory_unlock(hashtext(%s))", (name,))
    _made[service.name] = name
    return name


def _prepare(service: Service, settings: ServiceSettings) -> None:
    import asyncio

    migrations.migrate(service, settings.database_url)
    asyncio.run(cli.load(service, settings))


def _address(admin: str, database: str) -> str:
    parts = urlsplit(admin)
    return urlunsplit(("postgresql+psycopg", parts.netloc, f"/{database}", "", ""))
