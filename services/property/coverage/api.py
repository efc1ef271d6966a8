"""Coverage by district, street and community against the plan's targets, on any day."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from fastapi import Query
from pydantic import Field

from kit.district.clock import Day, LocalTime
from kit.district.named_units import Street
from kit.web import routes
from kit.web.downloads import OR_WORKBOOK, download
from kit.web.routes import clauses
from kit.web.shapes import Answer, Grounded
from kit.workbooks.writing import Column, Layout, Value, table
from services.property.base import DistrictReader
from services.property.coverage.asked import KnownAt, asked_on
from services.property.coverage.work import FIGURES, Counts, Level, count
from services.property.plan import coverage as rules

CLAUSES = ("P-1.1", "P-1.2", "P-1.3", "P-2.2.5")


class StandingOut(Answer, title="目标对照"):
    """A measure against its target (目标对照)."""

    measure: rules.Measure = Field(
        description="指标：coverage_rate 覆盖率，committee_rate 业委会（物管会）组建率，"
        "red_compounds 红色物业小区数，filed_rate 合同备案率"
    )
    value: Decimal | None = Field(
        description="现状：比例（0 到 1，四位小数）或小区个数；没有小区时为空", examples=["0.8125"]
    )
    target: Decimal = Field(description="目标：比例或小区个数", examples=["0.8"])
    by: date = Field(description="目标期限")
    wording: str = Field(description="目标说明", examples=["2024 年不低于 80%"])
    met: bool = Field(description="是否达到；没有报送的不算达到")
    due: bool = Field(description="期限是否已到")
    missing: int = Field(description="还差多少个小区")
    gap: Decimal | None = Field(
        description="还差多少个百分点（两位小数，向上取整）；以个数计的指标和没有小区的为空",
        examples=["18.75"],
    )
    whose: str = Field(
        description="是哪一年底的目标；两个年底之间为下一个年底的", examples=["2024 年底的目标"]
    )
    clause: str = Field(description="条款编号", examples=["P-1.2"])


class DivisionCoverage(Answer, title="区划覆盖情况"):
    """Coverage of a division (区划覆盖情况)."""

    name: str = Field(description="区划名称", examples=["天骄街道"])
    street: str | None = Field(description="所属街道（镇），仅按社区统计时给出", examples=["天骄街道"])
    compounds: int = Field(description="住宅小区数，各比例的分母")
    covered: int = Field(description="已覆盖：专业化物业管理或准物业管理的小区数")
    with_committee: int = Field(description="有业委会（物管会）的小区数")
    red: int = Field(description="红色物业小区数")
    with_company: int = Field(description="有物业服务企业的小区数，合同备案率的分母")
    filed: int = Field(description="合同已备案的小区数")
    professional: int = Field(description="专业化物业管理的小区数")
    quasi: int = Field(description="准物业管理的小区数")
    unmanaged: int = Field(description="无物业的小区数")
    households: int = Field(description="户数合计；摸底没有填写户数的小区不计")
    covered_households: int = Field(description="已覆盖小区的户数合计")
    area: Decimal = Field(description="面积合计，平方米；摸底没有填写面积的小区不计", examples=["860000.00"])
    covered_area: Decimal = Field(description="已覆盖小区的面积合计，平方米", examples=["800000.00"])
    reported: bool = Field(description="到该日为止是否报送过摸底；没有报送的各数为 0、各比例为空")
    standings: list[StandingOut] = Field(description="与目标对照")


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
        "known_at 按当时已知的情况统计：此后的更正、重新报送和补录不计。format=xlsx 下载表格。"
    ),
    responses=OR_WORKBOOK,
    openapi_extra=clauses(*CLAUSES),
)
async def read_coverage(
    context: DistrictReader,
    on: Annotated[Day | None, Query(description="统计日期，不填为今天", examples=["2024-12-31"])] = None,
    level: Annotated[Level, Query(description="district 区，street 街道（镇），community 社区")] = "district",
    street: Annotated[Street | None, Query(description="只统计这个街道（镇）")] = None,
    known_at: KnownAt = None,
    format: Annotated[Literal["json", "xlsx"], Query(description="json 或 xlsx")] = "json",
) -> CoverageOut:
    """Coverage against the targets of the plan (P-1.1, P-1.2, P-1.3, P-2.2.5)."""
    day = on or context.today
    asked = asked_on(context, day, known_at=known_at)
    [counts] = (await count(context.session, level, asked, street)).values()
    whole = level == "district" and street is None
    items = [_coverage(row, day, whole=whole) for row in counts]
    if format == "xlsx":
        total = _coverage(sum(counts, start=Counts("合计", reported=False)), day, whole=street is None)
        made = _workbook([*items, total], day)
        return download(made, f"物业服务覆盖情况{day:%Y%m%d}.xlsx")  # type: ignore[return-value]
    return CoverageOut.of(on=day, known_at=known_at, level=level, items=items)


def _coverage(row: Counts, day: date, *, whole: bool) -> DivisionCoverage:
    """A division's counts against the targets; some of these are only the whole district's."""
    measures = (
        rules.standing("coverage_rate", row.covered, row.compounds, day),
        rules.standing("committee_rate", row.with_committee, row.compounds, day),
        rules.standing("red_compounds", row.red, row.compounds, day),
        rules.standing("filed_rate", row.filed, row.with_company, day),
    )
    standings = [
        StandingOut.of(
            standing, standing.target, target=standing.target.value, met=standing.met and row.reported
        )
        for standing in measures
        if whole or not standing.target.district_only
    ]
    return DivisionCoverage.of(row, standings=standings)


def _workbook(items: Sequence[DivisionCoverage], day: date) -> bytes:
    """The divisions, the last of them their total, and below it the targets of the day."""
    headings = ("小区数", "已覆盖", "有业委会（物管会）", "红色物业", "有物业企业", "合同已备案")
    columns = [
        Column("区划", width=16),
        Column("所属街道（镇）", width=16),
        Column("是否报送", width=10),
        *(Column(heading, width=12) for heading in headings),
        *(Column(heading, width=12, format="0.00%") for heading in ("覆盖率", "组建率", "备案率")),
    ]
    rows = [
        [
            item.name,
            item.street or "",
            "已报送" if item.reported else "未报送",
            *(getattr(item, name) for name in FIGURES),
            *(one.value for one in item.standings if one.measure != "red_compounds"),
        ]
        for item in items
    ]
    title = f"东胜区物业服务覆盖情况（{day:%Y年%m月%d日}）"
    return table(columns, [*rows, _targets(items[-1])], Layout(sheet="覆盖情况", title=title))


def _targets(total: DivisionCoverage) -> list[Value]:
    """The row of targets, under the columns of what they are of."""
    targets = {one.measure: one.target for one in total.standings}
    row: list[Value] = ["目标", "", "", *(None for _ in FIGURES)]
    row[3 + FIGURES.index("red")] = targets.pop("red_compounds", None)
    return [*row, *targets.values()]
