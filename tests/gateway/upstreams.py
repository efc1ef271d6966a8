"""Small services on real sockets, whose every byte the test decides."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Seen:
    """A request as it arrived: header names in lower case, the body without its framing."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes = b""
    connection: int = 0

    def header(self, name: str) -> str | None:
        """The only value of a header."""
        values = [value for key, value in self.headers if key == name]
        assert len(values) < 2, f"{name} arrived {len(values)} times"
        return values[0] if values else None

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


Handler = Callable[[Seen, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def reply(
    status: int = 200, body: bytes = b"", *headers: tuple[str, str], kind: str = "application/json"
) -> bytes:
    """An HTTP answer with a Content-Length."""
    lines = [f"HTTP/1.1 {status} X", f"content-type: {kind}", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def json_reply(content: Any, status: int = 200, *headers: tuple[str, str]) -> bytes:
    """An HTTP answer in JSON."""
    return reply(status, json.dumps(content, ensure_ascii=False).encode(), *headers)


async def read_body(reader: asyncio.StreamReader, headers: list[tuple[str, str]]) -> bytes:
    """A request's body by its framing."""
    fields = dict(headers)
    if "chunked" in fields.get("transfer-encoding", ""):
        body = b""
        while size := int(await reader.readline(), 16):
            body += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
        return body
    return await reader.readexactly(int(fields.get("content-length", "0")))


@dataclass
class Upstream:
    """A service that answers with `handler`; without one, with what it was asked, as JSON.

    With read_bodies off, the handler reads the body itself.
    """

    handler: Handler | None = None
    read_bodies: bool = True
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    def __post_init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server: asyncio.Server | None = None
        self._writers = set[asyncio.StreamWriter]()
        self._serving = set[asyncio.Task[None]]()
        self.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listen, again on the same port after a stop."""
        self._call(self._start())

    def stop(self) -> None:
        """Stop listening and drop every connection, as a process that is killed does."""
        self._call(self._stop())

    def close(self) -> None:
        """Stop for good."""
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def drop_connections(self) -> None:
        """Drop every connection but go on listening."""
        self._call(self._drop())

    def _call(self, work: Awaitable[Any]) -> Any:
        async def run() -> Any:
            return await work

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(10)

    async def _start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _stop(self) -> None:
        if self._server is None:
            return
        # Nothing more is accepted, and what has been is served or dropped, before the server closes: a connection that
        # asyncio has accepted but not yet begun to serve would stay open for ever (its server asserts that it listens).
        for listening in self._server.sockets:
            self._loop.remove_reader(listening.fileno())
        await self._drop()
        self._server.close()

    async def _drop(self) -> None:
        # From an accepted connection to its task asyncio takes some turns, in which a task of the loop has the socket:
        # what is cancelled then is never closed, so that all tasks are waited for.
        for _ in range(20):
            for writer in self._writers:
                writer.transport.abort()
            for task in self._serving:
                task.cancel()
            await asyncio.sleep(0)
            if not (left := asyncio.all_tasks() - {asyncio.current_task()}):
                break
            await asyncio.wait(left, timeout=0.05)
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        self._writers.add(writer)
        self.connections += 1
        number = self.connections
        try:
            while not writer.is_closing():
                seen = _parsed(await reader.readuntil(b"\r\n\r\n"))
                seen.connection = number
                self.seen.append(seen)
                if self.read_bodies:
                    seen.body = await read_body(reader, seen.headers)
                await (self.handler or echo)(seen, reader, writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()
            self._writers.discard(writer)
            self._serving.discard(task)


async def echo(seen: Seen, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer with what was asked."""
    told = {"method": seen.method, "target": seen.target, "headers": seen.headers, "body": seen.body.decode()}
    writer.write(json_reply(told))


def always(answer: bytes) -> Handler:
    """A handler that writes these bytes."""

    async def handler(_: Seen, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)

    return handler


def _parsed(head: bytes) -> Seen:
    first, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    method, target, _ = first.split(" ")
    fields = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    return Seen(method, target, fields)
