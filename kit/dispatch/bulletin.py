"""A month's figures of requests (通报): formulas as data, rates, changes and ranks. Pure (P-2.2.2b)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from operator import gt, lt
from pathlib import Path
from typing import Any, Final, NamedTuple

from kit.district import reference
from kit.district.periods import Month
from kit.web.shapes import Choice

FORMULAS = Path(__file__).with_name("data") / "formulas.yaml"
_PLACES: Final = Decimal("0.0001")


class Grouping(Choice):
    """What a bulletin is broken down by (通报的分组)."""

    UNIT = "unit", "承办单位"
    STREET = "street", "街道（镇）"
    MATTER = "matter", "事项"
    COMPANY = "company", "所涉企业"


class BulletinFigure(Choice):
    """A figure of a bulletin (通报的指标)."""

    RECEIVED = "received", "受理量"
    TRANSFERRED = "transferred", "移交量"
    SIGN = "sign", "按时签收率"
    CONTACT = "contact", "按时联系率"
    ANSWER = "answer", "按期答复率"
    RETURNED = "returned", "退单率"
    REDONE = "redone", "重办率"
    RESPONSE = "response", "响应率"
    SOLVED = "solved", "解决率"
    SATISFIED = "satisfied", "满意率"
    SATISFACTION = "satisfaction", "满意度"


#: Figures that are numbers and no rates.
COUNTED: Final = (BulletinFigure.RECEIVED, BulletinFigure.TRANSFERRED)


@dataclass(frozen=True)
class Formula:
    """How a figure is counted. counts: requests or legs; better: higher, lower or neither; by: steps that count as done."""

    id: str
    name: str
    counts: str
    better: str
    version: int
    numerator: str
    denominator: str
    text: str
    source: str
    by: tuple[str, ...]


class Tally(NamedTuple):
    """What was counted of a figure. excluded: left out by an appeal; pending: neither done nor late so far."""

    numerator: int = 0
    denominator: int = 0
    excluded: int = 0
    pending: int = 0

    def __add__(self, other: tuple[int, ...]) -> "Tally":  # type: ignore[override]
        return Tally(*(one + two for one, two in zip(self, other, strict=True)))

    @property
    def share(self) -> Fraction | None:
        """The rate, exactly; None of nothing."""
        return Fraction(self.numerator, self.denominator) if self.denominator else None


#: What a group has of each figure, by the figure's id.
Tallies = Mapping[str, Tally]


class Group(NamedTuple):
    """A unit, street, matter or company, with its figures of the month and of the month before."""

    key: str | None
    name: str
    now: Tallies
    before: Tallies


@cache
def _versions() -> tuple[dict[str, Any], ...]:
    return tuple(reference.read(FORMULAS)["figures"])


@cache
def minimum() -> tuple[int, str]:
    """How large a denominator has to be to be ranked, and the source of that."""
    plain = reference.read(FORMULAS)
    return plain["minimum"], plain["minimum_source"]


@cache
def formulas(month: Month) -> tuple[Formula, ...]:
    """The formulas in force in a month."""
    return tuple(_in_force(each, month) for each in _versions())


def _in_force(figure: dict[str, Any], month: Month) -> Formula:
    known = [each for each in figure["versions"] if each["since"] <= month.first]
    version = max(known or figure["versions"][:1], key=lambda each: each["since"])
    return Formula(
        **{name: figure[name] for name in ("id", "name", "counts", "better")},
        **{name: version[name] for name in ("version", "numerator", "denominator", "text", "source")},
        by=tuple(version.get("by", ())),
    )


def rounded(share: Fraction | None) -> Decimal | None:
    """A rate to four places, half up."""
    if share is None:
        return None
    return (Decimal(share.numerator) / Decimal(share.denominator)).quantize(_PLACES, ROUND_HALF_UP)


def ranks(tallies: Sequence[Tally], better: str, least: int) -> list[int | None]:
    """The place of each by its exact rate: equal rates share one, and the next is as many places further.

    None: of a figure that is not compared, or with a denominator below `least`.
    """
    if better == "neither":
        return [None] * len(tallies)
    rates = [each.share if each.denominator >= least else None for each in tallies]
    known = [rate for rate in rates if rate is not None]
    ahead: Callable[[Fraction, Fraction], bool] = gt if better == "higher" else lt
    return [None if rate is None else 1 + sum(ahead(each, rate) for each in known) for rate in rates]


def figures_of(
    month: Month, now: Tallies, before: Tallies, places: Mapping[str, int | None]
) -> list[dict[str, Any]]:
    """The figures of a group as an answer shows them. places: its rank in each."""
    return [
        _figure(each, now.get(each.id, Tally()), before.get(each.id, Tally()), places)
        for each in formulas(month)
    ]


def _figure(formula: Formula, now: Tally, before: Tally, places: Mapping[str, int | None]) -> dict[str, Any]:
    counted = formula.better == "neither"
    rate, former = (None, None) if counted else (now.share, before.share)
    change = None if rate is None or former is None else rate - former
    return {
        "figure": formula.id,
        "name": formula.name,
        "version": formula.version,
        **now._asdict(),
        "rate": rounded(rate),
        "previous": {
            "numerator": before.numerator,
            "denominator": before.denominator,
            "rate": rounded(former),
        },
        "change": rounded(change),
        "change_count": now.numerator - before.numerator,
        "rank": places.get(formula.id),
    }


def total(groups: Iterable[Tallies]) -> dict[str, Tally]:
    """The figures of all groups together: each request and leg counts in one of them."""
    whole: dict[str, Tally] = {}
    for group in groups:
        for figure, tally in group.items():
            whole[figure] = whole.get(figure, Tally()) + tally
    return whole


def shown(month: Month, groups: Sequence[Group]) -> dict[str, Any]:
    """The total and the groups with their ranks, as an answer shows them, in the order of their keys."""
    groups = sorted(groups, key=lambda group: group.key or "")
    least, source = minimum()
    places = {
        each.id: ranks([group.now.get(each.id, Tally()) for group in groups], each.better, least)
        for each in formulas(month)
    }
    return {
        "total": figures_of(
            month, total(each.now for each in groups), total(each.before for each in groups), {}
        ),
        "groups": [
            {
                "key": group.key,
                "name": group.name,
                "figures": figures_of(
                    month, group.now, group.before, {id: all[at] for id, all in places.items()}
                ),
            }
            for at, group in enumerate(groups)
        ],
        "formulas": formulas(month),
        "minimum": least,
        "minimum_source": source,
    }
