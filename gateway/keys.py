"""The key that signs tokens: a PEM file of the gateway's, whose public half stands in the JWKS file of all.

It is replaced while everything runs: the new public key is published before anything is signed with it, and the old one
stays published until it is forgotten.
"""

import json
import os
import stat
from pathlib import Path

from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from gateway.settings import GatewaySettings
from kit.logs import log
from kit.web.tokens import write_jwks

_BITS = 3072


class UnusableKey(Exception):
    """The signing key cannot be used as it is; the message says what to do."""


class SigningKey:
    """The key in force, read again when its file changes; a broken change leaves the former key in force."""

    def __init__(self, settings: GatewaySettings) -> None:
        """Raises: UnusableKey."""
        self._settings = settings
        self._stamp = stamp_of(settings.signing_key)
        self._key = load_signing_key(settings)

    def current(self) -> RSAKey:
        """The key that signs now."""
        stamp = stamp_of(self._settings.signing_key)
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                self._key = load_signing_key(self._settings)
                log.info("signing-key-read", kid=self._key.kid)
            except UnusableKey as error:
                log.error("signing-key-broken", reason=str(error))
        return self._key


def load_signing_key(settings: GatewaySettings) -> RSAKey:
    """The signing key; its id is its thumbprint (RFC 7638).

    Raises: UnusableKey when a file is missing, everybody may read the key, or the JWKS file lacks it.
    """
    key = _read(settings.signing_key)
    if key.kid not in {public.kid for public in _published(settings.token_jwks)}:
        raise UnusableKey(
            f"{settings.token_jwks} lacks the key {key.kid} of {settings.signing_key}: run `python -m gateway keys`"
        )
    return key


def make_keys(settings: GatewaySettings) -> None:
    """Make the signing key where there is none, and add its public half to the JWKS file.

    Keys that are in the file already stay, so that tokens signed with an older key hold until they expire.
    Raises: UnusableKey.
    """
    _publish(settings, _made(settings.signing_key))


def announce(settings: GatewaySettings) -> None:
    """Make the next key where there is none, and publish its public half; nothing is signed with it yet.

    For whoever keeps copies of the JWKS file: they know the key before a token names it. Raises: UnusableKey.
    """
    make_keys(settings)
    _publish(settings, _made(_next(settings)))


def rotate(settings: GatewaySettings) -> None:
    """Sign with the next key from now on, made where none is announced; tokens of the former one hold until they end.

    Raises: UnusableKey.
    """
    announce(settings)
    _next(settings).replace(settings.signing_key)


def forget(settings: GatewaySettings) -> None:
    """Take back every public key but those of the key in force and of the next: tokens of former ones end at once.

    Raises: UnusableKey.
    """
    make_keys(settings)
    next = _next(settings)
    write_jwks([_read(path) for path in (settings.signing_key, next) if path.exists()], settings.token_jwks)


def stamp_of(path: Path) -> tuple[int, int, int] | None:
    """What changes with a file's content; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _next(settings: GatewaySettings) -> Path:
    return settings.signing_key.with_suffix(".next.pem")


def _made(path: Path) -> RSAKey:
    """The key of a file, made where there is none."""
    if not path.exists():
        _write_privately(path, RSAKey.generate_key(_BITS).as_pem(private=True))
    return _read(path)


def _publish(settings: GatewaySettings, key: RSAKey) -> None:
    published = _published(settings.token_jwks) if settings.token_jwks.exists() else []
    if key.kid not in {public.kid for public in published}:
        write_jwks([key, *published], settings.token_jwks)


def _read(path: Path) -> RSAKey:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & stat.S_IRWXO:
            raise UnusableKey(f"{path} may be read by everybody ({mode:04o}): run `chmod 600 {path}`")
        key = RSAKey.import_key(path.read_bytes())
    except OSError as error:
        raise UnusableKey(f"{path}: {error.strerror}; `python -m gateway keys` makes one") from error
    except (ValueError, JoseError) as error:
        raise UnusableKey(f"{path} is no RSA key in PEM") from error
    key.ensure_kid()
    return key


def _published(path: Path) -> list[RSAKey]:
    try:
        keys = KeySet.import_key_set(json.loads(path.read_text())).keys
    except OSError as error:
        raise UnusableKey(f"{path}: {error.strerror}; `python -m gateway keys` makes it") from error
    except (ValueError, KeyError, TypeError, JoseError) as error:
        raise UnusableKey(f"{path} is no JWKS file") from error
    return [key for key in keys if isinstance(key, RSAKey)]


def _write_privately(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
