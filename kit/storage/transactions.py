"""One transaction per request: rows, events, audit and jobs commit together, before the answer leaves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from kit.audit.auditing import write_audit
from kit.events.event import write_events
from kit.events.subscriptions import defer_deliveries
from kit.personal.cipher import Cipher
from kit.storage.jobs import Queue
from kit.storage.pending import pending

if TYPE_CHECKING:
    import httpx2


class Database:
    """A service's database: where transactions come from, with what they need beside it."""

    def __init__(self, engine: AsyncEngine, cipher: Cipher, queue: Queue) -> None:
        self.engine, self.cipher, self.queue = engine, cipher, queue
        self._sessions = async_sessionmaker(engine, expire_on_commit=False)

    @cached_property
    def http(self) -> "httpx2.AsyncClient":
        """What events go out by; made when first needed, since it takes time and memory."""
        import httpx2

        return httpx2.AsyncClient(timeout=10, follow_redirects=False)

    async def close(self) -> None:
        """Close the connections, to the database and to others."""
        if "http" in vars(self):
            await self.http.aclose()
        await self.engine.dispose()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A session in a transaction that commits, with all it leaves behind, at the end of the block."""
        async with self._sessions() as session, session.begin():
            session.info["cipher"] = self.cipher
            yield session
            await self._seal(session)

    async def _seal(self, session: AsyncSession) -> None:
        await session.flush()
        types = await write_events(session)
        if types:
            await defer_deliveries(session, types)
        for job in pending(session).jobs:
            await self.queue.defer(session, job)
        await write_audit(session)


async def _session(request: Request) -> AsyncSession:
    session: AsyncSession = request.state.session
    return session


Session = Annotated[AsyncSession, Depends(_session)]


def cipher_of(session: AsyncSession) -> Cipher:
    """The cipher for personal data of the session's database."""
    cipher: Cipher = session.info["cipher"]
    return cipher
