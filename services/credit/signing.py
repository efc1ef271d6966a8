"""How credit statements are signed and their signatures checked: JWS, ES256 (RFC 7515, RFC 7518) (P-2.3.2c)."""

import json
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

ALGORITHM: Final = "ES256"


class UnusableKey(Exception):
    """A text that is no key which signs statements."""


def read_keys(text: str) -> KeySet:
    """The keys of a private JWK or of a set of them, in JSON; each bears its thumbprint as its id.

    Raises: UnusableKey.
    """
    try:
        told = json.loads(text)
        made = [ECKey.import_key(each) for each in told.get("keys", [told])]
    except (ValueError, TypeError, AttributeError, KeyError, JoseError):
        raise UnusableKey("should be a private JWK or JWK set of kind EC") from None
    if not made or not all(each.is_private and each.curve_name == "P-256" for each in made):
        raise UnusableKey("should be private keys on the curve P-256")
    for each in made:
        each.ensure_kid()
    return KeySet(list(made))


def sign(keys: KeySet, content: dict[str, Any]) -> str:
    """The content signed by the first of the keys, in compact form."""
    [first, *_] = keys.keys
    payload = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    header = {"alg": ALGORITHM, "kid": first.kid, "typ": "JWS"}
    return jws.serialize_compact(header, payload.encode(), first, algorithms=[ALGORITHM])


def opened(keys: KeySet, text: str) -> dict[str, Any] | None:
    """What a signed text says; None of one that none of the keys signed."""
    try:
        found = json.loads(jws.deserialize_compact(text, keys, algorithms=[ALGORITHM]).payload)
    except (JoseError, ValueError, TypeError):  # of a text that is no JWS at all too
        return None
    return found if isinstance(found, dict) else None


def published(keys: KeySet) -> list[dict[str, Any]]:
    """The public halves of the keys."""
    return [{**each.as_dict(private=False), "use": "sig", "alg": ALGORITHM} for each in keys.keys]
