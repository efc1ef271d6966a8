"""/accidents/{number}: one accident, from what to do now to its timeline, with the forms of a duty officer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from console.web.forms import CHANNELS, NUMBERS, REPORTERS, facts_of, wrong_of
from console.web.gateway import Told, segment
from console.web.listing import fitting
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
#: What stands of a long accident: so many tasks, and characters of what happened last and of withdrawals.
_TASKS: Final = 18
_LAST, _ORDERS = 800, 500
#: Characters of one text that stand here.
CLIPPED: Final = 160


@dataclass(frozen=True)
class Owner:
    """Whoever has tasks. tasks: what is to be done first; left: how many are not done; listed: whether they stand here."""

    name: str
    tasks: list[dict[str, Any]]
    left: int
    listed: bool

    @property
    def to_acknowledge(self) -> int:
        """How many of them the person may acknowledge."""
        return sum("acknowledge" in task["allowed"] for task in self.tasks)


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
        "owner": view.query("owner"),
        "owners": owners_of(view, incident.body["tasks"]) if incident else [],
        "last": last_of(view, timeline.body["entries"]) if timeline else [],
        "orders": orders_of(view, withdrawals.body[::-1]) if withdrawals else [],
        "writes": "emergency:write" in may,
        "commands": "emergency:field" in may,
        "clipped": CLIPPED if not view.filed else 10**6,
        "once": view.new_once(),
        "numbers": NUMBERS,
        "channels": CHANNELS,
        "reporters": REPORTERS,
    }


def owners_of(view: View, tasks: list[dict[str, Any]]) -> list[Owner]:
    """Whose tasks there are; beyond `_TASKS` of them an owner is asked for by its name: `?owner=区能源局`."""
    asked = [view.query("owner"), view.person.unit or ""]
    return by_owner(tasks, asked, most=len(tasks) if view.filed else _TASKS)


def by_owner(tasks: list[dict[str, Any]], first: Sequence[str], most: int) -> list[Owner]:
    """The owners of tasks: those that are named first, then who has most to do. Pure.

    first: names or units; most: how many tasks are listed, though all of the first owner are.
    """
    owned: dict[str, list[dict[str, Any]]] = {}
    for task in tasks:
        owned.setdefault(task["owner_name"], []).append(task)

    def order(name: str) -> tuple[int, int]:
        at = [at for at, each in enumerate(first) if each and each in (name, owned[name][0]["unit"])]
        return min(at, default=len(first)), -_left(owned[name])

    found: list[Owner] = []
    listed = 0
    for name in sorted(owned, key=order):
        mine = sorted(owned[name], key=lambda task: task["state"] not in _OPEN)
        listed += len(mine)
        found.append(Owner(name, mine, _left(mine), not found or listed <= most))
    return found


def last_of(view: View, entries: list[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """What happened last, the newest first; the rest stands at an address of its own."""
    return entries[::-1] if view.filed else fitting(entries[::-1], lambda each: each["text"][:CLIPPED], _LAST)


def orders_of(view: View, orders: list[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """The withdrawals that were ordered last."""
    return (
        orders
        if view.filed
        else fitting(orders, lambda each: f"{each['reason']}{each['unacknowledged']}", _ORDERS)
    )


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
    """One task, or all of an owner that says so by telephone."""
    if not given["owner"]:
        _must(await view.post(f"/emergency/v1/tasks/{segment(given['task'])}/acknowledge", {}))
        return _here(view)
    incident = await view.get(_base(view))
    _must(incident)
    items = [
        {"task": task["id"], "action": "acknowledge"}
        for task in incident.body["tasks"]
        if task["owner_name"] == given["owner"] and "acknowledge" in task["allowed"]
    ]
    if items:  # else they have been acknowledged meanwhile
        _must(await view.post(f"{_base(view)}/tasks/act", {"items": items}))
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


@PAGE.file("svg")
def as_figure(view: View) -> str:
    return f"{_base(view)}/deadlines?format=svg&width=640"


def _must(told: Told) -> None:
    if not told:
        raise Wrong(wrong_of(told), status=422)


def _base(view: View) -> str:
    return f"/emergency/v1/incidents/{segment(view.path('number'))}"


def _here(view: View) -> str:
    """The page, with the owner whose tasks somebody is at."""
    owner = view.query("owner")
    return f"/accidents/{segment(view.path('number'))}" + (f"?owner={segment(owner)}" if owner else "")
