"""Where the field headquarters may stand: upwind of the scene (E-4.5a)."""

from dataclasses import dataclass
from math import asin, atan2, cos, degrees, radians, sin, sqrt
from typing import Literal, Self, get_args

from kit.web.shapes import Choice

#: The names a weather report uses, and the degrees where such a wind comes from.
Wind = Literal["北", "东北", "东", "东南", "南", "西南", "西", "西北"]
WINDS: dict[str, int] = dict(zip(get_args(Wind), range(0, 360, 45), strict=True))

#: The plan says upwind without an angle. A wind named by eight points is right to 22.5 degrees and swings as
#: much again, so a site counts as upwind within 45 degrees of the wind's eye.
UPWIND_WITHIN = 45.0
DOWNWIND_FROM = 135.0
#: Nearer than this the two positions are one place, and no bearing between them means anything.
SAME_PLACE_M = 1.0
EARTH_RADIUS_M = 6_371_008.8


@dataclass(frozen=True, slots=True)
class Position:
    """A place on earth in decimal degrees (WGS 84 or GCJ-02, as long as both places are in the same)."""

    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        if not (-90 <= self.latitude <= 90 and -180 <= self.longitude <= 180):
            raise ValueError("latitude runs from -90 to 90 degrees, longitude from -180 to 180")

    @classmethod
    def of(cls, latitude: float | None, longitude: float | None) -> Self | None:
        """The place, where it is known."""
        return None if latitude is None or longitude is None else cls(latitude, longitude)


class Side(Choice):
    """Where a site lies, seen from the scene (风向位置)."""

    UPWIND = "upwind", "上风向"
    CROSSWIND = "crosswind", "侧风向"
    DOWNWIND = "downwind", "下风向"
    AT_SCENE = "at_scene", "就在事故现场"


@dataclass(frozen=True, slots=True)
class Siting:
    """A site against the wind: how many degrees off the wind's eye, and metres from the scene."""

    off_degrees: float
    distance: float

    @property
    def distance_m(self) -> int:
        """The distance in whole metres."""
        return round(self.distance)

    @property
    def side(self) -> Side:
        """Where it lies; only upwind is right (上风向, E-4.5a)."""
        if self.distance < SAME_PLACE_M:
            return Side.AT_SCENE
        if self.off_degrees <= UPWIND_WITHIN:
            return Side.UPWIND
        return Side.CROSSWIND if self.off_degrees < DOWNWIND_FROM else Side.DOWNWIND

    @property
    def side_zh(self) -> str:
        """Where it lies, as people read it."""
        return self.side.zh


def siting(site: Position | None, scene: Position | None, wind_from: float | None) -> Siting | None:
    """Judge a site of the field headquarters, where places and wind are known (E-4.5a).

    wind_from: degrees it blows from, north is 0. Raises: ValueError for a wind outside 0 to 360.
    """
    if site is None or scene is None or wind_from is None:
        return None
    if not 0 <= wind_from <= 360:
        raise ValueError("the wind comes from 0 to 360 degrees")
    off = abs((_bearing(scene, site) - wind_from + 180) % 360 - 180)
    return Siting(off, _distance(scene, site))


def _bearing(start: Position, end: Position) -> float:
    """Initial great-circle bearing in degrees, clockwise from north."""
    a, b = radians(start.latitude), radians(end.latitude)
    east = radians(end.longitude - start.longitude)
    return degrees(atan2(sin(east) * cos(b), cos(a) * sin(b) - sin(a) * cos(b) * cos(east))) % 360


def _distance(start: Position, end: Position) -> float:
    """Great-circle distance in metres."""
    a, b = radians(start.latitude), radians(end.latitude)
    east = radians(end.longitude - start.longitude)
    chord = sin((b - a) / 2) ** 2 + cos(a) * cos(b) * sin(east / 2) ** 2
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(chord)))


def warning_of(judged: Siting | None) -> str | None:
    """What is wrong with a site, in Chinese; None where nothing is. Without wind or positions none is judged."""
    if judged is None:
        return "尚不知道现场指挥部、事故地点的坐标或风向，无法判断是否在上风向。"
    if judged.side is Side.UPWIND:
        return None
    return f"现场指挥部{judged.side_zh}，不在上风向，请另选位置。"
