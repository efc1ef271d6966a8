"""The key that signs tokens: a PEM file of the gateway's, whose public half stands in the JWKS file of all."""

import json
import os
import stat
from pathlib import Path

from joserfc.jwk import KeySet, RSAKey

from gateway.settings import GatewaySettings
from kit.tokens import write_jwks

_BITS = 3072


class UnusableKey(Exception):
    """The signing key cannot be used as it is; the message says what to do."""


def load_signing_key(settings: GatewaySettings) -> RSAKey:
    """The signing key, under the id that the JWKS file gives its public half.

    Raises: UnusableKey when a file is missing, everybody may read the key, or the JWKS file lacks it.
    """
    path = settings.signing_key
    key = _read(path)
    print_ = key.thumbprint()
    for public in _published(settings.token_jwks):
        if public.thumbprint() == print_:
            return RSAKey.import_key(path.read_bytes(), {"kid": str(public.kid)})
    raise UnusableKey(f"{settings.token_jwks} lacks the public half of {path}: run `python -m gateway keys`")


def make_keys(settings: GatewaySettings) -> None:
    """Make the signing key where there is none, and add its public half to the JWKS file.

    Keys that are in the file already stay, so that tokens signed with an older key hold until they expire.
    """
    path = settings.signing_key
    if not path.exists():
        _write_privately(path, RSAKey.generate_key(_BITS).as_pem(private=True))
    key = _read(path)
    published = _published(settings.token_jwks) if settings.token_jwks.exists() else []
    if all(public.thumbprint() != key.thumbprint() for public in published):
        named = RSAKey.import_key(path.read_bytes(), {"kid": key.thumbprint()})
        write_jwks([named, *published], settings.token_jwks)


def _read(path: Path) -> RSAKey:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & stat.S_IRWXO:
            raise UnusableKey(f"{path} may be read by everybody ({mode:04o}): run `chmod 600 {path}`")
        return RSAKey.import_key(path.read_bytes())
    except OSError as error:
        raise UnusableKey(f"{path}: {error.strerror}; `python -m gateway keys` makes one") from error
    except ValueError as error:
        raise UnusableKey(f"{path} is no RSA key in PEM") from error


def _published(path: Path) -> list[RSAKey]:
    try:
        keys = KeySet.import_key_set(json.loads(path.read_text())).keys
    except OSError as error:
        raise UnusableKey(f"{path}: {error.strerror}; `python -m gateway keys` makes it") from error
    return [key for key in keys if isinstance(key, RSAKey)]


def _write_privately(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
