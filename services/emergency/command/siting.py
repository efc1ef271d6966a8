"""Where the field headquarters may stand: upwind of the scene (E-4.5a)."""

from dataclasses import dataclass
from enum import StrEnum
from math import asin, atan2, cos, degrees, radians, sin, sqrt


@dataclass(frozen=True, slots=True)
class Position:
    """A place on earth in decimal degrees (WGS 84 or GCJ-02, as long as both places are in the same)."""

    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        if not (-90 <= self.latitude <= 90 and -180 <= self.longitude <= 180):
            raise ValueError("latitude runs from -90 to 90 degrees, longitude from -180 to 180")


class Side(StrEnum):
    """Where a site lies, seen from the scene."""

    UPWIND = "upwind"
    CROSSWIND = "crosswind"
    DOWNWIND = "downwind"
    AT_SCENE = "at_scene"


@dataclass(frozen=True, slots=True)
class Siting:
    """A site against the wind: its side, how many degrees off the wind's eye, and metres from the scene."""

    side: Side
    off_degrees: float
    distance_m: float
    clause: str = "E-4.5a"

    @property
    def suitable(self) -> bool:
        """Only a site upwind of the scene is (上风向)."""
        return self.side is Side.UPWIND


#: Degrees where the wind comes from, by the names a weather report uses.
WINDS = {"北": 0, "东北": 45, "东": 90, "东南": 135, "南": 180, "西南": 225, "西": 270, "西北": 315}

#: The plan says upwind without an angle. A wind named by eight points is right to 22.5 degrees and swings as
#: much again, so a site counts as upwind within 45 degrees of the wind's eye.
UPWIND_WITHIN = 45.0
DOWNWIND_FROM = 135.0
#: Nearer than this the two positions are one place, and no bearing between them means anything.
SAME_PLACE_M = 1.0
EARTH_RADIUS_M = 6_371_008.8


def siting(site: Position, scene: Position, wind_from: float) -> Siting:
    """Judge a site of the field headquarters (E-4.5a). `wind_from`: degrees it blows from, north is 0.

    Raises: ValueError for a wind outside 0 to 360.
    """
    if not 0 <= wind_from <= 360:
        raise ValueError("the wind comes from 0 to 360 degrees")
    distance = _distance(scene, site)
    if distance < SAME_PLACE_M:
        return Siting(Side.AT_SCENE, 0.0, distance)
    off = abs((_bearing(scene, site) - wind_from + 180) % 360 - 180)
    return Siting(_side(off), off, distance)


def _side(off_degrees: float) -> Side:
    if off_degrees <= UPWIND_WITHIN:
        return Side.UPWIND
    return Side.CROSSWIND if off_degrees < DOWNWIND_FROM else Side.DOWNWIND


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
