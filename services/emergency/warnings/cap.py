"""A warning as CAP 1.2 XML: the elements in the schema's order."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree as ET

from kit.district import units
from services.emergency.plan.cap import DIVISION_CODES, EVENT_CODES, WORDS, geocode, stamp
from services.emergency.plan.catalogue import catalogue
from services.emergency.warnings.areas import area_name
from services.emergency.warnings.models import Bulletin, Message

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
MEDIA_TYPE = "application/cap+xml"
#: How long a Cancel is to be shown where the warning itself has ended before.
SHOWN = timedelta(hours=1)


def to_xml(bulletin: Bulletin, message: Message, note: str | None, web: str) -> bytes:
    """The next message of a warning as a UTF-8 document; what is the same always gives the same bytes.

    note: why it is adjusted or lifted; web: the absolute address that tells more.
    """
    root = ET.Element("alert", xmlns=NAMESPACE)
    earlier = (f"{each.sender},{each.identifier},{each.sent}" for each in bulletin.messages)
    texts(
        root,
        ("identifier", message.identifier),
        ("sender", message.sender),
        ("sent", message.sent),
        ("status", "Exercise" if bulletin.exercise else "Actual"),
        ("msgType", message.kind),
        ("scope", "Public"),
        ("note", f"{bulletin.mark}{note}" if note else None),
        ("references", " ".join(earlier)),
        ("incidents", bulletin.incident),
    )
    info = ET.SubElement(root, "info")
    _what(info, bulletin, lifted=message.kind == "Cancel")
    _when_and_who(info, bulletin, message, web)
    for area in bulletin.areas:
        _area(ET.SubElement(info, "area"), area)
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _what(info: ET.Element, bulletin: Bulletin, *, lifted: bool) -> None:
    severity, _, response = WORDS[bulletin.in_colour]
    asked = ["AllClear"] if lifted else dict.fromkeys(bulletin.response_types or [response])
    texts(
        info,
        ("language", "zh-CN"),
        *(("category", each) for each in dict.fromkeys(bulletin.categories)),
        ("event", bulletin.accident_type),
        *(("responseType", each) for each in asked),
        ("urgency", "Past" if lifted else bulletin.urgency),
        ("severity", severity),
        ("certainty", bulletin.certainty),
    )
    if bulletin.event_code:
        _value(info, "eventCode", EVENT_CODES, bulletin.event_code)


def _when_and_who(info: ET.Element, bulletin: Bulletin, message: Message, web: str) -> None:
    assert bulletin.starts_at and bulletin.expires_at and bulletin.issuer
    shown_until = message.sent_at + SHOWN if message.kind == "Cancel" else bulletin.expires_at
    texts(
        info,
        ("effective", message.sent),
        ("onset", stamp(bulletin.starts_at)),
        ("expires", stamp(max(bulletin.expires_at, shown_until))),
        ("senderName", units.unit(bulletin.issuer).name),
        ("headline", message.headline),
        ("description", f"{bulletin.mark}{bulletin.description or _in_short(bulletin)}"),
        ("instruction", message.instruction),
        ("web", web),
        ("contact", catalogue().duty_phone.number),
    )
    _value(info, "parameter", "colour", bulletin.in_colour.value.title())
    _value(info, "parameter", "level", WORDS[bulletin.in_colour][1])


def _area(element: ET.Element, area: Mapping[str, Any]) -> None:
    texts(element, ("areaDesc", area_name(area)))
    if polygon := area.get("polygon"):
        texts(element, ("polygon", " ".join(_point(*point) for point in polygon)))
    if circle := area.get("circle"):
        centre = _point(circle["latitude"], circle["longitude"])
        texts(element, ("circle", f"{centre} {_plain(circle['radius_km'])}"))
    if code := geocode(area.get("division"), area.get("code")):
        _value(element, "geocode", DIVISION_CODES, code)


def _in_short(bulletin: Bulletin) -> str:
    """What, how grave and where, for readers of CAP that take no message without a description."""
    where = "、".join(dict.fromkeys(area_name(area) for area in bulletin.areas))
    return f"可能引发的事故类型：{bulletin.accident_type}；预警级别：{bulletin.in_colour.zh}；影响范围：{where}。"


def _point(latitude: str, longitude: str) -> str:
    return f"{_plain(latitude)},{_plain(longitude)}"


def _plain(number: str) -> str:
    return f"{Decimal(number):f}"


def texts(parent: ET.Element, *pairs: tuple[str, str | None]) -> None:
    """The elements that have a text, in the order given."""
    for name, text in pairs:
        if text:
            ET.SubElement(parent, name).text = text


def _value(parent: ET.Element, name: str, value_name: str, value: str) -> None:
    texts(ET.SubElement(parent, name), ("valueName", value_name), ("value", value))
