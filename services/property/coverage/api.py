"""Coverage by district, street and community against the plan's targets, on any day."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal

from fastapi import Query
from pydantic import Field

from kit.district.clock import Day, LocalTime
from kit.district.named_units import Street
from kit.figures.canvas import USUAL
from kit.web import routes
from kit.web.downloads import OR_ALL, FigureWidth, download, drawn, reported
from kit.web.problems import FieldError, Invalid
from kit.web.routes import clauses
from kit.web.shapes import Grounded
from kit.workbooks.writing import Column, Layout, Value, table
from services.property.base import DistrictReader
from services.property.coverage.asked import KnownAt, asked_on
from services.property.coverage.figures import RATES, Rate, by_gap, by_place
from services.property.coverage.maps import Outlines
from services.property.coverage.reports import coverage_report
from services.property.coverage.shapes import (
    CLAUSES,
    DivisionCoverage,
    cells,
    columns,
    coverage_of,
    rates_chart,
)
from services.property.coverage.work import FIGURES, Counts, Level, count


class CoverageOut(Grounded, title="覆盖情况", clauses=CLAUSES):
    """Coverage of the divisions of a level on a day (覆盖情况)."""

    on: date = Field(description="统计日期")
    known_at: LocalTime | None = Field(description="按这一时刻已知的情况统计；为空则按现在已知的")
    level: Level = Field(description="统计层级")
    items: list[DivisionCoverage] = Field(description="各区划")


router = routes.router("覆盖统计")


@router.get(
    "/coverage",
    summary="统计物业服务覆盖情况",
    description=(
        "按区、街道（镇）或社区统计任一日期的覆盖率、业委会（物管会）组建率、红色物业小区数和合同备案率，"
        "并与该年度目标对照；还没有报送摸底的也列出。小区在某日的状况取该日及以前最近一次摸底的结果。"
        "known_at 按当时已知的情况统计：此后的更正、重新报送和补录不计。format=xlsx 下载表格，format=docx 下载可改的报告；"
        "format=svg 返回一项指标"
        "（measure）的条形图，离目标最远的在前，并画出目标线；figure=places 为各街道（镇）的方格图（示意位置，不是地图），"
        "本区提供了标准地图的为地图。"
    ),
    responses=OR_ALL,
    openapi_extra=clauses(*CLAUSES),
)
async def read_coverage(
    context: DistrictReader,
    outlines: Outlines,
    on: Annotated[Day | None, Query(description="统计日期，不填为今天", examples=["2024-12-31"])] = None,
    level: Annotated[Level, Query(description="district 区，street 街道（镇），community 社区")] = "district",
    street: Annotated[Street | None, Query(description="只统计这个街道（镇）")] = None,
    known_at: KnownAt = None,
    format: Annotated[
        Literal["json", "xlsx", "docx", "svg"], Query(description="json、xlsx、docx 或 svg 图")
    ] = "json",
    measure: Annotated[Rate, Query(description=RATES)] = "coverage_rate",
    figure: Annotated[
        Literal["gaps", "places"],
        Query(description="图的种类，只用于 format=svg：gaps 条形图，places 各街道（镇）的位置图"),
    ] = "gaps",
    width: FigureWidth = USUAL,
) -> CoverageOut:
    """Coverage against the targets of the plan (P-1.1, P-1.2, P-1.3, P-2.2.5)."""
    day = on or context.today
    asked = asked_on(context, day, known_at=known_at)
    [counts] = (await count(context.session, level, asked, street)).values()
    whole = level == "district" and street is None
    items = [coverage_of(row, day, whole=whole) for row in counts]
    if format == "svg":
        svg = by_gap(items, measure, day, width)
        if figure == "places":
            if level != "street":
                raise Invalid(
                    "invalid-request",
                    "位置图按街道（镇）画：请同时给出 level=street。",
                    errors=[FieldError(pointer="?level", reason="应为 street")],
                )
            svg = by_place(items, measure, day, width, outlines)
        return drawn(svg)  # type: ignore[return-value]
    if format == "docx":
        return await reported(coverage_report(items, day), context.now)  # type: ignore[return-value]
    if format == "xlsx":
        total = coverage_of(sum(counts, start=Counts("合计", reported=False)), day, whole=street is None)
        made = _workbook([*items, total], day)
        return download(made, f"物业服务覆盖情况{day:%Y%m%d}.xlsx")  # type: ignore[return-value]
    return CoverageOut.of(on=day, known_at=known_at, level=level, items=items)


def _workbook(items: Sequence[DivisionCoverage], day: date) -> bytes:
    """The divisions, the last of them their total, and below it the targets of the day."""
    divisions = [Column("区划", width=16), Column("所属街道（镇）", width=16)]
    rows = [[item.name, item.street or "", *cells(item)] for item in items]
    title = f"东胜区物业服务覆盖情况（{day:%Y年%m月%d日}）"
    layout = Layout(sheet="覆盖情况", title=title, charts=[rates_chart(title, len(divisions), "column")])
    return table([*divisions, *columns()], [*rows, _targets(items[-1])], layout)


def _targets(total: DivisionCoverage) -> list[Value]:
    """The row of targets, under the columns of what they are of."""
    targets = {one.measure: one.target for one in total.standings}
    row: list[Value] = ["目标", "", "", *(None for _ in FIGURES)]
    row[3 + FIGURES.index("red")] = targets.pop("red_compounds", None)
    return [*row, *targets.values()]
