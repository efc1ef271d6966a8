"""Counting compounds by division on days, in one statement."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, func, null, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.property.compounds.models import Compound, Observation
from services.property.coverage.standing import OnDays, standing
from services.property.divisions import STREET, Division
from services.property.plan.coverage import COVERED, Standing
from services.property.plan.coverage import standing as standing_of
from services.property.plan.modes import Mode

Level = Literal["district", "street", "community"]


@dataclass(frozen=True)
class Counts:
    """Compounds of a division on a day (小区数); `street` is a community's; reported: whether any survey names one.

    modes: covered compounds by the mode in which they are managed, under "" those of which no mode is entered;
    households, covered_households: 户数; area, covered_area: square metres; of compounds whose survey says them.
    """

    name: str
    street: str | None = None
    compounds: int = 0
    covered: int = 0
    with_committee: int = 0
    red: int = 0
    with_company: int = 0
    filed: int = 0
    professional: int = 0
    quasi: int = 0
    unmanaged: int = 0
    households: int = 0
    covered_households: int = 0
    area: Decimal = Decimal(0)
    covered_area: Decimal = Decimal(0)
    modes: Mapping[str, int] = field(default_factory=dict)
    reported: bool = True

    def __add__(self, other: "Counts") -> "Counts":
        """The counts of both, under the name of the first."""
        sums = {each: getattr(self, each) + getattr(other, each) for each in SUMS}
        modes = Counter(self.modes) + Counter(other.modes)
        return replace(self, **sums, modes=modes, reported=self.reported or other.reported)


#: What is counted of a division.
FIGURES = ("compounds", "covered", "with_committee", "red", "with_company", "filed")
#: By status: the figure and the status that surveys give.
STATUSES = {"professional": "专业化物业管理", "quasi": "准物业管理", "unmanaged": "无物业"}
#: Households and square metres.
SIZES = ("households", "covered_households", "area", "covered_area")
SUMS = (*FIGURES, *STATUSES, *SIZES)
#: Of covered compounds; the last are those of which no mode is entered.
MODES = (*(mode.value for mode in Mode), "")


def standings(row: Counts, day: date) -> list[Standing]:
    """How a division stands against each target of the day (P-1.1 to P-1.3, P-2.2.5)."""
    return [
        standing_of("coverage_rate", row.covered, row.compounds, day),
        standing_of("committee_rate", row.with_committee, row.compounds, day),
        standing_of("red_compounds", row.red, row.compounds, day),
        standing_of("filed_rate", row.filed, row.with_company, day),
    ]


def is_covered(state: type[Observation]) -> ColumnElement[bool]:
    """Whether a compound is covered (P-1.1)."""
    return func.coalesce(state.status.in_(COVERED), False)


def standing_compounds(state: type[Observation], day: date) -> Select[Any]:
    """Compounds that a survey has named by the day, neither retired nor another's double, joined with their state."""
    return (
        select()
        .select_from(Compound)
        .join(state, state.compound_id == Compound.id)
        .where(or_(Compound.retired_on.is_(None), Compound.retired_on > day), Compound.withdrawn_on.is_(None))
    )


async def count(
    session: AsyncSession, level: Level, asked: OnDays, street: str | None = None
) -> dict[date, list[Counts]]:
    """Counts of the divisions of a level on each day, in the order of the register; of communities those with compounds."""
    row = standing(asked)
    if street is not None:
        row = row.where(STREET.name == street)
    of_day = row.subquery("row")
    division = of_day.c[f"{level}_id"]
    counted = select(of_day.c.day, division.label("id"), *_sums(of_day)).group_by(of_day.c.day, division)
    figures = counted.subquery("figures")
    found = await session.execute(
        select(
            figures.c.day,
            Division.name,
            STREET.name if level == "community" else null(),
            *(figures.c[each] for each in (*SUMS, *map(_column, MODES))),
        )
        .join(Division, Division.id == figures.c.id)
        .outerjoin(STREET, STREET.id == Division.parent_id)
        .order_by(figures.c.day, Division.id)
    )
    counts: dict[date, list[Counts]] = {day: [] for day in sorted(asked.days)}
    for day, name, street_name, *values in found:
        modes = {mode: number for mode, number in zip(MODES, values[len(SUMS) :], strict=True) if number}
        sums = dict(zip(SUMS, values, strict=False))
        counts[day].append(Counts(name, street_name, **sums, modes=modes))
    if level == "community":
        return {day: [each for each in of if each.compounds] for day, of in counts.items()}
    everyone = await _names(session, level, street)
    return {day: _with_silent(everyone, of) for day, of in counts.items()}


def _sums(row: Any) -> list[ColumnElement[Any]]:
    """What is counted of compounds, those left out that are none any more."""
    counted = {name: row.c.stands if name == "compounds" else row.c[name] for name in FIGURES}
    counted["filed"] = row.c.with_company & row.c.filed
    counted |= {name: row.c.status == status for name, status in STATUSES.items()}
    sizes = {
        name: (row.c[name.removeprefix("covered_")], row.c.covered if "covered" in name else row.c.stands)
        for name in SIZES
    }
    return [
        *(func.count().filter(row.c.stands, each).label(name) for name, each in counted.items()),
        *(
            func.coalesce(func.sum(of).filter(row.c.stands, which), 0).label(name)
            for name, (of, which) in sizes.items()
        ),
        *(
            func.count()
            .filter(row.c.stands, row.c.covered, func.coalesce(row.c.mode, "") == mode)
            .label(_column(mode))
            for mode in MODES
        ),
    ]


def _column(mode: str) -> str:
    return f"mode_{mode}"


async def _names(session: AsyncSession, level: Level, street: str | None) -> Sequence[str]:
    of_level = ("street", "town") if level == "street" else ("district",)
    everyone = select(Division.name).where(Division.kind.in_(of_level))
    if street is not None and level == "street":
        everyone = everyone.where(Division.name == street)
    return (await session.scalars(everyone.order_by(Division.id))).all()


def _with_silent(everyone: Sequence[str], found: Sequence[Counts]) -> list[Counts]:
    """All divisions of a level, those of which no survey says anything with nothing counted."""
    by_name = {each.name: each for each in found}
    return [by_name.get(name, Counts(name, reported=False)) for name in everyone]
