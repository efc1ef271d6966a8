"""What Open311 calls a service and a request, of what we call a matter and a request."""

from typing import Any, Final

from kit.district import units

#: States after which nothing more is done; whether it was solved is another thing.
CLOSED: Final = frozenset(("closed", "declined", "merged", "transferred"))
STATES: Final = {
    "received": "已派单，尚未签收。",
    "accepted": "已签收，正在办理。",
    "answered": "已答复，尚未办结。",
    "closed": "已办结。",
    "declined": "不予受理。",
    "merged": "与另一件诉求重复，已合并办理。",
    "transferred": "已转由其他部门办理。",
}
_SOLVED: Final = {True: "问题已解决。", False: "问题没有解决。"}
#: The typed question of a matter that the street or town handles where it happened.
DIVISION: Final = "division"
#: What is only said, not asked, of a matter that nobody can act on without its place: Open311 has fields of its own for that.
_PLACE: Final = "location"
_PLACE_NEEDED: Final = {
    "variable": False,
    "datatype": "string",
    "required": False,
    "datatype_description": None,
    "description": "本事项须说明地点：填写 lat 和 long，或 address_string。",
    "values": [],
}
_DATATYPES: Final = {
    "number": "number",
    "integer": "number",
    "boolean": "singlevaluelist",
    "array": "multivaluelist",
}
_YES_NO: Final = [{"key": "true", "name": "是"}, {"key": "false", "name": "否"}]

Json = dict[str, Any]


def service(matter: Json, group: str) -> Json:
    """A matter as a service; group: what the service that owns it is called."""
    return {
        "service_code": matter["code"],
        "service_name": matter["name"],
        "description": _about(matter),
        "metadata": bool(_questions(matter)),
        "type": "realtime",
        "keywords": ", ".join(matter.get("words", ())),
        "group": group,
    }


def definition(matter: Json) -> Json:
    """What is asked for a matter."""
    return {
        "service_code": matter["code"],
        "attributes": [
            {"variable": True, "code": code, "order": place, **asked}
            for place, (code, asked) in enumerate(_questions(matter).items(), 1)
        ],
    }


def _about(matter: Json) -> str:
    limit = (
        f"{matter['hours']} 小时"
        if matter["hours"] is not None
        else "当日"
        if matter["same_day"]
        else f"{matter['workdays']} 个工作日"
    )
    who = "由属地街道（镇）就地办理" if matter["unit"] is None else f"由{_unit(matter['unit'])}办理"
    return f"{who}，时限{limit}。"


def _unit(id: str) -> str:
    try:
        return units.unit(id).name
    except units.UnknownUnit:
        return id


def _questions(matter: Json) -> dict[str, Json]:
    """The questions of a matter by code: its place and street where it needs them, and those of its JSON Schema."""
    asked: dict[str, Json] = {}
    if matter.get("place") == "required":
        asked[_PLACE] = _PLACE_NEEDED
    if matter["unit"] is None:
        streets = units.units(units.Kind.STREET, units.Kind.TOWN)
        asked[DIVISION] = {
            "datatype": "singlevaluelist",
            "required": True,
            "datatype_description": "选择一个街道或镇",
            "description": "所在街道（镇）",
            "values": [{"key": each.name, "name": each.name} for each in streets],
        }
    schema = matter.get("questions") or {}
    required = schema.get("required", ())
    for code, each in schema.get("properties", {}).items():
        asked[code] = _question(each) | {"required": code in required}
    return asked


def _question(schema: Json) -> Json:
    choices = schema.get("enum") or schema.get("items", {}).get("enum")
    kind = _DATATYPES.get(str(schema.get("type")), "string")
    if choices is not None:
        kind = "multivaluelist" if schema.get("type") == "array" else "singlevaluelist"
    elif kind == "string" and schema.get("format") in ("date", "date-time"):
        kind = "datetime"
    values = [{"key": str(each), "name": str(each)} for each in choices or ()]
    return {
        "datatype": kind,
        "datatype_description": schema.get("description"),
        "description": schema.get("title") or schema.get("description"),
        "values": _YES_NO if schema.get("type") == "boolean" else values,
    }


def request(row: Json, *, extended: bool = False) -> Json:
    """A request as Open311 shows it; extended: with our own facts beside those of the specification."""
    longitude, latitude = _place(row)
    media = row.get("attachments") or []
    shown: Json = {
        "service_request_id": row["number"],
        "status": status(row),
        "status_notes": notes(row),
        "service_name": row["matter_name"],
        "service_code": row["matter"],
        "description": row["description"] or row["summary"],
        "agency_responsible": row["unit_name"],
        "service_notice": None,
        "requested_datetime": row["received_at"],
        "updated_datetime": updated(row),
        "expected_datetime": row["due_at"],
        "address": row["address"] or row["division"],
        "address_id": None,
        "zipcode": None,
        "lat": latitude,
        "long": longitude,
        "media_url": media[0] if media else None,
    }
    if extended:
        shown["extended_attributes"] = {
            "state": row["state"],
            "solved": row.get("solved"),
            "satisfied": row.get("satisfied"),
            "overdue": row["overdue"],
            "division": row["division"],
            "answer": row["answer"],
            "media_urls": media,
        }
    return shown


def public_request(row: Json) -> Json:
    """A request as it is shown to everybody where a setting says so: what was told, and where, is left out."""
    return request(row) | {
        "description": row["matter_name"],
        "address": row["division"],
        "lat": None,
        "long": None,
        "media_url": None,
    }


def status(row: Json) -> str:
    """Open or closed; solved is another fact, in the notes."""
    return "closed" if row["state"] in CLOSED else "open"


def notes(row: Json) -> str:
    """How a request stands, in words: closed and solved are said apart."""
    solved: bool | None = row.get("solved")
    stands = str(STATES.get(row["state"]) or row["state"])
    return stands if solved is None else f"{stands}{_SOLVED[solved]}"


def updated(row: Json) -> str:
    """When a request changed last."""
    return str(row.get("updated_at") or row["closed_at"] or row["answered_at"] or row["received_at"])


def created(row: Json) -> Json:
    """What whoever hands a request in is told."""
    return {
        "service_request_id": row["number"],
        "service_notice": f"由{row['unit_name']}办理，{row['due_at'][:10]} 前答复。",
        "account_id": None,
    }


def _place(row: Json) -> tuple[float | None, float | None]:
    """(longitude, latitude) in WGS-84; None where only an address was told."""
    longitude, latitude = row.get("longitude"), row.get("latitude")
    if longitude is None or latitude is None:
        return None, None
    return float(longitude), float(latitude)
