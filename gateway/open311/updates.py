"""What happened to requests, as FixMyStreet's extension of Open311 asks for it and tells it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from gateway.open311.shapes import Json

#: What citizens are shown: the status after a step by FixMyStreet's names, and words where the step's own are internal.
#: None: the step's own words.
_SHOWN: Final[dict[str, tuple[str, str | None]]] = {
    "take": ("OPEN", "已派单。"),
    "accept": ("INVESTIGATING", "承办单位已签收。"),
    "contact": ("IN_PROGRESS", "承办单位已联系来电人。"),
    "report": ("IN_PROGRESS", "正在办理。"),
    "answer": ("IN_PROGRESS", None),
    "redo": ("OPEN", "已退回重办。"),
    "decline": ("NO_FURTHER_ACTION", None),
    "merge": ("DUPLICATE", "与另一件诉求重复，已合并办理。"),
    "transfer": ("INTERNAL_REFERRAL", "已转由其他部门办理。"),
    "remark": ("", None),
}
#: How a closed request ends: closed and solved are two facts.
_ENDS: Final = {
    True: ("FIXED", "已办结，问题已解决。"),
    False: ("NO_FURTHER_ACTION", "已办结，问题没有解决。"),
    None: ("CLOSED", "已办结。"),
}


def id_of(number: str, action: str, at: str) -> str:
    """An update's id: what was done with which request, and when."""
    return f"{number}-{action}-{datetime.fromisoformat(at).astimezone(UTC):%Y%m%dT%H%M%S%fZ}"


def of(row: Json, since: datetime, until: datetime) -> Iterator[Json]:
    """The updates of a request between two times."""
    current = "OPEN"
    for step in row["steps"]:
        status, words = _told(row, step)
        current = status or current
        at = datetime.fromisoformat(step["at"])
        if words is not None and since <= at <= until:
            yield {
                "update_id": id_of(row["number"], step["action"], step["at"]),
                "service_request_id": row["number"],
                "status": current,
                "updated_datetime": step["at"],
                "description": words,
                "media_url": None,
            }


def _told(row: Json, step: Json) -> tuple[str, str | None]:
    """The status after a step, empty where it stays, and what citizens are told; None where nothing."""
    if step["action"] == "close":
        return _ENDS[row.get("solved")]
    if step["action"] == "redo" and not step["seen"].get("lead"):
        return "", None  # told once, with the lead unit's
    status, words = _SHOWN.get(step["action"], ("", ""))
    told = step["note"] if words is None else words
    return status, told or None
