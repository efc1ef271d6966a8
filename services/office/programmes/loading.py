"""Brings the programmes of the documents in from the service's data."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy.dialects.postgresql import insert

from kit.context import Context
from kit.district import units
from services.office.base import Base
from services.office.plan.programmes import DateData, MeasureData, ProgrammeData, programmes
from services.office.programmes.models import Measure, Programme, ReportingDate, Responsibility, Stage

#: So that what is loaded has the same id in every district's set.
_NAMESPACE = UUID("6f9a3c52-4d0e-5f7b-9b1d-0c8e2a7f4b10")


async def load_programmes(context: Context) -> None:
    """Bring in the programmes; again changes nothing: neither how far a stage is, nor who was released from a measure."""
    for programme in programmes():
        await _keep(context, Programme, [_programme(programme)], ("id",))
        stages = [_stage(programme, stage.number) for stage in programme.stages]
        await _keep(context, Stage, stages, ("id",), once=("state",))
        measures = [_measure(programme, each, at) for at, each in enumerate(programme.measures, 1)]
        await _keep(context, Measure, measures, ("programme_id", "number"))
        responsible = [row for each in programme.measures for row in _responsible(programme, each)]
        await _keep(context, Responsibility, responsible, ("id",), once=tuple(responsible[0]))
        dates = [_date(context, programme, each) for each in programme.reporting_dates]
        if dates:
            once = ("entered_at", "changed_at", "version")
            await _keep(context, ReportingDate, dates, ("id",), once=once)


async def _keep(
    context: Context,
    model: type[Base],
    rows: Sequence[dict[str, Any]],
    keys: tuple[str, ...],
    once: tuple[str, ...] = (),
) -> None:
    """Write rows; of those that are there already all but their keys and what is written once."""
    statement = insert(model)
    values = {name: statement.excluded[name] for name in rows[0] if name not in (*keys, *once)}
    if values:
        made = statement.on_conflict_do_update(index_elements=keys, set_=values)
    else:
        made = statement.on_conflict_do_nothing(index_elements=keys)
    await context.session.execute(made, rows)


def _id(*parts: str) -> UUID:
    return uuid5(_NAMESPACE, "/".join(parts))


def _programme(programme: ProgrammeData) -> dict[str, Any]:
    kept = programme.model_dump(include={"id", "title", "document", "issued_on", "lead_at", "clause"})
    return kept | {"lead": programme.lead_unit}


def _stage(programme: ProgrammeData, number: int) -> dict[str, Any]:
    stage = programme.stages[number - 1]
    kept = stage.model_dump(exclude={"at"})
    own = {"id": _id(programme.id, "stage", str(number)), "programme_id": programme.id, "state": "planned"}
    return kept | own | {"written_at": stage.at}


def _measure(programme: ProgrammeData, measure: MeasureData, position: int) -> dict[str, Any]:
    chapter = programme.chapter(measure)
    return {
        "programme_id": programme.id,
        "number": measure.number,
        "position": position,
        "chapter": chapter.number,
        "chapter_title": chapter.title,
        "written_at": measure.at,
        "title": measure.title,
        "printed": [_printed(programme, written) for written in measure.units],
        "clauses": measure.clauses,
        "figures": [each.model_dump() for each in measure.figures],
    }


def _printed(programme: ProgrammeData, written: str) -> dict[str, Any]:
    """A responsible unit as it is printed; because: what a word for several stands for."""
    expansion = programme.expands.get(written)
    because = None if expansion is None else expansion.because
    return {"written": written, "unit": units.unit(written).id, "because": because}


def _responsible(programme: ProgrammeData, measure: MeasureData) -> Iterator[dict[str, Any]]:
    for named in programme.responsible(measure):
        yield {
            "id": _id(programme.id, measure.number, named.unit),
            "programme_id": programme.id,
            "measure": measure.number,
            "since": programme.issued_on,
            **named.model_dump(),
        }


def _date(context: Context, programme: ProgrammeData, date: DateData) -> dict[str, Any]:
    return {
        "id": _id(programme.id, "date", date.key),
        "programme_id": programme.id,
        **date.model_dump(exclude={"key"}),
        "by_document": True,
        "entered_at": context.now,
        "changed_at": context.now,
        "version": 1,
    }
