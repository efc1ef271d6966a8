"""Coverage as figures: how far each division is from a target, the farthest first (P-1.1 to P-1.3)."""

from collections.abc import Sequence
from datetime import date
from typing import Final, Literal

from kit.figures.bars import Bar, Group, Target, bars
from kit.figures.canvas import Head
from kit.figures.palette import Tone
from kit.figures.rows import Entry
from kit.figures.scales import SHARES
from services.property.coverage.shapes import DivisionCoverage, StandingOut

Rate = Literal["coverage_rate", "committee_rate", "filed_rate"]
RATES: Final = (
    "图中的指标，只用于 format=svg：coverage_rate 覆盖率，committee_rate 组建率，filed_rate 合同备案率"
)
MEASURES: Final = {
    "coverage_rate": "物业服务覆盖率",
    "committee_rate": "业委会（物管会）组建率",
    "red_compounds": "红色物业小区",
    "filed_rate": "合同备案率",
}
_LEGEND: Final = ((Tone.GOOD, "达到目标"), (Tone.LATE, "未达到"), (Tone.IDLE, "没有数据"))


def by_gap(items: Sequence[DivisionCoverage], measure: Rate, on: date, width: int) -> str:
    """A measure of each division against its target, the widest gap first, those without data last."""
    rows = sorted(
        ((item, _standing(item, measure)) for item in items),
        key=lambda row: (row[1].value is None, -(row[1].gap or 0), -(row[1].value or 0)),
    )
    targets = [Target(float(one.target), f"{one.whose} {one.target:.0%}") for _, one in rows]
    head = Head(MEASURES[measure], _note(on, [one for _, one in rows]), f"coverage-{measure}", width)
    legend = [each for each in _LEGEND if each[0] in {_tone(one) for _, one in rows}]
    drawn = [Bar(_entry(item, one, measure), _value(one)) for item, one in rows]
    return bars(head, [Group("", drawn)], SHARES, next(iter(targets), None), legend)


def _standing(item: DivisionCoverage, measure: str) -> StandingOut:
    return next(one for one in item.standings if one.measure == measure)


def _note(on: date, standings: Sequence[StandingOut]) -> str:
    basis = "、".join(sorted({one.clause for one in standings}))
    return f"截至 {on.year}年{on.month}月{on.day}日" + (f" · 依据 {basis}" if basis else "")


def _tone(one: StandingOut) -> Tone:
    if one.value is None:
        return Tone.IDLE
    return Tone.GOOD if one.met else Tone.LATE


def _value(one: StandingOut) -> float | None:
    return None if one.value is None else float(one.value)


def _entry(item: DivisionCoverage, one: StandingOut, measure: str) -> Entry:
    """A division in words: of how many it is a share, and how many are missing."""
    counted = item.with_company if measure == "filed_rate" else item.compounds
    name = f"{item.street} {item.name}" if item.street else item.name
    if one.value is None:
        return Entry(name, "没有数据", "" if item.reported else "未报送摸底", tone=Tone.IDLE)
    missing = f"，差 {one.missing} 个" if one.missing else ""
    heard = f"差 {one.gap} 个百分点" if one.gap else ""
    return Entry(name, f"{one.value:.2%}", f"共 {counted} 个小区{missing}", tone=_tone(one), heard=heard)
