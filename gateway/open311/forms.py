"""What a client of Open311 fills in: read within bounds, and said as a request is handed in by the dispatch contract."""

import re
from collections.abc import Mapping
from typing import Any, Final

from fastapi import Request
from starlette.datastructures import UploadFile

from gateway.open311.shapes import DIVISION, Json
from kit.district import units
from kit.district.coordinates import Datum
from kit.web.checks import FORM, unsupported
from kit.web.problems import FieldError, Malformed

URLENCODED: Final = "application/x-www-form-urlencoded"
_MOST_FIELDS, _MOST_FILES, _LARGEST_FIELD = 200, 5, 64 * 1024
_ATTRIBUTE: Final = re.compile(r"attribute\[([^\[\]]{1,60})\](?:\[\])?")
_TITLE: Final = re.compile(r"\s*(?:title|标题)\s*[:：]\s*", re.IGNORECASE)
_LONGEST_SUMMARY: Final = 200
#: By which FixMyStreet's reports are told from one another, so that one sent again is the same request.
_EXTERNAL: Final = "fixmystreet_id"
#: Said of the caller and kept as it came; what identifies the call itself is nobody's.
_KEPT: Final = ("email", "device_id", "deviceid", "account_id", "address_id", "zipcode")

Fields = Mapping[str, list[str]]


async def read(request: Request) -> Fields:
    """The fields of a form, encoded or in parts, each with its values.

    Raises: UnsupportedMedia; Malformed for one that cannot be read, or has files; TooLarge.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (URLENCODED, FORM):
        raise unsupported((URLENCODED, FORM))
    found: dict[str, list[str]] = {}
    async with request.form(
        max_fields=_MOST_FIELDS, max_files=_MOST_FILES, max_part_size=_LARGEST_FIELD
    ) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                if value.filename or value.size:
                    raise wrong(name, "不接收文件，请把图片放在可以访问的地址，填入 media_url。")
            elif value.strip():
                found.setdefault(name, []).append(value.strip())
    return found


def wrong(field: str, reason: str) -> Malformed:
    """The problem of a field of Open311's."""
    return Malformed("bad-argument", f"{field}：{reason}", errors=[FieldError(pointer=field, reason=reason)])


def needed(fields: Fields, name: str) -> str:
    """A field that has to be there. Raises: Malformed."""
    if name not in fields:
        raise wrong(name, "缺少这一项，请填写。")
    return fields[name][0]


def first(fields: Fields, name: str) -> str | None:
    """A field's value, None where it is left out or empty."""
    return fields[name][0] if name in fields else None


def handed_in(fields: Fields, matter: Json, source: str) -> Json:
    """A request as it is handed in by the dispatch contract. Raises: Malformed."""
    text = needed(fields, "description")
    attributes = _attributes(fields)
    division = _only(attributes.pop(DIVISION, None))
    external = _only(attributes.pop(_EXTERNAL, None))
    address, point = first(fields, "address_string"), _point(fields)
    if address is None and point is None and "address_id" not in fields:
        raise wrong("lat, long", "缺少地点，请填写 lat 和 long，或 address_string。")
    said: Json = {
        "matter": matter["code"],
        "summary": _summary(text),
        "description": text,
        "division": division or _street_in(address),
        "address": address,
        "coordinates": point,
        "citizen": {"name": _name(fields), "phone": first(fields, "phone")},
        "source": source,
        "external_number": external,
        "attachments": fields.get("media_url", []),
        "details": _typed(attributes, matter),
        "source_fields": {name: fields[name][0] for name in _KEPT if name in fields},
    }
    return {name: value for name, value in said.items() if value not in (None, [], {})}


def _attributes(fields: Fields) -> dict[str, list[str]]:
    found = ((_ATTRIBUTE.fullmatch(name), values) for name, values in fields.items())
    return {match[1]: list(values) for match, values in found if match}


def _only(values: list[str] | None) -> str | None:
    return values[0] if values else None


def _summary(text: str) -> str:
    """The first line, which FixMyStreet begins with the report's title."""
    line = _TITLE.sub("", text.splitlines()[0], count=1).strip() or text
    return " ".join(line.split())[:_LONGEST_SUMMARY]


def _street_in(address: str | None) -> str | None:
    """The one street or town that an address names, where it names one."""
    streets = (each.name for each in units.units(units.Kind.STREET, units.Kind.TOWN))
    named = [name for name in streets if address and name in address]
    return named[0] if len(named) == 1 else None


def _name(fields: Fields) -> str | None:
    """The caller's name: a Chinese one with the surname first."""
    last, given = first(fields, "last_name"), first(fields, "first_name")
    parts = [each for each in (last, given) if each and each != "-"]
    if any(each.isascii() for each in parts):
        return " ".join(reversed(parts)) or None
    return "".join(parts) or None


def _point(fields: Fields) -> Json | None:
    if "lat" not in fields and "long" not in fields:
        return None
    return {
        "longitude": _degrees(needed(fields, "long"), "long", 180),
        "latitude": _degrees(needed(fields, "lat"), "lat", 90),
        "datum": Datum.WGS84,
    }


def _degrees(text: str, name: str, most: int) -> float:
    try:
        found = float(text)
    except ValueError:
        raise wrong(name, "应为 WGS-84 的度数，例如 39.8210。") from None
    if not -most <= found <= most:
        raise wrong(name, f"应在 -{most} 和 {most} 之间。")
    return found


def _typed(attributes: Mapping[str, list[str]], matter: Json) -> Json:
    """Answers as the matter's JSON Schema has them: a form has only text."""
    asked = (matter.get("questions") or {}).get("properties", {})
    return {code: _answer(values, asked.get(code, {})) for code, values in attributes.items()}


def _answer(values: list[str], schema: Json) -> Any:
    if schema.get("type") == "array":
        return values
    text = values[0]
    if schema.get("type") == "boolean" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if schema.get("type") in ("number", "integer"):
        return _number(text)
    return text


def _number(text: str) -> Any:
    """A number where the text is one; otherwise the text, which the owner of the matter refuses by its name."""
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text) if float(text) - float(text) == 0 else text
    except ValueError:
        return text


def codes(text: str | None) -> list[str]:
    """The parts of a list with commas."""
    return [each.strip() for each in (text or "").split(",") if each.strip()]
