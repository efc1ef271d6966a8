"""One transaction at a time: rows, events, audit and jobs commit together, before the answer leaves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import Result, event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.orm import ORMExecuteState, Session

from kit import spans
from kit.events.addresses import Networks, no_cookies, outside_client
from kit.personal.cipher import Cipher
from kit.storage import db
from kit.storage.files.store import FileStore
from kit.storage.jobs import Queue
from kit.storage.pending import pending, seal_originals, write_records

if TYPE_CHECKING:
    import httpx2


class Unaudited(Exception):
    """A request wrote and left no audit entry: a mistake of ours, found before it is committed."""


@event.listens_for(Session, "after_flush")
def _note_write(session: Session, _context: Any) -> None:
    session.info["wrote"] = True


@event.listens_for(Session, "do_orm_execute")
def _note_statement(statement: ORMExecuteState) -> Result[Any] | None:
    """Statements that changed a row count as well, but for those that keep the house's own books."""
    writes = statement.is_insert or statement.is_update or statement.is_delete
    if not writes or statement.execution_options.get("bookkeeping"):
        return None
    statement.update_execution_options(preserve_rowcount=True)
    result = statement.invoke_statement()
    # Entities that are returned stand around the cursor's result.
    cursor = getattr(result, "raw", None) or result
    if getattr(cursor, "rowcount", 1):
        statement.session.info["wrote"] = True
    return result


@event.listens_for(Session, "after_soft_rollback")
def _forget_write(session: Session, _transaction: Any) -> None:
    session.info["wrote"] = False  # a trial that was taken back; who writes before a trial audits it anyway


class Database:
    """A service's database: where transactions come from, with what they need beside it.

    written: set when a transaction has left events or audit entries behind, for whoever works on them;
    closing: set when no more work should begin; memory: what the process keeps in mind of what it has read, each part by
    a name of its own, which sessions have beside them.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        cipher: Cipher,
        queue: Queue,
        networks: Networks = (),
        files: FileStore | None = None,
    ) -> None:
        self.engine, self.cipher, self.queue, self._networks = engine, cipher, queue, networks
        self.files = files
        self.memory: dict[str, Any] = {}
        beside = {"cipher": cipher, "files": files, "memory": self.memory}
        self.written, self.closing = asyncio.Event(), asyncio.Event()
        self._sessions = async_sessionmaker(engine, expire_on_commit=False, info=beside)
        one_by_one = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._readers = async_sessionmaker(one_by_one, expire_on_commit=False, info=beside | {"reads": True})
        self._glances = async_sessionmaker(db.create_glancing_engine(engine.url))

    @cached_property
    def http(self) -> "httpx2.AsyncClient":
        """What events go out by to whom the deployment names; made when first needed, since it takes time and memory."""
        import httpx2

        return httpx2.AsyncClient(timeout=10, follow_redirects=False, cookies=no_cookies())

    @cached_property
    def outside(self) -> "httpx2.AsyncClient":
        """What events go out by to everybody else: to public addresses, and to the networks that are allowed."""
        return outside_client(self._networks)

    async def close(self) -> None:
        """Close the connections, to the database and to others."""
        for made in ("http", "outside"):
            if made in vars(self):
                await vars(self)[made].aclose()
        await self.engine.dispose()

    @asynccontextmanager
    async def transaction(self, *, audited: bool = False) -> AsyncIterator[AsyncSession]:
        """A session in a transaction that commits, with all it leaves behind, at the end of the block.

        Raises: Unaudited for rows that were written without an audit entry, where one is asked for.
        """
        async with self._sessions() as session:
            yield session
            await session.flush()
            if audited and session.info.get("wrote") and not pending(session).audits:
                raise Unaudited("rows were written without an audit entry")
            await self.commit(session)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session whose statements stand each for itself, without the round trips of BEGIN and COMMIT.

        At the isolation that we use a reader sees no more and no less. What a reader leaves behind, the audit of a
        look at personal data, is one statement at the end of the block.
        """
        async with self._readers() as session:
            yield session
            await self.commit(session)

    def glance(self) -> AsyncSession:
        """A session to look how things stand, whatever the pool does: on a connection of its own, of brief statements."""
        return self._glances()

    async def commit(self, session: AsyncSession) -> None:
        """Commit what was done in the session, with all that it leaves behind."""
        await session.flush()
        for job in pending(session).jobs:
            await self.queue.defer(session, job)
        seal_originals(session, db.new_id, self.cipher.seal)
        with _commit_span(session):
            written = await write_records(session)
            await session.commit()
        if written:
            self.written.set()


def _commit_span(session: AsyncSession) -> AbstractContextManager[spans.Span]:
    """A span around a commit; a reader's, which has nothing to write, is none."""
    if session.info.get("reads") and not pending(session).audits:
        return nullcontext(spans.Span())
    about = {"db.system.name": "postgresql", "db.operation.name": "COMMIT"}
    return spans.child("COMMIT", spans.CLIENT, about)


def files_of(session: AsyncSession) -> FileStore:
    """Where the session's service keeps files; only of one that does."""
    store: FileStore | None = session.info["files"]
    assert store is not None
    return store


def cipher_of(session: AsyncSession) -> Cipher:
    """The cipher for personal data of the session's database."""
    cipher: Cipher = session.info["cipher"]
    return cipher
