"""What a platform is told of a request: from how the request stands, never from what happened to it. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from adapter.port import Telling

#: Steps that say why a request is not taken up.
_REASONS: Final = frozenset({"decline", "find-unreasonable", "confirm-unreasonable"})
#: A telling that comes back so often in a row, and is still not what was told, is not told again.
_MOST_ALIKE: Final = 3


def telling(request: Mapping[str, Any]) -> Telling | None:
    """What is told of a request with its steps; None of one that another stands for (merged, transferred)."""
    state = request["state"]
    if state in ("merged", "transferred"):
        return None
    if state == "declined":
        notes = [step["note"] for step in request["steps"] if step["action"] in _REASONS and step["note"]]
        return Telling(state, notes[-1] if notes else "")
    return Telling(state, request["answer"] or "" if state in ("answered", "closed") else "")


def needed(told: Sequence[Telling], due: Telling) -> bool:
    """Whether a platform that was told this has to be told what is due, as it would keep it.

    What comes first is known to the platform by itself. One that keeps something else however often it is told is left alone:
    it would fill up; the difference is found by reconciliation.
    """
    if not told:
        return due.state != "received"
    alike = len(told) >= _MOST_ALIKE and len(set(told[-_MOST_ALIKE:])) == 1
    return told[-1] != due and not (alike and told[-1].state == due.state)


def digest(rows: Mapping[str, Telling]) -> str:
    """One sum over how many orders stand, the same on both sides where all of them stand the same; in hexadecimal."""
    lines = (f"{number}\t{row.state}\t{_sum(row.text)}\n" for number, row in sorted(rows.items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def brief(row: Telling | None) -> dict[str, str] | None:
    """A telling without what it says, which may be personal."""
    return None if row is None else {"state": row.state, "sha256": _sum(row.text)}


def _sum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
