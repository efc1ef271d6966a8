"""Coordinates of a place and their datum: maps sold in China are shifted by some hundred metres, and nobody sees it.

WGS-84 is what is computed with. GCJ-02, the datum of maps that the public uses in China, is a shift whose formula was
never published by its authority; the one here is the published reconstruction that every open library has (eviltransform,
PRCoords). It is turned around by iteration, as it has no inverse of its own.

CGCS2000 is taken over as it is: its ellipsoid differs from that of WGS-84 by 0.1 mm on the ground, the two frames by
centimetres at the epoch 2000.0 (魏子卿《2000中国大地坐标系及其与WGS84的比较》，大地测量与地球动力学 2008), and what
the plate has moved since, some 3 cm a year, stays below a metre.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import cos, pi, radians, sin, sqrt
from pathlib import Path
from typing import Final

from kit.district import reference

Degrees = tuple[float, float]

#: A centimetre, in degrees.
_PLACES: Final = 7
#: Krasovsky's ellipsoid of 1940, on which the shift is laid out: half the major axis in metres, eccentricity squared.
_AXIS, _ECCENTRICITY = 6378245.0, 0.00669342162296594323
#: Where the shift is applied: degrees east and north, as all implementations have it.
_CHINA_EAST, _CHINA_NORTH = (72.004, 137.8347), (0.8293, 55.8271)
#: The shift changes by less than a thousandth of a step, so that this many steps are more than enough.
_STEPS: Final = 10


class Datum(StrEnum):
    """What longitude and latitude are measured against (坐标系)."""

    WGS84 = "WGS-84"
    CGCS2000 = "CGCS2000"
    GCJ02 = "GCJ-02"


@dataclass(frozen=True)
class Box:
    """A stretch of WGS-84, its edges included; source: where it comes from (Chinese)."""

    west: float
    east: float
    south: float
    north: float
    source: str

    def holds(self, longitude: float, latitude: float) -> bool:
        """Whether a place in WGS-84 is in it."""
        return self.west <= longitude <= self.east and self.south <= latitude <= self.north


#: The district and a margin around it: a place outside of it was told wrongly, or in another datum or order.
AROUND_DISTRICT: Final = Box(**reference.read(Path(__file__).with_name("extent.yaml")))


def is_near_district(longitude: float, latitude: float) -> bool:
    """Whether a place in WGS-84 is in the district or a few kilometres from it."""
    return AROUND_DISTRICT.holds(longitude, latitude)


def to_wgs84(longitude: float, latitude: float, datum: Datum) -> Degrees:
    """(longitude, latitude) in WGS-84, to 7 places."""
    if datum is not Datum.GCJ02 or not _is_shifted(longitude, latitude):
        return round(longitude, _PLACES), round(latitude, _PLACES)
    east, north = longitude, latitude
    for _ in range(_STEPS):
        east_shift, north_shift = _shift(east, north)
        east, north = longitude - east_shift, latitude - north_shift
    return round(east, _PLACES), round(north, _PLACES)


def from_wgs84(longitude: float, latitude: float, datum: Datum) -> Degrees:
    """The (longitude, latitude) of a place in WGS-84 in another datum, to 7 places."""
    if datum is Datum.GCJ02 and _is_shifted(longitude, latitude):
        east_shift, north_shift = _shift(longitude, latitude)
        longitude, latitude = longitude + east_shift, latitude + north_shift
    return round(longitude, _PLACES), round(latitude, _PLACES)


def _is_shifted(longitude: float, latitude: float) -> bool:
    (west, east), (south, north) = _CHINA_EAST, _CHINA_NORTH
    return west <= longitude <= east and south <= latitude <= north


def _shift(longitude: float, latitude: float) -> Degrees:
    """How far GCJ-02 moves a place of WGS-84 to the east and to the north, in degrees."""
    x, y = longitude - 105.0, latitude - 35.0
    waves = (20 * sin(6 * pi * x) + 20 * sin(2 * pi * x)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + waves
    east += (
        (20 * sin(pi * x) + 40 * sin(pi * x / 3) + 150 * sin(pi * x / 12) + 300 * sin(pi * x / 30)) * 2 / 3
    )
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + waves
    north += (
        (20 * sin(pi * y) + 40 * sin(pi * y / 3) + 160 * sin(pi * y / 12) + 320 * sin(pi * y / 30)) * 2 / 3
    )
    flat = 1 - _ECCENTRICITY * sin(radians(latitude)) ** 2
    east_of_a_degree = radians(_AXIS / sqrt(flat) * cos(radians(latitude)))
    north_of_a_degree = radians(_AXIS * (1 - _ECCENTRICITY) / flat**1.5)
    return east / east_of_a_degree, north / north_of_a_degree
