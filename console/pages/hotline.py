"""/hotline: who answers citizens' requests late, unit by unit with what each rate is of, the month before beside it."""

import asyncio
from typing import Any, Final

from console.web.gateway import SERVICES
from console.web.listing import part, portion, way
from console.web.page import Context, Page
from console.web.view import View
from kit.district.clock import local_day
from kit.district.periods import Month

PAGE = Page("/hotline", "热线办理", "hotline.html", scopes=("dispatch:read",), group="热线", refresh=120)
_BASE: Final = "/dispatch/v1"
#: The figures that the page shows of a unit, and those whose formulas it says.
_RATES: Final = ("answer", "satisfied")
#: Requests over term, and units, that are listed at once; bytes of the figure.
_LATE, _UNITS, _ROOM = 15, 25, 12_000


@PAGE.show
async def show(view: View) -> Context:
    month = month_of(view)
    (bulletin, counts, late), figure = await asyncio.gather(
        view.all(
            _bulletin(month), f"{_BASE}/counts", part(view, f"{_BASE}/requests?overdue=true", "late", _LATE)
        ),
        view.figure(f"{_bulletin(month)}&format=svg&figure=answers", _ROOM),
    )
    groups, known = bulletin.body["groups"] if bulletin else [], counts.body["by_unit"] if counts else []
    rows, through = portion(view, by_lateness(groups, known), "units", _UNITS)
    return {
        "month": month,
        "months": (month + -1, Month.of(local_day(view.now))),
        "bulletin": bulletin,
        "counts": counts,
        "late": late,
        "late_way": way(view, late, "late"),
        "late_count": sum(each["overdue"] for each in counts.body["by_unit"]) if counts else None,
        "figure": figure,
        "rows": rows,
        "units_way": through,
        "formulas": [each for each in bulletin.body["formulas"] if each["id"] in _RATES] if bulletin else [],
        "away": sorted({SERVICES.get(name, name) for name in _away(bulletin.body) + _away(counts.body)}),
    }


def month_of(view: View) -> Month:
    """The month that an address asks for; this one for what is none or has not begun."""
    now = Month.of(local_day(view.now))
    try:
        return min(Month.parse(view.query("month")), now)
    except ValueError:
        return now


def by_lateness(groups: list[dict[str, Any]], counts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The units with their figures and what they have open, who answers late most often first. Pure.

    Returns: name; figures by name, empty for a unit without any in the month; counts, None where nothing is known.
    """
    rows = {
        each["key"]: {
            "name": each["name"],
            "figures": {figure["figure"]: figure for figure in each["figures"]},
            "counts": None,
        }
        for each in groups
    }
    for each in counts:
        rows.setdefault(each["key"], {"name": each["name"], "figures": {}})["counts"] = each
    return sorted(rows.values(), key=_order)


def _order(row: dict[str, Any]) -> tuple[bool, float, int, str]:
    rate = row["figures"].get("answer", {}).get("rate")
    overdue = row["counts"]["overdue"] if row["counts"] else 0
    return rate is None, float(rate or 0), -overdue, row["name"]


def _away(body: dict[str, Any] | None) -> list[str]:
    return list(body["unavailable"]) if body else []


def _bulletin(month: Month) -> str:
    return f"{_BASE}/bulletin?month={month}&by=unit"


@PAGE.file("xlsx")
def as_workbook(view: View) -> str:
    return f"{_bulletin(month_of(view))}&format=xlsx"


@PAGE.file("docx")
def as_document(view: View) -> str:
    return f"{_bulletin(month_of(view))}&format=docx"


@PAGE.file("svg")
def as_figure(view: View) -> str:
    return f"{_bulletin(month_of(view))}&format=svg&figure=answers&width=640"
