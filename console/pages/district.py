"""/district: the streets where they lie, to find the one that falls behind."""

import asyncio

from console.web.measures import MEASURES, measure_of, standing_of
from console.web.page import Context, Page
from console.web.view import View

PAGE = Page("/district", "全区一览", "district.html", scopes=("property:read",), group="物业服务")
_COVERAGE = "/property/v1/coverage?level=street"


@PAGE.show
async def show(view: View) -> Context:
    measure = measure_of(view)
    streets, figure = await asyncio.gather(view.get(_COVERAGE), view.figure(_drawn(measure)))
    rows = [(each, standing_of(each, measure)) for each in streets.body["items"]] if streets else []
    return {
        "streets": streets,
        "figure": figure,
        "rows": rows,
        "measure": measure,
        "measures": MEASURES,
    }


def _drawn(measure: str) -> str:
    return f"{_COVERAGE}&format=svg&figure=places&measure={measure}"


@PAGE.file("svg")
def as_figure(view: View) -> str:
    return f"{_drawn(measure_of(view))}&width=640"


@PAGE.file("xlsx")
def as_workbook(_view: View) -> str:
    return f"{_COVERAGE}&format=xlsx"
