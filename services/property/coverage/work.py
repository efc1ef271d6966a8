"""Counting compounds by division on days, in one statement."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    FromClause,
    Numeric,
    Select,
    cast,
    func,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.property.compounds.models import Compound, Observation
from services.property.coverage.kept import StreetDay, of_streets
from services.property.coverage.standing import OnDays, standing
from services.property.divisions import COMMUNITY, STREET, Division
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
#: What is summed of compounds of a kind.
_SUMMED = ("number", "households", "area")
#: What compounds are told apart by when they are counted.
_ALIKE = ("stands", "with_company", "with_committee", "red", "filed", "status", "mode")
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
    """Compounds that a survey has named by the day, neither retired nor another's double, with their `state_of_each`."""
    return (
        select()
        .select_from(Compound)
        .join(state, true())
        .where(or_(Compound.retired_on.is_(None), Compound.retired_on > day), Compound.withdrawn_on.is_(None))
    )


async def count(
    session: AsyncSession, level: Level, asked: OnDays, street: str | None = None
) -> dict[date, list[Counts]]:
    """Counts of the divisions of a level on each day, in the order of the register; of communities those with compounds."""
    asked_of = await streets(session, street)
    wanted = {(each.id, day) for each in asked_of for day in asked.days}

    async def count_anew(ids: Collection[UUID], days: Collection[date]) -> dict[StreetDay, list[Counts]]:
        narrowed = None if len(ids) == len(asked_of) and street is None else ids
        names = {each.id: each.name for each in asked_of if each.id in ids}
        return await _count_streets(session, replace(asked, days=days, streets=narrowed), names)

    found = await of_streets(session, wanted, ("counts", asked.known_at), count_anew)
    return {
        day: _at_level(level, [(each.district, found[each.id, day]) for each in asked_of])
        for day in sorted(asked.days)
    }


class OfDistrict(NamedTuple):
    """A street or town, and the name of its district."""

    id: UUID
    name: str
    district: str


async def streets(session: AsyncSession, name: str | None) -> list[OfDistrict]:
    """The district's streets and towns in the order of the register, or the one of a name."""
    district = aliased(Division)
    query = (
        select(Division.id, Division.name, district.name)
        .join(district, district.id == Division.parent_id)
        .where(Division.kind.in_(("street", "town")))
        .order_by(Division.id)
    )
    found = await session.execute(query if name is None else query.where(Division.name == name))
    return [OfDistrict(*row) for row in found]


def _at_level(level: Level, counted: Sequence[tuple[str, list[Counts]]]) -> list[Counts]:
    """Divisions of a level, from what was counted of each street, with the district in which it is."""
    if level == "community":
        return [each for _, (_, *communities) in counted for each in communities if each.compounds]
    if level == "street":
        return [whole for _, (whole, *_) in counted]
    districts = dict.fromkeys(district for district, _ in counted)
    return [
        sum((whole for of, (whole, *_) in counted if of == name), start=Counts(name, reported=False))
        for name in districts
    ]


async def _count_streets(
    session: AsyncSession, asked: OnDays, names: Mapping[UUID, str]
) -> dict[StreetDay, list[Counts]]:
    """Of each street on each day all of it, with nothing counted where no survey speaks of it, then its communities."""
    changes = _changes(replace(asked, changing=len(asked.days) > 1))
    of = (changes.c.community_id, changes.c.day)
    figures = select(*of, *_sums(changes)).group_by(*of).subquery("figures")
    query = (
        select(figures, COMMUNITY.name, COMMUNITY.parent_id.label("street_id"), STREET.name.label("street"))
        .join(COMMUNITY, COMMUNITY.id == figures.c.community_id)
        .join(STREET, STREET.id == COMMUNITY.parent_id)
        .order_by(COMMUNITY.id, figures.c.day)
    )
    days = sorted(asked.days)
    counts = {(id, day): [Counts(name, reported=False)] for id, name in names.items() for day in days}
    found = await session.execute(query)
    for _, rows in groupby(found, key=lambda row: row.community_id):
        changed = {row.day: row for row in rows}
        first = next(iter(changed.values()))
        values: Counter[str] = Counter()
        for day in days[days.index(first.day) :]:
            if day in changed:
                values.update({each: changed[day]._mapping[each] for each in _COUNTED})
            community = _counts(first.name, first.street, values)
            of_street = counts[first.street_id, day]
            of_street[0] += community
            of_street.append(community)
    return counts


def _changes(asked: OnDays) -> FromClause:
    """How many compounds of a kind, with their households and area, there are more in a community from a day on, or less."""
    row = standing(asked).subquery("row")
    following = func.lead(row.c.day).over(partition_by=row.c.compound_id, order_by=row.c.day)
    until = following if asked.changing else cast(null(), Date)
    spans = select(row, until.label("until")).subquery("spans")
    keys = (spans.c.community_id, spans.c.day, spans.c.until, *(spans.c[each] for each in _ALIKE))
    # Those of a kind first, so that each is counted once and not for each figure.
    sums = (func.count(), func.sum(spans.c.households), func.sum(spans.c.area))
    labelled = [of.label(name) for name, of in zip(_SUMMED, sums, strict=True)]
    alike = select(*keys, *labelled).group_by(*keys).cte("alike")
    kept = (alike.c.community_id, *(alike.c[each] for each in _ALIKE))
    come = select(*kept, alike.c.day, *(alike.c[each] for each in _SUMMED))
    gone = select(*kept, alike.c.until, *(-alike.c[each] for each in _SUMMED))
    return union_all(come, gone.where(alike.c.until.is_not(None))).subquery("changes")


def _counts(name: str, street: str, values: Mapping[str, Any]) -> Counts:
    modes = {mode: values[_column(mode)] for mode in MODES if values[_column(mode)]}
    return Counts(name, street, **{each: values[each] for each in SUMS}, modes=modes)


def _sums(row: Any) -> list[ColumnElement[Any]]:
    """What is counted of compounds of a kind, those left out that are none any more."""
    covered = row.c.status.in_(COVERED)
    counted: dict[str, ColumnElement[bool]] = {
        "compounds": row.c.stands,
        "covered": covered,
        "with_committee": row.c.with_committee,
        "red": row.c.red,
        "with_company": row.c.with_company,
        "filed": row.c.with_company & row.c.filed,
    }
    counted |= {name: row.c.status == status for name, status in STATUSES.items()}
    counted |= {_column(mode): covered & (func.coalesce(row.c.mode, "") == mode) for mode in MODES}
    sizes = {
        name: (row.c[name.removeprefix("covered_")], covered if "covered" in name else row.c.stands)
        for name in SIZES
    }
    whole = {"households", "covered_households", *counted}
    sums = {name: (row.c.number, which) for name, which in counted.items()} | sizes
    return [
        func.coalesce(func.sum(of).filter(row.c.stands, which), 0)
        .cast(BigInteger if name in whole else Numeric)
        .label(name)
        for name, (of, which) in sums.items()
    ]


def _column(mode: str) -> str:
    return f"mode_{mode}"


#: All columns that are counted.
_COUNTED = (*SUMS, *map(_column, MODES))
