"""What is to be done next in an accident: of all that is open for somebody, what comes first.

The plan gives the duties (E-4.1 to E-4.9); their order here is ours: what is about to be late, then what has no time but
cannot wait, then what still has time, the earliest due first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

#: How many things are shown at once: more, and nobody reads them on the telephone.
AT_ONCE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """Something to do: in Chinese, under which clause, by which request, until when.

    pressing: its time is nearly over, or is over.
    """

    does: str
    clause: str
    operation: str
    due: datetime | None = None
    pressing: bool = False


def in_order(things: Iterable[Thing]) -> tuple[Thing, ...]:
    """The things, the most urgent first; those without a time keep the order in which they came."""
    return tuple(sorted(things, key=_urgency))


def _urgency(thing: Thing) -> tuple[int, float]:
    if thing.due is None:
        return 1, 0
    return (0 if thing.pressing else 2), thing.due.timestamp()
