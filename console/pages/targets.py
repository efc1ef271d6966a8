"""/targets: whether the plan's targets are reached, street by street, the widest gap first."""

import asyncio

from console.web.measures import MEASURES, by_gap, measure_of
from console.web.page import Context, Page
from console.web.view import View

PAGE = Page("/targets", "目标达成", "targets.html", scopes=("property:read",), group="物业服务")
_COVERAGE = "/property/v1/coverage?level=street"


@PAGE.show
async def show(view: View) -> Context:
    measure = measure_of(view)
    streets, whole, figure = await asyncio.gather(
        view.get(_COVERAGE),
        view.get("/property/v1/coverage"),
        view.figure(f"{_COVERAGE}&format=svg&measure={measure}"),
    )
    return {
        "streets": streets,
        "whole": whole,
        "figure": figure,
        "rows": by_gap(streets.body["items"], measure) if streets else [],
        "measure": measure,
        "measures": MEASURES,
    }


@PAGE.file("xlsx")
def as_workbook(_view: View) -> str:
    return f"{_COVERAGE}&format=xlsx"


@PAGE.file("docx")
def as_report(_view: View) -> str:
    return f"{_COVERAGE}&format=docx"


@PAGE.file("svg")
def as_figure(view: View) -> str:
    return f"{_COVERAGE}&format=svg&measure={measure_of(view)}&width=640"
