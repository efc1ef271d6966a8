"""Counting compounds by division on a day, in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, null, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.property.committees.models import Committee
from services.property.compounds.models import Compound, Observation, RedProperty, located, states
from services.property.contracts.models import Contract
from services.property.divisions import COMMUNITY, STREET, Division
from services.property.plan.coverage import COVERED

Level = Literal["district", "street", "community"]
_DISTRICT = aliased(Division, name="district")


@dataclass(frozen=True)
class Counts:
    """Compounds of a division on a day (小区数); `street` is a community's; reported: whether any survey names one."""

    name: str
    street: str | None = None
    compounds: int = 0
    covered: int = 0
    with_committee: int = 0
    red: int = 0
    with_company: int = 0
    filed: int = 0
    reported: bool = True

    def __add__(self, other: "Counts") -> "Counts":
        """The counts of both, under the name of the first."""
        sums = {each: getattr(self, each) + getattr(other, each) for each in FIGURES}
        return replace(self, **sums, reported=self.reported or other.reported)


#: What is counted of a division.
FIGURES = ("compounds", "covered", "with_committee", "red", "with_company", "filed")


def runs_on(day: date) -> ColumnElement[bool]:
    """Whether a committee is in office on a day; on the day of its end it is no more."""
    return and_(
        Committee.formed_on <= day, or_(Committee.dissolved_on.is_(None), Committee.dissolved_on > day)
    )


def registered_committee(day: date) -> ColumnElement[bool]:
    """Whether the register has a committee of a compound on a day."""
    return exists().where(Committee.compound_id == Compound.id, runs_on(day))


def registered_since(day: date) -> ColumnElement[date | None]:
    """The day of what the register says last of a compound's committee, up to a day."""
    told = case((Committee.dissolved_on <= day, Committee.dissolved_on), else_=Committee.formed_on)
    return (
        select(func.max(told))
        .where(Committee.compound_id == Compound.id, Committee.formed_on <= day)
        .scalar_subquery()
    )


def surveyed_members(day: date) -> ColumnElement[int | None]:
    """How many members the last survey up to a day names that says anything of them."""
    return _last_said(Observation.members, day)


def surveyed_since(day: date) -> ColumnElement[date | None]:
    """The day of the last survey up to a day that says anything of members."""
    return _last_said(Observation.as_of, day)


def _last_said(column: Any, day: date) -> ColumnElement[Any]:
    said = select(column).where(
        Observation.compound_id == Compound.id, Observation.as_of <= day, Observation.members.is_not(None)
    )
    return said.order_by(Observation.as_of.desc()).limit(1).scalar_subquery()


def has_committee(day: date) -> ColumnElement[bool]:
    """Whether a compound has a committee on a day: what was said last counts, of one day what the register says.

    A survey that leaves its members empty says nothing of them.
    """
    registered, since = registered_since(day), surveyed_since(day)
    said = func.coalesce(surveyed_members(day), 0) > 0
    return case((registered.is_(None), said), (since > registered, said), else_=registered_committee(day))


def is_red(day: date) -> ColumnElement[bool]:
    """Whether a compound is red property on a day."""
    return exists().where(
        RedProperty.compound_id == Compound.id,
        RedProperty.designated_on <= day,
        or_(RedProperty.withdrawn_on.is_(None), RedProperty.withdrawn_on > day),
    )


def is_filed(state: type[Observation], day: date) -> ColumnElement[bool]:
    """Whether the contract with the company at work on a day was filed by then and runs, its first and last days included."""
    return exists().where(
        Contract.compound_id == Compound.id,
        Contract.company_id == state.company_id,
        Contract.filed_on <= day,
        Contract.starts_on <= day,
        Contract.ends_on >= day,
    )


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
    session: AsyncSession, level: Level, day: date, street: str | None = None
) -> Sequence[Counts]:
    """Counts of the divisions of a level, in the order of the register; of communities those that have compounds."""
    state = states(day)
    division = {"district": _DISTRICT, "street": STREET, "community": COMMUNITY}[level]

    def counted(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count().filter(condition)

    with_company = state.company_id.is_not(None)
    query = (
        located(standing_compounds(state, day))
        .join(_DISTRICT, _DISTRICT.id == STREET.parent_id)
        .add_columns(
            division.id,
            division.name,
            func.min(STREET.name) if level == "community" else null(),
            func.count(),
            counted(is_covered(state)),
            counted(has_committee(day)),
            counted(is_red(day)),
            counted(with_company),
            counted(and_(with_company, is_filed(state, day))),
        )
        .group_by(division.id, division.name)
        .order_by(division.id)
    )
    if street is not None:
        query = query.where(STREET.name == street)
    found = {id: Counts(*counted) for id, *counted in await session.execute(query)}
    if level == "community":
        return list(found.values())
    of_level = ("street", "town") if level == "street" else ("district",)
    everyone = select(Division.id, Division.name, _reported(level, day)).where(Division.kind.in_(of_level))
    if street is not None and level == "street":
        everyone = everyone.where(Division.name == street)
    rows = await session.execute(everyone.order_by(Division.id))
    return [replace(found.get(id, Counts(name)), reported=reported) for id, name, reported in rows]


def _reported(level: Level, day: date) -> ColumnElement[bool]:
    """Whether a survey up to a day names a compound of a division."""
    lies = STREET.id if level == "street" else STREET.parent_id
    seen = located(select(Observation).join(Compound, Compound.id == Observation.compound_id))
    return seen.where(Observation.as_of <= day, lies == Division.id).exists()
