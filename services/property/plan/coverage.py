"""The plan's targets for coverage, committees, red property and filed contracts: pure."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from math import ceil
from typing import Final, Literal

from kit.district.periods import Month

Measure = Literal["coverage_rate", "committee_rate", "red_compounds", "filed_rate"]

#: The months of the plan's course, from its start to its closing evaluation (P-3.2).
COURSE: Final = (Month(2024, 4), Month(2026, 4))
#: Management statuses that count as covered (P-1.1).
COVERED = ("专业化物业管理", "准物业管理")


@dataclass(frozen=True)
class Target:
    """What a measure must reach by a day.

    value: a share from 0 to 1, or a number of compounds; district_only: not broken down to streets.
    """

    measure: Measure
    by: date
    value: Decimal
    clause: str
    wording: str
    district_only: bool = False

    @property
    def whose(self) -> str:
        """Whose target it is: what counts between two ends of years is that of the next."""
        return f"{self.by.year} 年底的目标"


#: 东政发〔2024〕18号 一 and 二(二)5. 以上 includes the number.
TARGETS = (
    Target("coverage_rate", date(2024, 12, 31), Decimal(1), "P-1.1", "住宅小区物业服务基本实现全覆盖"),
    Target("committee_rate", date(2024, 12, 31), Decimal("0.80"), "P-1.2", "组建率 80% 以上"),
    Target("committee_rate", date(2025, 12, 31), Decimal("0.95"), "P-1.2", "组建率 95% 以上"),
    Target("committee_rate", date(2026, 12, 31), Decimal("0.98"), "P-1.2", "组建率 98% 以上"),
    Target("red_compounds", date(2024, 12, 31), Decimal(100), "P-1.3", "红色物业小区 100 个", True),
    Target("red_compounds", date(2025, 12, 31), Decimal(200), "P-1.3", "红色物业小区 200 个", True),
    Target("red_compounds", date(2026, 12, 31), Decimal(300), "P-1.3", "红色物业小区 300 个", True),
    Target("filed_rate", date(2024, 12, 31), Decimal(1), "P-2.2.5", "物业服务合同全部备案"),
)


@dataclass(frozen=True)
class Standing:
    """How a measure stands against its target on a day.

    missing: compounds still needed to reach it; gap: percent points still needed, of a share, to two places, rounded
    up, so that none is shown as no gap where one is left; due: whether the target's day has come.
    """

    target: Target
    value: Decimal | None
    met: bool
    due: bool
    missing: int
    gap: Decimal | None


def target_for(measure: Measure, day: date) -> Target:
    """The target that counts on a day: that of its year; before the first the first, after the last the last."""
    rows = [target for target in TARGETS if target.measure == measure]
    return next((target for target in rows if day <= target.by), rows[-1])


def share(part: int, whole: int) -> Decimal | None:
    """The share to four places; None of nothing."""
    return (Decimal(part) / whole).quantize(Decimal("0.0001"), ROUND_HALF_UP) if whole else None


def standing(measure: Measure, part: int, whole: int, day: date) -> Standing:
    """How `part` of `whole` compounds stand against the target of the day (P-1.1 to P-1.3, P-2.2.5).

    Compared exactly, not by the rounded share: 799 of 1,000 is not 80%.
    """
    target = target_for(measure, day)
    needed = target.value if measure == "red_compounds" else target.value * whole
    missing = max(0, ceil(needed - part))
    counted = measure == "red_compounds"
    value = Decimal(part) if counted else share(part, whole)
    gap = None if counted or not whole else max(Decimal(0), 100 * (needed - part) / whole)
    return Standing(
        target,
        value,
        met=part >= needed,
        due=day >= target.by,
        missing=missing,
        gap=None if gap is None else gap.quantize(Decimal("0.01"), ROUND_CEILING),
    )
