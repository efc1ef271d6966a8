"""Files kept by their hash, behind a small port: what a store does, however it keeps them.

kept = await context.files.keep(upload, limit=50 * 1024**2, kinds=DOCUMENTS)   # before the row that says so
opened = await context.files.open(row.sha256)                                  # whole and unharmed, or a problem
"""

import hashlib
import re
from collections.abc import AsyncIterable, AsyncIterator, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Final, Protocol

from anyio.to_thread import run_sync

from kit.logs import log
from kit.storage.files.kinds import Kind, Unwanted, kind_of
from kit.web.problems import Broken, FieldError, Invalid, TooLarge, Unavailable, full, is_full

#: Bytes that are read, written or hashed at a time: what is held of a file does not grow with it.
PIECE: Final = 1024 * 1024
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Readable(Protocol):
    """What is read in pieces: an `UploadFile`."""

    async def read(self, size: int = -1, /) -> bytes:
        """The next bytes, none at the end."""


Source = Readable | AsyncIterable[bytes]


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is kept: its hash and size, and its kind by what is in it."""

    sha256: str
    size: int
    media_type: str
    extension: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A kept file, whole and unharmed; to be closed by whoever asked (`kit.web.downloads.streamed` does)."""

    size: int
    file: IO[bytes]


class FileStore(Protocol):
    """Where a service keeps files. Whatever is named by a hash was written to its end, and synced, before."""

    async def keep(
        self, source: Source, *, limit: int, kinds: Collection[str], pointer: str = "/file"
    ) -> Kept:
        """Keep a file of one of the kinds; the same bytes twice are one file.

        limit: bytes; kinds: extensions of `kinds.KINDS`; pointer: of the file in the request.
        Raises: TooLarge; Invalid for an empty file, another kind, one with macros or a password; Full; Unavailable.
        """

    async def open(self, digest: str) -> Opened:
        """A file by its hash, which its bytes have been found to have. Raises: Broken where they do not; Unavailable."""

    async def has(self, digest: str) -> bool:
        """Whether there is a file of this hash. Raises: Unavailable."""

    async def remove(self, digest: str, kept_before: datetime | None = None) -> bool:
        """Remove a file, unless it was kept (once more) at or after `kept_before`; whether there was one to remove."""

    async def kept_before(self, time: datetime) -> list[str]:
        """The hashes of the files that were kept last before a time."""

    async def clear(self, begun_before: datetime) -> int:
        """Remove what was begun before a time and never finished; how many."""


async def receive(source: Source, file: IO[bytes], limit: int, pointer: str) -> tuple[str, int]:
    """Write a source to its end into a file; its hash and size.

    Raises: TooLarge; Invalid where there is nothing.
    """
    digest, size = hashlib.sha256(), 0

    def take(part: bytes) -> None:
        file.write(part)
        digest.update(part)

    async for part in _parts(source):
        size += len(part)
        if size > limit:
            raise _too_large(limit, pointer)
        await run_sync(take, part)
    if not size:
        wrong = [FieldError(pointer=pointer, reason="没有内容")]
        raise Invalid("empty-file", "文件是空的，请重新选择。", errors=wrong)
    await run_sync(file.flush)
    return digest.hexdigest(), size


async def _parts(source: Source) -> AsyncIterator[bytes]:
    if isinstance(source, AsyncIterable):
        async for part in source:
            yield part
        return
    while part := await source.read(PIECE):
        yield part


async def recognise(file: IO[bytes], kinds: Collection[str], pointer: str) -> Kind:
    """The kind of a file by what is in it. Raises: Invalid for any but these, for macros, for a password."""
    try:
        return await run_sync(kind_of, file, kinds)
    except Unwanted as unwanted:
        wrong = [FieldError(pointer=pointer, reason=unwanted.reason)]
        if unwanted.protected:
            raise Invalid("protected-file", unwanted.detail, errors=wrong) from None
        raise Invalid("unknown-kind", unwanted.detail, errors=wrong) from None


def hashed(file: IO[bytes], digest: str) -> int:
    """The size of a file whose bytes have this hash; it is left at its beginning. Raises: Broken where they have another."""
    found = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    size = file.tell()
    if found != digest:
        raise damaged(digest, "other-bytes")
    file.seek(0)
    return size


def checked(digest: str) -> str:
    """A text that is a hash, and so leads nowhere else. Raises: ValueError."""
    if not _DIGEST.fullmatch(digest):
        raise ValueError("no SHA-256 in small hexadecimal digits")
    return digest


@contextmanager
def says_when_full() -> Iterator[None]:
    """A disk without room is a problem that says so. Raises: Full."""
    try:
        yield
    except OSError as error:
        if not is_full(error):
            raise
        raise full() from error


def unavailable(error: BaseException) -> Unavailable:
    """The problem of a store that cannot be reached."""
    log.error("files-unavailable", error=type(error).__name__)
    return Unavailable("files-unavailable", "存放文件的系统暂时连接不上，请稍后重试。", retry_after=30)


def damaged(digest: str, why: str) -> Broken:
    """The problem of a file that is not what was kept; why: for the log."""
    log.error("file-damaged", sha256=digest, why=why)
    return Broken(
        "file-damaged", "这个文件存放后已损坏或丢失，不能提供。请联系管理员从备份恢复，或重新上传。"
    )


def _too_large(limit: int, pointer: str) -> TooLarge:
    megabytes = f"{limit / 1024 / 1024:.4g} MB"
    wrong = [FieldError(pointer=pointer, reason=f"超过 {megabytes}")]
    return TooLarge("file-too-large", f"文件超过 {megabytes}，请压缩其中的图片或拆分后再提交。", errors=wrong)
