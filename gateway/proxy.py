"""The pass-through: `/{service}/v1/**` to the service that owns it, bytes as they are, both ways.

Below any framework's routing, as every request goes through here. What it does not do: follow redirects,
decompress, cache, know a business rule.
"""

import asyncio
from typing import Any

from starlette.types import Receive, Scope, Send

from gateway.bodies import ClientGone, RequestBody, limit_of
from gateway.guard import Guard
from gateway.headers import REQUEST_ID, downward, upward
from gateway.services import Services, failed
from gateway.timeouts import Timeouts
from gateway.upstream import Answer, Request, Silent, UpstreamError
from kit import spans
from kit.logs import log
from kit.web.checks import Bounds
from kit.web.problems import TooLarge, TooSlow

#: nginx's status for a caller who left before there was an answer; only ever in the gateway's own figures.
CLIENT_GONE = 499


class Proxy:
    """Passes requests on to the services.

    bounds: bytes that a body may have; timeouts: seconds that an exchange may take.
    """

    def __init__(self, services: Services, bounds: Bounds, timeouts: Timeouts) -> None:
        self._services, self._bounds, self._timeouts = services, bounds, timeouts

    async def forward(self, service: str, scope: Scope, receive: Receive, send: Send) -> int:
        """Pass the request on and the answer back; the status answered.

        Raises: Problem, as long as nothing has been answered. An answer that breaks off is cut off for the
        caller too: returning before its end makes the server close the connection.
        """
        with spans.asking(scope["method"], service) as span:
            status = await self._forward(service, scope, receive, send)
            span.answered(status)
        return status

    async def _forward(self, service: str, scope: Scope, receive: Receive, send: Send) -> int:
        guard = Guard(receive, self._timeouts.of(scope))
        answer: Answer | None = None
        try:
            answer = await self._ask(service, scope, receive, guard)
            await _pass_down(answer, scope["state"], send, guard)
        except ClientGone:
            return CLIENT_GONE
        except asyncio.CancelledError:
            if not guard.caught():
                raise
            if guard.gone:
                return CLIENT_GONE
            if answer is None:
                raise _slow_caller() from None
            log.warning("answer-stalled", service=service)
        except (UpstreamError, TooLarge) as error:
            if answer is None:
                raise (failed(service, error) if isinstance(error, UpstreamError) else error) from error
            log.warning("answer-cut-off", service=service, reason=str(error))
        finally:
            guard.end()
            if answer is not None:
                answer.close()
        return answer.status

    async def _ask(self, service: str, scope: Scope, receive: Receive, guard: Guard) -> Answer:
        pool = self._services.pools[service]
        body = RequestBody(scope, receive, limit_of(scope, self._bounds))
        headers = upward(scope, scope["state"]["request_id"], pool.host)
        request = Request(scope["method"], pool.prefix + target(scope), headers)
        request.body, request.length = await body.read(guard), body.length
        with self._services.circuits[service].attempt():
            try:
                return await pool.ask(request)
            except asyncio.CancelledError:
                if guard.waits_for_caller or not guard.stalled or not guard.caught():
                    raise
                raise Silent("no answer in time") from None


def target(scope: Scope) -> str:
    """Path and query of a request, as they were sent."""
    path: bytes = scope["raw_path"]
    query: bytes = scope["query_string"]
    return (path + b"?" + query if query else path).decode("ascii")


async def _pass_down(answer: Answer, state: dict[str, Any], send: Send, guard: Guard) -> None:
    headers = [*downward(answer.headers), (REQUEST_ID, state["request_id"].encode())]
    if "quota" in state:  # what is open to all is not counted
        headers += state["quota"].fields()
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    more = True
    while more:
        guard.moved()
        chunk = await answer.read()
        more = not answer.complete
        guard.moved()
        await send({"type": "http.response.body", "body": chunk, "more_body": more})


def _slow_caller() -> TooSlow:
    return TooSlow(
        "body-too-slow", "正文没有及时传完，请检查网络后重新提交。", headers={"Connection": "close"}
    )
