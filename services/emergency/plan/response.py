"""A response from its proposal to its end, its tasks, and how they follow a change of level."""

from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import Protocol, TypeVar

from services.emergency.plan.grading import ResponseLevel
from services.emergency.plan.roles import COMPANY, FIELD, HEADQUARTERS, MEMBER, OFFICE

#: (state, action, role, next state, clause). The two ways to ask for an end change no state.
RESPONSE = (
    ("none", "propose", OFFICE, "proposed", "E-2.1d"),
    ("proposed", "start", HEADQUARTERS, "started", "E-2.1c"),
    ("started", "adjust", HEADQUARTERS, "adjusted", "E-4.4d"),
    ("started", "adjust", OFFICE, "adjusted", "E-4.4d"),
    ("adjusted", "adjust", HEADQUARTERS, "adjusted", "E-4.4d"),
    ("adjusted", "adjust", OFFICE, "adjusted", "E-4.4d"),
    ("started", "confirm-end", FIELD, "started", "E-4.9"),
    ("adjusted", "confirm-end", FIELD, "adjusted", "E-4.9"),
    ("started", "propose-end", COMPANY, "started", "E-4.9"),
    ("adjusted", "propose-end", COMPANY, "adjusted", "E-4.9"),
    ("started", "end", HEADQUARTERS, "ended", "E-4.9"),
    ("adjusted", "end", HEADQUARTERS, "ended", "E-4.9"),
)

#: E-4.9: either of these must have been done before a response may end.
ASKS_FOR_END = frozenset({"confirm-end", "propose-end"})


def may_end(done: Collection[str], *, started_by: str, ended_by: str) -> bool:
    """Whether a response may end: it was asked for, and whoever started it ends it (谁启动谁终止, E-4.9)."""
    return bool(ASKS_FOR_END & set(done)) and started_by == ended_by


#: A task of the plan. What is done or waived stays so, whatever becomes of the level (E-4.4d).
TASK = (
    ("open", "acknowledge", MEMBER, "acknowledged", "E-4.4a"),
    ("open", "finish", MEMBER, "done", "E-4.4a"),
    ("acknowledged", "finish", MEMBER, "done", "E-4.4a"),
    ("open", "waive", OFFICE, "waived", "E-4.4d"),
    ("acknowledged", "waive", OFFICE, "waived", "E-4.4d"),
)


class Part(StrEnum):
    """The parts of the catalogue of tasks."""

    FIRST_RESPONSE = "first-response"
    OFFICE = "office"
    DEPARTMENTS = "departments"
    HEADQUARTERS = "headquarters"
    CITY = "city"
    SUPPORT = "support"


#: The parts that a level takes (E-4.4a to c).
PARTS = {
    ResponseLevel.IV: (Part.OFFICE, Part.DEPARTMENTS, Part.HEADQUARTERS),
    ResponseLevel.III: (Part.OFFICE, Part.DEPARTMENTS, Part.HEADQUARTERS, Part.CITY),
    ResponseLevel.II: (Part.FIRST_RESPONSE, Part.SUPPORT),
    ResponseLevel.I: (Part.FIRST_RESPONSE, Part.SUPPORT),
}


class HasPart(Protocol):
    """An entry of the catalogue of tasks."""

    @property
    def id(self) -> str: ...
    @property
    def part(self) -> Part: ...


T = TypeVar("T", bound=HasPart)


def tasks_of(level: ResponseLevel, catalogue: Iterable[T]) -> tuple[T, ...]:
    """The tasks that a level asks for, in the catalogue's order (E-4.4a to c)."""
    return tuple(task for task in catalogue if task.part in PARTS[level])
