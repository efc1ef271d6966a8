"""The one door: gives every request its id, lets in who has a token, and sends each to where it belongs."""

from collections.abc import Callable, Iterable
from time import perf_counter

from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.headers import REQUEST_ID, request_id
from gateway.limits import Limiter
from gateway.proxy import Proxy
from kit.web.middleware import Metrics
from kit.web.problems import Malformed, Problem
from kit.web.tokens import Verifier, bearer

#: What a service shows to everybody, below `/{service}/v1/`.
_OPEN = frozenset((b"openapi.json",))
#: What the gateway answers itself, but only to those who have a token.
_GUARDED = frozenset((b"dispatch",))


class Door:
    """The gateway as an ASGI application: `own` answers for the gateway itself, the proxy for the services."""

    def __init__(
        self,
        own: ASGIApp,
        proxy: Callable[[], Proxy],
        services: Iterable[str],
        verifier: Verifier,
        limiter: Limiter,
        metrics: Metrics,
    ) -> None:
        self._own, self._proxy = own, proxy
        self._services = {name.encode(): name for name in services}
        self._verifier, self._limiter, self._metrics = verifier, limiter, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1003, "reason": "WebSocket is not supported"})
        else:
            await self._own(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        _, _, path = scope["raw_path"].partition(b"/")
        first, _, path = path.partition(b"/")
        version, _, path = path.partition(b"/")
        service = self._services.get(first) if version == b"v1" else None
        guarded = service is not None or first in _GUARDED
        fields = dict(scope["headers"])
        if not guarded and b"upgrade" not in fields:
            await self._own(scope, receive, send)
            return
        started = perf_counter()
        id = request_id(fields)
        scope.setdefault("state", {})["request_id"] = id
        try:
            _refuse_upgrade(fields)
            if guarded and path not in _OPEN:
                self._admit(fields)
            if service is None:
                await self._own(_with_id(scope, id), receive, send)
                return
            status = await self._proxy().forward(service, scope, receive, send)
        except Problem as problem:
            status = problem.status
            problem.headers["X-Request-ID"] = id
            await problem.response()(scope, receive, send)
        path = f"/{service or 'gateway'}/v1/**"
        self._metrics.count(scope["method"], path, status, perf_counter() - started)

    def _admit(self, fields: dict[bytes, bytes]) -> None:
        authorization = fields.get(b"authorization", b"").decode("latin-1")
        self._limiter.admit(self._verifier.verify(bearer(authorization)).client)


def _refuse_upgrade(fields: dict[bytes, bytes]) -> None:
    """Refuse what the server in front cannot make a plain request of.

    An offer of another protocol may be ignored, but a body behind one never reaches us.
    """
    upgrade = fields.get(b"upgrade")
    if upgrade is None:
        return
    if upgrade.lower() == b"websocket":
        raise Malformed("no-websocket", "本系统不支持 WebSocket，请使用普通的 HTTP 请求。")
    if fields.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in fields:
        raise Malformed(
            "no-upgrade",
            "本系统只支持 HTTP/1.1，不支持带正文的协议升级。请在客户端关闭 HTTP/2 升级后重新提交"
            "（例如 Java 的 HttpClient 设为 HTTP_1_1）。",
            headers={"Connection": "close"},
        )


def _with_id(scope: Scope, id: str) -> Scope:
    """The scope with the id among its headers, where the gateway's own application looks for it."""
    others = [field for field in scope["headers"] if field[0] != REQUEST_ID]
    return {**scope, "headers": [*others, (REQUEST_ID, id.encode())]}
