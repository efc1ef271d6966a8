"""Files in a bucket of a store that speaks S3: of a cloud, or of the district's own data centre.

A file is written down here first, to its end, and looked at; then it is sent. Such a store shows a file when all of it
has come, and not before, so nothing half written has a name. What was never finished there is removed by the bucket's own
rule for unfinished uploads (docs/operations.md).
"""

import re
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import IO, TYPE_CHECKING

import obstore
from anyio.to_thread import run_sync
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from kit.settings import FileSettings
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
    unavailable,
)
from kit.web.problems import full

if TYPE_CHECKING:
    from obstore.store import S3Config

_STATUS = re.compile(r"non-2xx status code: (\d{3})")
#: What stores without room say, whichever status they say it with.
_NO_ROOM = re.compile(
    "status code: 507|<Code>(?:XMinioStorageFull|QuotaExceeded|InsufficientCapacity|InsufficientStorage)"
)


class Bucket:
    """Keeps files under their hashes, below the service's name."""

    def __init__(self, settings: FileSettings, service: str) -> None:
        assert settings.files_bucket
        config: S3Config = {
            "region": settings.files_region,
            "access_key_id": settings.files_key_id,
            "secret_access_key": settings.files_secret.get_secret_value(),
            "virtual_hosted_style_request": False,
            "checksum_algorithm": "SHA256",
        }
        if settings.files_endpoint:
            config["endpoint"] = settings.files_endpoint
        self._store = S3Store(
            settings.files_bucket,
            prefix=service,
            config=config,
            client_options={
                "allow_http": settings.files_endpoint.startswith("http:"),
                "connect_timeout": timedelta(seconds=3),
                "timeout": timedelta(seconds=settings.read_timeout),
            },
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=10)},
        )

    async def keep(
        self, source: Source, *, limit: int, kinds: Collection[str], pointer: str = "/file"
    ) -> Kept:
        """As `FileStore.keep`. The same bytes again are sent again, so that their day is this one."""
        with says_when_full(), tempfile.TemporaryFile() as file:
            digest, size = await receive(source, file, limit, pointer)
            kind = await recognise(file, kinds, pointer)
            file.seek(0)
            with _says_what_is_wrong():
                await obstore.put_async(
                    self._store, digest, file, attributes={"Content-Type": kind.media_type}
                )
        return Kept(digest, size, kind.media_type, kind.extension)

    async def open(self, digest: str) -> Opened:
        """As `FileStore.open`: fetched to its end before any of it is passed on."""
        file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever asked closes it
        try:
            with says_when_full(), _says_what_is_wrong():
                await self._fetch(digest, file)
            return Opened(await run_sync(hashed, file, digest), file)
        except BaseException:
            file.close()
            raise

    async def has(self, digest: str) -> bool:
        """As `FileStore.has`."""
        return await self._time(digest) is not None

    async def remove(self, digest: str, kept_before: datetime | None = None) -> bool:
        """As `FileStore.remove`."""
        kept = await self._time(digest)
        if kept is None or (kept_before is not None and kept >= kept_before):
            return False
        with _says_what_is_wrong():
            await obstore.delete_async(self._store, digest)
        return True

    async def kept_before(self, time: datetime) -> list[str]:
        """As `FileStore.kept_before`."""
        with _says_what_is_wrong():
            return [
                each["path"]
                async for page in obstore.list(self._store)
                for each in page
                if each["last_modified"] < time
            ]

    async def clear(self, begun_before: datetime) -> int:  # noqa: ARG002 - nothing begun has a name here
        """As `FileStore.clear`: there is nothing that this could find."""
        return 0

    async def _fetch(self, digest: str, file: IO[bytes]) -> None:
        try:
            found = await obstore.get_async(self._store, checked(digest))
        except FileNotFoundError:
            raise damaged(digest, "missing") from None
        async for part in found.stream():
            await run_sync(file.write, part)
        await run_sync(file.seek, 0)

    async def _time(self, digest: str) -> datetime | None:
        """When a file was kept last; None where there is none."""
        with _says_what_is_wrong():
            try:
                return (await obstore.head_async(self._store, checked(digest)))["last_modified"]
            except FileNotFoundError:
                return None


@contextmanager
def _says_what_is_wrong() -> Iterator[None]:
    """What the store refuses or does not answer, as a problem. A wrong key stays wrong, and is no problem that passes.

    Raises: Full; Unavailable; whatever stays.
    """
    try:
        yield
    except (PermissionDeniedError, UnauthenticatedError):
        raise
    except BaseError as error:
        said = str(error)
        status = _STATUS.search(said)
        if _NO_ROOM.search(said):
            raise full() from error
        if status is None or status[1].startswith("5") or status[1] == "429":
            raise unavailable(error) from error
        raise
