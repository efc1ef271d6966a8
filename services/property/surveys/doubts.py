"""What in a survey should be looked at beside what is known already: likely one name, retired, a committee gone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kit.district.names import name_key
from kit.storage import db
from services.property.companies import Company
from services.property.compounds.corrected import current
from services.property.compounds.models import Compound, Observation
from services.property.corrections import Correction, Of
from services.property.divisions import Division
from services.property.surveys.survey import FORM, CellError, SurveyRow

#: What the columns are called that doubts are about.
COMPOUND, COMMUNITY, COMPANY, MEMBERS = "小区名称", "所在社区", "物业服务企业", "委员人数"
_LIKELY: Final = "与已登记的“{other}”很可能是同一个，请核实；确为同一个的请合并"
_FORMER: Final = "是“{other}”以前的名称（{day} 更正），请核实；确为同一个的请按现在的名称填写"


@dataclass(frozen=True)
class Known:
    """What the names of a survey stand for: rows with their community and compound each, and companies by name."""

    rows: Sequence[tuple[SurveyRow, UUID, UUID]]
    companies: Mapping[str, UUID]
    as_of: date

    @property
    def communities(self) -> dict[UUID, SurveyRow]:
        """The first row of each community."""
        return {community: row for row, community, _ in reversed(self.rows)}

    @property
    def compounds(self) -> dict[UUID, SurveyRow]:
        """The row of each compound."""
        return {compound: row for row, _, compound in self.rows}

    @property
    def of_companies(self) -> dict[UUID, SurveyRow]:
        """The first row of each company."""
        return {self.companies[row.company]: row for row, *_ in reversed(self.rows) if row.company}

    @property
    def spoken_of(self) -> Iterator[tuple[Of, UUID | None, UUID, SurveyRow]]:
        """Each row's compound with its community, and each company."""
        for row, community, compound in self.rows:
            yield "compound", community, compound, row
        for company, row in self.of_companies.items():
            yield "company", None, company, row


async def doubts(session: AsyncSession, known: Known) -> tuple[CellError, ...]:
    """All that is doubtful, by row."""
    compounds = known.compounds
    found = [
        *await _alike(session, Division, known.communities, COMMUNITY),
        *await _alike(session, Company, known.of_companies, COMPANY),
        *await _alike(session, Compound, compounds, COMPOUND),
        *await _former(session, known),
        *await _retired(session, known.as_of, compounds),
        *await _committees_gone(session, known.as_of, compounds),
    ]
    return tuple(sorted(found, key=lambda each: each.row))


def _note(row: SurveyRow, heading: str, reason: str) -> CellError:
    said = {COMPOUND: row.compound, COMMUNITY: row.community, COMPANY: row.company, MEMBERS: ""}
    return CellError(row.row, "", heading, said[heading], reason, FORM)


async def _alike(
    session: AsyncSession, model: type[Any], firsts: Mapping[UUID, SurveyRow], heading: str
) -> list[CellError]:
    """Those whose names are likely those of others, at the same place where they have one."""
    other = aliased(model)
    pairs = select(model.id, other.id, other.name).where(
        db.among(model.id, firsts),
        other.name_like == model.name_like,
        other.id != model.id,
        other.withdrawn_on.is_(None),
    )
    place = {Division: "parent_id", Compound: "community_id"}.get(model)
    if place is not None:
        pairs = pairs.where(getattr(other, place) == getattr(model, place))
    told: dict[UUID, CellError] = {}
    for id, other_id, name in await session.execute(pairs.order_by(model.id.desc(), other.id)):
        if other_id not in told:  # of a pair in one survey the later is doubted
            told.setdefault(id, _note(firsts[id], heading, _LIKELY.format(other=name)))
    return list(told.values())


async def _former(session: AsyncSession, known: Known) -> list[CellError]:
    """Names that something else had before it was renamed, moved or merged."""
    spoken = [*known.spoken_of, *await _with_streets(session, known.communities)]
    named: dict[tuple[str, UUID | None, str], tuple[UUID, SurveyRow]] = {
        (kind, place, name_key(_note(row, _HEADINGS[kind], "").value)): (id, row)
        for kind, place, id, row in spoken
    }
    bearing = db.among(Correction.former_key, (key for *_, key in named))
    told = await session.scalars(select(Correction).where(bearing).order_by(Correction.id))
    found = []
    for each in told.all():
        said = named.get((each.kind, each.former_place, each.former_key))
        now = await current(session, each) if said is not None else None
        if said is not None and now is not None and now.id != said[0]:
            reason = _FORMER.format(other=now.name, day=each.recorded_at.date())
            found.append(_note(said[1], _HEADINGS[each.kind], reason))
    return found


_HEADINGS: Final = {"compound": COMPOUND, "company": COMPANY, "community": COMMUNITY}


async def _with_streets(
    session: AsyncSession, communities: Mapping[UUID, SurveyRow]
) -> list[tuple[Of, UUID | None, UUID, SurveyRow]]:
    rows = await session.execute(
        select(Division.id, Division.parent_id).where(db.among(Division.id, communities))
    )
    return [("community", street, id, communities[id]) for id, street in rows]


async def _retired(
    session: AsyncSession, as_of: date, compounds: Mapping[UUID, SurveyRow]
) -> list[CellError]:
    """Compounds that were none any more on the survey's day."""
    rows = await session.execute(
        select(Compound.id, Compound.retired_on).where(
            db.among(Compound.id, compounds), Compound.retired_on <= as_of
        )
    )
    return [
        _note(compounds[id], COMPOUND, f"该小区已于 {day} 注销，不计入统计；仍是小区的请先恢复")
        for id, day in rows
    ]


async def _committees_gone(
    session: AsyncSession, as_of: date, compounds: Mapping[UUID, SurveyRow]
) -> list[CellError]:
    """Compounds whose members are left empty where an earlier survey named some."""
    silent = [id for id, row in compounds.items() if row.members is None]
    said = (
        select(Observation.compound_id, Observation.as_of, Observation.members)
        .where(
            db.among(Observation.compound_id, silent),
            Observation.as_of < as_of,
            Observation.members.is_not(None),
        )
        .ext(distinct_on(Observation.compound_id))
        .order_by(Observation.compound_id, Observation.as_of.desc())
    )
    return [
        _note(
            compounds[id],
            MEMBERS,
            f"没有填写，{day} 的摸底有委员 {members} 人，仍按该次统计；已经没有业委会（物管会）的请填 0",
        )
        for id, day, members in await session.execute(said)
        if members
    ]
