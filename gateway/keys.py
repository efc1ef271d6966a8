"""The key that signs tokens: a PEM file of the gateway's, whose public half stands in the JWKS file of all."""

import json
import os
import stat
from pathlib import Path

from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from gateway.settings import GatewaySettings
from kit.web.tokens import write_jwks

_BITS = 3072


class UnusableKey(Exception):
    """The signing key cannot be used as it is; the message says what to do."""


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
    """
    if not settings.signing_key.exists():
        _write_privately(settings.signing_key, RSAKey.generate_key(_BITS).as_pem(private=True))
    key = _read(settings.signing_key)
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
