"""Bearer tokens: signed by the gateway, checked by everyone."""

import json
import os
import time
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import KeySet, RSAKey

from kit.logs import log
from kit.settings import TokenSettings
from kit.web.caller import Caller
from kit.web.problems import Unauthorized, Unavailable

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
    about = {"unit": caller.unit, "division": caller.division, "company": caller.company}
    claims |= {name: value for name, value in about.items() if value is not None}
    return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, claims, key)


class Verifier:
    """Checks tokens against a JWKS file, which is read again when it changes.

    Checked tokens are remembered by their text until they expire, so that a busy client costs one check.
    """

    _REMEMBERED = 2048
    _SKEW = 30  # seconds that the issuer's clock may be ahead of ours

    def __init__(self, settings: TokenSettings) -> None:
        self._path = settings.token_jwks
        self._claims = jwt.JWTClaimsRegistry(
            leeway=self._SKEW,
            iss={"essential": True, "value": settings.token_issuer},
            aud={"essential": True, "value": settings.token_audience},
            sub={"essential": True},
            exp={"essential": True},
        )
        self._keys = KeySet([])
        self._file: tuple[int, int, int] | None = None
        self._known: OrderedDict[str, tuple[float, Caller]] = OrderedDict()

    def verify(self, token: str) -> Caller:
        """The caller of a valid token.

        Raises: Unauthorized, saying whether it has expired or cannot be trusted; Unavailable without keys.
        """
        keys = self._current_keys()  # first: tokens remembered from before a change of keys are worth nothing
        expires, caller = self._known.get(token) or self._check(token, keys)
        if expires <= time.time():
            self._known.pop(token, None)
            raise _expired()
        self._known[token] = (expires, caller)
        if len(self._known) > self._REMEMBERED:
            self._known.popitem(last=False)
        return caller

    def _check(self, token: str, keys: KeySet) -> tuple[float, Caller]:
        try:
            claims = jwt.decode(token, keys, algorithms=[ALGORITHM]).claims
            _refuse_unlike_numbers(claims)
            self._claims.validate(claims)
            return float(claims["exp"]), _caller(claims)
        except ExpiredTokenError:
            raise _expired() from None
        except (JoseError, ValueError, KeyError, TypeError, RecursionError):
            raise Unauthorized("invalid-token", "令牌无效，请到 /auth/v1/token 重新领取。") from None

    def _current_keys(self) -> KeySet:
        try:
            state = self._path.stat()
            file = (state.st_ino, state.st_mtime_ns, state.st_size)
            if file != self._file:
                self._keys = KeySet.import_key_set(json.loads(self._path.read_text()))
                self._file = file
                self._known.clear()
        except (OSError, ValueError, KeyError, TypeError, JoseError) as error:
            log.error("jwks-unreadable", path=str(self._path), error=repr(error))
            raise Unavailable("keys-unreadable", "暂时无法核验令牌，请稍后重试。") from error
        return self._keys


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
        client=_text(claims["sub"]),
        name=_text(claims.get("name", "")),
        unit=_text_or_none(claims.get("unit")),
        division=_text_or_none(claims.get("division")),
        company=_text_or_none(claims.get("company")),
        scopes=frozenset(_text(claims.get("scope", "")).split(" ")) - {""},
    )


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
