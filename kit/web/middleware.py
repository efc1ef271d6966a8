"""What surrounds every request: its id, its log line, its figures, a bound on its body, an answer to what goes wrong."""

import re
import time
from contextlib import AsyncExitStack
from importlib.metadata import version
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.routing import APIRoute
from prometheus_client import CollectorRegistry, Counter, Gauge, GCCollector, Histogram, ProcessCollector
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kit.logs import log
from kit.storage.db import new_id
from kit.web.checks import Bounds
from kit.web.problems import HANDLERS, too_large, unexpected
from kit.web.routing import Paths
from kit.web.tracing import serving, trace_of

#: Of whatever is answered to somebody in particular: nobody on the way, and no browser, keeps it.
_NO_STORE = [(b"cache-control", b"no-store")]
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._\-]{1,64}")


class Metrics:
    """Requests counted and timed by method, path template and status; the process; which version it is."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "http_requests", "Requests answered", ("method", "path", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "http_request_seconds", "Time to answer", ("method", "path"), registry=self.registry
        )
        build = Gauge("dongsheng_build_info", "The version that runs", ("version",), registry=self.registry)
        build.labels(version("dongsheng")).set(1)
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        # Looking a figure up by its labels takes longer than counting.
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def count(self, method: str, path: str, status: int, seconds: float) -> None:
        """Count a request that was answered; path: its template."""
        if method not in _METHODS:  # a client may send any word
            method = "(other)"
        found = self._known.get((method, path, status))
        if found is None:
            found = (self.requests.labels(method, path, str(status)), self.seconds.labels(method, path))
            self._known[method, path, status] = found
        requests, duration = found
        requests.inc()
        duration.observe(seconds)


class Application(FastAPI):
    """FastAPI with one layer around its router, `Surroundings`, in the place of its own six."""

    def __init__(
        self,
        *,
        metrics: Metrics,
        max_body: int,
        max_stream: int | None = None,
        max_form: int | None = None,
        **options: Any,
    ) -> None:
        options |= {"telemetry": {"tracing": False, "metrics": False, "logs": False}}
        super().__init__(redirect_slashes=False, **options)
        self._metrics, self._bounds = metrics, Bounds(max_body, max_stream or max_body, max_form or max_body)

    def build_middleware_stack(self) -> ASGIApp:
        """The operations in their surroundings."""
        operations = [route for route in self.routes if isinstance(route, APIRoute)]
        return Surroundings(Paths(operations, self.router), self._metrics, self._bounds)


class Surroundings:
    """X-Request-ID, trace, access log, metrics, 413 beyond the bounds, and every exception as problem+json."""

    def __init__(self, app: ASGIApp, metrics: Metrics, bounds: Bounds) -> None:
        self._app, self._metrics, self._bounds = app, metrics, bounds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        fields = dict(scope["headers"])
        request_id = _request_id(fields)
        own = [(b"x-request-id", request_id.encode())]
        kept_by_nobody = _NO_STORE if b"authorization" in fields else []
        status, noted = 0, False

        def note() -> None:
            nonlocal noted
            if not noted:
                noted = True
                span.answered(status or 500, self._note(scope, status or 500, time.perf_counter() - started))

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *own]
                if not any(name.lower() == b"cache-control" for name, _ in message["headers"]):
                    message["headers"] += kept_by_nobody
            elif not message.get("more_body"):
                note()  # before the caller has the answer, and may look for the line
            await send(message)

        scope["starlette.exception_handlers"] = (HANDLERS, {})
        trace = trace_of(scope["headers"])
        with (
            serving(scope, trace) as span,
            structlog.contextvars.bound_contextvars(request_id=request_id, trace_id=span.trace or trace.id),
        ):
            try:
                async with AsyncExitStack() as stack:
                    scope["fastapi_middleware_astack"] = stack
                    await self._app(scope, self._bounded(fields, receive), answer)
            except Exception as error:
                if status:
                    raise  # half an answer has left: the server breaks the connection off
                response = await _answer(error, Request(scope))
                await response(scope, receive, answer)
            finally:
                note()

    def _bounded(self, fields: dict[bytes, bytes], receive: Receive) -> Receive:
        """The body's parts, as many as are allowed.

        Raises: TooLarge; HTTPException in the middle, which FastAPI lets through while it reads.
        """
        content_type = fields.get(b"content-type", b"").decode("latin-1")
        limit = self._bounds.of(content_type)
        length = fields.get(b"content-length", b"")
        if length.isdigit():  # the server counts what it was told
            if int(length) > limit:
                raise too_large()
            return receive
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise HTTPException(413)
            return message

        return counted

    def _note(self, scope: Scope, status: int, seconds: float) -> str | None:
        """Count the request and log it; the whole template of its address, where it has one."""
        route = scope.get("route")
        path = getattr(route, "path", None) or "(none)"
        if path.startswith("/health") or path == "/metrics":
            return None
        self._metrics.count(scope["method"], path, status, seconds)
        # The template, not the address: an address may hold a phone number.
        log.info("request", method=scope["method"], path=path, status=status, ms=round(seconds * 1000, 1))
        return getattr(route, "path_format", None)


def _request_id(fields: dict[bytes, bytes]) -> str:
    given = fields.get(b"x-request-id", b"")
    return given.decode() if _REQUEST_ID.fullmatch(given) else str(new_id())


async def _answer(error: Exception, request: Request) -> JSONResponse:
    for kind in type(error).__mro__:
        if kind in HANDLERS:
            return await HANDLERS[kind](request, error)
    return unexpected(error)
