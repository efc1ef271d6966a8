"""What surrounds every request: its id, its log line, its figures, and a bound on its body."""

import re
import time
from collections.abc import Mapping

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.datastructures import Headers
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kit.logs import log
from kit.storage.db import new_id
from kit.web.problems import too_large, unexpected

_REQUEST_ID = re.compile(r"[A-Za-z0-9._\-]{1,64}")


class Metrics:
    """Requests counted and timed by method, path template and status; jobs by state."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "http_requests", "Requests answered", ("method", "path", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "http_request_seconds", "Time to answer", ("method", "path"), registry=self.registry
        )
        self.jobs = Gauge("jobs", "Jobs in the queue", ("state",), registry=self.registry)

    def count_jobs(self, counts: Mapping[str, int]) -> None:
        """Set the figures of the queue; a state without jobs is nought, so that an alarm can end."""
        for state in {"todo", "retrying", "doing", "failed"} | counts.keys():
            self.jobs.labels(state).set(counts.get(state, 0))


class Surroundings:
    """ASGI middleware: X-Request-ID, access log, metrics, 413 beyond `max_body` bytes, 500 as problem+json."""

    def __init__(self, app: ASGIApp, metrics: Metrics, max_body: int) -> None:
        self._app = RequestBodyLimitMiddleware(app, max_body)
        self._metrics, self._max_body = metrics, max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = _request_id(scope)
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                if _declared_length(scope) > self._max_body:  # Starlette would answer this one in plain text
                    await too_large().response()(scope, receive, answer)
                else:
                    await self._app(scope, receive, answer)
            except Exception as error:
                if status:
                    raise  # half an answer has left: the server breaks the connection off
                await unexpected(error, request_id)(scope, receive, answer)
            finally:
                self._note(scope, status or 500, time.perf_counter() - started)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        path = getattr(scope.get("route"), "path", None) or "(none)"
        if path.startswith("/health") or path == "/metrics":
            return
        self._metrics.requests.labels(scope["method"], path, str(status)).inc()
        self._metrics.seconds.labels(scope["method"], path).observe(seconds)
        # The template, not the address: an address may hold a phone number.
        log.info("request", method=scope["method"], path=path, status=status, ms=round(seconds * 1000, 1))


def _request_id(scope: Scope) -> str:
    given = Headers(scope=scope).get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else str(new_id())


def _declared_length(scope: Scope) -> int:
    value = Headers(scope=scope).get("content-length", "")
    return int(value) if value.isdecimal() else 0
