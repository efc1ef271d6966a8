"""Which trace a request belongs to, by W3C Trace Context, level 1: what lays the logs of several systems together."""

import re
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from random import getrandbits

from starlette.types import Scope

from kit import spans

PARENT, STATE = b"traceparent", b"tracestate"
_FORM = re.compile(rb"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_NOBODY = re.compile(rb"0+")
_SAMPLED = 1
#: What is asked by who watches the process, every few seconds.
_WATCHING = ("/health", "/metrics")
_NOBODYS = nullcontext(spans.Span())


@dataclass(slots=True)
class Trace:
    """A trace.

    id: 32 hexadecimal digits; sampled: whether its systems are asked to record it; begun_here: no usable one came
    with the request, so that a tracestate which did belongs to none; given: the `traceparent` that came, as of level 1.
    """

    id: str
    sampled: bool = True
    begun_here: bool = True
    given: str | None = None

    def parent(self) -> bytes:
        """The `traceparent` of a request made on behalf of this one: the current span's, else with an id of its own."""
        if parent := spans.current():
            return parent.encode()
        return b"00-%b-%016x-0%d" % (self.id.encode(), _new(64), self.sampled)


def trace_of(headers: Iterable[tuple[bytes, bytes]]) -> Trace:
    """The trace that a request's headers, names in lower case, speak of; a new one where they speak of none."""
    given = [value for name, value in headers if name == PARENT]
    found = _FORM.fullmatch(given[0]) if len(given) == 1 else None
    if found is None or not _is_usable(*found.groups()):
        return Trace(f"{_new(128):032x}")
    id, sampled = found[2].decode(), int(found[4], 16) & _SAMPLED
    came = f"00-{id}-{found[3].decode()}-0{sampled}"
    return Trace(id, sampled=bool(sampled), begun_here=False, given=came)


def serving(scope: Scope, trace: Trace) -> AbstractContextManager[spans.Span]:
    """A span around the answer to a request, from the outside; who only watches the process leaves none behind.

    Within one that was begun already, as the gateway's own answers are, that one goes on. The trace takes its id.
    """
    if not spans.told() or scope["path"].startswith(_WATCHING):
        return _NOBODYS
    if (begun := scope.get("state", {}).get("span")) is not None:
        return nullcontext(begun)
    about = {"http.request.method": scope["method"], "url.scheme": scope["scheme"]}
    return spans.span(scope["method"], spans.SERVER, about, parent=trace.given)


def _is_usable(version: bytes, trace: bytes, parent: bytes, _flags: bytes, more: bytes | None) -> bool:
    """Whether what has the form is valid; later versions may say more behind it, this one may not."""
    if version == b"ff" or (version == b"00" and more is not None):
        return False
    return not (_NOBODY.fullmatch(trace) or _NOBODY.fullmatch(parent))


def _new(bits: int) -> int:
    # Alike to nobody's is enough, and secret it need not be: the system is not called for each.
    return getrandbits(bits) or 1  # an id of noughts is none  # nosec B311
