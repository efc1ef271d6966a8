"""What is said of a record later: withdrawn, corrected, put right; the record itself is never changed."""

from datetime import date
from typing import Final
from uuid import UUID

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from kit.context import Context
from kit.district.clock import local_day
from kit.events.event import Event
from kit.storage import db
from kit.web.problems import Conflict, FieldError, Invalid
from services.credit.plan.scheme import Validity
from services.credit.records.entering import CLAUSES, Fact, enter_new
from services.credit.records.models import Amendment, Record
from services.credit.schemes.work import the_scheme

#: What takes a record back.
TAKEN_BACK: Final = ("withdrawn", "corrected")
#: After which a record is used no more, and is public no more.
GONE: Final = (*TAKEN_BACK, "repaired")


class RecordAmended(Event, type="credit.record.amended", title="更正信用信息"):
    """Credit information was withdrawn, corrected, put right or repaired."""

    record: UUID = Field(description="信用信息编号")
    company: UUID = Field(description="企业编号")
    action: str = Field(
        description="withdrawn 撤回，corrected 更正，put_right 已整改或移出，repaired 信用修复"
    )
    effective_on: date = Field(description="自这一天起")
    replaced_by: UUID | None = Field(description="更正后的信用信息编号；其他为空")


async def withdraw(context: Context, record: Record, reason: str) -> None:
    """Take a record back, as if it had never been; a second time changes nothing. Raises: Conflict."""
    before = await taken_back(context, record)
    if before is None:
        await amend(context, record, Amendment(action="withdrawn", effective_on=context.today, reason=reason))
    elif before.action != "withdrawn":
        raise Conflict("already-corrected", "这条信息已经更正，请对更正后的信息操作。", clauses=CLAUSES)


async def correct(context: Context, record: Record, told: Fact, reason: str) -> Record:
    """Put another record in the place of a wrong one. Raises: Conflict; Invalid and Forbidden as `enter`."""
    if await taken_back(context, record) is not None:
        raise Conflict("already-corrected", "这条信息已经撤回或更正，不能再更正。", clauses=CLAUSES)
    made = await enter_new(context, told)
    await put_in_place(context, record, made, reason)
    return made


async def put_in_place(context: Context, record: Record, made: Record, reason: str) -> None:
    """Let a record that was made stand for another; of the same item, it is put right and repaired as that one was."""
    corrected = Amendment(
        action="corrected", effective_on=context.today, reason=reason, replaced_by_id=made.id
    )
    await amend(context, record, corrected)
    if record.item != made.item:
        return
    query = select(Amendment).where(
        Amendment.record_id == record.id, Amendment.action.in_(("put_right", "repaired"))
    )
    for said in await context.session.scalars(query.order_by(Amendment.seq)):
        same = Amendment(action=said.action, effective_on=said.effective_on, reason=said.reason)
        await amend(context, made, same)


async def put_right(context: Context, record: Record, day: date, reason: str) -> None:
    """Keep from when on what was done is put right, or a listing is over.

    Raises: Invalid for a day before the act or to come; Conflict where it was said before, or the item has a term.
    """
    context.refuse_future(on=day)
    if day < local_day(record.acted_at):
        raise Invalid(
            "before-act",
            "整改（移出）日期不能早于行为日期。",
            errors=[FieldError(pointer="/on", reason=f"早于行为日期 {local_day(record.acted_at)}")],
            clauses=CLAUSES,
        )
    scheme = await the_scheme(context.session, None, local_day(record.acted_at))
    item = scheme.item(record.item)
    if item is None or item.validity not in (Validity.PUT_RIGHT, Validity.LISTED):
        raise Conflict("has-a-term", "这类信息到期自动失效，不需登记整改。", clauses=CLAUSES)
    if await taken_back(context, record) is not None:
        raise Conflict("already-corrected", "这条信息已经撤回或更正。", clauses=CLAUSES)
    await amend(context, record, Amendment(action="put_right", effective_on=day, reason=reason))


async def amend(context: Context, record: Record, said: Amendment) -> None:
    """Say something of a record. Raises: Conflict where the same was said before."""
    said.id, said.record_id, said.entered_at = db.new_id(), record.id, context.now
    said.client, said.unit = context.caller.by, context.caller.unit
    try:
        async with context.session.begin_nested():
            context.session.add(said)
    except IntegrityError:
        raise Conflict("already-amended", "这条信息已有同样的后续记载。", clauses=CLAUSES) from None
    event = RecordAmended(
        record=record.id,
        company=record.company_id,
        action=said.action,
        effective_on=said.effective_on,
        replaced_by=said.replaced_by_id,
    )
    context.record(event, str(record.id))


async def taken_back(context: Context, record: Record) -> Amendment | None:
    """What took a record back; None of one that stands."""
    query = select(Amendment).where(Amendment.record_id == record.id, Amendment.action.in_(TAKEN_BACK))
    found: Amendment | None = await context.session.scalar(query)
    return found


async def newest(context: Context, record: Record) -> Record:
    """What stands in a record's place after all that corrected it: itself where nothing did."""
    while (said := await taken_back(context, record)) is not None and said.replaced_by_id is not None:
        record = await context.session.get_one(Record, said.replaced_by_id)
    return record
