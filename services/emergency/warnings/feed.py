"""The Atom feed of warnings: an entry for every message sent, the newest first."""

from collections.abc import Sequence
from datetime import datetime
from uuid import NAMESPACE_DNS, uuid5
from xml.etree import ElementTree as ET

from services.emergency.plan.cap import stamp
from services.emergency.settings import EmergencySettings
from services.emergency.warnings.cap import MEDIA_TYPE as CAP
from services.emergency.warnings.cap import texts
from services.emergency.warnings.models import Message

MEDIA_TYPE = "application/atom+xml"
#: How many messages the feed holds.
WINDOW = 100
AUTHOR = "东胜区生产安全事故应急指挥部办公室"


def to_atom(messages: Sequence[Message], settings: EmergencySettings, updated: datetime) -> bytes:
    """The feed as a UTF-8 document; the same messages always give the same bytes.

    settings: who sends, and the public address that links begin with (RFC 4287 leaves relative ones to the reader).
    """
    root = ET.Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": "zh-CN"})
    texts(
        root,
        ("id", f"urn:uuid:{uuid5(NAMESPACE_DNS, settings.cap_sender)}"),
        ("title", "东胜区生产安全事故预警"),
    )
    texts(root, ("updated", stamp(updated)))
    texts(ET.SubElement(root, "author"), ("name", AUTHOR))
    _link(root, "self", f"{settings.public_url}/emergency/v1/warnings.atom", MEDIA_TYPE)
    for message in messages:
        entry = ET.SubElement(root, "entry")
        texts(
            entry,
            ("id", f"urn:uuid:{message.id}"),
            ("title", message.headline),
            ("updated", message.sent),
            ("published", message.sent),
            ("summary", message.instruction),
        )
        _link(entry, "alternate", f"{settings.public_url}{message.cap}", CAP)
        for term in (message.colour, message.kind, *(("Exercise",) if message.exercise else ())):
            ET.SubElement(entry, "category", term=term)
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _link(parent: ET.Element, rel: str, href: str, media_type: str) -> None:
    ET.SubElement(parent, "link", rel=rel, href=href, type=media_type)
