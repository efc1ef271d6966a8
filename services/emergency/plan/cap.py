"""What CAP 1.2 and the national exchange format ask of a message: its words, identifiers, times and polygons."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from kit.district.clock import SHANGHAI
from services.emergency.plan.warnings import Colour

Urgency = Literal["Immediate", "Expected", "Future", "Past", "Unknown"]
Certainty = Literal["Observed", "Likely", "Possible", "Unlikely", "Unknown"]
Category = Literal[
    "Safety",
    "Fire",
    "CBRNE",
    "Env",
    "Transport",
    "Infra",
    "Rescue",
    "Health",
    "Security",
    "Geo",
    "Met",
    "Other",
]
ResponseType = Literal["Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "None"]
Kind = Literal["Alert", "Update", "Cancel"]

#: (severity, level, what people are asked to do where the issuer does not say): our mapping of the colours; the
#: national exchange format keeps the colour itself, so it goes along.
WORDS = {
    Colour.BLUE: ("Minor", "Ⅳ", "Monitor"),
    Colour.YELLOW: ("Moderate", "Ⅲ", "Prepare"),
    Colour.ORANGE: ("Severe", "Ⅱ", "Prepare"),
    Colour.RED: ("Extreme", "Ⅰ", "Evacuate"),
}
#: 东胜区 in the codes of divisions.
DISTRICT_CODE = "150602"
DIVISION_CODES = "GB/T 2260"
EVENT_CODES = "GB/T 35561"

Point = tuple[Decimal, Decimal]


def geocode(division: str | None, code: str | None) -> str | None:
    """The code that an area is alarmed by: its own, never the district's for a street (CAP 1.2, 3.2.4).

    A receiver alarms everybody whom a code covers, so that a street whose code is unknown has none: its name, and
    its polygon or circle where there is one, say where it is.
    """
    if division is None:
        return code or DISTRICT_CODE
    return None if code == DISTRICT_CODE else code


def stamp(moment: datetime) -> str:
    """A moment as CAP writes it: with +08:00 and no fraction."""
    return moment.astimezone(SHANGHAI).isoformat(timespec="seconds")


def identifier_stem(agency: str, moment: datetime) -> str:
    """An identifier without its last digit: ZZZZZZDDDUUUXX_YYYYMMDDhhmmss_ (division, agency, 000, 00)."""
    return f"{DISTRICT_CODE}{agency}00000_{moment.astimezone(SHANGHAI):%Y%m%d%H%M%S}_"


def crosses_itself(points: Sequence[Point]) -> bool:
    """Whether a closed line of points meets itself anywhere but between neighbours."""
    edges = list(pairwise(points))
    for first, edge in enumerate(edges):
        # The last edge ends where the first begins.
        others = edges[first + 2 : len(edges) - 1 if first == 0 else None]
        if any(_meet(*edge, *other) for other in others):
            return True
    return False


def _meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether the stretches ab and cd have a point in common."""
    sides = _side(a, b, c), _side(a, b, d), _side(c, d, a), _side(c, d, b)
    if sides[0] != sides[1] and sides[2] != sides[3]:
        return True
    ends = ((a, b, c), (a, b, d), (c, d, a), (c, d, b))
    return any(side == 0 and _between(*end) for side, end in zip(sides, ends, strict=True))


def _side(a: Point, b: Point, point: Point) -> int:
    cross = (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0])
    return (cross > 0) - (cross < 0)


def _between(a: Point, b: Point, point: Point) -> bool:
    return all(min(a[i], b[i]) <= point[i] <= max(a[i], b[i]) for i in (0, 1))
