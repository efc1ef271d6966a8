"""The services behind the gateway: their connections, and short questions asked of them."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json
from starlette.responses import Response

from gateway.circuit import Circuit, Refused
from gateway.headers import downward
from gateway.pool import Limits, Pool
from gateway.settings import GatewaySettings
from gateway.upstream import Busy, Dropped, Request, Silent, Unreachable, UpstreamError
from kit import spans
from kit.logs import log
from kit.web.problems import Problem, Unavailable, UpstreamFailed, UpstreamTimeout
from kit.web.tracing import PARENT

_RETRY = {"Retry-After": "5"}

Fields = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Reply:
    """A service's answer, read to its end; header names in lower case."""

    status: int
    headers: Fields
    body: bytes

    def json(self) -> Any:
        """The body as JSON; ValueError where it is none."""
        return from_json(self.body)

    def header(self, name: bytes) -> bytes | None:
        """The first value of a header."""
        return next((value for key, value in self.headers if key == name), None)

    def as_it_is(self) -> Response:
        """The answer for the caller, unchanged."""
        response = Response(self.body, self.status)
        response.raw_headers = downward(self.headers)
        return response


class Services:
    """The services by name, each with its pool of connections and its circuit."""

    def __init__(self, settings: GatewaySettings) -> None:
        limits = Limits(
            connections=settings.connections,
            waiting=settings.waiting,
            patience=settings.connection_wait,
            connect=settings.connect_timeout,
            idle=settings.idle_connection,
        )
        self.pools: Mapping[str, Pool] = {
            name: Pool(str(address), limits) for name, address in settings.upstreams.items()
        }
        self.circuits: Mapping[str, Circuit] = {
            name: Circuit(name, settings.circuit_failures, settings.circuit_pause) for name in self.pools
        }

    def close(self) -> None:
        """Close the idle connections."""
        for pool in self.pools.values():
            pool.close()

    async def ask(self, service: str, request: Request, patience: float) -> Reply:
        """Ask a service and read its whole answer within `patience` seconds; target without the base's path.

        Raises: Unavailable, UpstreamTimeout or UpstreamFailed, naming the service.
        """
        try:
            with self.circuits[service].attempt():
                return await self.ask_anyway(service, request, patience)
        except UpstreamError as error:
            raise failed(service, error) from error

    async def ask_all(self, below: str, headers: Fields, patience: float) -> dict[str, Reply | None]:
        """What each service answers to a GET of a path below its own; None for one that is away, fails, or has none such."""

        async def one(service: str) -> Reply | None:
            try:
                reply = await self.ask(
                    service, Request("GET", f"/{service}/v1{below}", list(headers)), patience
                )
            except Problem:
                return None
            return None if reply.status >= 500 or reply.status == 404 else reply

        replies = await asyncio.gather(*map(one, self.pools))
        return dict(zip(self.pools, replies, strict=True))

    async def ask_anyway(self, service: str, request: Request, patience: float) -> Reply:
        """The same whatever its circuit says.

        Raises: UpstreamError.
        """
        pool = self.pools[service]
        request.target = pool.prefix + request.target
        if not any(name == b"host" for name, _ in request.headers):
            request.headers.append((b"host", pool.host))
        with spans.asking(request.method, service) as span:
            if span.parent:
                request.headers = [field for field in request.headers if field[0] != PARENT]
                request.headers.append((PARENT, span.parent.encode()))
            reply = await self._asked(pool, request, patience)
            span.answered(reply.status)
        return reply

    async def _asked(self, pool: Pool, request: Request, patience: float) -> Reply:
        try:
            async with asyncio.timeout(patience):
                answer = await pool.ask(request)
                try:
                    body = bytearray()
                    while not answer.complete:
                        body += await answer.read()
                    body += await answer.read()
                    return Reply(answer.status, answer.headers, bytes(body))
                finally:
                    answer.close()
        except TimeoutError:
            raise Silent(f"no whole answer within {patience:g} s") from None


def failed(service: str, error: UpstreamError) -> Problem:
    """The problem that a failure of a service is for the caller."""
    if isinstance(error, Refused):  # one line was written as the circuit opened
        return down(service, retry_after=error.seconds, service=service)
    log.warning("upstream-failed", service=service, kind=type(error).__name__, reason=str(error))
    if isinstance(error, Silent):
        return silent(service)
    if isinstance(error, Unreachable | Dropped):
        return down(service, service=service)
    if isinstance(error, Busy):
        return Unavailable(
            "service-busy", f"{service} 服务正在办理的请求太多，请稍后重试。", retry_after=1, service=service
        )
    return bad_answer(service)


def down(*services: str, **members: Any) -> Unavailable:
    """The problem of services that cannot be reached; members: as of `Unavailable`."""
    return Unavailable("service-down", f"{'、'.join(services)} 服务暂时连接不上，请稍后重试。", **members)


def bad_answer(service: str) -> Problem:
    """The problem of a service that answers what it should not."""
    return UpstreamFailed(
        "bad-answer", f"{service} 服务的应答无法识别，请稍后重试。", headers=_RETRY, service=service
    )


def silent(service: str) -> Problem:
    """The problem of a service that takes too long."""
    return UpstreamTimeout(
        "service-silent", f"{service} 服务没有及时应答，请稍后重试。", headers=_RETRY, service=service
    )
