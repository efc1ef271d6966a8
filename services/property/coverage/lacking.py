"""Which compounds lack what, and since when (P-1.1 to P-2.2.5)."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import CTE, Row, Select, func, literal, select, true, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kit.storage import db
from services.property.compounds.models import Compound, Observation, state_of_each
from services.property.contracts.models import Contract
from services.property.coverage.kept import StreetDay, of_streets
from services.property.coverage.standing import OnDays, in_office, lacks_of, standing
from services.property.coverage.work import OfDistrict
from services.property.divisions import COMMUNITY
from services.property.plan import coverage as rules

#: So many compounds are named of each unless another number is asked for.
EACH: Final = 20
#: What compounds lack that are missing of a measure.
_LACKS: dict[rules.Measure, str] = {
    "coverage_rate": "coverage",
    "committee_rate": "committee",
    "red_compounds": "red",
    "filed_rate": "filing",
}


class Lacking(NamedTuple):
    """Those that lack something: how many, the first of them, of most households first, and since when each of these."""

    whole: int
    compounds: Sequence[Row[Any]]
    since: Mapping[UUID, date]


Measured = dict[rules.Measure, Lacking]
NOTHING: Final = Lacking(0, (), {})


async def lacking_of(
    session: AsyncSession, day: date, of: Sequence[OfDistrict], each: int | None
) -> dict[tuple[str | None, rules.Measure], Lacking]:
    """The compounds that lack something, by street and measure, of the district's own measures by measure alone."""
    most = None if each is None else max(each, EACH)

    async def look(ids: Collection[UUID], _: Collection[date]) -> dict[StreetDay, Measured]:
        return await _lacking_of_streets(session, day, ids, most)

    wanted = {(street.id, day) for street in of}
    if most == EACH:
        by_street = await of_streets(session, wanted, "lacking", look)
    else:  # long lists are not for keeping
        by_street = await look([street.id for street in of], [day])
    found: dict[tuple[str | None, rules.Measure], Lacking] = {}
    for measure in _LACKS:
        parts = {street.name: by_street[street.id, day].get(measure, NOTHING) for street in of}
        if rules.target_for(measure, date.max).district_only:
            found[None, measure] = _together(parts.values())
        else:
            found |= {(name, measure): part for name, part in parts.items()}
    return found


def _together(parts: Iterable[Lacking]) -> Lacking:
    """Those of several streets, in the same order."""
    parts = list(parts)
    rows = [row for part in parts for row in part.compounds]
    rows.sort(key=lambda row: (row.households is None, -(row.households or 0), row.id))
    return Lacking(sum(part.whole for part in parts), rows, {})


async def _lacking_of_streets(
    session: AsyncSession, day: date, ids: Collection[UUID], each: int | None
) -> dict[StreetDay, Measured]:
    """Of each street and measure the compounds that lack it, and since when; each: so many of them."""
    row = standing(OnDays([day], streets=ids)).cte("row")
    parts = union_all(*(_of_measure(row, measure) for measure in _LACKS)).subquery("lacking")
    query = select(parts).order_by(parts.c.place)
    if each is not None:
        query = query.where(parts.c.place <= each)
    rows: dict[tuple[UUID, rules.Measure], list[Row[Any]]] = defaultdict(list)
    for one in await session.execute(query):
        rows[one.street_id, one.measure].append(one)
    listed: dict[rules.Measure, list[UUID]] = defaultdict(list)
    for (_, measure), of in rows.items():
        listed[measure] += [row.id for row in of]
    since = {measure: await _since(session, day, measure, listed[measure]) for measure in _SINCE}
    found: dict[StreetDay, Measured] = {(id, day): {} for id in ids}
    for (street, measure), of in rows.items():
        found[street, day][measure] = Lacking(of[0].whole, of, since.get(measure, {}))
    return found


def _of_measure(row: CTE, measure: rules.Measure) -> Select[Any]:
    order = (row.c.households.desc().nulls_last(), Compound.id)
    return (
        select(
            literal(measure).label("measure"),
            row.c.street_id,
            Compound.id,
            Compound.name,
            COMMUNITY.name.label("community"),
            row.c.households,
            row.c.status,
            func.row_number().over(partition_by=row.c.street_id, order_by=order).label("place"),
            func.count().over(partition_by=row.c.street_id).label("whole"),
        )
        .select_from(row)
        .join(Compound, Compound.id == row.c.compound_id)
        .join(COMMUNITY, COMMUNITY.id == row.c.community_id)
        .where(lacks_of(row, _LACKS[measure]))
    )


# ---------------------------------------------------------------------------------- since when
async def _since(
    session: AsyncSession, day: date, measure: rules.Measure, ids: Sequence[UUID]
) -> dict[UUID, date]:
    """Since when compounds that lack something have lacked it without a break, up to a day."""
    if not ids:
        return {}
    return dict((await session.execute(_SINCE[measure](day, ids))).all())


def _uncovered_since(day: date, ids: Sequence[UUID]) -> Select[UUID, date]:
    """The first survey that names a compound after the last that says it is covered."""
    earlier = aliased(Observation)
    covered = (
        select(func.max(earlier.as_of))
        .where(
            earlier.compound_id == Observation.compound_id,
            earlier.as_of <= day,
            earlier.status.in_(rules.COVERED),
        )
        .scalar_subquery()
    )
    return _first_named(day, ids).where(Observation.as_of > func.coalesce(covered, date.min))


def _without_committee_since(day: date, ids: Sequence[UUID]) -> Select[UUID, Any]:
    """The end of the last committee, or the first survey that names the compound."""
    committee = in_office(OnDays([day], compounds=ids))
    last = (
        select(func.max(committee.c.until))
        .where(committee.c.compound_id == Observation.compound_id, committee.c.in_office)
        .scalar_subquery()
    )
    first = func.min(Observation.as_of)
    return _first_named(day, ids).with_only_columns(Observation.compound_id, func.coalesce(last, first))


def _unfiled_since(day: date, ids: Sequence[UUID]) -> Select[UUID, date]:
    """The first survey that names the company at work, or the day after the last contract with it that was filed."""
    state = state_of_each(day)
    named = (
        select(func.min(Observation.as_of))
        .where(Observation.compound_id == Compound.id, Observation.company_id == state.company_id)
        .scalar_subquery()
    )
    ran_out = (
        select(func.max(Contract.ends_on) + 1)
        .where(
            Contract.compound_id == Compound.id,
            Contract.company_id == state.company_id,
            Contract.filed_on <= day,
            Contract.ends_on < day,
        )
        .scalar_subquery()
    )
    since = func.greatest(named, ran_out)
    return select(Compound.id, since).join(state, true()).where(db.among(Compound.id, ids))


def _first_named(day: date, ids: Sequence[UUID]) -> Select[UUID, date]:
    return (
        select(Observation.compound_id, func.min(Observation.as_of))
        .where(db.among(Observation.compound_id, ids), Observation.as_of <= day)
        .group_by(Observation.compound_id)
    )


_SINCE: Final[dict[rules.Measure, Callable[[date, Sequence[UUID]], Select[UUID, date]]]] = {
    "coverage_rate": _uncovered_since,
    "committee_rate": _without_committee_since,
    "filed_rate": _unfiled_since,
}
