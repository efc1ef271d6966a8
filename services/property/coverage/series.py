"""Progress month by month over the plan's course: every month's end in one statement (P-3.2)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import Query
from pydantic import Field

from kit.context import Context
from kit.district.clock import LocalTime
from kit.district.named_units import Street
from kit.district.periods import Month
from kit.figures.canvas import USUAL
from kit.web import routes
from kit.web.downloads import OR_ALL, FigureWidth, download, drawn, reported
from kit.web.problems import FieldError, Invalid
from kit.web.routes import clauses
from kit.web.shapes import Grounded
from kit.workbooks.writing import Column, Layout, table
from services.property.base import DistrictReader
from services.property.coverage.asked import KnownAt, asked_on
from services.property.coverage.figures import course
from services.property.coverage.reports import course_report
from services.property.coverage.shapes import CLAUSES, MonthCoverage, cells, columns, coverage_of, rates_chart
from services.property.coverage.work import Level, count
from services.property.plan.coverage import COURSE

SERIES = ("P-3.2", *CLAUSES)
#: So many months at most in one answer.
_MOST = 60


class SeriesOut(Grounded, title="逐月覆盖情况", clauses=SERIES):
    """Coverage month by month (逐月覆盖情况)."""

    known_at: LocalTime | None = Field(description="按这一时刻已知的情况统计；为空则按现在已知的")
    level: Literal["district", "street"] = Field(description="统计层级")
    months: list[MonthCoverage] = Field(description="各月，尚未开始的月份不列")


router = routes.router("覆盖统计")


@router.get(
    "/coverage/series",
    summary="统计逐月进展",
    description="实施方案从 2024 年 4 月到 2026 年 4 月逐月的覆盖率、组建率、红色物业小区数和合同备案率，各与当时年度的目标"
    "对照；每月取月末的情况，本月取今天的，尚未开始的月份不列。可另选起止月份。format=xlsx 下载表格，format=docx 下载可改的报告；"
    "format=svg 返回折线图，一个区划各项指标对照各年度目标的台阶，延续到截止月份。",
    responses=OR_ALL,
    openapi_extra=clauses(*SERIES),
)
async def read_series(
    context: DistrictReader,
    since: Annotated[Month, Query(description="起始月份")] = COURSE[0],
    until: Annotated[Month, Query(description="截止月份，包括该月")] = COURSE[1],
    level: Annotated[
        Literal["district", "street"], Query(description="district 区，street 街道（镇）")
    ] = "district",
    street: Annotated[Street | None, Query(description="只统计这个街道（镇）")] = None,
    known_at: KnownAt = None,
    format: Annotated[
        Literal["json", "xlsx", "docx", "svg"], Query(description="json、xlsx、docx 或 svg 图")
    ] = "json",
    width: FigureWidth = USUAL,
) -> SeriesOut:
    """Coverage at the end of each month of the plan's course (P-3.2)."""
    if format == "svg" and level == "street" and street is None:
        raise Invalid(
            "invalid-request",
            "折线图只画一个区划：请同时给出 street，或者统计全区。",
            errors=[FieldError(pointer="?street", reason="没有填写")],
        )
    whole = level == "district" and street is None
    asked = Progress(tuple(months_between(since, until, context.today)), level, street, known_at)
    months = await progress(context, asked, whole=whole)
    if format == "svg":
        return drawn(course(months, until, width))  # type: ignore[return-value]
    if format == "docx":
        return await reported(course_report(months), context.now)  # type: ignore[return-value]
    if format == "xlsx":
        return download(_workbook(months), f"物业服务逐月进展{since}至{until}.xlsx")  # type: ignore[return-value]
    return SeriesOut.of(known_at=known_at, level=level, months=months)


@dataclass(frozen=True)
class Progress:
    """Months that have begun, of which divisions, and when what is answered was known."""

    months: tuple[Month, ...]
    level: Level = "district"
    street: str | None = None
    known_at: datetime | None = None


async def progress(context: Context, asked: Progress, *, whole: bool) -> list[MonthCoverage]:
    """How divisions stood at the end of each month, this one as of today; whole: against the district's own targets too."""
    ends = {month: min(month.last, context.today) for month in asked.months}
    if not ends:
        return []
    days = asked_on(context, *ends.values(), known_at=asked.known_at)
    found = await count(context.session, asked.level, days, asked.street)
    return [
        MonthCoverage.of(month=month, on=on, items=[coverage_of(row, on, whole=whole) for row in found[on]])
        for month, on in ends.items()
    ]


def months_between(since: Month, until: Month, today: date) -> Iterator[Month]:
    """The months that have begun.

    Raises: Invalid where they are none, or too many.
    """
    if not since <= until < since + _MOST:
        raise Invalid(
            "invalid-request",
            f"起始月份不能晚于截止月份，一次最多 {_MOST} 个月。",
            errors=[FieldError(pointer="?since", reason=f"{since} 至 {until}")],
        )
    while since <= min(until, Month.of(today)):
        yield since
        since += 1


def _workbook(months: list[MonthCoverage]) -> bytes:
    divisions = [Column("月份", width=10), Column("区划", width=16)]
    rows = [[str(each.month), item.name, *cells(item)] for each in months for item in each.items]
    title = "东胜区物业服务逐月进展"
    # A line goes over the rows: those of one division only follow one another.
    alone = bool(months) and all(len(each.items) == 1 for each in months)
    charts = [rates_chart(title, len(divisions), "line")] if alone else []
    return table([*divisions, *columns()], rows, Layout(sheet="逐月进展", title=title, charts=charts))
