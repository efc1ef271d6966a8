"""/streets/{name}: one street: its communities, which compounds lack what, and what is overdue."""

from typing import Any

from console.web.gateway import Told, segment
from console.web.listing import part, way
from console.web.measures import MEASURES, by_gap
from console.web.page import Context, NoSuch, Page
from console.web.view import View

PAGE = Page("/streets/{name}", "街道（镇）", "street.html", scopes=("property:read",))
#: Compounds that are listed for each target.
_EACH = 20
#: Duties over term that are listed at once.
_DUTIES = 40


@PAGE.show
async def show(view: View) -> Context:
    street = segment(view.path("name"))
    whole, communities, to_do, duties, surveys = await view.all(
        f"/property/v1/coverage?level=street&street={street}",
        f"/property/v1/coverage?level=community&street={street}",
        f"/property/v1/coverage/to-do?street={street}&each={_EACH}",
        part(view, f"/property/v1/duties?street={street}&overdue=true", "duties", _DUTIES),
        f"/property/v1/surveys?street={street}&limit=1",
    )
    if whole.status == 422 or (whole and not whole.body["items"]):
        raise NoSuch(f"没有街道（镇）“{view.path('name')}”，请从目标达成或全区一览进入。")
    figure = await view.figure(_drawn(view))
    return {
        "name": view.path("name"),
        "whole": whole,
        "communities": communities,
        "rows": by_gap(communities.body["items"], "coverage_rate") if communities else [],
        "to_do": to_do,
        "duties": duties,
        "duties_way": way(view, duties, "duties"),
        "overdue": by_duty(duties.body["items"]) if duties else [],
        "surveyed": last_survey(surveys),
        "figure": figure,
        "measures": MEASURES,
    }


def by_duty(items: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """(duty, who is overdue with it, the longest first), by how long the longest is."""
    found: dict[str, list[dict[str, Any]]] = {}
    for each in items:
        found.setdefault(each["title"], []).append(each)
    rows = [(title, sorted(owing, key=lambda one: -one["days_overdue"])) for title, owing in found.items()]
    return sorted(rows, key=lambda row: -row[1][0]["days_overdue"])


def last_survey(surveys: Told) -> dict[str, Any] | None:
    """The street's newest survey; None where there is none, or nobody knows."""
    found: list[dict[str, Any]] = surveys.body["items"] if surveys else []
    return found[0] if found else None


def _drawn(view: View) -> str:
    street = segment(view.path("name"))
    return f"/property/v1/coverage?level=community&street={street}&format=svg"


@PAGE.file("xlsx")
def as_workbook(view: View) -> str:
    return f"/property/v1/coverage/to-do?street={segment(view.path('name'))}&format=xlsx"
