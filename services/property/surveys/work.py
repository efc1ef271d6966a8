"""Taking a survey in: one workbook becomes the state of its streets' compounds on a day."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kit.events.event import Event, record
from kit.storage import db
from kit.storage.transactions import cipher_of
from kit.web.problems import FieldError, Forbidden, Invalid, TooLarge, UnsupportedMedia
from kit.web.tokens import Caller
from kit.workbooks import workbook as workbooks
from services.property.companies import CompanyRegistered, by_names
from services.property.compounds.models import Compound, Observation
from services.property.divisions import Division, communities, street_names
from services.property.surveys.form import CellError, Survey, SurveyRow, parse
from services.property.surveys.models import SurveyRecord

#: How many wrong cells an answer lists; a file with more is wrong as a whole.
LISTED = 500


class SurveyImported(Event, type="property.survey.imported"):
    """A survey became the state of its streets' compounds on a day."""

    survey: UUID
    as_of: date
    streets: list[str]
    compounds: int


class CompoundSurveyed(Event, type="property.compound.surveyed"):
    """What a survey says of a compound as of a day."""

    compound: UUID
    street: str
    community: str
    name: str
    as_of: date
    status: str
    company: str | None


@dataclass(frozen=True)
class Imported:
    """What an import did, or would do."""

    survey_id: UUID | None
    new_compounds: int
    new_companies: tuple[str, ...]
    unchanged: bool
    absent: tuple[tuple[str, str, str], ...]


def read_workbook(data: bytes, as_of: date) -> Survey:
    """The survey in a workbook, with all that is wrong with it.

    Raises: UnsupportedMedia when it is no workbook, TooLarge beyond the bounds.
    """
    try:
        sheets = workbooks.read(data)
    except workbooks.WorkbookTooLarge as error:
        raise TooLarge("workbook-too-large", str(error), clauses=("P-A1a",)) from None
    except workbooks.NotAWorkbook as error:
        raise UnsupportedMedia("not-a-workbook", str(error), clauses=("P-A1a",)) from None
    return parse(sheets, streets=street_names(), year=as_of.year)


def refuse_errors(survey: Survey) -> None:
    """Refuse a survey with wrong cells, naming them all.

    Raises: Invalid.
    """
    if not survey.errors:
        return
    shown = survey.errors[:LISTED]
    more = f"（列出前 {LISTED} 处）" if len(survey.errors) > LISTED else ""
    raise Invalid(
        "survey-errors",
        f"摸底表有 {len(survey.errors)} 处需要改正{more}，改正后请重新上传；本次没有保存任何内容。",
        errors=[cell_pointer(error) for error in shown],
        clauses=sorted({error.clause for error in survey.errors}),
        cells=[cell_body(error) for error in shown],
    )


def refuse_other_streets(survey: Survey, caller: Caller) -> None:
    """Refuse a street's token that brings another street's compounds.

    Raises: Forbidden naming the rows.
    """
    if caller.division is None:
        return
    foreign = [row for row in survey.rows if row.street != caller.division]
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


def cell_pointer(error: CellError) -> FieldError:
    """A wrong cell as pointer (B7) and reason."""
    heading = f"“{error.heading}”" if error.heading else ""
    return FieldError(
        pointer=f"{error.column}{error.row}", reason=f"第{error.row}行{heading}：{error.reason}"
    )


def cell_body(error: CellError) -> dict[str, Any]:
    """A wrong cell with all its parts, for programs."""
    return {
        "row": error.row,
        "column": error.column,
        "heading": error.heading,
        "value": error.value,
        "reason": error.reason,
        "clause": error.clause,
    }


async def store(
    session: AsyncSession,
    survey: Survey,
    data: bytes,
    file_name: str,
    as_of: date,
    caller: Caller,
    now: datetime,
    *,
    tell: bool,
) -> Imported:
    """Make the survey the state of its streets' compounds on the day, in place of an earlier one of that day.

    The same file for the same day again changes nothing. tell: record what happened (not in a dry run).
    """
    digest = hashlib.sha256(data).hexdigest()
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext("surveys"))))
    if (same := await _in_force(session, as_of, digest)) is not None:
        return Imported(same, 0, (), unchanged=True, absent=())
    streets = sorted({row.street for row in survey.rows})
    places = await communities(session, dict.fromkeys((row.street, row.community) for row in survey.rows))
    companies, new_companies = await by_names(
        session, (row.company for row in survey.rows if row.company), now
    )
    compounds, new_compounds = await _compounds(session, survey.rows, places)
    record_id = await _supersede(session, survey, streets, digest, file_name, as_of, caller, now)
    await session.execute(
        insert(Observation),
        [
            _observation(row, position, record_id, compounds, places, companies, as_of, now)
            for position, row in enumerate(survey.rows)
        ],
    )
    absent = await _absent(session, streets, as_of)
    if tell:
        _tell(session, survey, record_id, compounds, places, companies, new_companies, as_of, caller, now)
    return Imported(record_id, new_compounds, tuple(sorted(new_companies)), unchanged=False, absent=absent)


async def _in_force(session: AsyncSession, as_of: date, digest: str) -> UUID | None:
    """The survey of the same file and day, where every row of it still is what the day's state rests on."""
    resting = select(func.count()).where(Observation.survey_id == SurveyRecord.id).scalar_subquery()
    return await session.scalar(
        select(SurveyRecord.id).where(
            SurveyRecord.as_of == as_of, SurveyRecord.sha256 == digest, SurveyRecord.rows == resting
        )
    )


async def _compounds(
    session: AsyncSession, rows: Sequence[SurveyRow], places: dict[tuple[str, str], UUID]
) -> tuple[dict[tuple[UUID, str], UUID], int]:
    keys = {(places[row.street, row.community], row.compound): db.new_id() for row in rows}
    made = [
        {"id": identity, "community_id": community, "name": name, "version": 1}
        for (community, name), identity in keys.items()
    ]
    await session.execute(
        upsert(Compound).on_conflict_do_nothing(index_elements=["community_id", "name"]), made
    )
    found = await session.execute(
        select(Compound.community_id, Compound.name, Compound.id).where(
            Compound.community_id.in_(set(places.values())),
            tuple_(Compound.community_id, Compound.name).in_(keys),
        )
    )
    ids = {(community, name): identity for community, name, identity in found}
    return ids, sum(ids[key] == identity for key, identity in keys.items())


async def _supersede(
    session: AsyncSession,
    survey: Survey,
    streets: list[str],
    digest: str,
    file_name: str,
    as_of: date,
    caller: Caller,
    now: datetime,
) -> UUID:
    """Enter the survey, and take out what an earlier one said of these streets on the same day."""
    cipher = cipher_of(session)
    entry = SurveyRecord(
        id=db.new_id(),
        as_of=as_of,
        streets=streets,
        unit=survey.unit,
        contact=cipher.seal(survey.contact) if survey.contact else None,
        phone=cipher.seal(survey.phone) if survey.phone else None,
        file_name=file_name,
        sha256=digest,
        rows=len(survey.rows),
        added_headings=list(survey.added),
        warnings=[cell_body(warning) for warning in survey.warnings],
        client=caller.client,
        recorded_at=now,
    )
    session.add(entry)
    await session.flush()
    community, street = aliased(Division), aliased(Division)
    of_streets = (
        select(Compound.id)
        .join(community, community.id == Compound.community_id)
        .join(street, street.id == community.parent_id)
        .where(street.name.in_(streets))
    )
    await session.execute(
        delete(Observation).where(Observation.as_of == as_of, Observation.compound_id.in_(of_streets))
    )
    still_used = select(Observation.survey_id).where(Observation.as_of == as_of)
    await session.execute(
        update(SurveyRecord)
        .where(
            SurveyRecord.as_of == as_of,
            SurveyRecord.superseded_by.is_(None),
            SurveyRecord.id != entry.id,
            SurveyRecord.id.not_in(still_used),
        )
        .values(superseded_by=entry.id)
    )
    return entry.id


def _observation(
    row: SurveyRow,
    position: int,
    survey_id: UUID,
    compounds: dict[tuple[UUID, str], UUID],
    places: dict[tuple[str, str], UUID],
    companies: dict[str, UUID],
    as_of: date,
    now: datetime,
) -> dict[str, Any]:
    own = ("buildings", "households", "area", "built", "members", "party_members", "fee", "collection_rate")
    return {name: getattr(row, name) for name in own} | {
        "compound_id": compounds[places[row.street, row.community], row.compound],
        "as_of": as_of,
        "survey_id": survey_id,
        "position": position,
        "status": row.status.value,
        "company_id": companies.get(row.company),
        "added": dict(row.added),
        "recorded_at": now,
    }


async def _absent(session: AsyncSession, streets: list[str], as_of: date) -> tuple[tuple[str, str, str], ...]:
    """Compounds of the streets that an earlier survey named and this one does not."""
    community, street = aliased(Division), aliased(Division)
    earlier = select(Observation.compound_id).where(Observation.as_of < as_of)
    current = select(Observation.compound_id).where(Observation.as_of == as_of)
    rows = await session.execute(
        select(street.name, community.name, Compound.name)
        .join(community, community.id == Compound.community_id)
        .join(street, street.id == community.parent_id)
        .where(
            street.name.in_(streets),
            Compound.retired_on.is_(None),
            Compound.id.in_(earlier),
            Compound.id.not_in(current),
        )
        .order_by(street.id, community.id, Compound.id)
    )
    return tuple((a, b, c) for a, b, c in rows)


def _tell(
    session: AsyncSession,
    survey: Survey,
    survey_id: UUID,
    compounds: dict[tuple[UUID, str], UUID],
    places: dict[tuple[str, str], UUID],
    companies: dict[str, UUID],
    new_companies: set[str],
    as_of: date,
    caller: Caller,
    now: datetime,
) -> None:
    streets = sorted({row.street for row in survey.rows})
    imported = SurveyImported(survey=survey_id, as_of=as_of, streets=streets, compounds=len(survey.rows))
    record(session, imported, str(survey_id), caller, now)
    for name in sorted(new_companies):
        registered = CompanyRegistered(company=companies[name], name=name, uscc=None)
        record(session, registered, str(companies[name]), caller, now, audited=False)
    for row in survey.rows:
        identity = compounds[places[row.street, row.community], row.compound]
        surveyed = CompoundSurveyed(
            compound=identity,
            street=row.street,
            community=row.community,
            name=row.compound,
            as_of=as_of,
            status=row.status.value,
            company=row.company or None,
        )
        record(session, surveyed, str(identity), caller, now, audited=False)
