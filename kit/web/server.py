"""The HTTP server of every process: uvicorn's, held to what HTTP says, and answering even what is no HTTP with a problem."""

import asyncio
import os
import time
from http import HTTPStatus
from socket import AF_UNIX, SOCK_DGRAM, socket
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kit.settings import ServerSettings
from kit.web.held_writes import HeldWrites
from kit.web.problems import Malformed, Problem, TooSlow

#: Bytes and seconds that a request may take up to its body.
_MAX_HEAD = 64 * 1024
_HEAD_PATIENCE = 60.0
#: Headers that say one thing: where they stand twice, two readers would believe different ones.
_SINGLE = frozenset(b"authorization content-type host idempotency-key".split())
_NO_HTTP = "请求不是合法的 HTTP 报文。地址里的中文须先作百分号编码（curl 可用 -G --data-urlencode），请检查后重新提交。"
_CLOSE = {"Connection": "close"}


class Config(uvicorn.Config):
    """How a process serves.

    body_patience: seconds in which no byte of an awaited body comes before it is given up; drain: seconds that it goes on
    answering when it is to end.
    """

    body_patience: float
    drain: float


class _Trailers(list[tuple[bytes, bytes]]):
    """Where what follows a body goes: nowhere. Nobody who checked the headers has seen it (RFC 9110, 6.5.1)."""

    def append(self, field: tuple[bytes, bytes]) -> None:
        """Forget the field."""


class Protocol(HttpToolsProtocol):
    """uvicorn's protocol, which refuses with a problem, ignores trailers, and bounds how long a request may take."""

    config: Config
    _in_head = _in_body = False
    _head = 0
    _wrong: Problem | None = None
    _timer: asyncio.TimerHandle | None = None
    _body_moved = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A caller has connected, and is to say what it wants."""
        super().connection_made(HeldWrites(self.loop, transport))  # type: ignore[arg-type]
        self._begin_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """The caller has gone."""
        self._in_head = self._in_body = False
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes from the caller."""
        super().data_received(data)
        if self._in_head:
            self._head += len(data)
            if self._head > _MAX_HEAD and not self.transport.is_closing():
                self.send_400_response("headers too large")
        elif self._in_body and self._timer is None:
            self._body_moved = self.loop.time()
            self._timer = self.loop.call_later(self.config.body_patience, self._look_for_body)

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        self._begin_head()

    def on_headers_complete(self) -> None:
        """The last byte before the body."""
        self._in_head = False
        self._stop_timer()
        self._wrong = _wrong_headers(self.headers, self.parser.get_http_version())
        if self._wrong is not None:
            raise ValueError(self._wrong.slug)
        super().on_headers_complete()
        self.headers = _Trailers()  # the scope keeps the list that has been filled
        self._in_body = True

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        self._body_moved = self.loop.time()
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The last byte of a request."""
        self._in_body = False
        self._stop_timer()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what cannot be understood, and close."""
        self._refuse(self._wrong or Malformed("not-http", _NO_HTTP, headers=_CLOSE, reason=msg))

    def _refuse(self, problem: Problem) -> None:
        """Write the answer to what the caller sends, unless an answer is under way, which this would be taken for."""
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            response = problem.response()
            lines = [b"HTTP/1.1 %d %b" % (problem.status, HTTPStatus(problem.status).phrase.encode())]
            lines += [b"%b: %b" % field for field in response.raw_headers]
            self.transport.write(b"\r\n".join([*lines, b"", bytes(response.body)]))
        self.transport.close()

    def _begin_head(self) -> None:
        if not self._in_head:
            self._in_head, self._head = True, 0
            self._timer = self.loop.call_later(_HEAD_PATIENCE, self.transport.close)

    def _look_for_body(self) -> None:
        """Give the body up if it has not moved; while we do not read, or answer already, it need not move."""
        now, patience = self.loop.time(), self.config.body_patience
        answering = self.cycle.response_started and not self.cycle.response_complete
        if answering or self.flow.read_paused:
            self._body_moved = now
        left = self._body_moved + patience - now
        if left > 0:
            self._timer = self.loop.call_later(left, self._look_for_body)
        elif self.cycle.response_complete:
            self.transport.close()
        else:
            self._refuse(TooSlow("body-too-slow", "正文没有及时传完，请检查网络后重新提交。", headers=_CLOSE))

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _wrong_headers(headers: list[tuple[bytes, bytes]], version: str) -> Problem | None:
    """What is wrong with a request's headers as a whole."""
    # A head that came in one piece is counted here, whatever stands behind it.
    if sum(len(name) + len(value) for name, value in headers) > _MAX_HEAD:
        return Malformed("not-http", _NO_HTTP, headers=_CLOSE, reason="headers too large")
    names = [name for name, _ in headers]
    known = set(names)
    if b"host" not in known and version != "1.0":
        return Malformed("no-host", "请求缺少 Host 请求头，请检查客户端。", headers=_CLOSE)
    if len(known) == len(names):
        return None
    twice = sorted(name.decode() for name in known & _SINGLE if names.count(name) > 1)
    if not twice:
        return None
    return Malformed(
        "header-repeated", f"请求头 {'、'.join(twice)} 只能有一个，请检查客户端。", headers=_CLOSE
    )


def config(app: ASGIApp, settings: ServerSettings, **more: Any) -> Config:
    """How an app is served; more: further options of uvicorn."""
    options = {"lifespan": "on", "timeout_graceful_shutdown": 10, **more}
    made = Config(
        app,
        host=settings.host,
        port=settings.port,
        http=Protocol,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        **options,
    )
    made.body_patience, made.drain = settings.read_timeout, settings.drain
    return made


class Server(uvicorn.Server):
    """uvicorn's server, which says when it is ready, and first sends its callers to its successor where it is told to."""

    config: Config

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Listen, and tell systemd so where it is what started us: units behind ours may begin."""
        await super().startup(sockets)
        if self.started and (told := os.environ.get("NOTIFY_SOCKET")):
            with socket(AF_UNIX, SOCK_DGRAM) as manager:
                manager.sendto(b"READY=1", "\0" + told[1:] if told[0] == "@" else told)

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Answer for a while yet and close each connection behind its answer; then take no more, and end.

        Whoever keeps an idle connection for less than that time never writes on one that is just being closed.
        """
        self.server_state.default_headers = [*self.server_state.default_headers, (b"connection", b"close")]
        until = time.monotonic() + self.config.drain
        while time.monotonic() < until and not self.force_exit:  # noqa: ASYNC110 - uvicorn has a flag alone
            await asyncio.sleep(0.1)
        await super().shutdown(sockets)


def run(made: Config) -> None:
    """Serve until stopped."""
    Server(made).run()
