"""Bearer tokens: signed by the gateway, or by another issuer that the deployment names, and checked by everyone."""

import base64
import json
import os
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import KeySet, RSAKey

from kit.settings import TokenSettings
from kit.web import issuers
from kit.web.caller import Caller, Person
from kit.web.problems import Unauthorized
from kit.web.verifying_keys import FileKeys, Keys, keys_at

ALGORITHM = "RS256"
#: Seconds; beyond, neither numbers of JSON nor clocks are exact.
_END_OF_TIME = 2**53


def sign(
    caller: Caller, key: RSAKey, settings: TokenSettings, lifetime: int, now: float | None = None
) -> str:
    """A signed token for the caller that expires after `lifetime` seconds."""
    issued = int(time.time() if now is None else now)
    claims: dict[str, Any] = {
        "iss": settings.token_issuer,
        "aud": settings.token_audience,
        "sub": caller.client,
        "name": caller.name,
        "iat": issued,
        "exp": issued + lifetime,
        "scope": " ".join(sorted(caller.scopes)),
    }
    claims |= caller.limits
    if caller.person is not None:
        claims["person"] = {"id": caller.person.id, "name": caller.person.name}
    return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, claims, key)


class _Trusted:
    """An issuer that is believed: by which keys, and what its claims mean."""

    _SKEW = 30  # seconds that the issuer's clock may be ahead of ours

    def __init__(
        self, keys: Keys, issuer: str, audience: str, caller: Callable[[dict[str, Any]], Caller]
    ) -> None:
        self.keys, self._caller = keys, caller
        self.algorithms = [ALGORITHM]
        self._claims = jwt.JWTClaimsRegistry(
            leeway=self._SKEW,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
        )

    def check(self, token: str, keys: KeySet) -> tuple[float, Caller]:
        """When a token ends, and whose it is. Raises: Unauthorized."""
        try:
            claims = jwt.decode(token, keys, algorithms=self.algorithms).claims
            _refuse_unlike_numbers(claims)
            self._claims.validate(claims)
            return float(claims["exp"]), self._caller(claims)
        except ExpiredTokenError:
            raise _expired() from None
        except (JoseError, ValueError, KeyError, TypeError, RecursionError):
            raise _invalid("令牌无效") from None
        except issuers.Unmapped as unmapped:
            raise _invalid(str(unmapped)) from None


class Verifier:
    """Checks tokens by the keys of their issuers: ours, and others that the deployment names.

    Checked tokens are remembered by their text until they expire or their issuer's keys change, so that a busy client
    costs one check.
    """

    _REMEMBERED = 2048

    def __init__(self, settings: TokenSettings) -> None:
        """Raises: BrokenIssuers."""
        self._own = _Trusted(
            FileKeys(settings.token_jwks), settings.token_issuer, settings.token_audience, _caller
        )
        self._others: dict[object, _Trusted] = {}
        named = issuers.read(settings.outside_issuers) if settings.outside_issuers else {}
        for called, other in named.items():
            if other.issuer == settings.token_issuer:
                raise issuers.BrokenIssuers(f"{called} is called as we are: {other.issuer}")
            made = _Trusted(keys_at(other.jwks), other.issuer, other.audience, partial(other.caller, called))
            made.algorithms = list(other.algorithms)
            self._others[other.issuer] = made
        self._known: OrderedDict[str, _Remembered] = OrderedDict()

    async def admit(self, token: str) -> Caller:
        """The caller of a valid token, whose issuer's keys are fetched where they have to be.

        Raises: what `verify` raises.
        """
        if self._others:
            issuer, kid = said(token)
            if (other := self._others.get(issuer)) is not None:
                await other.keys.prepare(kid)
        return self.verify(token)

    def verify(self, token: str) -> Caller:
        """The caller of a valid token, by the keys that are at hand.

        Raises: Unauthorized, saying whether it has expired or cannot be trusted; Unavailable without keys.
        """
        known = self._known.pop(token, None)
        issuer = known.issuer if known else self._issuer(token)
        keys = issuer.keys.current()
        if known is None or known.keys is not keys:
            known = _Remembered(*issuer.check(token, keys), issuer, keys)
        if known.expires <= time.time():
            raise _expired()
        self._known[token] = known
        if len(self._known) > self._REMEMBERED:
            self._known.popitem(last=False)
        return known.caller

    def _issuer(self, token: str) -> _Trusted:
        """Whose keys a token is checked by: of the issuer that it names, and of no other."""
        return self._others.get(said(token)[0], self._own) if self._others else self._own


@dataclass(frozen=True, slots=True)
class _Remembered:
    """A token that was checked by these keys of its issuer."""

    expires: float
    caller: Caller
    issuer: _Trusted
    keys: KeySet


def said(token: str) -> tuple[str | None, str | None]:
    """The issuer and the key that a token names, of which nothing is believed yet; None for what is no text."""
    try:
        head, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2])
        issuer, kid = claims.get("iss"), head.get("kid")
        return issuer if isinstance(issuer, str) else None, kid if isinstance(kid, str) else None
    except (ValueError, AttributeError, RecursionError):
        return None, None


def _invalid(why: str) -> Unauthorized:
    return Unauthorized("invalid-token", f"{why}，请到 /auth/v1/token 重新领取，或联系管理员。")


def _expired() -> Unauthorized:
    return Unauthorized("expired-token", "令牌已过期，请到 /auth/v1/token 重新领取。")


def _refuse_unlike_numbers(claims: dict[str, Any]) -> None:
    """Raise ValueError for a time that is no number, or one that no calendar reaches."""
    for name in ("exp", "nbf", "iat"):
        value = claims.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _END_OF_TIME:
            raise ValueError(name)


def _caller(claims: dict[str, Any]) -> Caller:
    return Caller(
        client=_subject(claims["sub"]),
        name=_text(claims.get("name", "")),
        unit=_text_or_none(claims.get("unit")),
        division=_text_or_none(claims.get("division")),
        company=_text_or_none(claims.get("company")),
        scopes=frozenset(_text(claims.get("scope", "")).split(" ")) - {""},
        person=_person(claims.get("person")),
    )


def _person(value: Any) -> Person | None:
    """The person that a token names; ValueError, KeyError or TypeError where it is none."""
    return None if value is None else Person(_subject(value["id"]), _subject(value["name"]))


def _subject(value: object) -> str:
    """Whose a token is; ValueError where nobody's."""
    if not value:
        raise ValueError("sub")
    return _text(value)


def _text_or_none(value: object) -> str | None:
    return None if value is None else _text(value)


def _text(value: object) -> str:
    """The text that a claim is; ValueError where it is none, or one that no row could hold."""
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError(value)
    return value


def write_jwks(keys: Iterable[RSAKey], path: Path) -> None:
    """Write the public halves of the keys as a JWKS file; who reads it meanwhile sees the old or the new."""
    public = [key.as_dict(private=False) | {"use": "sig", "alg": ALGORITHM} for key in keys]
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.write_text(json.dumps({"keys": public}))
    new.replace(path)


def bearer(authorization: str | None) -> str:
    """The token of an Authorization header.

    Raises: Unauthorized when there is none.
    """
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthorized(
            "no-token", "请求没有带令牌，请到 /auth/v1/token 领取，并放入 Authorization: Bearer 请求头。"
        )
    return token.strip()
