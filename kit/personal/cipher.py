"""Personal data: encrypted at rest, found by a keyed hash, shown in full only where a scope allows it."""

import hashlib
import hmac
import os
from contextlib import suppress

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr

from kit.personal.keys import Keys
from kit.web.caller import Caller
from kit.web.problems import Forbidden

#: Scope that lets a caller see personal data unmasked; each look is audited.
UNMASK = "personal:read"

_NONCE = 12


class Cipher:
    """AES-256-GCM for values, HMAC-SHA-256 for look-ups, both from a key of 32 bytes (`kit.personal.keys`).

    There may be several keys: the first seals, each opens. What is sealed bears no name of its key: which one opens it
    tells. `id`: of the first key, tells nothing of it.
    """

    def __init__(self, keys: SecretStr) -> None:
        """Raises: ValueError for what is no key."""
        raw = Keys.read(keys.get_secret_value()).opening
        self._values = [AESGCM(hmac.digest(key, b"values", "sha256")) for key in raw]
        self._lookups = [hmac.digest(key, b"lookup", "sha256") for key in raw]
        self.id = hmac.digest(raw[0], b"id", "sha256").hex()[:8]

    def seal(self, text: str) -> bytes:
        """Encrypt a text."""
        return self.seal_bytes(text.encode())

    def open(self, sealed: bytes) -> str:
        """Decrypt a text. Raises: InvalidTag when no key opens it."""
        return self.open_bytes(sealed).decode()

    def seal_bytes(self, data: bytes) -> bytes:
        """Encrypt a file."""
        nonce = os.urandom(_NONCE)
        return nonce + self._values[0].encrypt(nonce, data, None)

    def open_bytes(self, sealed: bytes) -> bytes:
        """Decrypt a file. Raises: InvalidTag when no key opens it."""
        *former, last = self._values
        for key in former:
            with suppress(InvalidTag):
                return key.decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
        return last.decrypt(sealed[:_NONCE], sealed[_NONCE:], None)

    def is_first(self, sealed: bytes) -> bool:
        """Whether it is the first key that a value is sealed with; shown by opening it."""
        with suppress(InvalidTag):
            self._values[0].decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
            return True
        return False

    def lookup(self, text: str) -> str:
        """The keyed hash by which an encrypted value is found again: to be kept, by the first key."""
        return self.lookups(text)[0]

    def lookups(self, text: str) -> list[str]:
        """The hashes of a text by each key: to be looked for."""
        return [hmac.new(key, text.encode(), hashlib.sha256).hexdigest() for key in self._lookups]


def must_unmask(caller: Caller) -> None:
    """Refuse a caller who may not see personal data unmasked; who may is to be audited.

    Raises: Forbidden.
    """
    if not caller.may(UNMASK):
        raise Forbidden("missing-scope", f"查看完整个人信息需要权限 {UNMASK}。", missing=[UNMASK])
