"""/warnings: which hold, until when, by whom; those that are past, apart; and a new one."""

import asyncio
from typing import Any, Final

from console.web.forms import instant_of, names_of, refuse, wrong_of
from console.web.gateway import segment
from console.web.listing import part, way
from console.web.page import Context, Given, Page, Wrong
from console.web.view import View

PAGE = Page(
    "/warnings",
    "预警",
    "warnings.html",
    scopes=("emergency:read",),
    group="应急",
    refresh=60,
)
_WARNINGS = "/emergency/v1/warnings"
#: Warnings of a kind that are listed at once; those that hold are drawn as well.
_HOLDING, _PAST, _DRAFTS = 8, 10, 5
#: The grades that are expected, by which the colour follows, as the service knows them.
GRADES: Final = (
    ("general", "一般事故（蓝色）"),
    ("larger", "较大事故（黄色）"),
    ("major", "重大事故（橙色）"),
    ("especially_major", "特别重大事故（红色）"),
)
CHANNELS: Final = (
    ("platform", "预警平台"),
    ("sms", "短信"),
    ("internet", "互联网"),
    ("radio", "广播"),
    ("television", "电视"),
    ("newspaper", "报刊"),
    ("siren", "警报器"),
    ("loudspeaker_car", "宣传车"),
    ("door_to_door", "组织人员逐户通知"),
)


@PAGE.show
async def show(view: View) -> Context:
    holding = part(view, f"{_WARNINGS}?active=true", "active", _HOLDING)
    (active, past, drafts), figure = await asyncio.gather(
        view.all(
            holding,
            part(view, f"{_WARNINGS}?active=false&draft=false&newest=true", "past", _PAST),
            part(view, f"{_WARNINGS}?draft=true&newest=true", "drafts", _DRAFTS),
        ),
        view.figure(f"{holding}&format=svg"),
    )
    lists = {"active": active, "past": past, "drafts": drafts}
    return {
        **lists,
        "ways": {name: way(view, told, name) for name, told in lists.items()},
        "figure": figure,
        "issues": "emergency:warn" in view.person.scopes,
        "once": view.new_once(),
        "grades": GRADES,
        "channels": CHANNELS,
    }


@PAGE.form("issue")
async def issue(view: View, given: Given) -> str:
    """Draft and issue in one; where something lacks, the draft is kept and the page says what."""
    refuse(
        given,
        accident_type="可能引发什么事故",
        expected_grade="预计等级",
        measures="防范措施",
        expires_at="到什么时候",
    )
    now = {} if given["starts_at"] else {"starts_at": view.now.isoformat()}
    body = content_of(given) | now | {"channels": given.all("channels")}
    drafted = await view.post(_WARNINGS, body, once=given["once"])
    if not drafted:
        raise Wrong(wrong_of(drafted))
    here = f"{_WARNINGS}/{segment(drafted.body['id'])}"
    issued = await view.post(f"{here}/issue", {})
    if not issued:
        raise Wrong({"": f"已存为草稿，但没有发布：{issued.sorry}"})
    return f"/warnings/{segment(drafted.body['id'])}"


def content_of(given: Given) -> dict[str, Any]:
    """What was filled in of a warning, as the service takes it; what was left out is left out. Raises: Wrong."""
    found: dict[str, Any] = {
        name: given[name]
        for name in ("accident_type", "expected_grade", "measures", "description")
        if given[name]
    }
    for name in ("starts_at", "expires_at"):
        if given[name]:
            found[name] = instant_of(given[name], name)
    if "areas" in given:
        found["areas"] = [{"division": name} for name in names_of(given["areas"])] or [{}]
    if given["departments"]:
        found["departments"] = names_of(given["departments"])
    return found
