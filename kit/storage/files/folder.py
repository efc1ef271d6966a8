"""Files in a folder of this machine, or of a file system that several share."""

import fcntl
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO

from anyio.to_thread import run_sync

from kit.storage.db import new_id
from kit.storage.files.store import (
    Kept,
    Opened,
    Source,
    checked,
    damaged,
    hashed,
    receive,
    recognise,
    says_when_full,
)

#: Where files lie while they are written; a backup leaves it out.
BEGUN = "new"


class Folder:
    """Keeps files as `ab/abcd…`, each written and synced under another name before; readable by their owner only."""

    def __init__(self, path: Path) -> None:
        self._path, self._begun, self._lock = path, path / BEGUN, path / ".lock"

    async def keep(
        self, source: Source, *, limit: int, kinds: Collection[str], pointer: str = "/file"
    ) -> Kept:
        """As `FileStore.keep`."""
        with says_when_full():
            scratch, file = await run_sync(self._begin)
            try:
                with file:
                    digest, size = await receive(source, file, limit, pointer)
                    kind = await recognise(file, kinds, pointer)
                    await run_sync(self._finish, scratch, file, digest)
            except BaseException:
                scratch.unlink(missing_ok=True)
                raise
        return Kept(digest, size, kind.media_type, kind.extension)

    async def open(self, digest: str) -> Opened:
        """As `FileStore.open`."""
        return await run_sync(self._opened, digest)

    async def has(self, digest: str) -> bool:
        """As `FileStore.has`."""
        return await run_sync(self._place(digest).is_file)

    async def remove(self, digest: str, kept_before: datetime | None = None) -> bool:
        """As `FileStore.remove`."""
        return await run_sync(self._remove, digest, kept_before)

    async def kept_before(self, time: datetime) -> list[str]:
        """As `FileStore.kept_before`."""

        def listed() -> list[str]:
            return [place.name for place in self._path.glob("[0-9a-f][0-9a-f]/*") if _is_older(place, time)]

        return await run_sync(listed)

    async def clear(self, begun_before: datetime) -> int:
        """As `FileStore.clear`: a file that is still written to is not older than its last byte."""

        def cleared() -> int:
            old = [each for each in self._begun.glob("*") if _is_older(each, begun_before)]
            for each in old:
                each.unlink(missing_ok=True)
            return len(old)

        return await run_sync(cleared)

    def _begin(self) -> tuple[Path, IO[bytes]]:
        self._begun.mkdir(mode=0o700, parents=True, exist_ok=True)
        scratch = self._begun / str(new_id())
        return scratch, os.fdopen(os.open(scratch, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")

    def _finish(self, scratch: Path, file: IO[bytes], digest: str) -> None:
        """Give what was written its name, for good. What had it before has the same bytes, or was damaged."""
        os.fsync(file.fileno())
        place = self._place(digest)
        place.parent.mkdir(mode=0o700, exist_ok=True)
        with self._locked(fcntl.LOCK_SH):
            scratch.replace(place)
        _sync(place.parent)
        _sync(self._path)

    def _opened(self, digest: str) -> Opened:
        try:
            file = self._place(digest).open("rb")
        except FileNotFoundError:
            raise damaged(digest, "missing") from None
        try:
            return Opened(hashed(file, digest), file)
        except BaseException:
            file.close()
            raise

    def _remove(self, digest: str, kept_before: datetime | None) -> bool:
        place = self._place(digest)
        with self._locked(fcntl.LOCK_EX):  # nobody keeps it between the look and the removal
            if kept_before is not None and not _is_older(place, kept_before):
                return False
            try:
                place.unlink()
            except FileNotFoundError:
                return False
        return True

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, how)
            yield
        finally:
            os.close(lock)

    def _place(self, digest: str) -> Path:
        return self._path / checked(digest)[:2] / digest


def _is_older(path: Path, time: datetime) -> bool:
    with suppress(FileNotFoundError):
        return path.stat().st_mtime < time.timestamp()
    return False


def _sync(folder: Path) -> None:
    """Make the names in a folder last."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
