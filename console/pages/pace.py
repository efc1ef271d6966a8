"""/pace: whether it rises fast enough: the course of each month against the stair of targets."""

import asyncio

from console.web.measures import MEASURES
from console.web.page import Context, Page
from console.web.view import View

PAGE = Page("/pace", "推进进度", "pace.html", scopes=("property:read",), group="物业服务")
_SERIES = "/property/v1/coverage/series"


@PAGE.show
async def show(view: View) -> Context:
    series, figure = await asyncio.gather(view.get(_SERIES), view.figure(f"{_SERIES}?format=svg"))
    rows = [(month, month["items"][0]) for month in series.body["months"]] if series else []
    return {"series": series, "figure": figure, "rows": rows[::-1], "measures": _SHOWN}


#: In the order of the figure's panels; what is counted, and not a share of compounds, is of the whole district.
_SHOWN = {
    "coverage_rate": MEASURES["coverage_rate"],
    "committee_rate": MEASURES["committee_rate"],
    "red_compounds": "红色物业小区",
    "filed_rate": MEASURES["filed_rate"],
}


@PAGE.file("xlsx")
def as_workbook(_view: View) -> str:
    return f"{_SERIES}?format=xlsx"


@PAGE.file("docx")
def as_report(_view: View) -> str:
    return f"{_SERIES}?format=docx"


@PAGE.file("svg")
def as_figure(_view: View) -> str:
    return f"{_SERIES}?format=svg&width=640"
