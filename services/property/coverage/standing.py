"""How compounds stand on days: covered, with a committee, red property, contract filed; one statement for all of them.

What is said of a compound holds from a day until another: each fact is read as periods, which are joined with the
days that are asked for. So a day, a month's end for each month of the plan, and what was known earlier are one thing.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, NamedTuple, get_args
from uuid import UUID

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
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.orm import aliased

from kit.storage import db
from services.property.charges import Charge
from services.property.committees.models import Committee
from services.property.compounds.models import Compound, Observation, RedProperty, is_named
from services.property.contracts.models import Contract, runs_filed
from services.property.divisions import COMMUNITY, STREET, Division
from services.property.known import known
from services.property.plan.coverage import COVERED


@dataclass(frozen=True)
class OnDays:
    """Days, and when what is answered was known; None is now.

    streets: of compounds of these alone, by id; changing: of each compound those days alone on which something of it may be
    otherwise than on the day before among them, which of many days are few; compounds: these alone.
    """

    days: Collection[date]
    known_at: datetime | None = None
    streets: Collection[UUID] | None = None
    changing: bool = False
    compounds: Collection[UUID] | None = None

    def holds(self, compound_id: Any) -> ColumnElement[bool]:
        """Whether a compound is asked for: said to each table, since what goes over all its rows cannot be narrowed after."""
        if self.compounds is not None:
            return db.among(compound_id, self.compounds)
        if self.streets is None:
            return true()
        compound, community = known(Compound, self.known_at), aliased(Division)
        within = select(compound.id).join(community, community.id == compound.community_id)
        held: ColumnElement[bool] = compound_id.in_(within.where(community.parent_id.in_(self.streets)))
        return held


Fact = Literal["committee", "red", "filed", "mode"]
FACTS: Final[tuple[Fact, ...]] = get_args(Fact)


def standing(asked: OnDays, facts: Collection[Fact] = FACTS) -> Select[Any]:
    """Every compound that a survey has named by a day, once for each day, none of them another's double: how it stands.

    stands: whether it is a compound on the day, not retired; mode: in which somebody is in charge of it; filed: whether the
    contract with the company at work was filed by the day and runs, its first and last days included. facts: those that are
    asked for beside what surveys say; what nobody asks for is not looked for.
    """
    compound = known(Compound, asked.known_at)
    days = _days(asked)
    state = _states(asked)
    query = (
        select(
            days.c.day,
            state.c.compound_id,
            COMMUNITY.id.label("community_id"),
            STREET.id.label("street_id"),
            or_(compound.retired_on.is_(None), compound.retired_on > days.c.day).label("stands"),
            state.c.status,
            state.c.company_id,
            state.c.households,
            state.c.area,
            state.c.status.in_(COVERED).label("covered"),
            state.c.company_id.is_not(None).label("with_company"),
        )
        .select_from(days)
        .join(state, and_(_within(state, days.c.day), _is_of(days, state.c.compound_id)))
        .join(compound, compound.id == state.c.compound_id)
        .join(COMMUNITY, COMMUNITY.id == compound.community_id)
        .join(STREET, STREET.id == COMMUNITY.parent_id)
        .where(compound.withdrawn_on.is_(None))
    )
    for fact in facts:
        found, is_of, said = _FOUND[fact](asked, days, state)
        query = query.outerjoin(found, and_(found.c.compound_id == state.c.compound_id, is_of)).add_columns(
            said
        )
    return query


def lacks_of(row: FromClause, what: str) -> ColumnElement[bool]:
    """Whether a compound lacks coverage, a committee or a filed contract with the company that it has (P-1.1 to P-2.2.5)."""
    wanting: dict[str, Callable[[], ColumnElement[bool]]] = {
        "coverage": lambda: ~row.c.covered,
        "committee": lambda: ~row.c.with_committee,
        "red": lambda: ~row.c.red,
        "filing": lambda: row.c.with_company & ~row.c.filed,
    }
    return row.c.stands & wanting[what]()


def _days(asked: OnDays) -> FromClause:
    if asked.changing:
        return _changing(asked)
    given = func.unnest(literal(sorted(asked.days), ARRAY(Date)))
    return given.table_valued(column("day", Date), name="days").render_derived()


def _changing(asked: OnDays) -> FromClause:
    """Compounds with the days on which something of them may be otherwise than on the day before among those asked for."""
    seen, committee = known(Observation, asked.known_at), known(Committee, asked.known_at)
    named, signed = known(RedProperty, asked.known_at), known(Contract, asked.known_at)
    charge, compound = known(Charge, asked.known_at), known(Compound, asked.known_at)
    told = (
        (seen.compound_id, seen.as_of),
        (committee.compound_id, committee.formed_on),
        (committee.compound_id, committee.dissolved_on),
        (named.compound_id, named.designated_on),
        (named.compound_id, named.withdrawn_on),
        (signed.compound_id, func.greatest(signed.starts_on, signed.filed_on)),
        (signed.compound_id, signed.ends_on + 1),
        (charge.compound_id, charge.begins_on),
        (charge.compound_id, charge.ends_on + 1),
        (compound.id, compound.retired_on),
    )
    parts = (select(id.label("compound_id"), day.label("day")).where(asked.holds(id)) for id, day in told)
    changes = union_all(*parts).subquery("changes")
    given = select(literal(sorted(asked.days), ARRAY(Date)).label("days")).subquery("given")
    # The first day among them that does not lie before the change; a change behind the last is none.
    day = given.c.days[func.width_bucket(changes.c.day - 1, given.c.days) + 1]
    key = (changes.c.compound_id, day)
    found = select(changes.c.compound_id, day.label("day")).join_from(changes, given, true())
    # By sorting: what is hashed twice over, as by parallel workers, has been seen to take minutes where this takes a moment.
    return found.where(day.is_not(None)).ext(distinct_on(*key)).order_by(*key).cte("days")


def _is_of(days: FromClause, compound_id: Any) -> ColumnElement[bool]:
    """Whether a compound is that of a day, where each has its own."""
    return days.c.compound_id == compound_id if "compound_id" in days.c else true()


def _within(period: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    return and_(period.c.since <= day, or_(period.c.until.is_(None), period.c.until > day))


class Found(NamedTuple):
    """Where a fact is found, which of it is of a compound's state on a day, and what it says."""

    rows: FromClause
    is_of: ColumnElement[bool]
    said: ColumnElement[Any]


def _states(asked: OnDays) -> FromClause:
    """What surveys say of compounds, each from its day until the next one's."""
    seen = known(Observation, asked.known_at)
    following = func.lead(seen.as_of).over(partition_by=seen.compound_id, order_by=seen.as_of)
    kept = (seen.status, seen.company_id, seen.households, seen.area)
    return (
        select(seen.compound_id, seen.as_of.label("since"), following.label("until"), *kept)
        .where(seen.as_of <= max(asked.days), asked.holds(seen.compound_id))
        .subquery("state")
    )


def _committees(asked: OnDays, days: FromClause, _: FromClause) -> Found:
    """Whether compounds have a committee."""
    committee = in_office(asked)
    has = func.coalesce(committee.c.in_office, False).label("with_committee")
    return Found(committee, _within(committee, days.c.day), has)


def in_office(asked: OnDays) -> FromClause:
    """Since and until when compounds have a committee, or none: what was said last counts, of one day what the register says.

    A survey that leaves its members empty says nothing of them.
    """
    seen, held = known(Observation, asked.known_at), known(Committee, asked.known_at)
    surveyed = select(
        seen.compound_id.label("compound_id"),
        seen.as_of.label("day"),
        literal(0).label("registered"),
        literal(0).label("change"),
        (seen.members > 0).label("surveyed"),
    ).where(seen.members.is_not(None), asked.holds(seen.compound_id))
    began = select(held.compound_id, held.formed_on, literal(1), literal(1), null())
    ended = select(held.compound_id, held.dissolved_on, literal(1), literal(-1), null())
    ended = ended.where(held.dissolved_on.is_not(None))
    ours = asked.holds(held.compound_id)
    said = union_all(surveyed, began.where(ours), ended.where(ours)).subquery("said")
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


def _red(asked: OnDays, days: FromClause, _: FromClause) -> Found:
    """Compounds that are red property on a day (P-1.3)."""
    named = known(RedProperty, asked.known_at)
    query = select(days.c.day, named.compound_id).where(asked.holds(named.compound_id)).distinct()
    is_red = and_(is_named(named, days.c.day), _is_of(days, named.compound_id))
    red = query.join_from(days, named, is_red).subquery("red")
    return Found(red, red.c.day == days.c.day, red.c.compound_id.is_not(None).label("red"))


def _filed(asked: OnDays, days: FromClause, state: FromClause) -> Found:
    """Compounds and companies whose contract with each other was filed by a day and runs on it (P-2.2.5)."""
    signed = known(Contract, asked.known_at)
    query = select(days.c.day, signed.compound_id, signed.company_id).distinct()
    query = query.where(asked.holds(signed.compound_id))
    runs = and_(runs_filed(signed, days.c.day), _is_of(days, signed.compound_id))
    filed = query.join_from(days, signed, runs).subquery("filed")
    with_company = and_(filed.c.company_id == state.c.company_id, filed.c.day == days.c.day)
    return Found(filed, with_company, filed.c.compound_id.is_not(None).label("filed"))


def _mode(asked: OnDays, days: FromClause, _: FromClause) -> Found:
    """In which mode somebody is in charge of a compound on a day (P-2.4.2)."""
    charge = select(known(Charge, asked.known_at)).subquery("charge")
    until = or_(charge.c.ends_on.is_(None), charge.c.ends_on >= days.c.day)
    return Found(charge, and_(charge.c.begins_on <= days.c.day, until), charge.c.mode)


_FOUND: Final[dict[Fact, Callable[[OnDays, FromClause, FromClause], Found]]] = {
    "committee": _committees,
    "red": _red,
    "filed": _filed,
    "mode": _mode,
}
