"""A service from its table of contents: API, jobs, events, reference data."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Response
from fastapi.routing import APIRoute
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import MetaData, text
from starlette.routing import compile_path

from kit import spans
from kit.asking import Asking
from kit.audit.api import make_router as audit_router
from kit.context import Context
from kit.dispatch import api as dispatch_api
from kit.dispatch import patterns, questions_api, raising
from kit.dispatch.matters import Matter
from kit.dispatch.settling import SETTLE, settle
from kit.district.clock import system_clock
from kit.events import api as events
from kit.events import overseeing, subscribing
from kit.events.catching_up import CatchingUp
from kit.events.delivery import wake_deliverer
from kit.events.described import SCHEME, SIGNATURE, webhooks
from kit.events.receiving import Handler
from kit.events.standing import lagging, standings
from kit.gauges.overdue import Overdue
from kit.gauges.reading import DatabaseFigures
from kit.personal import resealing
from kit.personal.api import make_router as personal_router
from kit.personal.cipher import Cipher
from kit.settings import OtherService, ServiceSettings
from kit.storage import db, revisions
from kit.storage.files import upkeep
from kit.storage.jobs import Queue
from kit.storage.tables import KitTable
from kit.storage.transactions import Database
from kit.web import idempotency, openapi, problem_types
from kit.web.middleware import Application, Metrics
from kit.web.problems import Unavailable
from kit.web.tokens import Verifier
from kit.worker import Job, register_jobs, work

#: Brings reference data in; loading it again changes nothing.
Loader = Callable[[Context], Awaitable[None]]


@dataclass(frozen=True)
class Service:
    """The table of contents of a service.

    name: package and path segment; letter: in the numbers it gives out; title, description: Chinese, for users;
    routers: of its capabilities; matters: what the 12345 hotline may send here; files: columns that name kept files by their
    hash; company: SQL that gives (key, name) of the company that a request `r` is about, where the service knows it; noticed:
    what it makes of a pattern among its own requests; overdue: what selects which of its stored deadlines have passed, for its
    figures.
    """

    name: str
    letter: str
    title: str
    description: str
    settings: type[ServiceSettings]
    metadata: MetaData
    migrations: Path
    routers: tuple[APIRouter, ...]
    loaders: tuple[Loader, ...] = ()
    matters: tuple[Matter, ...] = ()
    handlers: Mapping[str, Handler] = field(default_factory=dict)
    jobs: Mapping[str, Job] = field(default_factory=dict)
    files: upkeep.Naming = ()
    company: str | None = None
    noticed: patterns.Noticing | None = None
    overdue: tuple[Overdue, ...] = ()

    @property
    def prefix(self) -> str:
        """Path under which the service answers, directly and through the gateway."""
        return f"/{self.name}/v1"

    @property
    def module(self) -> str:
        """What `python -m` starts it by."""
        return f"services.{self.name}"

    @property
    def revisions(self) -> tuple[Path, ...]:
        """The folders of its migrations: its own, and the house's."""
        return self.migrations, revisions.FOLDER

    @property
    def tables(self) -> tuple[MetaData, ...]:
        """What its migrations lay."""
        return self.metadata, KitTable.metadata

    @property
    def problem_types(self) -> tuple[problem_types.ProblemType, ...]:
        """Every type of problem that the service may answer: the kit's, and those of its plan/problems.yaml."""
        own = self.migrations.with_name("plan") / "problems.yaml"
        return problem_types.read(problem_types.COMMON, own)

    @property
    def all_jobs(self) -> Mapping[str, Job]:
        """The service's jobs and the kit's own."""
        return {
            "forget-idempotency-keys": Job(idempotency.forget_old, cron="17 * * * *"),
            resealing.RESEAL: Job(partial(resealing.reseal, metadata=self.metadata)),
            "raise-requests": Job(raising.climb, cron="* * * * *"),
            "notice-patterns": Job(
                partial(patterns.notice, company=self.company, noticed=self.noticed), cron="23 6 * * *"
            ),
            **(
                {"sweep-files": Job(partial(upkeep.sweep, naming=self.files), cron="41 * * * *")}
                if self.files
                else {}
            ),
            **self.jobs,
        }

    def catching_up(
        self, database: Database, settings: ServiceSettings, clock: Callable[[], datetime]
    ) -> CatchingUp:
        """What reads the feeds of other services for this one."""
        return CatchingUp(database, settings.event_feeds, self.handlers, clock)


@asynccontextmanager
async def open_database(
    service: Service, settings: ServiceSettings, clock: Callable[[], datetime] = system_clock
) -> AsyncIterator[Database]:
    """The service's database, with its jobs known to the queue."""
    engine = db.create_engine(settings.database_url, size=settings.pool_size, overflow=settings.pool_overflow)
    queue = Queue(settings.database_url)
    files = upkeep.store_for(settings, service.name)
    database = Database(engine, Cipher(settings.personal_key), queue, settings.subscriber_networks, files)
    register_jobs(database, {**service.all_jobs, SETTLE: Job(_settling(database, settings))}, clock)
    if files is not None:
        await files.clear(clock() - upkeep.UNFINISHED)
    waking = asyncio.create_task(wake_deliverer(database))
    try:
        yield database
    finally:
        database.closing.set()
        database.written.set()
        await waking
        await database.close()


def _settling(database: Database, settings: ServiceSettings) -> Callable[..., Awaitable[None]]:
    """The job that settles what was handed on to this service, by its way to the others."""
    tokens: dict[OtherService, tuple[str, float]] = {}

    async def run(context: Context, number: str, until: str) -> None:
        await settle(context, Asking(database.http, settings.gateway, tokens), number, until)

    return run


def create_app(
    service: Service,
    settings: ServiceSettings,
    *,
    clock: Callable[[], datetime] = system_clock,
    with_worker: bool = False,
) -> FastAPI:
    """The service's API; with_worker runs its jobs in the same process."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_database(service, app.state.settings, app.state.clock) as database:
            app.state.database = database
            if not with_worker:
                yield
            else:
                reading = service.catching_up(database, settings, app.state.clock)
                worker = asyncio.create_task(
                    work(database, service.name, settings.worker_concurrency, reading)
                )
                yield
                worker.cancel()
                with suppress(asyncio.CancelledError):
                    await worker
        await asyncio.to_thread(spans.end)  # here, as the server ends the process by itself

    metrics = Metrics()
    app = Application(
        metrics=metrics,
        max_body=settings.max_body_bytes,
        max_stream=settings.max_stream_bytes,
        max_form=settings.form_bytes,
        title=service.title,
        description=service.description,
        version=version("dongsheng"),
        openapi_url=f"{service.prefix}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.settings, app.state.clock, app.state.service = settings, clock, service
    app.state.verifier = Verifier(settings)
    routers = (
        *service.routers,
        dispatch_api.make_router(
            service.name, service.letter, service.title, service.matters, service.company
        ),
        questions_api.make_router(service.name, service.letter, service.matters),
        events.make_router(service.name, service.handlers),
        subscribing.make_router(service.name),
        overseeing.make_router(service.name),
        audit_router(service.name),
        personal_router(service.name),
        problem_types.make_router(service.problem_types),
    )
    for part in routers:
        _add_router(app, service, part)
    _add_health(app, metrics)
    problem_types.add_pages(app, service.problem_types)
    app.openapi = lambda: openapi.document(app, routers, _described(service))  # type: ignore[method-assign]
    return app


def _described(service: Service) -> openapi.Also:
    """What the service's document says besides its operations."""
    told, schemas = webhooks(service.name)
    return openapi.Also({SIGNATURE: SCHEME}, told, schemas, problem_types.described(service.problem_types))


def _add_router(app: FastAPI, service: Service, router: APIRouter) -> None:
    """The router's endpoints under the service's path, as they were made: include_router would make all again.

    Their `path`, by which logs and figures name them, stays that in the router.
    """
    for route in router.routes:
        assert isinstance(route, APIRoute)
        added = copy(route)
        added.path_regex, added.path_format, added.param_convertors = compile_path(
            service.prefix + route.path
        )
        added.unique_id = f"{service.name}_{route.name}"
        app.router.routes.append(added)


def _add_health(app: FastAPI, metrics: Metrics) -> None:
    figures = DatabaseFigures(app.state.service.overdue)
    metrics.registry.register(figures)

    @app.get("/health/live", include_in_schema=False)
    async def live() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/health/ready", include_in_schema=False)
    async def ready() -> dict[str, Any]:
        try:
            async with app.state.database.reading() as session:
                await session.execute(text("SELECT 1 FROM audit_head"))
                found = await standings(session, app.state.clock())
        except Exception as error:
            raise Unavailable("not-ready", "数据库连接不上或尚未迁移。") from error
        named = [subscriber.name for subscriber in app.state.settings.subscribers]
        late, off = lagging(found, named), sum(each.off for each in found)
        return {"status": "ok"} | ({"lagging": late} if late else {}) | ({"switched_off": off} if off else {})

    @app.get("/metrics", include_in_schema=False)
    async def read_metrics() -> Response:
        await figures.read(app.state.database, app.state.clock())
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)
