"""Endpoints of the closing evaluation, and of the course as a drawing (P-3.2)."""

import asyncio
from typing import Annotated, Any, Literal

from fastapi import Query, Response

from kit.district.clock import Day
from kit.district.periods import Month
from kit.figures.canvas import USUAL
from kit.web import routes
from kit.web.downloads import SVG, XLSX, FigureWidth, download, drawn
from kit.web.routes import clauses
from services.property.base import DistrictReader
from services.property.closing import shown
from services.property.closing.report import CLAUSES, CLOSES, ClosingOut, closing
from services.property.coverage.figures import course
from services.property.coverage.series import Progress, months_between, progress
from services.property.plan.coverage import COURSE

_FORMATS: dict[int | str, dict[str, Any]] = {
    200: {"content": {XLSX: {"schema": {"type": "string", "format": "binary"}}, "text/html": {}}}
}
router = routes.router("覆盖统计")


@router.get(
    "/coverage/closing",
    summary="总结评价",
    description="实施方案总结评价（2026 年 4 月）：各项目标是否达到、逐月进展、各街道（镇）情况、各条款逾期的履职事项和依据。"
    "可取任一天；还没有到的日期按目前已知的情况预估。format=xlsx 下载带图表的工作簿，format=html 返回可以打印的页面。",
    response_model=ClosingOut,
    responses=_FORMATS,
    openapi_extra=clauses(*CLAUSES),
)
async def read_closing(
    context: DistrictReader,
    on: Annotated[Day, Query(description="评价日期", examples=["2026-04-30"])] = CLOSES,
    format: Annotated[Literal["json", "xlsx", "html"], Query(description="json、xlsx 或 html")] = "json",
) -> ClosingOut | Response:
    """The closing evaluation as of a day (P-3.2)."""
    report = await closing(context, on)
    if format == "xlsx":
        made = await asyncio.to_thread(shown.workbook, report)
        return download(made, f"{shown.title_of(report)}.xlsx")
    if format == "html":
        return shown.page(report, report.basis)
    return report


@router.get(
    "/coverage/series.svg",
    summary="逐月进展图",
    description="全区各项指标逐月的折线图，对照各年度目标的台阶；与逐月进展的 format=svg 相同。",
    responses={200: {"content": {SVG: {}}, "description": "SVG 图"}},
    response_class=Response,
    openapi_extra=clauses("P-3.2"),
)
async def draw_series(
    context: DistrictReader,
    since: Annotated[Month, Query(description="起始月份")] = COURSE[0],
    until: Annotated[Month, Query(description="截止月份，包括该月")] = COURSE[1],
    width: FigureWidth = USUAL,
) -> Response:
    """The course of the plan as a drawing (P-3.2)."""
    months = tuple(months_between(since, until, context.today))
    return drawn(course(await progress(context, Progress(months), whole=True), until, width))
