"""The keys of personal data, as a deployment gives them: one, or several side by side while one takes another's place."""

import base64
import json
from dataclasses import dataclass
from typing import Any, Self

#: Bytes of a key.
SIZE = 32

_FORM = 'should be 32 bytes in base64, or {"keys": [first, …], "next": …} of such'


@dataclass(frozen=True)
class Keys:
    """sealing: the key that seals, and the former ones, which open; next: opens as well, and does not seal yet."""

    sealing: tuple[bytes, ...]
    next: bytes | None = None

    @classmethod
    def read(cls, text: str) -> Self:
        """A key in base64, or as JSON `{"keys": [first, …], "next": …}` with or without a next one.

        Raises: ValueError, whose words show nothing of what was given.
        """
        given = _listed(text) if text.lstrip().startswith("{") else {"keys": [text.strip()]}
        listed, following = given["keys"], given.get("next")
        keys = cls(tuple(map(_key, listed)), None if following is None else _key(following))
        if not keys.sealing or len(set(keys.opening)) < len(keys.opening):
            raise ValueError("should name at least one key, and none twice")
        return keys

    @property
    def opening(self) -> tuple[bytes, ...]:
        """All of them, the one that seals first."""
        return (*self.sealing, *filter(None, [self.next]))

    @property
    def written(self) -> str:
        """As they are read: a key alone is its base64."""
        listed = [base64.b64encode(key).decode() for key in self.opening]
        if self.next is not None:
            return json.dumps({"keys": listed[:-1], "next": listed[-1]})
        return listed[0] if len(listed) == 1 else json.dumps({"keys": listed})


def _listed(text: str) -> dict[str, Any]:
    try:
        given = json.loads(text)
    except ValueError:
        given = {}
    if not (given.keys() <= {"keys", "next"} and isinstance(given.get("keys"), list)):
        raise ValueError(_FORM)
    return dict(given)


def _key(written: object) -> bytes:
    try:
        key = base64.b64decode(written, validate=True) if isinstance(written, str) else b""
    except ValueError:
        key = b""
    if len(key) != SIZE:
        raise ValueError("should be 32 bytes in base64")
    return key
