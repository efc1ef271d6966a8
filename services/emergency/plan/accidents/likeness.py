"""Whether two calls may be about one accident: near in time and in place, or of the same unit, or in the same words.

The plan asks that one accident has one file (E-4.1e: further reports are added to the first). Likely ones are offered;
a person decides. Of the hotline's calls, what is surely one is joined at once, and a person may part it.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from kit.dispatch.words import accident_words
from kit.district.names import name_key

#: Calls further apart are about different accidents, unless somebody says so.
APART = timedelta(hours=6)
#: Metres within which two positions are one place.
NEAR = 1000
#: Share of pairs of characters that two texts have in common.
ALIKE = 0.5
#: A further call of the hotline that is joined without asking comes within this, from within so many metres.
SURELY_WITHIN = timedelta(hours=2)
SURELY_NEAR = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What of an accident tells it from another."""

    at: datetime
    unit: str | None = None
    place: str | None = None
    division: str | None = None
    course: str | None = None
    latitude: float | None = None
    longitude: float | None = None


def why_alike(one: Call, other: Call) -> tuple[str, ...]:
    """The reasons, in Chinese, for which two calls may be about one accident; none where they are not."""
    if abs(one.at - other.at) > APART or (one.division and other.division and one.division != other.division):
        return ()
    reasons = []
    if one.unit and other.unit and name_key(one.unit) == name_key(other.unit):
        reasons.append("事故单位相同")
    if (metres := _metres(one, other)) is not None and metres <= NEAR:
        reasons.append(f"相距约 {metres:.0f} 米")
    if _alike(one.place, other.place):
        reasons.append("事故地点相近")
    if _alike(one.course, other.course):
        reasons.append("经过的描述相近")
    if not reasons:
        return ()
    minutes = int(abs(one.at - other.at).total_seconds() // 60)
    return (*reasons, f"时间相差 {minutes} 分钟")


def surely_one(one: Call, other: Call) -> bool:
    """Whether place, time and words all fit so closely that no person need be asked; in any doubt they do not."""
    if abs(one.at - other.at) > SURELY_WITHIN or not why_alike(one, other):
        return False
    if one.unit and other.unit:
        same_words = name_key(one.unit) == name_key(other.unit)
    else:
        same_words = bool(_accidents(one) & _accidents(other)) or _alike(one.course, other.course)
    return same_words and _in_one_place(one, other)


def _in_one_place(one: Call, other: Call) -> bool:
    if (metres := _metres(one, other)) is not None:
        return metres <= SURELY_NEAR
    if not (one.division and one.place and other.place) or one.division != other.division:
        return False
    return name_key(one.place) == name_key(other.place)


def _accidents(call: Call) -> set[str]:
    return {found.word for found in accident_words(call.course or "") if found.kind == "accident"}


def _alike(one: str | None, other: str | None) -> bool:
    ours, theirs = _pairs(one), _pairs(other)
    return bool(ours and theirs) and len(ours & theirs) / min(len(ours), len(theirs)) >= ALIKE


def _pairs(text: str | None) -> set[str]:
    letters = name_key(text or "")
    return {letters[i : i + 2] for i in range(len(letters) - 1)}


def _metres(one: Call, other: Call) -> float | None:
    """The distance of two positions over ground; None where one is not known."""
    if None in (one.latitude, one.longitude, other.latitude, other.longitude):
        return None
    north, south = math.radians(one.latitude or 0), math.radians(other.latitude or 0)
    east = math.radians((other.longitude or 0) - (one.longitude or 0))
    half = math.sin((south - north) / 2) ** 2 + math.cos(north) * math.cos(south) * math.sin(east / 2) ** 2
    return 2 * 6_371_000 * math.asin(math.sqrt(half))
