"""Coverage as figures: how far each division is from a target, the farthest first (P-1.1 to P-1.3)."""

from collections.abc import Sequence
from datetime import date
from typing import Final, Literal

from kit.district.periods import Month
from kit.figures.bars import Bar, Group, Target, bars
from kit.figures.canvas import Head
from kit.figures.lines import Panel, lines
from kit.figures.outlines import Outline, outline
from kit.figures.palette import Tone
from kit.figures.rows import Entry
from kit.figures.scales import SHARES, counting
from kit.figures.tiles import Field, Tile, tiles
from services.property.coverage.shapes import DivisionCoverage, MonthCoverage, StandingOut
from services.property.plan import coverage as rules
from services.property.plan.divisions import tile_places

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


def by_place(
    items: Sequence[DivisionCoverage], measure: Rate, on: date, width: int, shapes: Sequence[Outline]
) -> str:
    """A measure of each street and town in a grid of tiles, or on the district's own map where there is one (shapes)."""
    rows = [(item, _standing(item, measure)) for item in items]
    head = Head(MEASURES[measure], _note(on, [one for _, one in rows]), f"places-{measure}", width)
    fields = [_field(item, one, measure) for item, one in rows]
    if shapes:
        return outline(head, shapes, fields, _CLASSES)
    places = tile_places()
    return tiles(
        head, [Tile(field, places[field.name]) for field in fields if field.name in places], _CLASSES
    )


#: The classes by what is left to the target, the best first.
_CLASSES: Final = (
    (4, "达到目标"),
    (3, "接近：差 5 个百分点以内"),
    (2, "较低：差 15 个百分点以内"),
    (1, "很低：差得更多"),
    (0, "没有数据"),
)


def _field(item: DivisionCoverage, one: StandingOut, measure: str) -> Field:
    rank = _rank(one)
    said = "—" if one.value is None else f"{one.value:.2%}"
    heard = _entry(item, one, measure)
    word = "达到" if rank == 4 else _CLASSES[4 - rank][1].partition("：")[0]
    return Field(item.name, said, word, rank, "，".join(each for each in (heard.more, heard.heard) if each))


def _rank(one: StandingOut) -> int:
    if one.value is None or one.gap is None:
        return 0
    if one.met:
        return 4
    return 3 if one.gap <= 5 else 2 if one.gap <= 15 else 1


def course(months: Sequence[MonthCoverage], until: Month, width: int) -> str:
    """One division's measures month by month against the stair of the plan's targets, which goes on to the last month."""
    items = [month.items[0] for month in months if month.items]
    first = months[0].month if months else until
    steps = [
        first + number for number in range((until.year - first.year) * 12 + until.month - first.month + 1)
    ]
    measures = [one.measure for one in items[-1].standings] if items else []
    name = items[-1].name if items else "东胜区"
    since = _note(months[-1].on, items[-1].standings) if items else ""
    panels = [_panel(measure, months, steps) for measure in measures]
    return lines(
        Head(f"{name}逐月进展", since, f"course-{until}", width), [str(each) for each in steps], panels
    )


def _panel(measure: rules.Measure, months: Sequence[MonthCoverage], steps: Sequence[Month]) -> Panel:
    known = {month.month: _standing(month.items[0], measure) for month in months if month.items}
    targets = [
        float(known[each].target if each in known else rules.target_for(measure, each.last).value)
        for each in steps
    ]
    values = [_value(known[each]) if each in known else None for each in steps]
    counted = measure == "red_compounds"
    scale = counting(max([*targets, *(value or 0 for value in values)]), "个") if counted else SHARES
    month, now = max(known.items())
    said = "没有数据" if now.value is None else f"{month} 为 {in_words(now)}"
    goal = f"{now.target:.0f} 个" if counted else f"{now.target:.0%}"
    counts = {month.month: f"（共 {month.items[0].compounds} 个小区）" for month in months if month.items}
    of = counts if measure == "coverage_rate" else {}
    heard = "逐月为 " + "、".join(f"{each} {in_words(one)}{of.get(each, '')}" for each, one in known.items())
    return Panel(MEASURES[measure], values, targets, scale, f"{said}，{now.whose} {goal}", _tone(now), heard)


def in_words(one: StandingOut) -> str:
    """Where a measure stands: a number of compounds, or a share in percent."""
    if one.value is None:
        return "没有数据"
    return f"{one.value:.0f} 个" if one.measure == "red_compounds" else f"{one.value:.2%}"
