"""A connection to a service: one HTTP/1.1 request at a time, bytes as they are, both ways.

The parser is httptools (llhttp), as in the server in front. A client of our own around it, since everything
goes through here: with aiohttp's, the most lean of the general ones, the gateway does two thirds as much.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol, cast

import httptools

from kit.web.held_writes import HeldWrites

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


class Busy(UpstreamError):
    """So much is asked of the service already that this was not even sent."""


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

    def __init__(self, connection: "Connection", method: str) -> None:
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
        self._waiter = self._connection.loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None


class Keeper(Protocol):
    """Who has the connections."""

    def put_back(self, connection: "Connection | None") -> None:
        """An exchange is over; None where its connection cannot be used again."""

    def forget(self, connection: "Connection") -> None:
        """The service closed an idle connection."""


class Connection(asyncio.Protocol):
    """A connection to a service, one exchange at a time."""

    transport: HeldWrites

    def __init__(self, keeper: Keeper, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.idle_since = 0.0
        self._keeper = keeper
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
            self._keeper.put_back(self)
        else:
            self._drop()
            self._keeper.put_back(None)

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
        whole = cast(asyncio.Transport, transport)  # uvloop's is one without inheriting
        self.transport = HeldWrites(self.loop, whole)

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
            self._keeper.forget(self)

    def pause_writing(self) -> None:
        self._full = self.loop.create_future()

    def resume_writing(self) -> None:
        full, self._full = self._full, None
        if full is not None and not full.done():
            full.set_result(None)
