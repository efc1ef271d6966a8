"""Which trace a request belongs to, by W3C Trace Context, level 1: what lays the logs of several systems together."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from random import getrandbits

PARENT, STATE = b"traceparent", b"tracestate"
_FORM = re.compile(rb"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_NOBODY = re.compile(rb"0+")
_SAMPLED = 1


@dataclass(slots=True)
class Trace:
    """A trace.

    id: 32 hexadecimal digits; sampled: whether its systems are asked to record it; begun_here: no usable one came
    with the request, so that a tracestate which did belongs to none.
    """

    id: str
    sampled: bool = True
    begun_here: bool = True

    def parent(self) -> bytes:
        """The `traceparent` of a request made on behalf of this one, with an id of its own."""
        return b"00-%b-%016x-0%d" % (self.id.encode(), _new(64), self.sampled)


def trace_of(headers: Iterable[tuple[bytes, bytes]]) -> Trace:
    """The trace that a request's headers, names in lower case, speak of; a new one where they speak of none."""
    given = [value for name, value in headers if name == PARENT]
    found = _FORM.fullmatch(given[0]) if len(given) == 1 else None
    if found is None or not _is_usable(*found.groups()):
        return Trace(f"{_new(128):032x}")
    return Trace(found[2].decode(), sampled=bool(int(found[4], 16) & _SAMPLED), begun_here=False)


def _is_usable(version: bytes, trace: bytes, parent: bytes, _flags: bytes, more: bytes | None) -> bool:
    """Whether what has the form is valid; later versions may say more behind it, this one may not."""
    if version == b"ff" or (version == b"00" and more is not None):
        return False
    return not (_NOBODY.fullmatch(trace) or _NOBODY.fullmatch(parent))


def _new(bits: int) -> int:
    # Alike to nobody's is enough, and secret it need not be: the system is not called for each.
    return getrandbits(bits) or 1  # an id of noughts is none  # nosec B311
