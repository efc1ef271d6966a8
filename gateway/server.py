"""The HTTP server in front: uvicorn's, which answers even what is no HTTP with a problem."""

import asyncio

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway.settings import GatewaySettings
from kit.web.problems import Malformed

_KEEP_ALIVE = 75
#: Bytes and seconds that a request may take up to its body.
_MAX_HEAD = 64 * 1024
_HEAD_PATIENCE = 60.0
_DETAIL = "请求不是合法的 HTTP 报文。地址里的中文须先作百分号编码（curl 可用 -G --data-urlencode），请检查后重新提交。"


class Protocol(HttpToolsProtocol):
    """uvicorn's protocol, which refuses with a problem, and bounds the size and the time of what precedes a body."""

    _in_head = False
    _head = 0
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A caller has connected, and is to say what it wants."""
        super().connection_made(transport)
        self._begin_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """The caller has gone."""
        self._end_head()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes from the caller."""
        super().data_received(data)
        if self._in_head:
            self._head += len(data)
            if self._head > _MAX_HEAD and not self.transport.is_closing():
                self.send_400_response("headers too large")

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        self._begin_head()

    def on_headers_complete(self) -> None:
        """The last byte before the body."""
        self._end_head()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what cannot be parsed, and close."""
        body = bytes(Malformed("not-http", _DETAIL, reason=msg).response().body)
        head = b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\nconnection: close\r\n"
        self.transport.write(head + b"content-length: %d\r\n\r\n" % len(body) + body)
        self.transport.close()

    def _begin_head(self) -> None:
        if not self._in_head:
            self._in_head, self._head = True, 0
            self._timer = self.loop.call_later(_HEAD_PATIENCE, self.transport.close)

    def _end_head(self) -> None:
        self._in_head = False
        if self._timer is not None:
            self._timer.cancel()


def config(app: ASGIApp, settings: GatewaySettings) -> uvicorn.Config:
    """How the gateway is served."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=Protocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=10,
    )


def run(app: ASGIApp, settings: GatewaySettings) -> None:
    """Serve until stopped."""
    uvicorn.Server(config(app, settings)).run()
