"""The clients that may have tokens: who they are, what they may do, and how they prove it."""

import base64
import hashlib
import hmac
import secrets
from pathlib import Path
from typing import Annotated, Self

import yaml
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from gateway.keys import stamp_of
from kit.district import reference, units
from kit.district.credit_code import CreditCode
from kit.logs import log
from kit.web.caller import Caller

#: RFC 7914's parameters for interactive logins: 16 MB and some 50 ms for each try.
_COST, _BLOCK, _PARALLEL = 2**14, 8, 1


def hash_secret(secret: str) -> str:
    """The scrypt hash of a secret, as the clients file holds it: scrypt$n$r$p$salt$hash."""
    salt = secrets.token_bytes(16)
    return _text(salt, _derive(secret, salt, _COST, _BLOCK, _PARALLEL))


def matches(secret: str, hashed: str) -> bool:
    """Whether the secret is the one that was hashed."""
    cost, block, parallel, salt, expected = _parts(hashed)
    return hmac.compare_digest(_derive(secret, salt, cost, block, parallel), expected)


def _text(salt: bytes, derived: bytes) -> str:
    parts = [base64.b64encode(part).decode() for part in (salt, derived)]
    return "$".join(("scrypt", str(_COST), str(_BLOCK), str(_PARALLEL), *parts))


#: No secret's hash: checked for a client that does not exist, so that it takes as long as for one that does.
NOBODY = _text(bytes(16), bytes(32))


def _parts(hashed: str) -> tuple[int, int, int, bytes, bytes]:
    """The parts of a hash; ValueError where it is none."""
    scheme, cost, block, parallel, salt, derived = hashed.split("$")
    if scheme != "scrypt":
        raise ValueError("not a scrypt hash")
    return int(cost), int(block), int(parallel), base64.b64decode(salt), base64.b64decode(derived)


def _derive(secret: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    memory = 128 * block * (cost + parallel) + 1024 * 1024
    return hashlib.scrypt(secret.encode(), salt=salt, n=cost, r=block, p=parallel, maxmem=memory, dklen=32)


def _hashed(value: str) -> str:
    try:
        cost, block, parallel, salt, derived = _parts(value)
        usable = (
            cost & (cost - 1) == 0 and 2**10 <= cost <= 2**20 and 1 <= block <= 32 and 1 <= parallel <= 16
        )
        if not usable or len(salt) < 8 or len(derived) != 32:
            raise ValueError
    except ValueError:
        raise ValueError("not a scrypt hash; `python -m gateway hash` makes one") from None
    return value


def _unit_id(value: str) -> str:
    try:
        return units.unit(value).id
    except KeyError as error:
        raise ValueError(str(error)) from error


def _division_name(value: str) -> str:
    found = units.resolve(value)
    if found is None or found.kind not in (units.Kind.STREET, units.Kind.TOWN):
        raise ValueError(f"{value!r} is no street or town of the district")
    return found.name


def _public_key(value: object) -> OKPKey:
    """A public key of a JWK (RFC 8037); ValueError, without what it holds, for any other."""
    if not isinstance(value, dict) or "d" in value or value.get("crv") != "Ed25519":
        raise ValueError("should be a public JWK on the curve Ed25519, without d")
    try:
        key = OKPKey.import_key(value)
    except (JoseError, ValueError, TypeError):
        raise ValueError("not a JWK") from None
    key.ensure_kid()
    return key


class Limits(BaseModel):
    """Whose somebody is and whom it is limited to: unit is an id or any name.

    division: a street or town; company: a unified social credit code, of a company that acts for itself.
    """

    unit: Annotated[str, AfterValidator(_unit_id)] | None = None
    division: Annotated[str, AfterValidator(_division_name)] | None = None
    company: CreditCode | None = None

    @model_validator(mode="after")
    def _limited_once(self) -> Self:
        if self.company is not None and (self.division is not None or self.unit is not None):
            raise ValueError("a company is limited to itself: it has neither a division nor a unit")
        return self


class Client(Limits):
    """A client: secret is a scrypt hash; assertion_keys, in its place, check what it signs for each of its people.

    Those are public JWKs on the curve Ed25519; the scopes of such a client are the most that its people may have.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    name: str
    secret: Annotated[str, AfterValidator(_hashed)] | None = None
    assertion_keys: tuple[Annotated[OKPKey, BeforeValidator(_public_key)], ...] = ()
    scopes: frozenset[Annotated[str, Field(pattern=r"^[\x21\x23-\x5b\x5d-\x7e]+$")]]
    lifetime: Annotated[int, Field(ge=60, le=86400)] | None = None

    @model_validator(mode="after")
    def _proven_once(self) -> Self:
        if (self.secret is None) == (not self.assertion_keys):
            raise ValueError("a client has either a secret or assertion_keys")
        if self.assertion_keys and (self.unit or self.division or self.company):
            raise ValueError("a client that signs for people has no unit, division or company: they have")
        return self

    @property
    def hashed(self) -> str:
        """The hash that a secret is checked by; nobody's where the client has none."""
        return self.secret or NOBODY

    def caller(self, id: str, scopes: frozenset[str]) -> Caller:
        """Who the client is to the services, with these of its scopes."""
        return Caller(id, self.name, self.unit, self.division, self.company, scopes)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    clients: dict[Annotated[str, Field(pattern=r"^[\x21-\x39\x3b-\x7e]{1,64}$")], Client]


class BrokenClients(Exception):
    """The clients file cannot be used; the message says where it is wrong."""


class Clients:
    """The clients of a file, read again when it changes; a broken change leaves the former clients in force."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = stamp_of(path)
        self._clients = read(path)

    def get(self, id: str) -> Client | None:
        """The client with this id."""
        self._look_again()
        return self._clients.get(id)

    def scopes(self) -> frozenset[str]:
        """Every scope that some client may have."""
        self._look_again()
        return frozenset().union(*(client.scopes for client in self._clients.values()))

    def _look_again(self) -> None:
        stamp = stamp_of(self._path)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._clients = read(self._path)
            log.info("clients-read", clients=len(self._clients))
        except BrokenClients as error:
            log.error("clients-broken", reason=str(error))


def read(path: Path) -> dict[str, Client]:
    """The clients of a file by their ids.

    Raises: BrokenClients.
    """
    try:
        return _File.model_validate(reference.read(path)).clients
    except OSError as error:
        raise BrokenClients(f"{path}: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise BrokenClients(f"{path} is no YAML: {error}") from error
    except ValidationError as error:
        # The input is left out: it may be a secret that somebody forgot to hash.
        wrong = "; ".join(
            f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors(include_input=False)
        )
        raise BrokenClients(f"{path}: {wrong}") from None
