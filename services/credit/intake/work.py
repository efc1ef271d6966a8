"""What the property service tells of companies: projects, how they keep their duties, what is overdue, what was found.

Fact again, nothing is entered twice: a record's origin is what it is told of, and not the event. Base items keep their last
value where the property service is silent; a score names the day of each.
"""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Final, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, Field, ValidationError
from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from kit.context import Context
from kit.district.clock import SHANGHAI, local_day
from kit.events.subscriptions import CloudEvent
from kit.storage import db
from kit.web.problems import Invalid
from services.credit.companies.models import Company
from services.credit.companies.work import in_name_of
from services.credit.plan.scheme import FromEvent, Item, Recorder
from services.credit.projects.models import Holding, Project
from services.credit.records.entering import Fact, enter
from services.credit.records.models import Record
from services.credit.schemes.work import scheme_on

ORIGIN: Final = "property"
#: What an overdue duty of the property service is to the evaluation.
_DUTIES: Final[dict[str, FromEvent]] = {
    "contract-filing": "contract_unfiled",
    "disclosure-board": "board_incomplete",
    "emergency-drill": "drill_not_held",
    "staff-training": "drill_not_held",
}
Read = TypeVar("Read", bound=BaseModel)


class _Held(BaseModel):
    project: UUID
    name: str
    kind: Literal["residential", "commercial"]
    street: str
    company: UUID
    begins_on: date
    ends_on: date | None
    area: Decimal | None


class _Share(BaseModel):
    part: Annotated[int, Field(ge=0)]
    whole: Annotated[int, Field(ge=0)]


class _Performed(BaseModel):
    company: UUID
    contracts: _Share
    disclosure: _Share
    drills: _Share


class _Overdue(BaseModel):
    duty: str
    name: str
    uscc: str
    project: UUID | None
    due_on: date


class _Found(BaseModel):
    company: UUID
    project: UUID | None
    kind: str
    place: str
    found_on: date


async def hold_project(context: Context, event: CloudEvent) -> None:
    """Keep a project and who holds it; who held it before did until the day before (P-2.3.2b)."""
    told = _read(event, _Held)
    context = in_name_of(context, event)
    if await _evaluated(context, event, Company.id == told.company) is None:
        return
    row = {"name": told.name, "kind": told.kind, "street": told.street, "told_at": event.time}
    statement = insert(Project).values(id=told.project, **row)
    newer = statement.on_conflict_do_update(
        index_elements=["id"], set_=row, where=Project.told_at < event.time
    ).returning(Project.id)
    if await context.session.scalar(newer) is None:
        return
    of_project = Holding.project_id == told.project
    await context.session.execute(delete(Holding).where(of_project, Holding.begins_on >= told.begins_on))
    earlier = or_(Holding.ends_on.is_(None), Holding.ends_on >= told.begins_on)
    until = told.begins_on - timedelta(days=1)
    await context.session.execute(update(Holding).where(of_project, earlier).values(ends_on=until))
    context.session.add(
        Holding(
            id=db.new_id(),
            project_id=told.project,
            company_id=told.company,
            begins_on=told.begins_on,
            ends_on=told.ends_on,
            area=told.area,
        )
    )
    context.audit("credit.project.held", str(told.project), company=str(told.company), event=event.id)


async def take_performance(context: Context, event: CloudEvent) -> None:
    """Enter the base items that are computed from registers, where they have changed (P-2.3.2a)."""
    told = _read(event, _Performed)
    context = in_name_of(context, event)
    if await _evaluated(context, event, Company.id == told.company) is None:
        return
    scheme = await scheme_on(context.session, local_day(event.time))
    for item in scheme.items if scheme is not None else ():
        if item.from_register is None:
            continue
        share: _Share = getattr(told, item.from_register)
        now = (share.part, share.whole)
        if share.whole and now != await _last_share(context, told.company, item):
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
    query = select(Record.share_part, Record.share_whole).where(
        Record.company_id == company, Record.item == item.code, Record.origin == ORIGIN
    )
    found = (await context.session.execute(query.order_by(Record.acted_at.desc()).limit(1))).one_or_none()
    return None if found is None else (found.share_part, found.share_whole)


async def take_overdue(context: Context, event: CloudEvent) -> None:
    """Enter a company's overdue duty as what it is in the scheme: an unfiled contract, a gap on a board, no drill."""
    told = _read(event, _Overdue)
    context = in_name_of(context, event)
    kind = _DUTIES.get(told.duty)
    company = await _evaluated(context, event, Company.uscc == told.uscc)
    if kind is None or company is None:
        return
    late = _begin(told.due_on + timedelta(days=1))
    note = f"{told.name}：应于 {told.due_on} 前完成"
    await _enter(context, event, kind, Fact("", late, company, told.project, note=note))


async def take_finding(context: Context, event: CloudEvent) -> None:
    """Enter what a joint inspection found, each place once (P-2.3.2a)."""
    told = _read(event, _Found)
    context = in_name_of(context, event)
    if await _evaluated(context, event, Company.id == told.company) is not None:
        note = f"{told.place}：{told.kind}"
        await _enter(
            context, event, "finding", Fact("", _begin(told.found_on), told.company, told.project, note=note)
        )


async def _evaluated(context: Context, event: CloudEvent, which: ColumnElement[bool]) -> UUID | None:
    """The company under evaluation; of one that is not, what is told is passed over, since what comes behind waits for it."""
    company = await context.session.scalar(select(Company.id).where(which, Company.left_at.is_(None)))
    if company is None:
        context.audit("credit.event.passed-over", event.subject, event=event.id, type=event.type)
    return company


async def _enter(context: Context, event: CloudEvent, kind: FromEvent, told: Fact) -> None:
    """Enter under the item that the scheme of the day has for it; without one, nothing is entered."""
    scheme = await scheme_on(context.session, local_day(told.acted_at))
    items = [each for each in scheme.items if each.from_event == kind] if scheme is not None else []
    for item in items:
        record = replace(told, item=item.code, origin=ORIGIN, origin_key=f"{event.subject}:{item.code}")
        try:
            await enter(context, record, Recorder.SYSTEM)
        except Invalid as refused:
            if refused.slug not in ("nobody-in-charge", "another-in-charge"):
                raise
            # The project is not known yet, or is another's in our books: the company itself is told to be the one.
            await enter(context, replace(record, project_id=None), Recorder.SYSTEM)


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, SHANGHAI)


def _read(event: CloudEvent, kind: type[Read]) -> Read:
    try:
        return kind.model_validate(event.data)
    except ValidationError:
        raise Invalid("bad-event-data", f"{event.type} 事件的内容不符合约定，请发送方改正。") from None
