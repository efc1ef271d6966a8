"""Two entries that are one: what hangs on the one is given to the other, whatever table it stands in, and back again."""

from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    Column,
    ForeignKey,
    Select,
    and_,
    cast,
    exists,
    func,
    insert,
    literal,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, aliased, mapped_column

from kit.context import Context
from kit.district.names import name_key
from kit.storage import db
from kit.web.problems import Conflict, FieldError
from services.property.base import Base
from services.property.committees.models import Committee
from services.property.companies import Company, CompanyChanged
from services.property.compounds.models import Compound, Observation, RedProperty
from services.property.corrections import CompoundCorrected, Corrected, Correction, Former, note
from services.property.divisions import Division
from services.property.surveys.observed import observed_of, tell_withdrawn


class MergedRow(Base, db.Identified):
    """A row that hung on what was merged into another: given to that, or kept where both could not have it.

    row_key: its primary key since then.
    """

    __tablename__ = "merged_rows"

    correction_id: Mapped[UUID] = mapped_column(ForeignKey("corrections.id"), index=True)
    of_table: Mapped[str]
    of_column: Mapped[str]
    row_key: Mapped[dict[str, Any]] = mapped_column(JSONB)
    kept: Mapped[bool]


def hanging_on(model: type[Base]) -> list[Column[Any]]:
    """Every column that refers to a table: what hangs on its rows, also those that were merged into them."""
    table = model.__table__
    columns = (column for other in Base.metadata.sorted_tables for column in other.columns)
    return [column for column in columns if any(key.column.table is table for key in column.foreign_keys)]


async def merge_compounds(context: Context, gone: Compound, into: Compound, merge: Correction) -> None:
    """Give another compound all that hangs on this one; of days that both were surveyed on, the other's counts.

    What cannot be the other's as well is kept with this one (`MergedRow.kept`). Raises: Conflict where both have a
    committee in office, or are red property.
    """
    for table, running, noun in (
        (Committee, "dissolved_on", "在任的业委会（物管会）"),
        (RedProperty, "withdrawn_on", "红色物业认定"),
    ):
        both = select(table.compound_id).where(
            table.compound_id.in_((gone.id, into.id)), getattr(table, running).is_(None)
        )
        if len((await context.session.scalars(both)).all()) == 2:
            raise Conflict("both-have", f"两个小区都有{noun}，请先结束其中一个。")
    other = aliased(Observation)
    doubled = exists().where(other.compound_id == into.id, other.as_of == Observation.as_of)
    uncounted = await observed_of(context.session, (Observation.compound_id == gone.id) & doubled)
    tell_withdrawn(context, uncounted)
    await _give(context, Compound, merge)
    gone.merged_into_id = into.id


async def merge_communities(context: Context, gone: Division, into: Division, merge: Correction) -> None:
    """Move a community's compounds, and whatever else hangs on it, to another.

    Raises: Conflict naming those that stand in both.
    """
    standing = select(Compound).where(Compound.community_id == gone.id, Compound.withdrawn_on.is_(None))
    there = select(Compound.name_key).where(Compound.community_id == into.id)
    both = (await context.session.scalars(standing.where(Compound.name_key.in_(there)))).all()
    if both:
        raise Conflict(
            "name-taken",
            "两个社区有同名的小区，请先逐个合并。",
            errors=[FieldError(pointer="/into", reason=each.name) for each in both],
        )
    for compound in (await context.session.scalars(standing.with_for_update())).all():
        done = Corrected(Former("compound", compound.id, compound.name, gone.id), "moved", merge.reason)
        compound.community_id = into.id
        note(context, done)
        context.record(CompoundCorrected.of(compound, done), str(compound.id))
    await _give(context, Division, merge)


async def merge_companies(context: Context, gone: Company, into: Company, merge: Correction) -> None:
    """Give another company all that hangs on this one, and its code where the other has none."""
    code, gone.uscc = gone.uscc, None
    merge.gave_code = code
    await context.session.flush()
    await _give(context, Company, merge)
    gone.merged_into_id = into.id
    if code is not None and into.uscc is None:
        into.uscc, into.changed_at = code, context.now
        await context.session.flush()
        context.record(CompanyChanged(company=into.id, name=into.name, uscc=code), str(into.id))


async def take_apart(context: Context, model: type[Any], row: Any, merge: Correction) -> None:
    """Make of what was merged two again: each has what it had, as far as it still stands with the other.

    Raises: Conflict where the name, the code, or what would come back is taken by now.
    """
    session = context.session
    into = await session.get(model, merge.into_id, with_for_update=True)
    if row.merged_into_id != merge.into_id or into is None or into.withdrawn_on is not None:
        raise Conflict("merged-further", "所并入的登记又并入了另一登记，请先撤销后一次并入。")
    if isinstance(row, Company) and merge.gave_code is not None:
        if into.uscc == merge.gave_code:
            into.uscc, into.changed_at = None, context.now
            await session.flush()
        row.uscc = merge.gave_code
    row.name_key, row.withdrawn_on, row.merged_into_id = name_key(row.name), None, None
    try:
        await session.flush()
        for column in hanging_on(model):
            await _give_back(context, column, merge)
    except IntegrityError:
        raise Conflict(
            "taken-meanwhile",
            "合并以后登记了同名、同代码或相冲突的内容，不能撤销。请先改正那些登记。",
        ) from None


async def _give(context: Context, model: type[Base], merge: Correction) -> None:
    """Give the rows of every table, one statement for each; where that is refused, row by row."""
    session = context.session
    await session.flush()
    for column in hanging_on(model):
        try:
            async with session.begin_nested():
                await session.execute(_giving(column, merge, true()))
        except IntegrityError:
            await _give_each(context, column, merge)


async def _give_each(context: Context, column: Column[Any], merge: Correction) -> None:
    """Give what the keys of a table let be given, and keep the rest where it is."""
    session, keys = context.session, list(column.table.primary_key)
    for key in (await session.execute(select(*keys).where(column == merge.subject_id))).all():
        this = and_(*(one == value for one, value in zip(keys, key, strict=True)))
        try:
            async with session.begin_nested():
                await session.execute(_giving(column, merge, this))
        except IntegrityError:
            await session.execute(_noting(column, merge, select(*keys).where(this).cte("row"), kept=True))


def _giving(column: Column[Any], merge: Correction, rows: Any) -> Any:
    """The statement that gives rows to what they are now of, and notes each."""
    moved = update(column.table).where(column == merge.subject_id, rows).values({column.name: merge.into_id})
    return _noting(column, merge, moved.returning(*column.table.primary_key).cte("row"), kept=False)


def _noting(column: Column[Any], merge: Correction, rows: CTE, *, kept: bool) -> Any:
    noted: Select[Any] = select(
        func.gen_random_uuid(),
        literal(merge.id),
        literal(column.table.name),
        literal(column.name),
        func.to_jsonb(rows.table_valued()),
        literal(kept),
    ).select_from(rows)
    columns = ("id", "correction_id", "of_table", "of_column", "row_key", "kept")
    return insert(MergedRow).from_select(columns, noted)


async def _give_back(context: Context, column: Column[Any], merge: Correction) -> None:
    """Give back what was given of a column and still is the other's."""
    keys = column.table.primary_key
    is_noted = exists().where(
        MergedRow.correction_id == merge.id,
        MergedRow.of_table == column.table.name,
        MergedRow.of_column == column.name,
        ~MergedRow.kept,
        *(cast(MergedRow.row_key[key.name].astext, key.type) == key for key in keys),
    )
    back = update(column.table).where(column == merge.into_id, is_noted)
    await context.session.execute(back.values({column.name: merge.subject_id}))
