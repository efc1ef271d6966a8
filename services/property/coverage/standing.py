"""How compounds stand on days: covered, with a committee, red property, contract filed; one statement for all of them.

What is said of a compound holds from a day until another: each fact is read as periods, which are joined with the
days that are asked for. So a day, a month's end for each month of the plan, and what was known earlier are one thing.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Select,
    and_,
    case,
    column,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY

from services.property.charges import Charge
from services.property.committees.models import Committee
from services.property.compounds.models import Compound, Observation, RedProperty, is_named
from services.property.contracts.models import Contract
from services.property.divisions import COMMUNITY, STREET
from services.property.known import known
from services.property.plan.coverage import COVERED


@dataclass(frozen=True)
class OnDays:
    """Days, and when what is answered was known; None is now."""

    days: Collection[date]
    known_at: datetime | None = None


def standing(asked: OnDays) -> Select[Any]:
    """Every compound that a survey has named by a day, once for each day, none of them another's double: how it stands.

    stands: whether it is a compound on the day, not retired; mode: in which somebody is in charge of it; filed: whether the
    contract with the company at work was filed by the day and runs, its first and last days included.
    """
    compound = known(Compound, asked.known_at)
    days = _days(asked)
    state, committee, red, filed = _states(asked), _committees(asked), _red(asked, days), _filed(asked, days)
    charge = known(Charge, asked.known_at)
    in_charge = and_(
        charge.begins_on <= days.c.day, or_(charge.ends_on.is_(None), charge.ends_on >= days.c.day)
    )
    covered = state.c.status.in_(COVERED)
    of_day = and_(red.c.compound_id == state.c.compound_id, red.c.day == days.c.day)
    contract = and_(
        filed.c.compound_id == state.c.compound_id,
        filed.c.company_id == state.c.company_id,
        filed.c.day == days.c.day,
    )
    in_office = and_(committee.c.compound_id == state.c.compound_id, _within(committee, days.c.day))
    return (
        select(
            days.c.day,
            state.c.compound_id,
            COMMUNITY.id.label("community_id"),
            STREET.id.label("street_id"),
            STREET.parent_id.label("district_id"),
            or_(compound.retired_on.is_(None), compound.retired_on > days.c.day).label("stands"),
            state.c.status,
            state.c.company_id,
            state.c.households,
            state.c.area,
            covered.label("covered"),
            charge.mode,
            func.coalesce(committee.c.in_office, False).label("with_committee"),
            red.c.compound_id.is_not(None).label("red"),
            state.c.company_id.is_not(None).label("with_company"),
            filed.c.compound_id.is_not(None).label("filed"),
        )
        .select_from(days)
        .join(state, _within(state, days.c.day))
        .join(compound, compound.id == state.c.compound_id)
        .join(COMMUNITY, COMMUNITY.id == compound.community_id)
        .join(STREET, STREET.id == COMMUNITY.parent_id)
        .outerjoin(committee, in_office)
        .outerjoin(red, of_day)
        .outerjoin(filed, contract)
        .outerjoin(charge, and_(charge.compound_id == state.c.compound_id, in_charge))
        .where(compound.withdrawn_on.is_(None))
    )


def lacks_of(row: FromClause, what: str) -> ColumnElement[bool]:
    """Whether a compound lacks coverage, a committee or a filed contract with the company that it has (P-1.1 to P-2.2.5)."""
    wanting: dict[str, ColumnElement[bool]] = {
        "coverage": ~row.c.covered,
        "committee": ~row.c.with_committee,
        "red": ~row.c.red,
        "filing": row.c.with_company & ~row.c.filed,
    }
    return row.c.stands & wanting[what]


def _days(asked: OnDays) -> FromClause:
    given = func.unnest(literal(sorted(asked.days), ARRAY(Date)))
    return given.table_valued(column("day", Date), name="days").render_derived()


def _within(period: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    return and_(period.c.since <= day, or_(period.c.until.is_(None), period.c.until > day))


def _states(asked: OnDays) -> FromClause:
    """What surveys say of compounds, each from its day until the next one's."""
    seen = known(Observation, asked.known_at)
    following = func.lead(seen.as_of).over(partition_by=seen.compound_id, order_by=seen.as_of)
    kept = (seen.status, seen.company_id, seen.households, seen.area)
    return (
        select(seen.compound_id, seen.as_of.label("since"), following.label("until"), *kept)
        .where(seen.as_of <= max(asked.days))
        .subquery("state")
    )


def _committees(asked: OnDays) -> FromClause:
    """Whether compounds have a committee: what was said last counts, of one day what the register says.

    A survey that leaves its members empty says nothing of them.
    """
    seen, held = known(Observation, asked.known_at), known(Committee, asked.known_at)
    surveyed = select(
        seen.compound_id.label("compound_id"),
        seen.as_of.label("day"),
        literal(0).label("registered"),
        literal(0).label("change"),
        (seen.members > 0).label("surveyed"),
    ).where(seen.members.is_not(None))
    began = select(held.compound_id, held.formed_on, literal(1), literal(1), null())
    ended = select(held.compound_id, held.dissolved_on, literal(1), literal(-1), null())
    said = union_all(surveyed, began, ended.where(held.dissolved_on.is_not(None))).subquery("said")
    order: dict[str, Any] = {
        "partition_by": said.c.compound_id,
        "order_by": (said.c.day, said.c.registered),
    }
    running = func.sum(said.c.change).over(**order) > 0
    return (
        select(
            said.c.compound_id,
            said.c.day.label("since"),
            func.lead(said.c.day).over(**order).label("until"),
            case((said.c.registered == 1, running), else_=said.c.surveyed).label("in_office"),
        )
        .where(said.c.day <= max(asked.days))
        .subquery("committee")
    )


def _red(asked: OnDays, days: FromClause) -> FromClause:
    """Compounds that are red property on a day (P-1.3)."""
    named = known(RedProperty, asked.known_at)
    found = select(days.c.day, named.compound_id).distinct()
    return found.join_from(days, named, is_named(named, days.c.day)).subquery("red")


def _filed(asked: OnDays, days: FromClause) -> FromClause:
    """Compounds and companies whose contract with each other was filed by a day and runs on it (P-2.2.5)."""
    signed = known(Contract, asked.known_at)
    runs = and_(signed.filed_on <= days.c.day, signed.starts_on <= days.c.day, signed.ends_on >= days.c.day)
    found = select(days.c.day, signed.compound_id, signed.company_id).distinct()
    return found.join_from(days, signed, runs).subquery("filed")
