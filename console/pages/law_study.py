"""/law-study: the twelve months of a year's plan, the next deadline, who owes a text, who attended, and the calendar."""

import asyncio
from typing import Any, Final
from urllib.parse import urljoin

from console.web.listing import part, portion, way
from console.web.page import Context, Page
from console.web.view import View
from kit.district.clock import local_day

PAGE = Page("/law-study", "常务会议学法", "law_study.html", scopes=("lawstudy:read",), group="学法")
_BASE: Final = "/lawstudy/v1"
_CALENDAR: Final = f"{_BASE}/calendar.ics"
#: The first year that a plan can be of, and the last, as the service has them.
_YEARS: Final = range(2000, 2101)
#: Texts that are owed, and persons that attended, that are listed at once.
_MISSING, _PERSONS = 10, 25


@PAGE.show
async def show(view: View) -> Context:
    year = year_of(view)
    (plan, kept, attended, coming, missing, due), figure = await asyncio.gather(
        view.all(
            f"{_BASE}/plans/{year}/months",
            f"{_BASE}/compliance?year={year}",
            f"{_BASE}/attendance?year={year}",
            f"{_BASE}/sessions/coming?limit=1",
            part(view, f"{_BASE}/texts?standing=missing", "missing", _MISSING),
            f"{_BASE}/texts?standing=open&limit=1",
        ),
        view.figure(f"{_BASE}/compliance?year={year}&format=svg"),
    )
    persons, persons_way = portion(view, attended.body["persons"] if attended else [], "persons", _PERSONS)
    return {
        "persons": persons,
        "persons_way": persons_way,
        "missing_way": way(view, missing, "missing"),
        "year": year,
        "years": [each for each in (year - 1, year, year + 1) if each in _YEARS],
        "plan": plan,
        "kept": kept,
        "figure": figure,
        "rows": months(plan.body, kept.body) if plan and kept else [],
        "attended": attended,
        "coming": coming,
        "missing": missing,
        "due": due,
        "calendar": urljoin(view.console.settings.documentation, _CALENDAR),
    }


def year_of(view: View) -> int:
    """The year that an address asks for; this one for what is none."""
    asked = view.query("year")
    is_year = asked.isascii() and asked.isdigit() and len(asked) == 4 and int(asked) in _YEARS
    return int(asked) if is_year else local_day(view.now).year


def months(plan: dict[str, Any], kept: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """(what is planned for a month, how it stands), January to December. Pure."""
    stands = {each["month"]: each for each in kept["pre_meeting"]["months"]}
    return [(each, stands[each["month"]]) for each in plan["months"]]


@PAGE.file("xlsx")
def as_ledger(view: View) -> str:
    return f"{_BASE}/ledger?year={year_of(view)}"


@PAGE.file("docx")
def as_report(view: View) -> str:
    return f"{_BASE}/compliance?year={year_of(view)}&format=docx"


@PAGE.file("svg")
def as_figure(view: View) -> str:
    return f"{_BASE}/compliance?year={year_of(view)}&format=svg&width=640"
