"""Taking a survey in: one workbook becomes the state of its streets' compounds on a day."""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property
from typing import Any, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from kit.context import Context
from kit.district.names import name_key
from kit.events.event import Event
from kit.storage import db
from kit.storage.named import spelled
from kit.web.ownership import Owner
from kit.web.problems import Conflict, FieldError, Forbidden, Invalid, TooLarge, UnsupportedMedia
from kit.workbooks import reading
from services.property.companies import CompanyRegistered, by_names
from services.property.compounds.models import Compound, Observation, located
from services.property.compounds.work import one_at_a_time
from services.property.divisions import COMMUNITY, STREET, communities, street_names
from services.property.surveys.changes import said
from services.property.surveys.doubts import Known, doubts
from services.property.surveys.form import CellError, Survey, SurveyRow, parse
from services.property.surveys.models import SurveyRecord
from services.property.surveys.observed import Observed, observed_of, tell_withdrawn
from services.property.surveys.survey import FIGURES

#: What becomes of compounds that an earlier file of the same street and day names, and this one does not.
Others = Literal["refuse", "keep", "drop"]
#: How many wrong cells an answer lists; a file with more is wrong as a whole.
LISTED = 500
#: Surveys are of no earlier day: what is typed as one is a year mistyped.
EARLIEST = date(2000, 1, 1)


class SurveyImported(Event, type="property.survey.imported", title="摸排导入"):
    """A survey became the state of its streets' compounds on a day."""

    survey: UUID = Field(description="摸排编号")
    as_of: date = Field(description="摸排情况的日期")
    streets: list[str] = Field(description="摸排的街道（镇）名称")
    compounds: int = Field(description="小区数")


class CompoundSurveyed(Event, type="property.compound.surveyed", title="小区摸排情况"):
    """What a survey says of a compound as of a day."""

    compound: UUID = Field(description="小区登记编号")
    street: str = Field(description="街道（镇）名称")
    community: str = Field(description="社区名称")
    name: str = Field(description="小区名称")
    as_of: date = Field(description="摸排情况的日期")
    status: str = Field(description="物业覆盖状况")
    company: str | None = Field(description="物业企业名称；没有时为空")


@dataclass(frozen=True)
class HandedIn:
    """A workbook that was handed in as of a day, and what it says.

    others: what becomes of the streets' other compounds that an earlier file of the day names.
    """

    name: str
    data: bytes
    as_of: date
    survey: Survey
    others: Others = "refuse"

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the file."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def streets(self) -> list[str]:
        """The streets and towns it speaks of."""
        return sorted({row.street for row in self.survey.rows})


@dataclass(frozen=True)
class Imported:
    """What an import did, or would do; absent and dropped: (street, community, compound) each."""

    survey_id: UUID | None = None
    new_compounds: int = 0
    new_companies: tuple[str, ...] = ()
    unchanged: bool = False
    absent: tuple[tuple[str, str, str], ...] = ()
    dropped: tuple[tuple[str, str, str], ...] = ()
    doubts: tuple[CellError, ...] = ()


@dataclass(frozen=True)
class _Ids:
    """What the survey's names stand for: communities and compounds by the three, companies by name."""

    places: dict[tuple[str, str, str], tuple[UUID, UUID]]
    companies: dict[str, UUID]

    def place(self, row: SurveyRow) -> tuple[UUID, UUID]:
        return self.places[row.street, row.community, row.compound]

    def compound(self, row: SurveyRow) -> UUID:
        return self.place(row)[1]


def read_workbook(data: bytes, as_of: date) -> Survey:
    """The survey in a workbook, with all that is wrong with it.

    Raises: UnsupportedMedia when it is no workbook, TooLarge beyond the bounds.
    """
    return read_survey(read_sheets(data), as_of)


def read_sheets(data: bytes) -> tuple[reading.Sheet, ...]:
    """The sheets of a workbook.

    Raises: UnsupportedMedia when it is no workbook, TooLarge beyond the bounds.
    """
    try:
        return reading.read(data)
    except reading.WorkbookTooLarge as error:
        raise TooLarge("workbook-too-large", str(error), clauses=("P-A1a",)) from None
    except reading.NotAWorkbook as error:
        raise UnsupportedMedia("not-a-workbook", str(error), clauses=("P-A1a",)) from None


def read_survey(sheets: Sequence[reading.Sheet], as_of: date) -> Survey:
    """The survey in the sheets, with all that is wrong with it."""
    return parse(sheets, streets=street_names(), year=as_of.year)


def refuse_errors(survey: Survey) -> None:
    """Refuse a survey with wrong cells, naming them all by pointer (B7) and by their parts.

    Raises: Invalid.
    """
    if not survey.errors:
        return
    shown = survey.errors[:LISTED]
    more = f"（列出前 {LISTED} 处）" if len(survey.errors) > LISTED else ""
    raise Invalid(
        "survey-errors",
        f"摸底表有 {len(survey.errors)} 处需要改正{more}，改正后请重新上传；本次没有保存任何内容。",
        errors=[_pointed(error) for error in shown],
        clauses=sorted({error.clause for error in survey.errors}),
        cells=[asdict(error) for error in shown],
    )


def _pointed(error: CellError) -> FieldError:
    heading = f"“{error.heading}”" if error.heading else ""
    return FieldError(
        pointer=f"{error.column}{error.row}", reason=f"第{error.row}行{heading}：{error.reason}"
    )


def refuse_other_streets(context: Context, survey: Survey) -> None:
    """Refuse a street's token that brings another street's compounds.

    Raises: Forbidden naming the rows.
    """
    caller = context.caller
    context.must_cover(caller.division)
    foreign = [row for row in survey.rows if not context.owns(Owner(row.street))]
    if foreign:
        raise Forbidden(
            "another-division",
            f"您的令牌只能报送{caller.division}的小区，表中有 {len(foreign)} 行属于其他街道（镇）。",
            errors=[
                FieldError(pointer=f"第{row.row}行", reason=f"所在街道为{row.street}")
                for row in foreign[:LISTED]
            ],
            clauses=("P-3.1",),
        )


@contextmanager
def within_limits() -> Iterator[None]:
    """A survey that PostgreSQL cannot take at once (SQLSTATE class 54) fails again however often it is sent.

    Raises: TooLarge.
    """
    try:
        yield
    except DBAPIError as error:
        if (getattr(error.orig, "sqlstate", None) or "").startswith("54"):
            reason = "摸底表超过数据库一次能处理的大小，再次上传也不会成功，请按社区分成几份上传。"
            raise TooLarge("workbook-too-large", reason, clauses=("P-A1a",)) from None
        raise


async def store(context: Context, given: HandedIn, *, tell: bool) -> Imported:
    """Make the survey the state of its streets' compounds on the day, in place of an earlier one of that day.

    The same file for the same day again changes nothing. tell: record what happened (not in a dry run).
    """
    session, rows = context.session, given.survey.rows
    await one_at_a_time(session)
    of_day = (Observation.as_of == given.as_of) & STREET.name.in_(given.streets)
    before = await observed_of(session, of_day & Compound.withdrawn_on.is_(None))
    if (same := await _in_force(session, given)) is not None and (
        given.others != "drop" or all(each.survey == same for each in before)
    ):
        return Imported(same, unchanged=True)
    companies, new_companies = await by_names(context, (row.company for row in rows if row.company))
    compounds, new_compounds = await _compounds(context, rows)
    ids = _Ids(compounds, companies)
    named = {ids.compound(row) for row in rows}
    others = [each for each in before if each.compound not in named]
    if others and given.others == "refuse" and tell:
        raise _drops(others)
    dropped = [] if given.others == "keep" else others
    survey_id = await _supersede(context, given, {*named, *(each.compound for each in dropped)})
    observed = {"survey_id": survey_id, "as_of": given.as_of, "recorded_at": context.now}
    await session.execute(
        insert(Observation),
        [_observation(row, ids) | observed | {"position": position} for position, row in enumerate(rows)],
    )
    if tell:
        _tell(context, given, survey_id, ids, new_companies)
        tell_withdrawn(context, dropped)
    known = Known([(row, *ids.place(row)) for row in rows], companies, given.as_of)
    return Imported(
        survey_id,
        new_compounds,
        tuple(sorted(new_companies)),
        absent=await _absent(session, given),
        dropped=tuple(each.place for each in dropped),
        doubts=await doubts(session, known),
    )


def _drops(others: Sequence[Observed]) -> Conflict:
    """The refusal of a file that leaves out what an earlier one of the same street and day names."""
    shown = others[:LISTED]
    return Conflict(
        "drops-compounds",
        f"同一天以前报送的小区有 {len(others)} 个不在这份表中。"
        "只报送部分小区的请加 others=keep，其余保留；确要去除的请加 others=drop。",
        errors=[FieldError(pointer="?others", reason="，".join(each.place)) for each in shown],
        clauses=("P-3.1",),
        dropped=[dict(zip(("street", "community", "compound"), each.place, strict=True)) for each in shown],
    )


async def _in_force(session: AsyncSession, given: HandedIn) -> UUID | None:
    """The survey of the same file and day, where every row of it still is what the day's state rests on."""
    resting = select(func.count()).where(Observation.survey_id == SurveyRecord.id).scalar_subquery()
    return await session.scalar(
        select(SurveyRecord.id).where(
            SurveyRecord.as_of == given.as_of,
            SurveyRecord.sha256 == given.digest,
            SurveyRecord.rows == resting,
        )
    )


async def _compounds(
    context: Context, rows: Sequence[SurveyRow]
) -> tuple[dict[tuple[str, str, str], tuple[UUID, UUID]], int]:
    """Ids of the rows' communities and compounds, those not known yet added; and how many compounds were added."""
    known = await communities(context, list(dict.fromkeys((row.street, row.community) for row in rows)))
    named = {
        (known[row.street, row.community], name_key(row.compound)): (row.street, row.community, row.compound)
        for row in rows
    }
    made = [
        {"id": db.new_id(), "community_id": community, "version": 1, **spelled(names[-1])}
        for (community, _), names in named.items()
    ]
    adding = upsert(Compound).on_conflict_do_nothing(index_elements=["community_id", "name_key"])
    await context.session.execute(adding, made)
    found = await context.session.execute(
        select(Compound.community_id, Compound.name_key, Compound.id).where(
            db.among(Compound.community_id, set(known.values())),
            db.among(Compound.name_key, {key for _, key in named}),
        )
    )
    ids = {(community, key): id for community, key, id in found if (community, key) in named}
    places = {}
    for row in rows:
        community = known[row.street, row.community]
        places[row.street, row.community, row.compound] = (community, ids[community, name_key(row.compound)])
    return places, len({row["id"] for row in made}.intersection(ids.values()))


async def _supersede(context: Context, given: HandedIn, compounds: Collection[UUID]) -> UUID:
    """Enter the survey, and take out what an earlier one said of these compounds on the same day."""
    session, cipher, survey = context.session, context.cipher, given.survey
    entry = SurveyRecord(
        id=db.new_id(),
        as_of=given.as_of,
        streets=given.streets,
        unit=survey.unit,
        contact=cipher.seal(survey.contact) if survey.contact else None,
        phone=cipher.seal(survey.phone) if survey.phone else None,
        file_name=given.name,
        sha256=given.digest,
        rows=len(survey.rows),
        added_headings=list(survey.added),
        said=[said(row) for row in survey.rows],
        warnings=[asdict(warning) for warning in survey.warnings],
        client=context.caller.by,
        recorded_at=context.now,
    )
    session.add(entry)
    await session.flush()
    await session.execute(
        delete(Observation).where(
            Observation.as_of == given.as_of, db.among(Observation.compound_id, compounds)
        )
    )
    still_used = select(Observation.survey_id).where(Observation.as_of == given.as_of)
    await session.execute(
        update(SurveyRecord)
        .where(
            SurveyRecord.as_of == given.as_of,
            SurveyRecord.superseded_by.is_(None),
            SurveyRecord.withdrawn_at.is_(None),
            SurveyRecord.id != entry.id,
            SurveyRecord.id.not_in(still_used),
        )
        .values(superseded_by=entry.id)
    )
    return entry.id


def _observation(row: SurveyRow, ids: _Ids) -> dict[str, Any]:
    return {name: getattr(row, name) for name in FIGURES} | {
        "compound_id": ids.compound(row),
        "status": row.status.value,
        "company_id": ids.companies.get(row.company),
        "added": dict(row.added),
    }


async def _absent(session: AsyncSession, given: HandedIn) -> tuple[tuple[str, str, str], ...]:
    """Compounds of the streets that an earlier survey named and this one does not."""
    earlier = select(Observation.compound_id).where(Observation.as_of < given.as_of)
    current = select(Observation.compound_id).where(Observation.as_of == given.as_of)
    rows = await session.execute(
        located(select(STREET.name, COMMUNITY.name, Compound.name))
        .where(
            STREET.name.in_(given.streets),
            Compound.retired_on.is_(None),
            Compound.withdrawn_on.is_(None),
            Compound.id.in_(earlier),
            Compound.id.not_in(current),
        )
        .order_by(STREET.id, COMMUNITY.id, Compound.id)
    )
    return tuple((street, community, compound) for street, community, compound in rows)


def _tell(context: Context, given: HandedIn, survey_id: UUID, ids: _Ids, new_companies: set[str]) -> None:
    """Tell of everything that the survey says; one audit entry sums it up."""
    rows = given.survey.rows
    imported = SurveyImported(survey=survey_id, as_of=given.as_of, streets=given.streets, compounds=len(rows))
    context.record(imported, str(survey_id))
    for name in sorted(new_companies):
        registered = CompanyRegistered(company=ids.companies[name], name=name, uscc=None)
        context.tell(registered, str(registered.company))
    for row in rows:
        surveyed = CompoundSurveyed(
            compound=ids.compound(row),
            street=row.street,
            community=row.community,
            name=row.compound,
            as_of=given.as_of,
            status=row.status.value,
            company=row.company or None,
        )
        context.tell(surveyed, str(surveyed.compound))
