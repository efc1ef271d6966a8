"""/accidents: the board, a row an accident, over term first; and a report taken in under a minute."""

from typing import Any

from console.web.forms import CHANNELS, KINDS, NUMBERS, REPORTERS, facts_of, wrong_of
from console.web.gateway import Told
from console.web.listing import part, way
from console.web.page import Context, Given, Page, Wrong
from console.web.view import View

PAGE = Page(
    "/accidents",
    "事故看板",
    "accidents.html",
    scopes=("emergency:read",),
    group="应急",
    refresh=20,
)
_ROWS = 40


@PAGE.show
async def show(view: View) -> Context:
    incidents, deadlines, alarms = await view.all(
        part(view, "/emergency/v1/incidents?state=open", "after", _ROWS),
        "/emergency/v1/deadlines?limit=500",
        "/emergency/v1/alarms?state=open&limit=20",
    )
    return {
        "incidents": incidents,
        "way": way(view, incidents, "after"),
        "deadlines": deadlines,
        "alarms": alarms,
        "rows": board(incidents, deadlines),
        "takes": "emergency:write" in view.person.scopes,
        "once": view.new_once(),
        "channels": CHANNELS,
        "reporters": REPORTERS,
        "kinds": KINDS,
        "numbers": NUMBERS,
    }


def board(incidents: Told, deadlines: Told) -> list[dict[str, Any]]:
    """A row for each accident, with its next clock of those that still run. Over term first, then by what is next."""
    if not incidents:
        return []
    nexts: dict[str, dict[str, Any]] = {}
    for each in deadlines.body["items"] if deadlines else ():
        if each["due"] and not each["window"] and each["done_at"] is None:
            nexts.setdefault(each["number"], each)
            if each["due"] < nexts[each["number"]]["due"]:
                nexts[each["number"]] = each
    rows = [{"incident": each, "next": nexts.get(each["number"])} for each in incidents.body["items"]]
    return sorted(rows, key=lambda row: (row["next"] is None, row["next"] and row["next"]["due"]))


@PAGE.form("report")
async def report(view: View, given: Given) -> str:
    body = facts_of(given) | {
        "channel": given["channel"] or "phone",
        "reporter": given["reporter"] or None,
        "reporter_name": given["reporter_name"] or None,
        "reporter_phone": given["reporter_phone"] or None,
    }
    taken = await view.post("/emergency/v1/incidents", body, once=given["once"])
    if not taken:
        raise Wrong(wrong_of(taken), status=422)
    return f"/accidents/{taken.body['number']}"
