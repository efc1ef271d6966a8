"""What is done for a service's files behind its back: leftovers removed, files that no row names, all of them verified."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from anyio.to_thread import run_sync
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from kit.context import Context
from kit.logs import log
from kit.settings import FileSettings, ServiceSettings
from kit.storage.files.folder import Folder
from kit.storage.files.store import FileStore
from kit.storage.transactions import files_of
from kit.web.problems import Broken

#: What was begun so long ago and not finished never will be; a file that is kept is named by a row within a day.
UNFINISHED, UNNAMED = timedelta(hours=1), timedelta(days=1)

#: Columns of a service's tables that name files by their hash.
Naming = Sequence[InstrumentedAttribute[Any]]


@dataclass(frozen=True, slots=True)
class Verified:
    """How many files the rows name, and which of them are not there as they were kept."""

    files: int
    harmed: list[str] = field(default_factory=list)


def store_for(settings: ServiceSettings, service: str) -> FileStore | None:
    """The store that the settings name; None for a service that keeps no files."""
    if not isinstance(settings, FileSettings):
        return None
    if settings.files_bucket:
        from kit.storage.files.bucket import Bucket  # here, since its library takes its time and memory

        return Bucket(settings, service)
    assert settings.files_folder is not None
    return Folder(settings.files_folder)


async def named(session: AsyncSession, naming: Naming) -> set[str]:
    """The hashes that rows name."""
    found: set[str] = set()
    for column in naming:
        found.update(await session.scalars(select(column).where(column.is_not(None)).distinct()))
    return found


async def sweep(context: Context, naming: Naming) -> None:
    """Remove what was never finished, and files that no row has named for a day.

    Rows are asked after the files, and a file that is kept once more in between is young again, so that none goes that
    a row is about to name.
    """
    store, day_ago = context.files, context.now - UNNAMED
    gone = await store.clear(context.now - UNFINISHED)
    old = await store.kept_before(day_ago)
    known: Collection[str] = await named(context.session, naming) if old else ()
    for digest in old:
        if digest not in known and await store.remove(digest, day_ago):
            gone += 1
    if gone:
        log.info("files-swept", removed=gone)


async def verify(session: AsyncSession, naming: Naming) -> Verified:
    """Read every file that a row names and compare it with its hash; each that differs is logged. Raises: Unavailable."""
    store, known = files_of(session), sorted(await named(session, naming))
    harmed = []
    for digest in known:
        try:
            opened = await store.open(digest)
        except Broken:
            harmed.append(digest)
        else:
            await run_sync(opened.file.close)
    return Verified(len(known), harmed)
