"""Coverage, and its course, as reports to be edited."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from kit.district.citations import cite
from kit.documents.reports import Report
from services.property.coverage.figures import MEASURES, in_words
from services.property.coverage.shapes import CLAUSES, DivisionCoverage, MonthCoverage, StandingOut

_AUTHOR: Final = "东胜区物业服务"
_RATES: Final = ("coverage_rate", "committee_rate", "filed_rate")


def coverage_report(items: Sequence[DivisionCoverage], on: date) -> Report:
    """The divisions with their numbers, and the targets of the day in words."""
    targets = [f"{MEASURES[one.measure]}：{one.wording}（{one.clause}）" for one in _standings(items)]
    return Report(
        f"东胜区物业服务覆盖情况（{on.year}年{on.month}月{on.day}日）",
        _AUTHOR,
        [f"截至 {on.year}年{on.month}月{on.day}日，目标为：{'；'.join(targets)}。"],
        ("区划", "小区数", "已覆盖", *(MEASURES[each] for each in _RATES), "红色物业小区"),
        [[item.name, f"{item.compounds}", f"{item.covered}", *_rates(item), f"{item.red}"] for item in items],
        cite(*CLAUSES),
    )


def course_report(months: Sequence[MonthCoverage]) -> Report:
    """The divisions month by month."""
    return Report(
        "东胜区物业服务逐月进展",
        _AUTHOR,
        [f"截至 {months[-1].on.year}年{months[-1].on.month}月{months[-1].on.day}日。"] if months else [],
        ("月份", "区划", *(MEASURES[each] for each in _RATES), "红色物业小区"),
        [
            [f"{each.month}", item.name, *_rates(item), f"{item.red}"]
            for each in months
            for item in each.items
        ],
        cite("P-3.2", *CLAUSES),
    )


def _standings(items: Sequence[DivisionCoverage]) -> list[StandingOut]:
    return items[0].standings if items else []


def _rates(item: DivisionCoverage) -> list[str]:
    """A division's rates, and how far each is from its target."""
    shown = {one.measure: one for one in item.standings}
    return [_rate(shown[each]) for each in _RATES]


def _rate(one: StandingOut) -> str:
    return in_words(one) + (f"，差 {one.missing} 个" if one.missing else "")
