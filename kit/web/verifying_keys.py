"""The public keys by which tokens are checked: a file that is read again when it changes, or an address that is fetched."""

import asyncio
import json
from pathlib import Path
from time import monotonic
from typing import Final

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from kit.logs import log
from kit.web.problems import Unavailable

#: Seconds after which keys are fetched again; that lie between two tries, whoever asks; after which old ones are no use.
_FRESH: Final = 600.0
_PAUSE: Final = 30.0
_LAST: Final = 86_400.0
#: Seconds that an issuer has for its answer, and the bytes that it may send.
_PATIENCE: Final = 5.0
_MOST: Final = 256 * 1024
#: Keys that have a public half; a secret that both sides know is none of ours to check by.
_KINDS: Final = ("RSA", "EC", "OKP")
_BROKEN = (ValueError, KeyError, TypeError, AttributeError, RecursionError, JoseError)


def _imported(content: bytes) -> KeySet:
    """The keys of a JWKS; raises one of `_BROKEN` where it is none."""
    keys = KeySet.import_key_set(json.loads(content))
    return KeySet([key for key in keys if key.key_type in _KINDS])


class FileKeys:
    """The keys of a JWKS file, read again when it changes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._keys = KeySet([])
        self._file: tuple[int, int, int] | None = None

    def current(self) -> KeySet:
        """The keys; another set after each change. Raises: Unavailable."""
        try:
            state = self._path.stat()
            file = (state.st_ino, state.st_mtime_ns, state.st_size)
            if file != self._file:
                self._keys = _imported(self._path.read_bytes())
                self._file = file
        except (OSError, *_BROKEN) as error:
            log.error("jwks-unreadable", path=str(self._path), error=repr(error))
            raise Unavailable("keys-unreadable", "暂时无法核验令牌，请稍后重试。") from error
        return self._keys

    async def prepare(self, _kid: str | None) -> None:
        """Nothing is to be fetched."""


class FetchedKeys:
    """The keys at an address, fetched every ten minutes, and for a key that nobody knows, though not more than twice a minute.

    While their issuer is away the last ones hold for a day.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._keys = KeySet([])
        self._content = b""
        self._fetched = self._tried = float("-inf")
        self._failed = False
        self._fetching: asyncio.Task[None] | None = None

    def current(self) -> KeySet:
        """The keys; another set after each change. Raises: Unavailable."""
        if monotonic() - self._fetched > _LAST:
            raise _away()
        return self._keys

    async def prepare(self, kid: str | None) -> None:
        """Fetch the keys where it is time, or where none is called so.

        Raises: Unavailable, where it is not known whether there is such a key.
        """
        now = monotonic()
        fresh, known = now - self._fetched < _FRESH, kid in {key.kid for key in self._keys}
        if fresh and known:
            return
        if self._fetching is None and now - self._tried >= _PAUSE:
            self._tried = now
            self._fetching = asyncio.create_task(self._fetch())
        usable = known and now - self._fetched < _LAST
        if self._fetching is not None and not usable:
            await asyncio.shield(self._fetching)
        if self._failed and not usable and kid not in {key.kid for key in self._keys}:
            raise _away()

    async def _fetch(self) -> None:
        import httpx2  # when first needed, since it takes time and memory

        try:
            async with (
                asyncio.timeout(_PATIENCE),
                httpx2.AsyncClient(timeout=_PATIENCE, follow_redirects=False) as http,
                http.stream("GET", self._address) as answer,
            ):
                answer.raise_for_status()
                content = bytearray()
                async for part in answer.aiter_bytes():
                    content += part
                    if len(content) > _MOST:
                        raise ValueError("too long")
            if content != self._content:
                self._keys, self._content = _imported(bytes(content)), bytes(content)
            self._fetched, self._failed = monotonic(), False
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, *_BROKEN) as error:
            self._failed = True
            log.error("jwks-not-fetched", address=self._address, error=type(error).__name__)
        finally:
            self._fetching = None


Keys = FileKeys | FetchedKeys


def keys_at(where: str) -> Keys:
    """The keys of a file or of an address."""
    return FetchedKeys(where) if where.startswith(("https://", "http://")) else FileKeys(Path(where))


def _away() -> Unavailable:
    return Unavailable("issuer-away", "令牌的签发方暂时连接不上，无法核验令牌，请稍后重试。", retry_after=30)
