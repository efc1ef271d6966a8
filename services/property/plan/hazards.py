"""Hazards of a compound: what kinds there are, and what has to be done before one is reported (P-2.2.4a)."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kit.district import reference
from kit.web.moves import Moves
from services.property.plan.roles import WRITER

_DATA = Path(__file__).parent / "data" / "hazards.yaml"

#: Who finds a hazard dissuades; only what dissuasion does not end goes to the unit that is responsible.
HAZARD = Moves(
    "隐患",
    states={
        "found": "隐患已发现、尚未劝阻",
        "dissuaded": "隐患已劝阻制止、尚未消除",
        "reported": "劝阻无效、隐患已报告责任单位",
        "cleared": "隐患已消除",
    },
    actions={"dissuade": "劝阻制止", "report": "报告", "clear": "销号"},
    rows=(
        ("found", "dissuade", WRITER, "dissuaded", "P-2.2.4a"),
        ("dissuaded", "clear", WRITER, "cleared", "P-2.2.4a"),
        ("dissuaded", "report", WRITER, "reported", "P-2.2.4a"),
        ("reported", "clear", WRITER, "cleared", "P-2.2.4a"),
    ),
)


#: The matters of requests that tell of a hazard. 违章搭建 is not: most of it touches no 承重结构.
BY_HOTLINE = (
    "falling-objects",
    "fire-lane",
    "lift-maintenance",
    "curtain-wall",
    "fire-equipment",
    "shared-pipes",
    "e-bike-charging",
)


@dataclass(frozen=True)
class HazardKind:
    """A kind of hazard; matter: the dispatch matter, and so the unit and its time limit, that a report goes to."""

    code: str
    name: str
    matter: str


@cache
def hazard_kinds() -> dict[str, HazardKind]:
    """The kinds that the plan names (二(二)4), by code."""
    return {row["code"]: HazardKind(**row) for row in reference.read(_DATA)}
