"""The stores of the tests: a folder, and a bucket of moto's server, each to be asked in one's own event loop."""

import hashlib
import threading
import urllib.request
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import obstore
from moto.server import DomainDispatcherApplication, create_backend_app
from obstore.store import S3Store
from pydantic import SecretStr
from werkzeug.serving import make_server

from kit.settings import FileSettings
from kit.storage.files.upkeep import store_for
from kit.testing import NOT_SAID, PERSONAL_KEY

LIMIT = 4 * 1024 * 1024


def settings(**given: Any) -> FileSettings:
    return FileSettings(database_url=NOT_SAID, personal_key=PERSONAL_KEY, token_jwks=Path("none"), **given)


def bucket_of(address: str, bucket: str) -> FileSettings:
    secret = {"files_key_id": "key", "files_secret": SecretStr("secret")}
    return settings(files_bucket=bucket, files_endpoint=address, **secret)


def moto() -> Iterator[str]:
    """The address of a store that speaks S3; it answers one request at a time, as its own tables bear no two."""
    server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=False)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def make_bucket(address: str, name: str) -> None:
    with urllib.request.urlopen(urllib.request.Request(f"{address}/{name}", method="PUT")) as made:
        assert made.status == 200


class Tried:
    """A store under test, and what somebody with access to its disk or bucket sees and does there."""

    def __init__(self, folder: Path | None, s3: FileSettings | None) -> None:
        self.folder, self._s3 = folder, s3
        given = s3 if s3 is not None else settings(files_folder=folder)
        self.store = store_for(given, "album")

    async def names(self) -> list[str]:
        """Whatever is named by a hash."""
        return sorted(await self.store.kept_before(datetime.now(UTC) + timedelta(minutes=1)))

    def harm(self, digest: str) -> None:
        """Change a bit behind the store's back."""
        if self.folder is not None:
            place = self.folder / digest[:2] / digest
            data = bytearray(place.read_bytes())
            data[len(data) // 2] ^= 1
            place.write_bytes(data)
            return
        there = S3Store(
            self._s3.files_bucket,
            prefix="album",
            endpoint=self._s3.files_endpoint,
            region="us-east-1",
            access_key_id="key",
            secret_access_key="secret",
            client_options={"allow_http": True},
        )
        data = bytearray(obstore.get(there, digest).bytes())
        data[len(data) // 2] ^= 1
        obstore.put(there, digest, bytes(data))


async def parts(data: bytes, size: int = 1024 * 1024) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
