"""The one door: gives every request its id, lets in who has a token, and sends each to where it belongs."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars

from gateway.headers import REQUEST_ID, request_id
from gateway.limits import Limiter, Quota
from gateway.open311 import written
from gateway.proxy import Proxy
from gateway.room import Room
from kit.web.middleware import Metrics
from kit.web.problems import Malformed, Problem
from kit.web.tokens import Verifier, bearer
from kit.web.tracing import PARENT, Trace, serving, trace_of

#: What a service shows to everybody, below `/{service}/v1/`.
_OPEN = frozenset((b"openapi.json",))
#: The paths of what is published, how they begin, and how they end: what the public reads without a token. The services say
#: themselves who may do what; a path that is let through here for nothing is refused there.
_PUBLISHED = frozenset((b"problems",))
_BEGINNINGS = (b"public/", b"statements/")
_ENDINGS = (b".atom", b".cap", b".ics", b"/grade")
#: Whoever comes without a token, as the limiter counts them: each address for itself.
_PUBLIC = "public"
#: What the gateway answers itself, but only to those who have a token.
_GUARDED = frozenset((b"dispatch", b"overview"))
#: What is answered however much there is to do: whoever watches the gateway must see it then above all.
_ALWAYS = frozenset((b"health", b"metrics"))


def is_published(path: bytes) -> bool:
    """Whether a path below `/{service}/v1/` may be asked for without a token."""
    return path in _PUBLISHED or path.startswith(_BEGINNINGS) or path.endswith(_ENDINGS)


@dataclass(frozen=True, slots=True)
class Door:
    """The gateway as an ASGI application: `own` answers for the gateway itself, the proxy for the services."""

    own: ASGIApp
    proxy: Callable[[], Proxy]
    services: Collection[str]
    verifier: Verifier
    limiter: Limiter
    room: Room
    metrics: Metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, written.answering(scope, send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1003, "reason": "WebSocket is not supported"})
        else:
            await self.own(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        _, _, path = scope["raw_path"].partition(b"/")
        first, _, path = path.partition(b"/")
        version, _, path = path.partition(b"/")
        named = first.decode("latin-1")
        service = named if version == b"v1" and named in self.services else None
        guarded = service is not None or first in _GUARDED
        fields = dict(scope["headers"])
        if first in _ALWAYS and b"upgrade" not in fields:
            await self.own(scope, receive, send)
            return
        started = perf_counter()
        id, trace = request_id(fields), trace_of(scope["headers"])
        state = scope.setdefault("state", {})
        state["request_id"], state["trace"] = id, trace
        with serving(scope, trace) as span:
            bind_contextvars(request_id=id, trace_id=span.trace or trace.id)
            state["span"] = span
            try:
                _refuse_upgrade(fields)
                with self.room:
                    if guarded and path not in _OPEN:
                        state["quota"] = await self._admit(scope, fields, public=is_published(path))
                    if service is None:
                        await self.own(_of(scope, id, trace), receive, _telling_quota(state, send))
                        return
                    status = await self.proxy().forward(service, scope, receive, send)
            except Problem as problem:
                status = problem.status
                problem.headers["X-Request-ID"] = id
                await problem.response()(scope, receive, _telling_quota(state, send))
            route = f"/{service or 'gateway'}/v1/**"
            span.answered(status, route)
        self.metrics.count(scope["method"], route, status, perf_counter() - started)

    async def _admit(self, scope: Scope, fields: dict[bytes, bytes], *, public: bool) -> Quota:
        if public and b"authorization" not in fields:
            return self.limiter.admit(f"{_PUBLIC} {scope['client'][0]}")
        authorization = fields.get(b"authorization", b"").decode("latin-1")
        return self.limiter.admit((await self.verifier.admit(bearer(authorization))).who)


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


def _telling_quota(state: dict[str, Any], send: Send) -> Send:
    """`send`, which adds to an answer how often its caller may come, where that was counted."""

    async def telling(message: Message) -> None:
        if message["type"] == "http.response.start" and "quota" in state:
            message["headers"] = [*message["headers"], *state["quota"].fields()]
        await send(message)

    return telling


def _of(scope: Scope, id: str, trace: Trace) -> Scope:
    """The scope with id and trace among its headers, where the gateway's own application looks for them."""
    others = [field for field in scope["headers"] if field[0] not in (REQUEST_ID, PARENT)]
    return {**scope, "headers": [*others, (REQUEST_ID, id.encode()), (PARENT, trace.parent())]}
