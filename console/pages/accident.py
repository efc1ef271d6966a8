"""/accidents/{number}: one accident, from what to do now to its timeline, with the forms of a duty officer."""

from typing import Any

from console.web.forms import CHANNELS, NUMBERS, REPORTERS, facts_of, wrong_of
from console.web.gateway import Told, segment
from console.web.page import Context, Given, NoSuch, Page, Wrong
from console.web.view import View

PAGE = Page(
    "/accidents/{number}",
    "事故",
    "accident.html",
    scopes=("emergency:read",),
    refresh=20,
    says={
        "follow-up": "续报已登记，已重新研判。",
        "acknowledge": "任务已签收。",
        "finish": "任务已办结。",
        "withdraw": "撤离命令已下达，请盯住各队伍的回复。",
        "join": "已并入这起事故。",
    },
)
#: The states of a task that somebody still has to do something about.
_OPEN = ("open", "acknowledged")


@PAGE.show
async def show(view: View) -> Context:
    base = _base(view)
    incident = await view.get(base)
    if incident.status == 404:
        raise NoSuch(f"没有事故 {view.path('number')}，请从事故看板进入。")
    timeline, command, withdrawals = await view.all(
        f"{base}/timeline", f"{base}/command", f"{base}/withdrawals"
    )
    # As a phone has them; on a desk they stand beside a table, or each other.
    axis, flow, route = await view.pictures(
        f"{base}/deadlines?format=svg&width=360", f"{base}/flow.svg?width=360", f"{base}/route.svg?width=360"
    )
    may = view.person.scopes
    return {
        "incident": incident,
        "timeline": timeline,
        "command": command,
        "withdrawals": withdrawals,
        "axis": axis,
        "flow": flow,
        "route": route,
        "owners": by_owner(incident.body["tasks"]) if incident else [],
        "writes": "emergency:write" in may,
        "commands": "emergency:field" in may,
        "once": view.new_once(),
        "numbers": NUMBERS,
        "channels": CHANNELS,
        "reporters": REPORTERS,
    }


def by_owner(tasks: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]], int]]:
    """(owner, its tasks, how many of them are not done), who has most to do first; what is done stands last."""
    owners: dict[str, list[dict[str, Any]]] = {}
    for task in tasks:
        owners.setdefault(task["owner_name"], []).append(task)
    rows = [
        (owner, sorted(mine, key=lambda task: task["state"] not in _OPEN), _left(mine))
        for owner, mine in owners.items()
    ]
    return sorted(rows, key=lambda row: -row[2])


def _left(tasks: list[dict[str, Any]]) -> int:
    return sum(task["state"] in _OPEN for task in tasks)


@PAGE.form("follow-up")
async def follow_up(view: View, given: Given) -> str:
    body = {
        "kind": "follow_up",
        "channel": given["channel"] or "phone",
        "reporter": given["reporter"] or None,
        "facts": facts_of(given),
    }
    if not body["facts"]:
        raise Wrong({"": "请至少填一项新情况。"})
    _must(await view.post(f"{_base(view)}/reports", body, once=given["once"]))
    return _here(view)


@PAGE.form("acknowledge")
async def acknowledge(view: View, given: Given) -> str:
    _must(await view.post(f"/emergency/v1/tasks/{segment(given['task'])}/acknowledge", {}))
    return _here(view)


@PAGE.form("finish")
async def finish(view: View, given: Given) -> str:
    said = {"note": given["note"]} if given["note"] else {}
    _must(await view.post(f"/emergency/v1/tasks/{segment(given['task'])}/finish", said))
    return _here(view)


@PAGE.form("withdraw")
async def withdraw(view: View, given: Given) -> str:
    if not given["reason"]:
        raise Wrong({"reason": "请写明为什么撤离，例如“顶板有二次垮落征兆”。"})
    body = {"reason": given["reason"]}
    _must(await view.post(f"{_base(view)}/withdrawals", body, once=given["once"]))
    return _here(view)


@PAGE.form("join")
async def join(view: View, given: Given) -> str:
    body = {"into": given["into"], "reason": given["reason"] or "值班员核对，为同一起事故"}
    _must(await view.post(f"{_base(view)}/join", body, once=given["once"]))
    return f"/accidents/{segment(given['into'])}"


@PAGE.file("docx")
def as_report(view: View) -> str:
    return f"{_base(view)}/deadlines?format=docx"


@PAGE.file("svg")
def as_figure(view: View) -> str:
    return f"{_base(view)}/deadlines?format=svg&width=640"


def _must(told: Told) -> None:
    if not told:
        raise Wrong(wrong_of(told), status=422)


def _base(view: View) -> str:
    return f"/emergency/v1/incidents/{segment(view.path('number'))}"


def _here(view: View) -> str:
    return f"/accidents/{segment(view.path('number'))}"
