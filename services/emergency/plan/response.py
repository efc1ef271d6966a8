"""A response from its proposal to its end, and the tasks that each level asks for."""

from collections.abc import Collection, Mapping
from enum import StrEnum

from kit.web.moves import Moves
from services.emergency.plan.accidents.grading import ResponseLevel
from services.emergency.plan.roles import COMPANY, FIELD, HEADQUARTERS, OFFICE

#: The two ways to ask for an end change no state.
RESPONSE = Moves(
    "响应",
    states={
        "none": "响应尚未提请",
        "proposed": "响应已提请、尚未启动",
        "started": "响应已启动",
        "adjusted": "响应已启动并调整过级别",
        "ended": "响应已终止",
    },
    actions={
        "propose": "提请启动",
        "start": "启动",
        "adjust": "调整级别",
        "confirm-end": "确认可以结束",
        "propose-end": "提出结束",
        "end": "批准终止",
    },
    rows=(
        ("none", "propose", OFFICE, "proposed", "E-2.1d"),
        ("none", "start", HEADQUARTERS, "started", "E-2.1c"),
        ("proposed", "start", HEADQUARTERS, "started", "E-2.1c"),
        ("ended", "start", HEADQUARTERS, "started", "E-2.1c"),
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
    ),
)

#: E-4.9: either of these must have been done before a response may end.
ASKS_FOR_END = frozenset({"confirm-end", "propose-end"})


def may_end(done: Collection[str], *, started_by: str, ended_by: str) -> bool:
    """Whether a response may end: it was asked for, and whoever started it ends it (谁启动谁终止, E-4.9)."""
    return bool(ASKS_FOR_END & set(done)) and started_by == ended_by


def keeps_from_ending(trapped: int, missing: int, in_zone: Mapping[str, int]) -> tuple[str, ...]:
    """What keeps a response from ending, in Chinese: persons in danger or missing, forces in the danger zone (E-4.9).

    in_zone: by the force's name, how many of it are in the danger zone.
    """
    persons = (f"还有 {trapped} 人涉险被困",) if trapped else ()
    lost = (f"还有 {missing} 人失联",) if missing else ()
    forces = (f"{name}还有 {count} 人在危险区内" for name, count in in_zone.items() if count)
    return (*persons, *lost, *forces)


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
