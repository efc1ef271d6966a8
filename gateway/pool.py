"""The connections to one service: kept, bounded, and waited for in a line that is bounded too."""

import asyncio
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

from gateway.upstream import Answer, Busy, Connection, Dropped, Request, Silent, Unreachable


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a pool.

    connections: at a time; waiting, patience: requests that may wait for one, and for how many seconds; connect: seconds
    to make one; idle: seconds that one is kept, shorter than the service keeps it, so that it is not the service that
    closes one just as it is used again.
    """

    connections: int
    waiting: int
    patience: float
    connect: float
    idle: float


class Pool:
    """The connections to one service, and the bounded line of those who wait for one."""

    def __init__(self, address: str, limits: Limits) -> None:
        parts = urlsplit(address)
        secure = parts.scheme == "https"
        self.prefix = parts.path.rstrip("/")
        self.host = parts.netloc.rpartition("@")[2].encode("idna" if not parts.netloc.isascii() else "ascii")
        self._where = (parts.hostname or "", parts.port or (443 if secure else 80))
        self._ssl = ssl.create_default_context() if secure else None
        self._limits = limits
        self._slots = asyncio.Semaphore(limits.connections)
        self.taken = self.waiting = 0
        self._idle: list[Connection] = []

    async def ask(self, request: Request) -> Answer:
        """Send a request; the answer, as soon as its headers have come. To be closed by the caller.

        A kept connection that turns out to be broken is replaced once, if the request is repeatable.
        Raises: UpstreamError; whatever the body's stream raises.
        """
        await self._take_slot()
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
            self._free_slot()
            raise

    async def _take_slot(self) -> None:
        if self._slots.locked():
            if self.waiting >= self._limits.waiting:
                raise Busy(f"{self.waiting} wait already")
            self.waiting += 1
            try:
                async with asyncio.timeout(self._limits.patience):
                    await self._slots.acquire()
            except TimeoutError as error:
                raise Busy(f"no connection was free within {self._limits.patience:g} s") from error
            finally:
                self.waiting -= 1
        else:
            await self._slots.acquire()  # at once
        self.taken += 1

    def _free_slot(self) -> None:
        self.taken -= 1
        self._slots.release()

    def put_back(self, connection: Connection | None) -> None:
        """An exchange is over; None where its connection cannot be used again."""
        self._free_slot()
        if connection is not None:
            connection.idle_since = connection.loop.time()
            self._idle.append(connection)

    def forget(self, connection: Connection) -> None:
        """The service closed an idle connection."""
        if connection in self._idle:
            self._idle.remove(connection)

    def close(self) -> None:
        """Close what is idle."""
        idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _kept(self) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.usable(connection.loop.time(), self._limits.idle):
                return connection
            connection.close()
        return None

    async def _connect(self) -> Connection:
        try:
            async with asyncio.timeout(self._limits.connect):
                loop = asyncio.get_running_loop()
                _, connection = await loop.create_connection(
                    lambda: Connection(self, loop), *self._where, ssl=self._ssl
                )
        except TimeoutError as error:
            raise Silent(f"no connection within {self._limits.connect:g} s") from error
        except OSError as error:
            raise Unreachable(str(error)) from error
        return connection
