"""What forms have in common: from words of people to what a service takes, and back to what it says is wrong."""

import re
from datetime import datetime
from typing import Any, Final

from console.web.gateway import Told
from console.web.page import Given, Wrong
from kit.district.clock import SHANGHAI

CHANNELS: Final = (
    ("phone", "电话"),
    ("12345", "12345 热线"),
    ("radio", "对讲机"),
    ("in_person", "当面"),
    ("written", "书面"),
    ("online", "网上"),
)
REPORTERS: Final = (
    ("", "不清楚"),
    ("unit", "事发单位"),
    ("scene", "现场人员"),
    ("citizen", "群众"),
    ("street", "镇街道"),
    ("department", "部门"),
    ("other", "其他"),
)
KINDS: Final = (("", "不清楚"), ("fire", "火灾"), ("road_traffic", "道路交通"), ("other", "其他"))

#: The numbers that people are asked for first, and the texts: the field of the service, what it is called.
NUMBERS: Final = (
    ("deaths", "死亡"),
    ("serious_injuries", "重伤"),
    ("endangered", "被困"),
    ("missing", "失联"),
    ("minor_injuries", "轻伤"),
)
_TEXTS: Final = (
    "unit",
    "place",
    "division",
    "kind",
    "scene",
    "course",
    "progress",
    "measures",
    "direct_loss_yuan",
    "occurred_at",
)


def facts_of(given: Given) -> dict[str, Any]:
    """What is known of an accident, as the service takes it: only what was filled in. Raises: Wrong for what is no number."""
    found: dict[str, Any] = {name: given[name] for name in _TEXTS if given[name]}
    wrong = {}
    for name, zh in NUMBERS:
        if not given[name]:
            continue
        if given[name].isascii() and given[name].isdigit():
            found[name] = int(given[name])
        else:
            wrong[name] = f"{zh}人数请填数字，不清楚就不填。"
    if wrong:
        raise Wrong(wrong)
    return found


def refuse(given: Given, **asked: str) -> None:
    """Refuse a form in which something is missing; asked: Chinese names of fields that must be filled in. Raises: Wrong."""
    if missing := {name: f"请填写{zh}。" for name, zh in asked.items() if not given[name]}:
        raise Wrong(missing)


def instant_of(typed: str, field: str) -> str:
    """A time of the district as a browser's field has it, as the service takes it. Raises: Wrong."""
    try:
        at = datetime.fromisoformat(typed.replace("/", "-"))
    except ValueError:
        raise Wrong({field: "请写成 2024-06-24 18:00 这样的日期和时刻。"}) from None
    return (at if at.tzinfo else at.replace(tzinfo=SHANGHAI)).isoformat()


def names_of(typed: str) -> list[str]:
    """Several names in one field, by whatever people put between them."""
    return [name for name in re.split(r"[、，,；;\s]+", typed) if name]


def wrong_of(told: Told) -> dict[str, str]:
    """What a service says of what it did not take: its sentence, and a reason by field where it names any."""
    problem = told.problem or {}
    fields = {
        each["pointer"].rpartition("/")[2]: each["reason"]
        for each in problem.get("errors", ())
        if each.get("pointer")
    }
    # What systems are told names the fields by pointers; people have each reason at its field.
    whole = re.sub(r"：/[^。]*$", "。", told.sorry) if fields else told.sorry
    return {"": whole} | fields
