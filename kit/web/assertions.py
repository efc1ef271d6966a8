"""Assertions of who a person is, which a client signs and the gateway makes a token of (RFC 7523 2.1)."""

import secrets
import time
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from kit.web.caller import Caller

#: RFC 9864's name of it: `EdDSA` is deprecated there, as it leaves the curve open.
ALGORITHM = "Ed25519"
#: Seconds that an assertion may hold.
LONGEST = 60


def new_key() -> str:
    """A new key that signs assertions, as PEM."""
    return OKPKey.generate_key("Ed25519").as_pem(private=True).decode()


def read_key(path: Path) -> OKPKey:
    """The key of a PEM file; its id is its thumbprint (RFC 7638).

    Raises: OSError; ValueError where it is no Ed25519 key.
    """
    try:
        key = OKPKey.import_key(path.read_bytes())
        if not key.is_private or key.as_dict(private=False)["crv"] != "Ed25519":
            raise ValueError
    except (JoseError, ValueError, TypeError):
        raise ValueError(f"{path} is no private Ed25519 key in PEM") from None
    key.ensure_kid()
    return key


def public_jwk(key: OKPKey) -> dict[str, Any]:
    """The public half of a key, as the clients file of the gateway holds it."""
    return dict(key.as_dict(private=False))


def sign_assertion(key: OKPKey, caller: Caller, audience: str, now: float | None = None) -> str:
    """An assertion for one request of a token: that of the caller's person, with its unit, limits and scopes.

    caller: its client signs; audience: the gateway's issuer. Raises: ValueError for a caller that is no person.
    """
    if caller.person is None:
        raise ValueError("an assertion is of a person")
    issued = int(time.time() if now is None else now)
    claims: dict[str, Any] = {
        "iss": caller.client,
        "sub": caller.person.id,
        "name": caller.person.name,
        "aud": audience,
        "iat": issued,
        "exp": issued + LONGEST,
        "jti": secrets.token_urlsafe(24),
        "scope": " ".join(sorted(caller.scopes)),
    }
    return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, claims | caller.limits, key, algorithms=[ALGORITHM])
