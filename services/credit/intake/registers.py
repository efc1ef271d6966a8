"""What the property service's registers show: who holds which project, and how companies keep what they have to (P-2.3.2a)."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, delete, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert

from kit.context import Context
from kit.district.clock import local_day
from kit.events.receiving import in_name_of, read
from kit.events.subscriptions import CloudEvent
from kit.storage import db
from services.credit.companies.models import Company
from services.credit.intake.told import evaluated, newest_word
from services.credit.plan.scheme import Item, Recorder
from services.credit.projects.models import Holding, Project
from services.credit.records import amending
from services.credit.records.entering import Fact, enter
from services.credit.records.models import Amendment, Record
from services.credit.schemes.work import scheme_on

ORIGIN: Final = "property"


class _Held(BaseModel):
    project: UUID
    name: str
    kind: Literal["residential", "commercial"]
    street: str
    company: UUID
    begins_on: date
    ends_on: date | None
    area: Decimal | None


class _Dropped(BaseModel):
    project: UUID


class _Share(BaseModel):
    part: Annotated[int, Field(ge=0)]
    whole: Annotated[int, Field(ge=0)]


class _Performed(BaseModel):
    company: UUID
    contracts: _Share
    disclosure: _Share
    drills: _Share


async def hold_project(context: Context, event: CloudEvent) -> None:
    """Keep a project and who holds it; who held it before did until the day before, under the area of then (P-2.3.2b)."""
    told = read(event, _Held)
    context = in_name_of(context, event)
    if await evaluated(context, event, Company.id == told.company) is None:
        return
    if await newest_word(context, event, f"project:{told.project}") is None:
        return
    row = {"name": told.name, "kind": told.kind, "street": told.street}
    statement = insert(Project).values(id=told.project, **row)
    await context.session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=row))
    own = (Holding.project_id == told.project) & (Holding.company_id == told.company)
    spell = select(Holding).where(own, Holding.begins_on >= told.begins_on).order_by(Holding.begins_on)
    known = list(await context.session.scalars(spell))
    if known and known[0].begins_on == told.begins_on:
        await _end_before(context, told.project, told.begins_on, ~own)
        await _hold_on(context, known, told, local_day(event.time))
    else:
        await _end_before(context, told.project, told.begins_on)
        context.session.add(_holding(told, told.begins_on))
    context.audit("credit.project.held", str(told.project), company=str(told.company), event=event.id)


async def _hold_on(context: Context, known: list[Holding], told: _Held, day: date) -> None:
    """Let a holding go on as told: an area that has changed since holds from today on, an end cuts what is behind it."""
    last = known[-1]
    changed = last.area is not None and last.area != told.area and last.begins_on < day
    if changed and (told.ends_on is None or told.ends_on >= day):
        last.ends_on = day - timedelta(days=1)
        await context.session.flush()
        context.session.add(_holding(told, day))
        return
    while told.ends_on is not None and last.begins_on > told.ends_on:
        await context.session.delete(known.pop())
        last = known[-1]
    await context.session.flush()
    last.ends_on = told.ends_on
    if last.area is None or last.begins_on == day:
        last.area = told.area


def _holding(told: _Held, begins_on: date) -> Holding:
    return Holding(
        id=db.new_id(),
        project_id=told.project,
        company_id=told.company,
        begins_on=begins_on,
        ends_on=told.ends_on,
        area=told.area,
    )


async def _end_before(
    context: Context, project: UUID, day: date, which: ColumnElement[bool] | None = None
) -> None:
    """Let whatever holding of a project there is, or those of some, end the day before."""
    these = (Holding.project_id == project) & (true() if which is None else which)
    await context.session.execute(delete(Holding).where(these, Holding.begins_on >= day))
    going_on = or_(Holding.ends_on.is_(None), Holding.ends_on >= day)
    until = day - timedelta(days=1)
    await context.session.execute(update(Holding).where(these, going_on).values(ends_on=until))


async def drop_project(context: Context, event: CloudEvent) -> None:
    """Let a project that the property service has struck out be nobody's from today on; what was, was."""
    told = read(event, _Dropped)
    context = in_name_of(context, event)
    if await newest_word(context, event, f"project:{told.project}") is not None:
        await _end_before(context, told.project, local_day(event.time))
        context.audit("credit.project.dropped", str(told.project), event=event.id)


async def take_performance(context: Context, event: CloudEvent) -> None:
    """Enter the base items that are computed from registers, where they have changed (P-2.3.2a).

    Where there is nothing any more that a company could keep, that is entered as well: 0 of 0, which counts nothing.
    """
    told = read(event, _Performed)
    context = in_name_of(context, event)
    if await evaluated(context, event, Company.id == told.company) is None:
        return
    if await newest_word(context, event, f"performance:{told.company}") is None:
        return
    scheme = await scheme_on(context.session, local_day(event.time))
    for item in scheme.items if scheme is not None else ():
        if item.from_register is None:
            continue
        share: _Share = getattr(told, item.from_register)
        now, last = (share.part, share.whole), await _last_share(context, told.company, item)
        if now != (last or (0, 0)):
            record = Fact(
                item=item.code,
                acted_at=event.time,
                company_id=told.company,
                share=now,
                origin=ORIGIN,
                origin_key=f"{event.id}:{item.code}",
            )
            await enter(context, record, Recorder.SYSTEM)


async def _last_share(context: Context, company: UUID, item: Item) -> tuple[int | None, int | None] | None:
    gone = select(Amendment.id).where(
        Amendment.record_id == Record.id, Amendment.action.in_(amending.TAKEN_BACK)
    )
    query = select(Record.share_part, Record.share_whole).where(
        Record.company_id == company, Record.item == item.code, Record.origin == ORIGIN, ~gone.exists()
    )
    found = (await context.session.execute(query.order_by(Record.acted_at.desc()).limit(1))).one_or_none()
    return None if found is None else (found.share_part, found.share_whole)
