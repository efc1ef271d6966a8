"""What other services tell becomes records: read, put down to a company under evaluation, and kept as it stands.

Each thing told is one record of each item that the scheme of its day has for it, however often it is told and in whichever order:
the later word holds. Told otherwise, it corrects its records; what a person took back or corrected is left as the person did.
"""

from dataclasses import replace
from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import ColumnElement, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert

from kit.context import Context
from kit.district.clock import SHANGHAI, local_day
from kit.events.subscriptions import CloudEvent
from kit.web.problems import Invalid
from services.credit.companies.models import Company
from services.credit.intake.models import Told
from services.credit.lists.work import leave_lists
from services.credit.plan.scheme import FromEvent, Recorder
from services.credit.records import amending
from services.credit.records.entering import Fact, checked, keep
from services.credit.records.models import Record
from services.credit.schemes.work import scheme_on

#: What of a record is compared with what is told.
_SAID = ("company_id", "project_id", "acted_at", "note", "evidence")


def begin(day: date) -> datetime:
    """The first moment of a day in the district."""
    return datetime.combine(day, time.min, SHANGHAI)


async def evaluated(context: Context, event: CloudEvent, which: ColumnElement[bool]) -> UUID | None:
    """The company under evaluation; of one that is not, what is told is passed over, since what comes behind waits for it."""
    company = await context.session.scalar(select(Company.id).where(which, Company.left_at.is_(None)))
    if company is None:
        pass_over(context, event)
    return company


def pass_over(context: Context, event: CloudEvent) -> None:
    """Say in the audit that nothing was made of an event."""
    context.audit("credit.event.passed-over", event.subject, event=event.id, type=event.type)


async def newest_word(context: Context, event: CloudEvent, key: str) -> Told | None:
    """What was known of a thing, locked, where this event is the newest word of it; None, and passed over, where it is not."""
    # Before anything else is locked, as whoever computes an evaluation does it.
    await context.session.execute(text("LOCK TABLE records IN ROW EXCLUSIVE MODE"))
    origin = event.source.removeprefix("/")
    word = {"told_at": event.time, "told_by": UUID(event.id)}
    statement = insert(Told).values(origin=origin, key=key, records=[], **word)
    newer = statement.on_conflict_do_update(
        index_elements=["origin", "key"],
        set_=word,
        # The later id where two bear the same time.
        where=tuple_(Told.told_at, Told.told_by) < tuple_(*word.values()),
    ).returning(Told)
    known = await context.session.scalar(
        newer, execution_options={"populate_existing": True, "bookkeeping": True}
    )
    if known is None:
        pass_over(context, event)
    return known


async def take_fact(context: Context, event: CloudEvent, kind: FromEvent, fact: Fact) -> None:
    """Keep what is told under the items that the scheme of the day has for it; without one, nothing is entered.

    fact: without an item; its key is of what is told of.
    """
    known = await newest_word(context, event, str(fact.origin_key))
    if known is None:
        return
    scheme = await scheme_on(context.session, local_day(fact.acted_at))
    codes = [] if scheme is None else [item.code for item in scheme.items if item.from_event == kind]
    wanted = {
        code: await _checked(
            context, replace(fact, item=code, origin_key=f"{fact.origin_key}:{code}:{event.id}")
        )
        for code in codes
    }
    made, entered = [await _standing(context, id) for id in known.records], []
    if (not wanted and not made) or any(by is not None and by != context.caller.client for _, by in made):
        pass_over(context, event)  # it falls under no item, or a person has decided
        return
    same = [wanted.pop(record.item, None) for record, _ in made]
    for each, found in zip(made, same, strict=True):
        other = wanted.pop(next(iter(wanted))) if found is None and wanted else None
        entered.append(await _told_again(context, event, each, found or other))
    entered += [await _kept(context, each) for each in wanted.values()]
    if entered != known.records:
        known.records = entered


async def take_back(context: Context, event: CloudEvent, key: str) -> None:
    """Withdraw what was told and is so no more, and whatever a person has put in its place."""
    known = await newest_word(context, event, key)
    if known is None:
        return
    for id in known.records:
        record, by = await _standing(context, id, follow=True)
        if by is None:
            await amending.withdraw(context, record, f"{event.type} 事件撤销")
            await leave_lists(context, record.company_id, "信用信息已撤回")


async def _told_again(
    context: Context, event: CloudEvent, made: tuple[Record, str | None], instead: Record | None
) -> UUID:
    """The record of a thing that is told again: the same, or another in its place; withdrawn where nothing takes its place."""
    record, by = made
    if by is not None:
        if instead is not None:
            instead.again_of_id = record.id
            return await _kept(context, instead)
        return record.id
    if instead is None:
        await amending.withdraw(context, record, f"{event.type} 事件更正")
    elif record.item == instead.item and all(
        getattr(record, name) == getattr(instead, name) for name in _SAID
    ):
        return record.id
    else:
        await keep(context, instead)
        await amending.put_in_place(context, record, instead, f"{event.type} 事件更正")
    await leave_lists(context, record.company_id, "信用信息已更正")
    return record.id if instead is None else instead.id


async def _kept(context: Context, record: Record) -> UUID:
    await keep(context, record)
    return record.id


async def _checked(context: Context, told: Fact) -> Record:
    try:
        return await checked(context, told, Recorder.SYSTEM)
    except Invalid as refused:
        if refused.slug not in ("nobody-in-charge", "another-in-charge"):
            raise
        # The project is not known yet, or is another's in our books: the company itself is told to be the one.
        return await checked(context, replace(told, project_id=None), Recorder.SYSTEM)


async def _standing(context: Context, id: UUID, *, follow: bool = False) -> tuple[Record, str | None]:
    """A record, and by whom it was taken back, None of one that stands; follow: what stands in its place now."""
    record = await context.session.get_one(Record, id)
    if follow:
        record = await amending.newest(context, record)
    said = await amending.taken_back(context, record)
    return record, None if said is None else said.client
