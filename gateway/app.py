"""The gateway from its parts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from gateway import auth, discovery, dispatch, docs, documents, health, overview, problem_pages
from gateway.assertions import Assertions
from gateway.clients import Clients
from gateway.cross_origin import open_to
from gateway.dispatch import Dispatch
from gateway.documents import Documents
from gateway.door import Door
from gateway.figures import Figures
from gateway.keys import SigningKey
from gateway.limits import Limiter
from gateway.matters import Matters
from gateway.open311 import api as open311
from gateway.open311.api import Open311
from gateway.open311.callers import Callers
from gateway.proxy import Proxy
from gateway.room import Room
from gateway.services import Services
from gateway.settings import GatewaySettings
from gateway.timeouts import Timeouts
from kit import spans
from kit.dispatch.moves import READ
from kit.district.clock import system_clock
from kit.web import openapi, problem_types, server
from kit.web.caller import Caller
from kit.web.checks import Bounds
from kit.web.middleware import Application, Metrics
from kit.web.tokens import Verifier, sign

#: Every type of problem that the gateway may answer.
PROBLEM_TYPES = problem_types.read(problem_types.COMMON, Path(__file__).with_name("problems.yaml"))
#: The gateway when it asks a service for itself; its tokens live as long as the one question.
_SELF = Caller(client="gateway", name="网关", scopes=frozenset((READ,)))
_SELF_LIFETIME = 60
#: Seconds that a caller's idle connection is kept.
_KEEP_ALIVE = 75


@dataclass(frozen=True)
class _Running:
    """What there is only while the event loop runs."""

    services: Services
    proxy: Proxy
    dispatching: Dispatch
    documents: Documents
    open311: Open311


def create_app(settings: GatewaySettings) -> Door:
    """The gateway as an ASGI application.

    Raises: UnusableKey; BrokenClients.
    """
    key = SigningKey(settings)
    clients = Clients(settings.clients)
    verifier, metrics = Verifier(settings), Metrics()
    own = _own_app(settings, key, clients, verifier, metrics)
    room = Room(settings.requests)
    metrics.registry.register(Figures(lambda: _running(own).services, room))
    return Door(
        own,
        proxy=lambda: _running(own).proxy,
        services=settings.upstreams,
        verifier=verifier,
        limiter=Limiter(settings.rate, settings.burst),
        room=room,
        metrics=metrics,
    )


def config(settings: GatewaySettings) -> server.Config:
    """How the gateway is served.

    Raises: UnusableKey; BrokenClients.
    """
    return server.config(
        open_to(create_app(settings), settings.origins),
        settings,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
        timeout_keep_alive=_KEEP_ALIVE,
    )


def _own_app(
    settings: GatewaySettings, key: SigningKey, clients: Clients, verifier: Verifier, metrics: Metrics
) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        services = Services(settings)
        timeouts = Timeouts(settings.timeouts, settings.read_timeout)
        patience = timeouts.on("/dispatch/v1/requests").silent
        requests = Dispatch(services, Matters(services, own_token), patience)
        bounds = Bounds(settings.max_body_bytes, settings.max_stream_bytes, settings.form_bytes)
        app.state.running = _Running(
            services=services,
            proxy=Proxy(services, bounds, timeouts),
            dispatching=requests,
            documents=Documents(services, app.openapi),
            open311=Open311(
                requests,
                callers,
                system_clock,
                jurisdiction=settings.open311_jurisdiction,
                public=settings.open311_public,
            ),
        )
        yield
        services.close()
        await asyncio.to_thread(spans.end)  # here, as the server ends the process by itself

    def signed(caller: Caller) -> str:
        return sign(caller, key.current(), settings, _SELF_LIFETIME)

    def own_token() -> str:
        return signed(_SELF)

    app = Application(
        metrics=metrics,
        max_body=settings.max_body_bytes,
        title="网关",
        description="各服务的共同入口。",
        version=version("dongsheng"),
        openapi_url=None,
        lifespan=lifespan,
    )
    app.state.settings, app.state.verifier, app.state.clock = settings, verifier, system_clock
    token_limiter = Limiter(settings.token_rate, settings.token_burst, name="token")
    reading = Limiter(settings.rate, settings.burst, name="document")
    callers = Callers(
        clients,
        verifier,
        Limiter(settings.rate, settings.burst),
        tries=token_limiter,
        signed=signed,
        own_token=own_token,
    )
    assertions = Assertions(
        clients, settings.token_issuer, Limiter(settings.rate, settings.burst, name="assertion")
    )
    dispatching = dispatch.router(tuple(settings.upstreams))
    overlooking = overview.router(lambda: (_running(app).services, _running(app).dispatching.patience))
    for part in (
        auth.router(auth.Issuer(settings, clients, key, assertions), token_limiter, settings),
        discovery.router(settings, clients),
        dispatching,
        overlooking,
        documents.router(lambda: _running(app).documents, reading),
        problem_pages.router(lambda: _running(app).documents, reading),
        health.router(lambda: _running(app).services),
        open311.router(lambda: _running(app).open311),
    ):
        app.routes.extend(part.routes)
    docs.install(app, lambda: _running(app).documents, reading, settings.console or "/docs")

    @app.get("/metrics", include_in_schema=False)
    async def read_metrics() -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    app.openapi = cache(lambda: _document(app, dispatching, overlooking))  # type: ignore[method-assign]
    return app


def _document(app: FastAPI, *checked: APIRouter) -> dict[str, Any]:
    types = openapi.Also(problem_types=problem_types.described(PROBLEM_TYPES))
    document = openapi.document(app, checked, types)
    # A form that cannot be read is answered as RFC 6749 says, with 400.
    for status in ("415", "422"):
        document["paths"]["/auth/v1/token"]["post"]["responses"].pop(status, None)
    return document


def _running(app: FastAPI) -> _Running:
    running: _Running = app.state.running
    return running
