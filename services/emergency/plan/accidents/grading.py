"""How grave an accident is: its grade (E-1.5), the level of response (E-4.3), and what would raise them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any, Generic, TypeVar


class Grade(StrEnum):
    """The four grades of an accident (事故等级), mildest first (E-1.5). Compare by `rank`, never by text."""

    GENERAL = "general"
    LARGER = "larger"
    MAJOR = "major"
    ESPECIALLY_MAJOR = "especially_major"

    @property
    def rank(self) -> int:
        """0 for the mildest, 3 for the gravest."""
        return tuple(Grade).index(self)

    @property
    def zh(self) -> str:
        return _GRADES_ZH[self]


class ResponseLevel(StrEnum):
    """The four levels of response (响应级别), mildest first (E-4.3). Compare by `rank`, never by text."""

    IV = "IV"
    III = "III"
    II = "II"
    I = "I"  # noqa: E741 - the plan's own name

    @property
    def rank(self) -> int:
        """0 for the mildest, 3 for the gravest."""
        return tuple(ResponseLevel).index(self)

    @property
    def zh(self) -> str:
        return _LEVELS_ZH[self]


_GRADES_ZH = dict(zip(Grade, ("一般", "较大", "重大", "特别重大"), strict=True))
_LEVELS_ZH = dict(zip(ResponseLevel, ("四级", "三级", "二级", "一级"), strict=True))

Value = bool | int | Decimal | Grade
Verdict = TypeVar("Verdict", Grade, ResponseLevel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of an accident: persons in whole numbers, loss in yuan with two places.

    `serious_injuries` include acute poisoning; `endangered` are all persons in danger, trapped or missing;
    none of them counts as dead. What is not known yet is left at its default.

    Raises: ValueError for a negative number, or for a loss that is no exact decimal with two places.
    """

    deaths: int = 0
    serious_injuries: int = 0
    direct_loss_yuan: Decimal = Decimal("0.00")
    endangered: int = 0
    beyond_company_capacity: bool = False
    beyond_district_capacity: bool = False
    headquarters_decides_iii: bool = False

    def __post_init__(self) -> None:
        if min(self.deaths, self.serious_injuries, self.endangered) < 0:
            raise ValueError("a number of persons is never negative")
        if not _is_exact_yuan(self.direct_loss_yuan):
            raise ValueError(
                "direct_loss_yuan is an exact decimal in yuan, not negative, with two places at most"
            )


def _is_exact_yuan(loss: object) -> bool:
    return (
        isinstance(loss, Decimal) and loss.is_finite() and loss >= 0 and int(loss.as_tuple().exponent) >= -2
    )


@dataclass(frozen=True, slots=True)
class Bound(Generic[Verdict]):
    """One row of the plan: reaching any of `at` gives `gives`; a number at the bound does (以上含本数)."""

    gives: Verdict
    at: Mapping[str, Value]


#: E-1.5: any one measure is enough; below all of these an accident is 一般.
GRADES = (
    Bound(
        Grade.ESPECIALLY_MAJOR,
        {"deaths": 30, "serious_injuries": 100, "direct_loss_yuan": Decimal("100_000_000.00")},
    ),
    Bound(Grade.MAJOR, {"deaths": 10, "serious_injuries": 50, "direct_loss_yuan": Decimal("50_000_000.00")}),
    Bound(Grade.LARGER, {"deaths": 3, "serious_injuries": 10, "direct_loss_yuan": Decimal("10_000_000.00")}),
)

#: E-4.3: any one condition is enough; every accident is at least 一般, so at least level IV.
LEVELS = (
    Bound(ResponseLevel.I, {"grade": Grade.ESPECIALLY_MAJOR, "endangered": 30}),
    Bound(ResponseLevel.II, {"grade": Grade.MAJOR, "endangered": 10, "beyond_district_capacity": True}),
    Bound(
        ResponseLevel.III,
        {
            "grade": Grade.LARGER,
            "endangered": 3,
            "beyond_company_capacity": True,
            "headquarters_decides_iii": True,
        },
    ),
    Bound(ResponseLevel.IV, {"grade": Grade.GENERAL, "endangered": 1}),
)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: `value` of `field` reached `threshold` of the clause."""

    field: str
    value: Value
    threshold: Value
    clause: str


@dataclass(frozen=True, slots=True)
class Rise:
    """What would raise the verdict: `field` at `at` (now `value`) makes it `becomes`."""

    field: str
    value: Value
    at: Value
    becomes: Grade | ResponseLevel
    clause: str

    @property
    def says(self) -> str:
        """The same in words, for the person who has the telephone in hand."""
        cause = _CAUSES[self.field].format(more=Decimal(self.at) - Decimal(self.value))
        if isinstance(self.becomes, Grade):
            return f"{cause}即为{self.becomes.zh}事故"
        return f"{cause}即达到{self.becomes.zh}响应条件"


_CAUSES = {
    "deaths": "再死亡{more}人",
    "serious_injuries": "再重伤{more}人",
    "direct_loss_yuan": "直接经济损失再增加{more}元",
    "endangered": "再有{more}人涉险、被困或失联",
    "beyond_company_capacity": "超出企业处置能力",
    "beyond_district_capacity": "超出区级处置能力",
    "headquarters_decides_iii": "区指挥部决定提级",
}


@dataclass(frozen=True, slots=True)
class Assessment:
    """The grade and level of an accident, why, and what would raise them (E-1.5, E-4.3)."""

    grade: Grade
    response_level: ResponseLevel
    reasons: tuple[Reason, ...]
    next: tuple[Rise, ...]

    @property
    def grade_zh(self) -> str:
        return self.grade.zh

    @property
    def response_level_zh(self) -> str:
        return self.response_level.zh


def assess(facts: Facts) -> Assessment:
    """Grade an accident and find the level of response (E-1.5, E-4.3)."""
    grade, level, reasons = _verdicts(facts)
    return Assessment(grade, level, reasons, tuple(_rises(facts, grade, level)))


def _verdicts(facts: Facts) -> tuple[Grade, ResponseLevel, tuple[Reason, ...]]:
    measures: dict[str, Value] = {field.name: getattr(facts, field.name) for field in fields(facts)}
    grade, graded = _first_reached(GRADES, measures, "E-1.5") or (Grade.GENERAL, ())
    found = _first_reached(LEVELS, measures | {"grade": grade}, "E-4.3")
    assert found is not None, "the last row of LEVELS holds for every grade"
    level, levelled = found
    return grade, level, graded + levelled


def _first_reached(
    bounds: tuple[Bound[Verdict], ...], measures: Mapping[str, Value], clause: str
) -> tuple[Verdict, tuple[Reason, ...]] | None:
    """The gravest verdict that a measure reaches, with every measure that reaches it."""
    for bound in bounds:
        reached = [field for field, at in bound.at.items() if _reaches(measures[field], at)]
        if reached:
            reasons = tuple(Reason(field, measures[field], bound.at[field], clause) for field in reached)
            return bound.gives, reasons
    return None


def _reaches(value: Value, at: Value) -> bool:
    if isinstance(value, Grade) and isinstance(at, Grade):
        return value.rank >= at.rank
    return Decimal(value) >= Decimal(at)


def _rises(facts: Facts, grade: Grade, level: ResponseLevel) -> Iterator[Rise]:
    """For every fact, the nearest value that alone raises the grade, and the one that raises the level."""
    for field in fields(facts):
        value = getattr(facts, field.name)
        higher_grade = higher_level = False
        for at in sorted(_bounds_of(field.name)):
            if at <= value:
                continue
            changed: dict[str, Any] = {field.name: at}
            new_grade, new_level, _ = _verdicts(replace(facts, **changed))
            if not higher_grade and new_grade.rank > grade.rank:
                higher_grade = True
                yield Rise(field.name, value, at, new_grade, "E-1.5")
            if not higher_level and new_level.rank > level.rank:
                higher_level = True
                yield Rise(field.name, value, at, new_level, "E-4.3")


def _bounds_of(field: str) -> set[bool | int | Decimal]:
    values = (bound.at.get(field) for bound in (*GRADES, *LEVELS))
    return {value for value in values if isinstance(value, bool | int | Decimal)}
