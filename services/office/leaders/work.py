"""How division documents are entered and withdrawn, and which one is in force (D-1, D-3)."""

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from pydantic import Field
from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from kit.context import Context
from kit.district.reference import read
from kit.events.event import Event
from kit.storage import db
from kit.storage.keys import refused_by
from kit.web.problems import Conflict, FieldError, Invalid, NotFound
from services.office.base import Base
from services.office.leaders.models import (
    Assist,
    DivisionDocument,
    DivisionEntry,
    Leader,
    Pair,
    UnitOfEntry,
)
from services.office.plan.division import DivisionIn, inconsistencies

DATA: Final = Path(__file__).parents[1] / "plan" / "data" / "divisions"
CLAUSES: Final = ("D-1", "D-2", "D-3")
MISSING: Final = "没有这份领导工作分工文件，请核对编号。"

WHOLE: Final = (
    selectinload(DivisionDocument.leaders).options(
        selectinload(DivisionEntry.who),
        selectinload(DivisionEntry.assists),
        selectinload(DivisionEntry.units),
    ),
    selectinload(DivisionDocument.pairs),
)


class DivisionEntered(Event, type="office.division.entered", title="领导工作分工文件录入"):
    """A division document was entered, which counts from its day on."""

    number: str = Field(description="发文字号")
    effective_on: date = Field(description="自哪一天起施行")


class DivisionWithdrawn(Event, type="office.division.withdrawn", title="领导工作分工文件撤回"):
    """A division document that was entered wrongly counts no more."""

    number: str = Field(description="发文字号")
    effective_on: date = Field(description="原定自哪一天起施行")
    reason: str = Field(description="撤回的理由")


async def load_divisions(context: Context) -> None:
    """Bring in the issued documents; one that was entered before, withdrawn or not, stays as it is."""
    known = set(await context.session.scalars(select(DivisionDocument.number)))
    for path in sorted(DATA.glob("*.yaml")):
        division = DivisionIn.of(read(path))
        if division.number not in known:
            await keep(context, division)


async def enter(context: Context, division: DivisionIn) -> DivisionDocument:
    """Keep a new document as a whole.

    Raises: Invalid with a pointer to each thing that does not fit; Conflict where its number or its day is another's.
    """
    row = await keep(context, division)
    context.record(DivisionEntered(number=row.number, effective_on=row.effective_on), str(row.id))
    return await one(context, row.id)


async def keep(context: Context, division: DivisionIn) -> DivisionDocument:
    """Write a document and the leaders that it brings. Raises: as `enter`."""
    if found := inconsistencies(division):
        raise _does_not_fit(found)
    await _keep_leaders(context, division)
    row = DivisionDocument(
        id=db.new_id(),
        **division.model_dump(include={"number", "title", "effective_on", "source"}),
        loaded_at=context.now,
    )
    try:
        async with context.session.begin_nested():
            context.session.add(row)
    except IntegrityError as error:
        refused = refused_by(error)
        if refused == "uq_division_documents_number":
            raise _taken("/number", "已录入过这一文号的分工文件，不要重复录入；录错的先撤回。") from None
        if refused == "uq_division_documents_effective_on":
            raise _taken(
                "/effective_on", "已有同一天施行的分工文件，请核对施行日期；录错的先撤回。"
            ) from None
        raise
    for model, rows in _rows(row.id, division):
        if rows:
            await context.session.execute(insert(model), rows)
    return row


async def _keep_leaders(context: Context, division: DivisionIn) -> None:
    rows = [{"slug": each.leader, "name": each.name} for each in division.leaders]
    await context.session.execute(insert(Leader).on_conflict_do_nothing(), rows)
    slugs = [each.leader for each in division.leaders]
    query = select(Leader.slug, Leader.name).where(db.among(Leader.slug, slugs))
    names = dict((await context.session.execute(query)).all())
    others = [
        (f"/leaders/{number}/name", f"领导代号 {each.leader} 已是{names[each.leader]}，请用另一个代号")
        for number, each in enumerate(division.leaders)
        if names[each.leader] != each.name
    ]
    if others:
        raise _does_not_fit(others)


def _does_not_fit(found: Iterable[tuple[str, str]]) -> Invalid:
    return Invalid(
        "inconsistent-division",
        "分工文件的内容前后不一致，请按 errors 逐项改正，整份重新提交。",
        errors=[FieldError(pointer=pointer, reason=reason) for pointer, reason in found],
        clauses=CLAUSES,
    )


def _taken(pointer: str, sentence: str) -> Conflict:
    errors = [FieldError(pointer=pointer, reason="与已录入的相同")]
    return Conflict("division-exists", sentence, errors=errors, clauses=("D-3",))


def _rows(document: UUID, division: DivisionIn) -> Iterator[tuple[type[Base], list[dict[str, Any]]]]:
    """What a document says as rows, in an order in which each finds what it refers to."""
    yield (
        DivisionEntry,
        [
            {"document_id": document, "position": position}
            | each.model_dump(include={"leader", "post", "directs_all", "fields"})
            for position, each in enumerate(division.leaders, 1)
        ],
    )
    yield (
        Assist,
        [
            {"document_id": document, "by": each.leader, "position": position} | other.model_dump()
            for each in division.leaders
            for position, other in enumerate(each.assists, 1)
        ],
    )
    yield (
        UnitOfEntry,
        [
            {
                "document_id": document,
                "by": each.leader,
                "relation": relation,
                "position": position,
                "unit": unit.unit_id,
                "written": unit.unit,
                "scope": unit.scope,
                "helps": getattr(unit, "leader", None),
            }
            for each in division.leaders
            for position, (relation, _, unit) in enumerate(each.ties, 1)
        ],
    )
    yield (
        Pair,
        [
            {"document_id": document, "position": position} | pair.model_dump()
            for position, pair in enumerate(division.pairs, 1)
        ],
    )


async def withdraw(context: Context, id: UUID, reason: str) -> DivisionDocument:
    """Let a document that was entered wrongly count no more. Raises: NotFound; Conflict where it is withdrawn already."""
    row = await db.locked(context.session, DivisionDocument, id, MISSING)
    if row.withdrawn_at is not None:
        raise Conflict("division-withdrawn", "这份分工文件已经撤回，不必再次撤回。", clauses=("D-3",))
    row.withdrawn_at, row.withdrawn_because = context.now, reason
    await context.session.flush()
    told = DivisionWithdrawn(number=row.number, effective_on=row.effective_on, reason=reason)
    context.record(told, str(row.id))
    return await one(context, id)


async def one(context: Context, id: UUID) -> DivisionDocument:
    """A document with all that it says. Raises: NotFound."""
    found = await _read(context, select(DivisionDocument).where(DivisionDocument.id == id))
    if found is None:
        raise NotFound("not-found", MISSING)
    return found


async def in_force(context: Context, day: date) -> DivisionDocument:
    """The document in force on a day: the newest of those that count by then (D-3).

    Raises: NotFound before the first.
    """
    newest = (
        select(DivisionDocument)
        .where(DivisionDocument.effective_on <= day, DivisionDocument.withdrawn_at.is_(None))
        .order_by(DivisionDocument.effective_on.desc())
        .limit(1)
    )
    found = await _read(context, newest)
    if found is None:
        raise NotFound(
            "no-division-in-force",
            f"{day} 没有施行中的领导工作分工文件，无法回答由谁负责；请录入当时施行的文件，或核对时间。",
            clauses=("D-3",),
        )
    return found


async def _read(context: Context, query: Select[DivisionDocument]) -> DivisionDocument | None:
    rows = await context.session.scalars(query.options(*WHOLE).execution_options(populate_existing=True))
    found: DivisionDocument | None = rows.one_or_none()
    return found
