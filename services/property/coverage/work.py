"""Counting compounds by division on a day, in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, exists, func, null, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.property.committees import Committee
from services.property.compounds.models import Compound, Observation, RedProperty, located, states
from services.property.contracts import Contract
from services.property.divisions import COMMUNITY, STREET, Division
from services.property.plan.coverage import COVERED

Level = Literal["district", "street", "community"]
_DISTRICT = aliased(Division, name="district")


@dataclass(frozen=True)
class Counts:
    """Compounds of a division on a day (小区数); `street` is a community's."""

    name: str
    street: str | None
    compounds: int
    covered: int
    with_committee: int
    red: int
    with_company: int
    filed: int


def has_committee(state: type[Observation], day: date) -> ColumnElement[bool]:
    """Whether a compound has a committee on a day: the register says so, or its survey names members."""
    registered = exists().where(
        Committee.compound_id == Compound.id,
        Committee.formed_on <= day,
        or_(Committee.dissolved_on.is_(None), Committee.dissolved_on > day),
    )
    return or_(registered, func.coalesce(state.members, 0) > 0)


def is_red(day: date) -> ColumnElement[bool]:
    """Whether a compound is red property on a day."""
    return exists().where(
        RedProperty.compound_id == Compound.id,
        RedProperty.designated_on <= day,
        or_(RedProperty.withdrawn_on.is_(None), RedProperty.withdrawn_on > day),
    )


def is_filed(state: type[Observation], day: date) -> ColumnElement[bool]:
    """Whether the contract with the company at work on a day was filed by then and still runs."""
    return exists().where(
        Contract.compound_id == Compound.id,
        Contract.company_id == state.company_id,
        Contract.filed_on <= day,
        Contract.ends_on > day,
    )


def is_covered(state: type[Observation]) -> ColumnElement[bool]:
    """Whether a compound is covered (P-1.1)."""
    return func.coalesce(state.status.in_(COVERED), False)


def standing_compounds(state: type[Observation], day: date) -> Select[Any]:
    """Compounds that a survey has named by the day and that are not retired, joined with their state."""
    return (
        select()
        .select_from(Compound)
        .join(state, state.compound_id == Compound.id)
        .where(or_(Compound.retired_on.is_(None), Compound.retired_on > day))
    )


async def count(
    session: AsyncSession, level: Level, day: date, street: str | None = None
) -> Sequence[Counts]:
    """Counts of every division of a level that has compounds, in the order of the register."""
    state = states(day)
    division = {"district": _DISTRICT, "street": STREET, "community": COMMUNITY}[level]

    def counted(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count().filter(condition)

    with_company = state.company_id.is_not(None)
    query = (
        located(standing_compounds(state, day))
        .join(_DISTRICT, _DISTRICT.id == STREET.parent_id)
        .add_columns(
            division.name,
            func.min(STREET.name) if level == "community" else null(),
            func.count(),
            counted(is_covered(state)),
            counted(has_committee(state, day)),
            counted(is_red(day)),
            counted(with_company),
            counted(and_(with_company, is_filed(state, day))),
        )
        .group_by(division.id, division.name)
        .order_by(division.id)
    )
    if street is not None:
        query = query.where(STREET.name == street)
    return [Counts(*row) for row in await session.execute(query)]
