"""The headers of a message that is passed on: what belongs to one connection stays, where it came from is added."""

import re
from collections.abc import Iterable, Mapping
from random import getrandbits

from starlette.types import Scope

from kit.web.tracing import PARENT, STATE, Trace

REQUEST_ID = b"x-request-id"
_USABLE_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")

#: RFC 9110 7.6.1 and what is like it: these speak about a single connection.
_HOP_BY_HOP = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer"
    b" transfer-encoding upgrade http2-settings".split()
)
#: What the gateway says itself and nobody else may say for it. `expect` was answered when the body was asked
#: for; the body's length follows from how it is sent.
_OUR_OWN = frozenset(
    b"content-length expect x-request-id forwarded x-real-ip x-forwarded-for x-forwarded-host x-forwarded-port"
    b" x-forwarded-prefix x-forwarded-proto x-forwarded-server traceparent".split()
)
#: A cookie is between a browser and the console: it proves nothing to a service, and is none of its business.
_NOT_SENT_UP = _HOP_BY_HOP | _OUR_OWN | {b"cookie"}
#: The server in front of the gateway writes its own date; which server a service runs on is nobody's business;
#: how often a caller may come is the door's to say.
_NOT_SENT_DOWN = _HOP_BY_HOP | {
    b"date",
    b"server",
    b"set-cookie",
    b"ratelimit",
    b"ratelimit-policy",
    REQUEST_ID,
}
_OF_WHAT_IS_HANDED_IN = frozenset(
    (
        b"content-length",
        b"content-type",
        b"content-encoding",
        b"idempotency-key",
        b"if-match",
        b"if-none-match",
    )
)
_ORDINARY_CONNECTION = frozenset((b"close", b"keep-alive"))

Raw = Iterable[tuple[bytes, bytes]]


def request_id(fields: Mapping[bytes, bytes]) -> str:
    """The request's id: the caller's own where it is a usable one, else a new one."""
    given = fields.get(REQUEST_ID)
    return given.decode() if given and _USABLE_ID.fullmatch(given) else f"{getrandbits(128):032x}"  # nosec B311


def upward(scope: Scope, id: str, own_host: bytes) -> list[tuple[bytes, bytes]]:
    """The headers for the service, whose `own_host` is used where the caller gave none.

    Host stays what the caller used, so that the addresses a service answers with are the gateway's.
    """
    headers = scope["headers"]
    trace: Trace = scope["state"]["trace"]
    dropped = _not_passed(headers, _NOT_SENT_UP)
    if trace.begun_here:
        dropped |= {STATE}
    passed = [field for field in headers if field[0] not in dropped]
    address = scope["client"][0].encode() if scope.get("client") else b"unknown"
    scheme = scope["scheme"].encode()
    passed += (
        (REQUEST_ID, id.encode()),
        (PARENT, trace.parent()),
        (b"x-forwarded-for", address),
        (b"x-forwarded-proto", scheme),
        (b"forwarded", b"for=%b;proto=%b" % (b'"[%b]"' % address if b":" in address else address, scheme)),
    )
    host = next((value for name, value in headers if name == b"host"), None)
    passed.append((b"host", own_host) if host is None else (b"x-forwarded-host", host))
    return passed


def own_question(scope: Scope) -> list[tuple[bytes, bytes]]:
    """The headers of what the gateway's own endpoints ask a service on behalf of their caller."""
    host = next((value for name, value in scope["headers"] if name == b"host"), b"")
    return upward(scope, scope["state"]["request_id"], host)


def own_reading(scope: Scope) -> list[tuple[bytes, bytes]]:
    """The same where a service is only read from for a caller who hands something in: nothing of what is handed in."""
    return [field for field in own_question(scope) if field[0] not in _OF_WHAT_IS_HANDED_IN]


def downward(headers: Raw) -> list[tuple[bytes, bytes]]:
    """The headers of a service's answer, names in lower case, for the caller; without the request's id."""
    dropped = _not_passed(headers, _NOT_SENT_DOWN)
    return [field for field in headers if field[0] not in dropped]


def _not_passed(headers: Raw, always: frozenset[bytes]) -> frozenset[bytes]:
    """The names to leave out: the given ones and those that Connection headers name."""
    dropped = always
    for name, value in headers:
        if name == b"connection" and (named := value.lower()) not in _ORDINARY_CONNECTION:
            dropped |= {token.strip() for token in named.split(b",")}
    return dropped
