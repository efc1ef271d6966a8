"""The console from its parts."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import async_sessionmaker
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from console.pages import PAGES
from console.people import audit, sessions, under_way
from console.people.provider import Provider
from console.settings import ConsoleSettings
from console.web.gateway import Gateway
from console.web.rendering import environment
from console.web.safety import Safety
from console.web.serving import STATIC, Pages, title_of
from console.web.view import Console, View
from kit import spans
from kit.district.clock import system_clock
from kit.logs import log
from kit.storage import db
from kit.web import server
from kit.web.checks import Bounds
from kit.web.middleware import Metrics, Surroundings

if TYPE_CHECKING:
    import httpx2

#: Seconds between two looks for sessions that have ended.
_UPKEEP = 600


class _Kept(StaticFiles):
    """Files that change with a release, and are asked for under its name."""

    def file_response(self, *given: Any, **named: Any) -> Response:
        response = super().file_response(*given, **named)
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response


def create_app(
    settings: ConsoleSettings,
    *,
    clock: Callable[[], datetime] = system_clock,
    transport: "httpx2.AsyncBaseTransport | None" = None,
    outside: "httpx2.AsyncBaseTransport | None" = None,
) -> ASGIApp:
    """The console as an ASGI application.

    transport: what the gateway is reached by, where not the network; outside: the same of the identity provider.

    Raises: OSError, ValueError for a key that cannot be used.
    """
    engine = db.create_engine(settings.database_url, size=settings.pool_size, overflow=0)
    made = async_sessionmaker(engine, expire_on_commit=False)
    readers = async_sessionmaker(engine.execution_options(isolation_level="AUTOCOMMIT"))
    provider = Provider(settings, outside) if settings.oidc_issuer else None
    console = Console(settings, Gateway(settings, transport), made, readers, clock, provider)
    pages = Pages(console, environment(), PAGES)
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        working = [asyncio.create_task(audit.seal_for_ever(made)), asyncio.create_task(_upkeep(console))]
        yield
        for task in working:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await console.gateway.close()
        if provider is not None:
            await provider.close()
        await engine.dispose()
        await asyncio.to_thread(spans.end)  # here, as the server ends the process by itself

    async def live(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def ready(_: Request) -> Response:
        try:
            async with made() as session:
                await session.execute(text("SELECT 1 FROM audit_head"))
        except Exception as error:
            log.error("not-ready", error=type(error).__name__)
            return JSONResponse({"status": "down"}, 503)
        return JSONResponse({"status": "ok"})

    async def figures(_: Request) -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    async def failed(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        status = error.status_code
        view = View(request, console, None, clock())
        return pages.failure(view, status, _SENTENCES.get(status, f"请求不能办理（{title_of(status)}）。"))

    routes = [
        Route("/health/live", live),
        Route("/health/ready", ready),
        Route("/metrics", figures),
        Mount("/static", _Kept(directory=STATIC), name="static"),
        *pages.routes(),
    ]
    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers={HTTPException: failed})
    bound = settings.max_body_bytes
    return Surroundings(Safety(app, settings), metrics, Bounds(bound, bound, bound))


_SENTENCES = {
    404: "没有这个页面。请从菜单进入，或核对地址。",
    405: "这个地址不能这样提交，请回到页面重新操作。",
    413: "填写的内容太多，请删减后再提交。",
}


async def _upkeep(console: Console) -> None:
    """Remove what has ended, again and again."""
    while True:
        try:
            async with console.sessions.begin() as session:
                await sessions.forget_ended(session, console.clock())
                await under_way.forget_ended(session, console.clock())
        except Exception as error:
            log.error("upkeep-interrupted", error=type(error).__name__)
        await asyncio.sleep(_UPKEEP)


def config(settings: ConsoleSettings) -> server.Config:
    """How the console is served."""
    return server.config(
        create_app(settings),
        settings,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
    )
