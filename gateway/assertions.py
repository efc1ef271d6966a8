"""A person becomes a caller: an assertion that a client signs for each of its people (RFC 7521, RFC 7523 2.1)."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import AfterValidator, ConfigDict, Field, ValidationError

from gateway.clients import Client, Clients, Limits
from gateway.limits import Limiter, Quota
from gateway.refused import Refused
from kit.district import units
from kit.logs import log
from kit.web.assertions import ALGORITHM, LONGEST
from kit.web.caller import Caller, Person
from kit.web.tokens import said

#: The grant as a form of the token endpoint names it.
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
#: Seconds that a person's token lasts at most: rights that were taken away end with it.
LIFETIME = 300
#: Seconds that the client's clock may be ahead of ours or behind it.
_SKEW = 30


def _printable(value: str) -> str:
    if not value.isprintable() or value != value.strip():
        raise ValueError("not printable")
    return value


_Text = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_printable)]
_Time = Annotated[float, Field(ge=0, lt=2**53, allow_inf_nan=False)]


class _Claims(Limits):
    """What an assertion says of a person: sub is the id, name what records show; the rest as in a client."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    iss: str
    sub: _Text
    name: _Text
    aud: str
    iat: _Time
    exp: _Time
    nbf: _Time = 0
    jti: Annotated[str, Field(min_length=16, max_length=128)]
    scope: str = ""


@dataclass(frozen=True)
class Accepted:
    """What comes of an assertion: the person as a caller, with those of its scopes that the client may have as well.

    lifetime: seconds that the token lasts; quota: how often the client may come again.
    """

    caller: Caller
    lifetime: int
    quota: Quota


class Assertions:
    """Takes assertions, each once.

    What was used is kept in memory until it has expired, by each process for itself: with two gateways an assertion may
    be used once at each. It is bounded by how often a client may come, which the limiter says: whoever shows a good
    assertion is counted by it as the client that signed it, as all its people come from one address.
    """

    def __init__(
        self,
        clients: Clients,
        audience: str,
        limiter: Limiter,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._clients, self._audience, self._limiter, self._clock = clients, audience, limiter, clock
        self._used: OrderedDict[tuple[str, str], float] = OrderedDict()

    def accept(self, assertion: str) -> Accepted:
        """Who is behind a good assertion, which is used up and counted by it.

        Raises: Refused, before anything is counted; TooMany, and the assertion may be used later.
        """
        client, claims = self._read(assertion)
        division, mark = _division(claims), (claims.iss, claims.jti)
        if mark in self._used:
            raise _invalid("the assertion was used before", "断言已使用过，每次请签发新的。")
        quota = self._limiter.admit(claims.iss)
        self._used[mark] = self._clock()
        scopes = frozenset(claims.scope.split()) & client.scopes
        who = (claims.unit, division, claims.company)
        caller = Caller(claims.iss, client.name, *who, scopes, Person(claims.sub, claims.name))
        return Accepted(caller, min(client.lifetime or LIFETIME, LIFETIME), quota)

    def _read(self, assertion: str) -> tuple[Client, _Claims]:
        """The client that signed an assertion, and what it says now. Raises: Refused."""
        client = self._clients.get(said(assertion)[0] or "")
        try:
            keys = KeySet(list(client.assertion_keys)) if client is not None else KeySet([])
            claims = _Claims.model_validate(jwt.decode(assertion, keys, algorithms=[ALGORITHM]).claims)
        except ValidationError as error:
            raise _unlike(error) from None
        except (JoseError, ValueError, KeyError, TypeError, RecursionError):
            log.warning("assertion-refused", known=client is not None)
            raise _invalid(
                "unknown issuer, or not signed by its key", "断言无法识别，或不是已登记的密钥所签。"
            ) from None
        assert client is not None  # without keys nothing is signed
        self._must_hold_now(claims)
        return client, claims

    def _must_hold_now(self, claims: _Claims) -> None:
        """Raises: Refused for what was made for somebody else, or for another time."""
        if claims.aud != self._audience:
            raise _invalid("aud is not this issuer", f"断言的 aud 应为 {self._audience}。")
        if not claims.iat < claims.exp <= claims.iat + LONGEST:
            raise _invalid(
                "exp is not after iat, or too late", f"断言的 exp 应比 iat 晚，最多晚 {LONGEST} 秒。"
            )
        now = self._clock()
        self._forget(now)
        if claims.exp + _SKEW <= now:
            raise _invalid("the assertion has expired", "断言已过期，请签发新的，并核对时钟。")
        if max(claims.iat, claims.nbf) > now + _SKEW:
            raise _invalid("the assertion does not hold yet", "断言尚未生效，请核对时钟。")

    def _forget(self, now: float) -> None:
        """Drop what has expired by now, whatever it said: it was taken in no more than a minute and the skew before."""
        kept = LONGEST + 2 * _SKEW
        while self._used and not now - kept < next(iter(self._used.values())) <= now + kept:
            self._used.popitem(last=False)


def _division(claims: _Claims) -> str | None:
    """The street or town that a person is limited to: of a street's or town's people their own, said or not.

    Raises: Refused for another's.
    """
    unit = units.unit(claims.unit) if claims.unit else None
    if unit is None or unit.kind not in (units.Kind.STREET, units.Kind.TOWN):
        return claims.division
    if claims.division not in (None, unit.name):
        raise _invalid("unit and division are two streets", "断言的 unit 和 division 不是同一街道（镇）。")
    return unit.name


def _invalid(description: str, detail: str) -> Refused:
    return Refused("invalid_grant", description, detail)


def _unlike(error: ValidationError) -> Refused:
    """The refusal of claims that are not as they should be, by their names."""
    names = sorted({str(item["loc"][0]) for item in error.errors(include_input=False) if item["loc"]})
    if not names:
        return _invalid(
            "a company has neither a unit nor a division", "断言写明企业的，不能再写明单位或街道（镇）。"
        )
    described = "claims are missing or wrong: " + " ".join(names)
    return _invalid(described, f"断言中的 {'、'.join(names)} 缺少或不对，请由签发断言的系统更正。")
