"""A warning as CAP 1.2 XML: the elements in the schema's order, times with +08:00 and no fraction."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple
from xml.etree import ElementTree as ET

from kit.district.clock import SHANGHAI
from services.emergency.plan.warnings import Colour

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
MEDIA_TYPE = "application/cap+xml"
#: 东胜区 in the codes of divisions (GB/T 2260).
DISTRICT_CODE = "150602"
DIVISION_CODES = "GB/T 2260"

#: Our mapping of the colours; the national exchange format keeps the colour itself, so it goes along.
SEVERITIES = {
    Colour.BLUE: "Minor",
    Colour.YELLOW: "Moderate",
    Colour.ORANGE: "Severe",
    Colour.RED: "Extreme",
}
LEVELS = {Colour.BLUE: "Ⅳ", Colour.YELLOW: "Ⅲ", Colour.ORANGE: "Ⅱ", Colour.RED: "Ⅰ"}
#: What people are asked to do where the issuer does not say.
RESPONSES = {
    Colour.BLUE: "Monitor",
    Colour.YELLOW: "Prepare",
    Colour.ORANGE: "Prepare",
    Colour.RED: "Evacuate",
}


class Reference(NamedTuple):
    """An earlier message, with the exact text of its time."""

    sender: str
    identifier: str
    sent: str


class Circle(NamedTuple):
    """Degrees north and east, and kilometres."""

    latitude: Decimal
    longitude: Decimal
    radius_km: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Where: the division's name and code, a closed polygon of (latitude, longitude) or a circle."""

    name: str
    code: str = DISTRICT_CODE
    polygon: tuple[tuple[Decimal, Decimal], ...] = ()
    circle: Circle | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Everything that a message says. `kind`: Alert, Update or Cancel; `note`: why, on the latter two."""

    identifier: str
    sender: str
    sent: datetime
    kind: str
    exercise: bool
    references: tuple[Reference, ...]
    note: str | None
    incident: str | None
    categories: tuple[str, ...]
    event: str
    event_code: str | None
    responses: tuple[str, ...]
    urgency: str
    certainty: str
    colour: Colour
    onset: datetime
    expires: datetime
    sender_name: str
    headline: str
    description: str | None
    instruction: str
    web: str | None
    contact: str
    areas: tuple[Area, ...]


def stamp(moment: datetime) -> str:
    """A moment as CAP writes it."""
    return moment.astimezone(SHANGHAI).isoformat(timespec="seconds")


def identifier_stem(agency: str, moment: datetime) -> str:
    """An identifier without its last digit: ZZZZZZDDDUUUXX_YYYYMMDDhhmmss_ (division, agency, 000, 00)."""
    return f"{DISTRICT_CODE}{agency}00000_{moment.astimezone(SHANGHAI):%Y%m%d%H%M%S}_"


def to_xml(alert: Alert) -> bytes:
    """The message as a UTF-8 document; the same message always gives the same bytes."""
    root = ET.Element("alert", xmlns=NAMESPACE)
    _texts(
        root,
        ("identifier", alert.identifier),
        ("sender", alert.sender),
        ("sent", stamp(alert.sent)),
        ("status", "Exercise" if alert.exercise else "Actual"),
        ("msgType", alert.kind),
        ("scope", "Public"),
        ("note", alert.note),
        ("references", " ".join(",".join(each) for each in alert.references)),
        ("incidents", alert.incident),
    )
    _info(ET.SubElement(root, "info"), alert)
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _info(info: ET.Element, alert: Alert) -> None:
    lifted = alert.kind == "Cancel"
    _texts(
        info,
        ("language", "zh-CN"),
        *(("category", each) for each in alert.categories),
        ("event", alert.event),
        *(("responseType", each) for each in (("AllClear",) if lifted else alert.responses)),
        ("urgency", "Past" if lifted else alert.urgency),
        ("severity", SEVERITIES[alert.colour]),
        ("certainty", alert.certainty),
    )
    if alert.event_code:
        _value(info, "eventCode", "GB/T 35561", alert.event_code)
    _texts(
        info,
        ("effective", stamp(alert.sent)),
        ("onset", stamp(alert.onset)),
        ("expires", stamp(alert.expires)),
        ("senderName", alert.sender_name),
        ("headline", alert.headline),
        ("description", alert.description),
        ("instruction", alert.instruction),
        ("web", alert.web),
        ("contact", alert.contact),
    )
    _value(info, "parameter", "colour", alert.colour.value.title())
    _value(info, "parameter", "level", LEVELS[alert.colour])
    for area in alert.areas:
        _area(ET.SubElement(info, "area"), area)


def _area(element: ET.Element, area: Area) -> None:
    _texts(element, ("areaDesc", area.name))
    if area.polygon:
        _texts(element, ("polygon", " ".join(_point(*point) for point in area.polygon)))
    if area.circle:
        point = _point(area.circle.latitude, area.circle.longitude)
        _texts(element, ("circle", f"{point} {_plain(area.circle.radius_km)}"))
    _value(element, "geocode", DIVISION_CODES, area.code)


def _point(latitude: Decimal, longitude: Decimal) -> str:
    return f"{_plain(latitude)},{_plain(longitude)}"


def _plain(number: Decimal) -> str:
    return f"{number:f}"


def _texts(parent: ET.Element, *pairs: tuple[str, str | None]) -> None:
    """The elements that have a text, in the order given."""
    for name, text in pairs:
        if text:
            ET.SubElement(parent, name).text = text


def _value(parent: ET.Element, name: str, value_name: str, value: str) -> None:
    _texts(ET.SubElement(parent, name), ("valueName", value_name), ("value", value))


def crosses_itself(points: Iterable[tuple[Decimal, Decimal]]) -> bool:
    """Whether a closed line of points meets itself anywhere but between neighbours."""
    corners = list(points)
    edges = list(pairwise(corners))
    for first, (a, b) in enumerate(edges):
        for second in range(first + 2, len(edges)):
            if first == 0 and second == len(edges) - 1:
                continue  # the last edge ends where the first begins
            if _meet(a, b, *edges[second]):
                return True
    return False


_Point = tuple[Decimal, Decimal]


def _meet(a: _Point, b: _Point, c: _Point, d: _Point) -> bool:
    """Whether the stretches ab and cd have a point in common."""
    sides = _side(a, b, c), _side(a, b, d), _side(c, d, a), _side(c, d, b)
    if sides[0] != sides[1] and sides[2] != sides[3]:
        return True
    ends = ((a, b, c), (a, b, d), (c, d, a), (c, d, b))
    return any(side == 0 and _between(*end) for side, end in zip(sides, ends, strict=True))


def _side(a: _Point, b: _Point, point: _Point) -> int:
    cross = (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0])
    return (cross > 0) - (cross < 0)


def _between(a: _Point, b: _Point, point: _Point) -> bool:
    return all(min(a[i], b[i]) <= point[i] <= max(a[i], b[i]) for i in (0, 1))
