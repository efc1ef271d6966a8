"""Other issuers whose tokens hold here (OpenID Connect): who they are, and what their claims mean to us.

issuers:
  region:
    issuer: https://sso.example.gov.cn/realms/ordos
    audience: dongsheng
    jwks: https://sso.example.gov.cn/realms/ordos/protocol/openid-connect/certs
    scopes: {claim: [realm_access, roles], values: {ds-reader: [property:read, credit:read]}}
    division: {claim: street, values: {tj: 天骄街道}}
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from kit.district import reference, units
from kit.district.credit_code import CreditCode
from kit.web.caller import Caller

#: What a JWS may be signed with that has a public key; never a secret that both sides know, never nothing.
Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
#: A claim's name, or its place within others.
Claim = str | tuple[str, ...]
Scope = Annotated[str, Field(pattern=r"^[\x21\x23-\x5b\x5d-\x7e]+$")]
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_COMPANY: TypeAdapter[str] = TypeAdapter(CreditCode)


class Unmapped(Exception):
    """What a token says means nothing here; the message is a Chinese sentence for whoever brought it."""


def _keys(value: str) -> str:
    address = urlsplit(value)
    if address.scheme == "http" and address.hostname not in _LOOPBACK:
        raise ValueError("keys are fetched by https, or read from a file")
    return value


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Granted(_Strict):
    """Which scopes the values of a claim give: a list, or words with blanks between; other values give none."""

    claim: Claim
    values: Annotated[dict[str, frozenset[Scope]], Field(min_length=1)]

    def given(self, claims: dict[str, Any]) -> frozenset[str]:
        """The scopes that a token has."""
        found = _at(claims, self.claim)
        words = found.split() if isinstance(found, str) else found if isinstance(found, list) else []
        known = [each for each in words if isinstance(each, str) and each in self.values]
        return frozenset[str]().union(*(self.values[each] for each in known))


class Named(_Strict):
    """Whom a claim names: by our own name for it, or, where values are listed, by one of them alone."""

    claim: Claim
    values: dict[str, str] = {}


def _company(given: str) -> str:
    return _COMPANY.validate_python(given)


def _street(given: str) -> str:
    found = units.street(given)
    if found is None:
        raise ValueError(f"{given!r} is no street or town of the district")
    return found.name


def _unit(given: str) -> str:
    try:
        return units.unit(given).id
    except KeyError as error:
        raise ValueError(str(error)) from None


def _known(ours: Callable[[str], str]) -> AfterValidator:
    """Refuses listed values that are none of ours."""

    def check(named: Named) -> Named:
        for value in named.values.values():
            ours(value)
        return named

    return AfterValidator(check)


class Issuer(_Strict):
    """An issuer. jwks: the file of its public keys, or the address that they are fetched from.

    client, name: the claims that tell who calls; scopes, unit, division, company: what else is told, and what it means.
    whole_district: whether a token that names neither a division nor a company is of the whole district; else it is refused.
    """

    issuer: Annotated[str, Field(min_length=1)]
    audience: Annotated[str, Field(min_length=1)]
    jwks: Annotated[str, Field(min_length=1), AfterValidator(_keys)]
    algorithms: Annotated[tuple[Algorithm, ...], Field(min_length=1)] = ("RS256",)
    client: Claim = "sub"
    name: Claim = "name"
    scopes: Granted
    unit: Annotated[Named, _known(_unit)] | None = None
    division: Annotated[Named, _known(_street)] | None = None
    company: Annotated[Named, _known(_company)] | None = None
    whole_district: bool = False

    @model_validator(mode="after")
    def _somebodys(self) -> Self:
        if not (self.whole_district or self.division or self.company):
            raise ValueError("says for whom its tokens are: division, company, or whole_district: true")
        return self

    def caller(self, called: str, claims: dict[str, Any]) -> Caller:
        """Who the token of these claims is of to us; `called`: our name of the issuer, without which no client of it is ours.

        Raises: Unmapped.
        """
        client = _text(claims, self.client)
        if not client or len(client) > 255:
            raise Unmapped("令牌没有写明是谁的")
        made = Caller(
            client=f"{called}:{client}",
            name=_text(claims, self.name) or "",
            unit=_named(claims, self.unit, "单位", _unit),
            division=_named(claims, self.division, "街道（镇）", _street),
            company=_named(claims, self.company, "企业", _company),
            scopes=self.scopes.given(claims),
        )
        if made.company is not None and (made.division is not None or made.unit is not None):
            raise Unmapped("令牌既写明企业，又写明单位或街道（镇）")
        if not made.limited and not self.whole_district:
            raise Unmapped("令牌没有写明街道（镇）或企业")
        return made


class BrokenIssuers(ValueError):
    """The file of issuers cannot be used; the message says where it is wrong."""


class _File(_Strict):
    issuers: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")], Issuer]

    @model_validator(mode="after")
    def _once(self) -> Self:
        if len({each.issuer for each in self.issuers.values()}) < len(self.issuers):
            raise ValueError("an issuer stands twice")
        return self


def read(path: Path) -> dict[str, Issuer]:
    """The issuers of a file, by our names of them.

    Raises: BrokenIssuers.
    """
    try:
        return _File.model_validate(reference.read(path)).issuers
    except OSError as error:
        raise BrokenIssuers(f"{path}: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise BrokenIssuers(f"{path} is no YAML: {error}") from error
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise BrokenIssuers(f"{path}: {wrong}") from None


def _at(claims: dict[str, Any], claim: Claim) -> Any:
    """What stands at a claim; None where nothing does."""
    found: Any = claims
    for part in (claim,) if isinstance(claim, str) else claim:
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _text(claims: dict[str, Any], claim: Claim) -> str | None:
    found = _at(claims, claim)
    if found is not None and (not isinstance(found, str) or not found.isprintable()):
        raise Unmapped("令牌中有不是文字的内容")
    return found


def _named(claims: dict[str, Any], named: Named | None, zh: str, ours: Callable[[str], str]) -> str | None:
    """Whom a claim names, as we name it; None where the token has no such claim, or nobody asks for it."""
    given = _text(claims, named.claim) if named else None
    if named is None or given is None:
        return None
    try:
        return ours(named.values[given] if named.values else given)
    except (KeyError, ValueError):
        raise Unmapped(f"令牌中的{zh}在本系统没有对应") from None
