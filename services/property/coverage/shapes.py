"""A division's counts against the targets, as answers and workbooks show them."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field

from kit.district.periods import Month
from kit.web.shapes import Answer, choices
from kit.workbooks.writing import Chart, Column, Value
from services.property.coverage.work import FIGURES, Counts, standings
from services.property.plan import coverage as rules
from services.property.plan.modes import CLAUSE_OF, Mode

CLAUSES = ("P-1.1", "P-1.2", "P-1.3", "P-2.2.5", "P-2.4.2", "P-2.4.3", "P-2.4.4", "P-2.4.5")


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


class ModeCount(Answer, title="一种覆盖模式的小区数"):
    """Covered compounds that are managed in a mode (覆盖模式)."""

    mode: Mode | None = Field(description=f"覆盖模式：{choices(Mode)}；没有登记管理关系的为空")
    name: str = Field(description="覆盖模式名称", examples=["以大带小"])
    compounds: int = Field(description="小区数")
    clause: str | None = Field(description="条款编号；没有登记管理关系的为空", examples=["P-2.4.2"])


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
    modes: list[ModeCount] = Field(description="已覆盖小区按覆盖模式统计；没有小区的模式不列")
    reported: bool = Field(description="到该日为止是否报送过摸底；没有报送的各数为 0、各比例为空")
    standings: list[StandingOut] = Field(description="与目标对照")


class MonthCoverage(Answer, title="一个月的覆盖情况"):
    """How the divisions of a level stood at the end of a month (月末覆盖情况)."""

    month: Month = Field(description="月份")
    on: date = Field(description="统计日期：月末；本月为今天")
    items: list[DivisionCoverage] = Field(description="各区划")


def coverage_of(row: Counts, day: date, *, whole: bool) -> DivisionCoverage:
    """A division's counts against the targets; some of these are only the whole district's."""
    against = [
        StandingOut.of(
            standing, standing.target, target=standing.target.value, met=standing.met and row.reported
        )
        for standing in standings(row, day)
        if whole or not standing.target.district_only
    ]
    return DivisionCoverage.of(row, standings=against, modes=modes_of(row))


def modes_of(row: Counts) -> list[ModeCount]:
    """Covered compounds by mode, those without an entered one last (P-2.4.2 to P-2.4.5)."""
    known = [
        ModeCount(mode=mode, name=mode.zh, compounds=row.modes[mode], clause=CLAUSE_OF[mode])
        for mode in Mode
        if mode in row.modes
    ]
    unknown = row.modes.get("", 0)
    return known + (
        [ModeCount(mode=None, name="没有登记管理关系", compounds=unknown, clause=None)] if unknown else []
    )


def columns() -> list[Column]:
    """The columns of a division's figures and rates in a workbook."""
    headings = ("小区数", "已覆盖", "有业委会（物管会）", "红色物业", "有物业企业", "合同已备案")
    return [
        Column("是否报送", width=10),
        *(Column(heading, width=12) for heading in headings),
        *(Column(heading, width=12, format="0.00%") for heading in ("覆盖率", "组建率", "备案率")),
    ]


def cells(item: DivisionCoverage) -> Sequence[Value]:
    """A division in these columns."""
    return [
        "已报送" if item.reported else "未报送",
        *(getattr(item, name) for name in FIGURES),
        *(one.value for one in item.standings if one.measure != "red_compounds"),
    ]


def rates_chart(title: str, before: int, kind: Literal["line", "column"]) -> Chart:
    """A chart of the rates in these columns, which come after so many others, to be changed in the workbook."""
    rates = [before + index for index, column in enumerate(columns()) if column.format]
    return Chart(title, rates, kind=kind, percent=True)
