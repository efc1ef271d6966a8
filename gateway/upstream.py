"""Kept connections to a service: one HTTP/1.1 request at a time on each, bytes as they are, both ways.

The parser is httptools (llhttp), as in the server in front. A client of our own around it, since everything
goes through here: with aiohttp's, the most lean of the general ones, the gateway does two thirds as much.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

import httptools

_BUFFER = 128 * 1024
_MAX_HEADERS = 64 * 1024
_IDEMPOTENT = frozenset(("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"))


class UpstreamError(Exception):
    """The service could not be asked, or did not answer as it should."""


class Unreachable(UpstreamError):
    """No connection could be made."""


class Silent(UpstreamError):
    """The connection could not be made in time."""


class Dropped(UpstreamError):
    """The connection was closed before the answer had begun."""


class BadAnswer(UpstreamError):
    """The answer is no HTTP, or ends too early."""


@dataclass(slots=True)
class Request:
    """What a service is asked. The headers carry no framing: that follows from the body.

    target: path and query, in ASCII.
    body: None for no body; a stream is sent with `length`, or in chunks where that is None.
    """

    method: str
    target: str
    headers: list[tuple[bytes, bytes]]
    body: bytes | AsyncIterator[bytes] | None = None
    length: int | None = None

    def head(self) -> bytes:
        """Request line and headers."""
        lines = [f"{self.method} {self.target} HTTP/1.1\r\n".encode("ascii")]
        lines += [b"%b: %b\r\n" % field for field in self.headers]
        if isinstance(self.body, bytes):
            lines.append(b"content-length: %d\r\n\r\n" % len(self.body))
        elif self.body is None:
            lines.append(b"\r\n")
        elif self.length is not None:
            lines.append(b"content-length: %d\r\n\r\n" % self.length)
        else:
            lines.append(b"transfer-encoding: chunked\r\n\r\n")
        return b"".join(lines)

    @property
    def repeatable(self) -> bool:
        """Whether it may be sent again when a connection broke: doing it twice is doing it once."""
        return self.method in _IDEMPOTENT and (self.body is None or isinstance(self.body, bytes))


class Answer:
    """What a service answers: status and headers, which are there, and the body, which comes in pieces.

    To be closed by whoever asked. Header names are in lower case.
    """

    def __init__(self, connection: "_Connection", method: str) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.complete = False
        self._connection = connection
        self._bodiless = method == "HEAD"
        self._begun = self._headed = self._keep_alive = self._until_closed = self._paused = False
        self._pieces: list[bytes] = []
        self._size = 0
        self._error: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._parser: httptools.HttpResponseParser | None = httptools.HttpResponseParser(self)

    async def read(self) -> bytes:
        """What has come of the body since the last call, at least one byte unless it is now complete.

        Raises: BadAnswer when it ends too early.
        """
        while not self._pieces and not self.complete:
            await self._wait()
        pieces, self._pieces, self._size = self._pieces, [], 0
        if self._paused:
            self._paused = False
            self._connection.transport.resume_reading()
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def close(self) -> None:
        """Give the connection back, or drop it where anything is left on it."""
        self._parser = None
        self._connection.finish(reusable=self.complete and self._keep_alive)

    # What the connection calls.

    async def headed(self) -> None:
        """Wait for status and headers."""
        while not self._headed:
            await self._wait()

    def feed(self, data: bytes) -> None:
        """Bytes from the service."""
        if self.complete or self._parser is None:
            self._keep_alive = False  # nobody asked for more
            return
        self._begun = True
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if not self.complete:
                self.fail(BadAnswer(str(error) or type(error).__name__))
            self._keep_alive = False

    def lost(self, error: Exception | None) -> None:
        """The connection is closed."""
        self._keep_alive = False
        if self._until_closed and error is None and not self.complete:
            self._end()
        elif not self.complete:
            cut_off = BadAnswer("the answer was cut off")
            self.fail(cut_off if self._begun else Dropped("closed without an answer"))

    def fail(self, error: Exception) -> None:
        """Let whoever waits have the error."""
        if self._error is None:
            self._error = error
        self._wake()

    # What the parser calls.

    def on_message_begin(self) -> None:
        if self.complete:
            self._keep_alive = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._headed:
            return  # a trailer
        self.headers.append((name.lower(), value))
        self._size += len(name) + len(value)
        if self._size > _MAX_HEADERS:
            raise ValueError("headers too large")

    def on_headers_complete(self) -> None:
        assert self._parser is not None
        self._size = 0
        status = self._parser.get_status_code()
        if status < 200:
            self.headers.clear()  # 100 Continue and its like: the answer is still to come
            return
        self.status, self._headed = status, True
        self._keep_alive = self._parser.should_keep_alive()
        names = {name for name, _ in self.headers}
        self._until_closed = not names & {b"content-length", b"transfer-encoding"}
        if self._bodiless:  # the parser takes a HEAD's length at its word; 204 and 304 it knows
            self._end()
        self._wake()

    def on_body(self, piece: bytes) -> None:
        if self.complete:
            self._keep_alive = False
            return
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size > _BUFFER and not self._paused:
            self._paused = True
            self._connection.transport.pause_reading()
        self._wake()

    def on_message_complete(self) -> None:
        if self._headed and not self.complete:
            self._end()

    def _end(self) -> None:
        self.complete = True
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _wait(self) -> None:
        if self._error is not None:
            raise self._error
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None


class _Connection(asyncio.Protocol):
    transport: asyncio.Transport

    def __init__(self, pool: "Pool") -> None:
        self.idle_since = 0.0
        self._pool = pool
        self._answer: Answer | None = None
        self._writer: asyncio.Task[None] | None = None
        self._full: asyncio.Future[None] | None = None
        self._closed = False

    async def ask(self, request: Request) -> Answer:
        """Send the request and wait for the beginning of its answer; the connection is this answer's until closed."""
        answer = self._answer = Answer(self, request.method)
        try:
            if isinstance(request.body, bytes):
                self.transport.write(request.head() + request.body)
            else:
                self.transport.write(request.head())
                if request.body is not None:
                    chunked = request.length is None
                    self._writer = asyncio.create_task(self._send(request.body, chunked, answer))
            await answer.headed()
        except BaseException:
            self._drop()
            raise
        return answer

    def usable(self, now: float, idle: float) -> bool:
        """Whether it can be expected that the service still listens."""
        return not self._closed and not self.transport.is_closing() and now - self.idle_since < idle

    def finish(self, *, reusable: bool) -> None:
        """The answer has been read, or nobody wants the rest of it."""
        sent = self._writer is None or self._writer.done()
        if reusable and sent and not self._closed:
            self._answer = self._writer = None
            self._pool.put_back(self)
        else:
            self._drop()
            self._pool.put_back(None)

    def close(self) -> None:
        """Close an idle connection."""
        if not self._closed:
            self.transport.abort()

    def _drop(self) -> None:
        self._answer = None
        if self._writer is not None:
            self._writer.cancel()
        self.close()

    async def _send(self, body: AsyncIterator[bytes], chunked: bool, answer: Answer) -> None:
        try:
            async for piece in body:
                if self._closed:
                    return
                self.transport.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
                if self._full is not None:
                    await self._full
            if chunked and not self._closed:
                self.transport.write(b"0\r\n\r\n")
        except Exception as error:
            # The body failed, not the service: whoever waits for the answer is told what happened to it.
            answer.fail(error)

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is one without inheriting

    def data_received(self, data: bytes) -> None:
        if self._answer is None:
            self.transport.abort()  # an answer to nothing
        else:
            self._answer.feed(data)

    def connection_lost(self, error: Exception | None) -> None:
        self._closed = True
        self.resume_writing()
        if self._answer is not None:
            self._answer.lost(error)
        else:
            self._pool.forget(self)

    def pause_writing(self) -> None:
        self._full = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        full, self._full = self._full, None
        if full is not None and not full.done():
            full.set_result(None)


class Pool:
    """The connections to one service: at most `limit`, kept for `idle` seconds.

    `idle` is to be shorter than the service keeps them, so that it is not the service that closes one just as
    it is used again.
    """

    def __init__(self, address: str, *, limit: int, connect_timeout: float, idle: float = 4) -> None:
        parts = urlsplit(address)
        secure = parts.scheme == "https"
        self.prefix = parts.path.rstrip("/")
        self.host = parts.netloc.rpartition("@")[2].encode("idna" if not parts.netloc.isascii() else "ascii")
        self._where = (parts.hostname or "", parts.port or (443 if secure else 80))
        self._ssl = ssl.create_default_context() if secure else None
        self._connect_timeout, self._idle_limit = connect_timeout, idle
        self._slots = asyncio.Semaphore(limit)
        self._idle: list[_Connection] = []

    async def ask(self, request: Request) -> Answer:
        """Send a request; the answer, as soon as its headers have come. To be closed by the caller.

        A kept connection that turns out to be broken is replaced once, if the request is repeatable.
        Raises: UpstreamError; whatever the body's stream raises.
        """
        await self._slots.acquire()
        try:
            kept = self._kept()
            if kept is not None:
                try:
                    return await kept.ask(request)
                except Dropped:
                    if not request.repeatable:
                        raise
                    self.close()  # a service that was restarted has dropped the others as well
            return await (await self._connect()).ask(request)
        except BaseException:
            self._slots.release()
            raise

    def put_back(self, connection: _Connection | None) -> None:
        """An exchange is over; None where its connection cannot be used again."""
        self._slots.release()
        if connection is not None:
            connection.idle_since = asyncio.get_running_loop().time()
            self._idle.append(connection)

    def forget(self, connection: _Connection) -> None:
        """The service closed an idle connection."""
        if connection in self._idle:
            self._idle.remove(connection)

    def close(self) -> None:
        """Close what is idle."""
        idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _kept(self) -> _Connection | None:
        now = asyncio.get_running_loop().time()
        while self._idle:
            connection = self._idle.pop()
            if connection.usable(now, self._idle_limit):
                return connection
            connection.close()
        return None

    async def _connect(self) -> _Connection:
        try:
            async with asyncio.timeout(self._connect_timeout):
                _, connection = await asyncio.get_running_loop().create_connection(
                    lambda: _Connection(self), *self._where, ssl=self._ssl
                )
        except TimeoutError as error:
            raise Silent(f"no connection within {self._connect_timeout:g} s") from error
        except OSError as error:
            raise Unreachable(str(error)) from error
        return connection
