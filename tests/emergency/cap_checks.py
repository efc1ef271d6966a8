"""What a CAP 1.2 message must keep that the official schema does not check, by our own reading of the standard."""

import re
from datetime import datetime
from xml.etree import ElementTree as ET

CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"
NATIONAL = re.compile(r"150602\d{3}00000_\d{14}_\d")
REFERENCE = re.compile(r"([^\s,<&]+),([^\s,<&]+),(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00)")


def faults(xml: bytes, earlier: list[bytes]) -> list[str]:
    """Everything wrong with a message, given the messages of its warning that went before."""
    alert, found = ET.fromstring(xml), []
    identifier, sender, sent, kind = (
        alert.findtext(CAP + n) for n in ("identifier", "sender", "sent", "msgType")
    )
    if not NATIONAL.fullmatch(identifier):
        found.append(f"identifier {identifier} is not of the national form")
    if re.search(r"[\s,<&]", identifier + sender):
        found.append("identifier or sender has a character that references cannot hold")
    if not sent.endswith("+08:00") or "." in sent:
        found.append(f"sent {sent} is not local time to the second")
    found += _reference_faults(alert.findtext(CAP + "references"), kind, identifier, sent, earlier)
    for polygon in alert.iter(CAP + "polygon"):
        points = polygon.text.split(" ")
        if len(points) < 4 or points[0] != points[-1]:
            found.append("a polygon is not closed")
    for name in ("restriction", "addresses"):
        if alert.find(CAP + name) is not None and alert.findtext(CAP + "scope") == "Public":
            found.append(f"{name} in a public message")
    return found


def _reference_faults(text, kind, identifier, sent, earlier):
    if kind == "Alert":
        return ["an Alert refers to something"] if text else []
    if not text:
        return [f"{kind} without references"]
    found, triples = [], text.split(" ")
    for triple in triples:
        if not (match := REFERENCE.fullmatch(triple)):
            found.append(f"reference {triple} is malformed")
        elif match[2] == identifier:
            found.append("a message refers to itself")
        elif datetime.fromisoformat(match[3]) > datetime.fromisoformat(sent):
            found.append(f"reference {triple} is later than the message")
    before = [ET.fromstring(each) for each in earlier]
    expected = [",".join(each.findtext(CAP + n) for n in ("sender", "identifier", "sent")) for each in before]
    if triples != expected:
        found.append("not exactly all earlier messages are referred to")
    return found
