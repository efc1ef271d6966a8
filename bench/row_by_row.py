"""The rules of a scheme as a loop over rows, in exact fractions: what the one statement is measured against, and equals.

Written from docs/adr/0039 and not from the statement, so that two readings of the rules have to agree.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from kit.district.periods import months_after
from services.credit.plan.scheme import Item, Kind, Measure, Scheme, Validity

ZERO = Fraction(0)


@dataclass(frozen=True)
class Fact:
    """A record as the loop needs it."""

    id: str
    item: str
    acted_at: datetime
    points: Decimal | None = None
    units: int = 1
    share: tuple[int, int] | None = None
    project: str | None = None
    area: Decimal | None = None
    company_area: Decimal | None = None
    company_projects: int | None = None
    valid_until: date | None = None
    put_right_on: date | None = None
    repaired_on: date | None = None


@dataclass(frozen=True)
class Result:
    """What a company comes to."""

    score: Decimal
    grade: str
    list: str | None


def evaluate(scheme: Scheme, facts: Iterable[Fact], day: date) -> Result:
    """A company's score, grade and list as of a day."""
    items = {each.code: each for each in scheme.items}
    counting = [
        (items[fact.item], fact)
        for fact in facts
        if fact.item in items and fact.acted_at.date() <= day and _lasts(scheme, items[fact.item], fact, day)
    ]
    newest: dict[str, Fact] = {}
    for item, fact in counting:
        if item.kind is Kind.BASE:
            before = newest.get(item.code)
            if before is None or (fact.acted_at, fact.id) > (before.acted_at, before.id):
                newest[item.code] = fact
    counting = [
        (item, fact) for item, fact in counting if item.kind is not Kind.BASE or newest[item.code] is fact
    ]
    sums = _sums(scheme, counting)
    exact = Fraction(scheme.start) + sums[Kind.BASE] + sums[Kind.GOOD] - sums[Kind.BAD] - sums[Kind.SERIOUS]
    score = _half_up(exact, scheme.places)
    kinds = [item.kind for item, _ in counting]
    serious = Kind.SERIOUS in kinds
    grade = _grade(scheme, score, has_bad=serious or Kind.BAD in kinds)
    if not any(item.kind is Kind.BASE and item.from_register is None for item, _ in counting):
        grade = scheme.absent_grade
    if any(item.veto for item, _ in counting):
        grade = scheme.veto_grade
    if grade in scheme.lists.black or (serious and scheme.lists.serious_is_black):
        return Result(score, grade, "black")
    return Result(score, grade, "red" if grade in scheme.lists.red and not serious else None)


def _lasts(scheme: Scheme, item: Item, fact: Fact, day: date) -> bool:
    if fact.repaired_on is not None and day >= fact.repaired_on:
        return False
    acted = fact.acted_at.date()
    end = fact.valid_until
    if end is None and item.validity is Validity.MONTHS:
        end = months_after(acted, item.months or 0)
    elif end is None and item.validity is Validity.LISTED:
        end = fact.put_right_on
    elif end is None and item.validity is Validity.PUT_RIGHT and fact.put_right_on is not None:
        minimum = getattr(scheme.repair, item.severity or "minor").after
        end = max(fact.put_right_on, months_after(acted, minimum))
    return end is None or day < end


def _sums(scheme: Scheme, counting: list[tuple[Item, Fact]]) -> dict[Kind, Fraction]:
    spent: dict[tuple[Any, ...], Fraction] = defaultdict(Fraction)
    sums: dict[Kind, Fraction] = defaultdict(Fraction)
    limits = {Kind.BASE: scheme.limits.base, Kind.GOOD: scheme.limits.good, Kind.BAD: scheme.limits.bad}
    for item, fact in sorted(counting, key=lambda pair: (pair[1].acted_at, pair[1].id)):
        points = _weighted(scheme, item, fact)
        if item.cap is not None:
            points = _within(spent, ("item", item.code, _span(item, fact)), points, item.cap.points)
        if item.group is not None:
            points = _within(spent, ("group", item.group), points, scheme.groups[item.group])
        limit = limits.get(item.kind)
        if limit is not None:
            points = _within(spent, ("kind", item.kind), points, limit)
        sums[item.kind] += points
    return sums


def _weighted(scheme: Scheme, item: Item, fact: Fact) -> Fraction:
    given = item.usual if fact.points is None else max(min(fact.points, item.most), item.least)
    value = Fraction(given)
    if item.measure is Measure.SHARE and fact.share is not None:
        part, whole = fact.share
        value = Fraction(item.most) * Fraction(part, whole) if whole else Fraction(0)
    elif item.measure is Measure.UNITS:
        value *= fact.units
    if fact.project is None or (item.kind is Kind.SERIOUS and scheme.serious_in_full):
        return value
    if scheme.aggregation == "area" and fact.area is not None and fact.company_area is not None:
        return value * Fraction(fact.area) / Fraction(fact.company_area)
    return value / (fact.company_projects or 1)


def _span(item: Item, fact: Fact) -> object:
    if item.cap is None or item.cap.per == "item":
        return None
    return fact.project if item.cap.per == "project" else (fact.acted_at.year, (fact.acted_at.month - 1) // 3)


def _within(
    spent: dict[tuple[Any, ...], Fraction], key: tuple[Any, ...], points: Fraction, cap: Decimal
) -> Fraction:
    counted = max(ZERO, min(points, Fraction(cap) - spent[key]))
    spent[key] += points
    return counted


def _half_up(exact: Fraction, places: int) -> Decimal:
    twelve = Decimal(round(exact * 10**12)).scaleb(-12)
    return twelve.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _grade(scheme: Scheme, score: Decimal, *, has_bad: bool) -> str:
    for band in scheme.bands:
        applies = band.when == "any" or (band.when == "with_bad") == has_bad
        above = band.at_least is None or score >= band.at_least
        if applies and above and (band.below is None or score < band.below):
            return band.grade
    raise ValueError(f"no grade for {score}")
