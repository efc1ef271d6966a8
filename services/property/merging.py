"""Two entries that are one: what hangs on the one is given to the other."""

from typing import Any
from uuid import UUID

from sqlalchemy import Column, delete, exists, select, update
from sqlalchemy.orm import aliased

from kit.context import Context
from kit.web.problems import Conflict, FieldError
from services.property.base import Base
from services.property.committees.models import Committee
from services.property.companies import Company, CompanyChanged
from services.property.compounds.models import Compound, Observation, RedProperty
from services.property.corrections import CompoundCorrected, Corrected, Former, note
from services.property.divisions import Division
from services.property.surveys.observed import observed_of, tell_withdrawn


def hanging_on(model: type[Base]) -> list[Column[Any]]:
    """Every column of other tables that refers to a table: what hangs on its rows."""
    table = model.__table__
    columns = (
        column for other in Base.metadata.sorted_tables if other is not table for column in other.columns
    )
    return [column for column in columns if any(key.column.table is table for key in column.foreign_keys)]


async def _give(context: Context, model: type[Base], gone: UUID, into: UUID) -> None:
    for column in hanging_on(model):
        moving = update(column.table).where(column == gone).values({column.name: into})
        await context.session.execute(moving)


async def merge_compounds(context: Context, gone: Compound, into: Compound, _reason: str) -> None:
    """Give another compound all that hangs on this one; of days that both were surveyed on, the other's stands.

    Raises: Conflict where both have a committee in office, or are red property.
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
    gone.merged_into_id = into.id
    other = aliased(Observation)
    own = Observation.compound_id == gone.id
    doubled = exists().where(other.compound_id == into.id, other.as_of == Observation.as_of)
    lost = await observed_of(context.session, own & doubled)
    tell_withdrawn(context, lost)
    days = {each.as_of for each in lost}
    await context.session.execute(delete(Observation).where(own, Observation.as_of.in_(days)))
    await _give(context, Compound, gone.id, into.id)


async def merge_communities(context: Context, gone: Division, into: Division, reason: str) -> None:
    """Move a community's compounds to another.

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
        former = Former("compound", compound.id, compound.name, gone.id)
        compound.community_id = into.id
        note(context, former, "moved", reason)
        moved = CompoundCorrected.of(compound, Corrected(former, "moved", reason))
        context.record(moved, str(compound.id))


async def merge_companies(context: Context, gone: Company, into: Company, _reason: str) -> None:
    """Give another company all that hangs on this one, and its code where the other has none."""
    gone.merged_into_id = into.id
    code, gone.uscc = gone.uscc, None
    await context.session.flush()
    await _give(context, Company, gone.id, into.id)
    if code is not None and into.uscc is None:
        into.uscc, into.changed_at = code, context.now
        await context.session.flush()
        context.record(CompanyChanged(company=into.id, name=into.name, uscc=code), str(into.id))
