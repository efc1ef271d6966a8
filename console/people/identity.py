"""The id_token of an identity provider: whom it names, once all that OpenID Connect Core 1.0 asks (3.1.3.7) has been checked."""

from dataclasses import dataclass
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import ClaimError, ExpiredTokenError, JoseError
from joserfc.jwk import KeySet

#: By a private key of the provider alone: neither unsigned, nor by a secret that both sides know.
ALGORITHMS: Final = tuple(f"{kind}{bits}" for kind in ("RS", "PS", "ES") for bits in (256, 384, 512))
#: Seconds that the provider's clock may be apart from ours.
_SKEW: Final = 30
#: Characters of a person's name at a provider (OpenID Connect Core 1.0, 2: `sub`).
LONGEST: Final = 255


@dataclass(frozen=True)
class Expected:
    """What an id_token must say. nonce: what the provider was given; claim: the one that says who it is."""

    issuer: str
    client: str
    nonce: str
    claim: str


class Unfit(Exception):
    """An id_token that is not believed; the message is what is wrong with it, in one word, for the audit."""


def identity_of(token: str, keys: KeySet, expected: Expected, now: float) -> str:
    """Whom an id_token names, by the keys of its issuer.

    Raises: Unfit: signature, malformed, expired, or the claim that is missing or another's.
    """
    registry = jwt.JWTClaimsRegistry(
        now=int(now),
        leeway=_SKEW,
        iss={"essential": True, "value": expected.issuer},
        aud={"essential": True, "value": expected.client},
        exp={"essential": True},
        iat={"essential": True},
        sub={"essential": True},
        nonce={"essential": True, "value": expected.nonce},
    )
    try:
        claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
    except (JoseError, ValueError, KeyError, TypeError, RecursionError):
        raise Unfit("signature") from None
    try:
        registry.validate(claims)
    except ExpiredTokenError:
        raise Unfit("expired") from None
    except ClaimError as wrong:
        raise Unfit(wrong.claim) from None
    except (JoseError, ValueError, TypeError, OverflowError):
        raise Unfit("malformed") from None
    _refuse_for_another(claims, expected.client)
    return _text(claims, expected.claim)


def _refuse_for_another(claims: dict[str, Any], client: str) -> None:
    """Raises: Unfit where the token is for several, and not given to us."""
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if several else client) != client:
        raise Unfit("azp")


def _text(claims: dict[str, Any], claim: str) -> str:
    value = claims.get(claim)
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST or not value.isprintable():
        raise Unfit(claim)
    return value
