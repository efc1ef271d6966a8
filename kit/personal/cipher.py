"""Personal data: encrypted at rest, found by a keyed hash, shown in full only where a scope allows it."""

import base64
import hashlib
import hmac
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr

from kit.web.caller import Caller
from kit.web.problems import Forbidden

#: Scope that lets a caller see personal data unmasked; each look is audited.
UNMASK = "personal:read"

_NONCE = 12


class Cipher:
    """AES-256-GCM for values, HMAC-SHA-256 for look-ups, both from one key of 32 bytes (base64)."""

    def __init__(self, key: SecretStr) -> None:
        raw = base64.b64decode(key.get_secret_value(), validate=True)
        if len(raw) != 32:
            raise ValueError("the personal key must be 32 bytes in base64")
        self._values = AESGCM(hmac.digest(raw, b"values", "sha256"))
        self._lookup = hmac.digest(raw, b"lookup", "sha256")

    def seal(self, text: str) -> bytes:
        """Encrypt a text."""
        return self.seal_bytes(text.encode())

    def open(self, sealed: bytes) -> str:
        """Decrypt a text."""
        return self.open_bytes(sealed).decode()

    def seal_bytes(self, data: bytes) -> bytes:
        """Encrypt a file."""
        nonce = os.urandom(_NONCE)
        return nonce + self._values.encrypt(nonce, data, None)

    def open_bytes(self, sealed: bytes) -> bytes:
        """Decrypt a file."""
        return self._values.decrypt(sealed[:_NONCE], sealed[_NONCE:], None)

    def lookup(self, text: str) -> str:
        """The keyed hash by which an encrypted value is found again."""
        return hmac.new(self._lookup, text.encode(), hashlib.sha256).hexdigest()


def must_unmask(caller: Caller) -> None:
    """Refuse a caller who may not see personal data unmasked; who may is to be audited.

    Raises: Forbidden.
    """
    if not caller.may(UNMASK):
        raise Forbidden("missing-scope", f"查看完整个人信息需要权限 {UNMASK}。", missing=[UNMASK])
