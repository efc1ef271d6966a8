"""What other services tell becomes records: read, put down to a company under evaluation, and kept as it stands.

Each thing told is one record of each item that the scheme of its day has for it, however often it is told. Told otherwise, it
corrects its record; what a person took back is not entered again.
"""

from dataclasses import replace
from datetime import date, datetime, time
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError
from sqlalchemy import ColumnElement, select

from kit.context import Context
from kit.district.clock import SHANGHAI, local_day
from kit.events.subscriptions import CloudEvent
from kit.web.problems import Invalid
from services.credit.companies.models import Company
from services.credit.lists.work import leave_lists
from services.credit.plan.scheme import FromEvent, Recorder
from services.credit.records import amending
from services.credit.records.entering import Fact, checked, keep
from services.credit.records.models import Amendment, Record
from services.credit.schemes.work import every_scheme, scheme_on

#: What of a record is compared with what is told.
_SAID = ("company_id", "project_id", "acted_at", "note", "evidence")
Read = TypeVar("Read", bound=BaseModel)


def read(event: CloudEvent, kind: type[Read]) -> Read:
    """What an event says. Raises: Invalid when that is not what was agreed; the sender tries again later."""
    try:
        return kind.model_validate(event.data)
    except ValidationError:
        raise Invalid("bad-event-data", f"{event.type} 事件的内容不符合约定，请发送方改正。") from None


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


async def take_fact(context: Context, event: CloudEvent, kind: FromEvent, told: Fact) -> None:
    """Keep what is told under the items that the scheme of the day has for it; without one, nothing is entered.

    told: without an item; its origin is the service that tells, its key, without an item too, what it tells of.
    """
    scheme = await scheme_on(context.session, local_day(told.acted_at))
    codes = [] if scheme is None else [item.code for item in scheme.items if item.from_event == kind]
    if not codes:
        pass_over(context, event)
    for code in codes:
        await _take(context, event, replace(told, item=code, origin_key=f"{told.origin_key}:{code}"))


async def take_back(context: Context, event: CloudEvent, kind: FromEvent, fact: tuple[str, str]) -> None:
    """Withdraw what was told and is so no more; fact: its origin and key."""
    origin, key = fact
    schemes = await every_scheme(context.session)
    for code in {item.code for scheme in schemes for item in scheme.items if item.from_event == kind}:
        newest, _ = await _newest(context, origin, f"{key}:{code}")
        if newest is None or await _taken_back_by(context, newest) is not None:
            continue
        await amending.withdraw(context, newest, f"{event.type} 事件撤销")
        await leave_lists(context, newest.company_id, "信用信息已撤回")


async def _take(context: Context, event: CloudEvent, told: Fact) -> None:
    newest, free = await _newest(context, told.origin, str(told.origin_key))
    record = await _checked(context, replace(told, origin_key=free))
    if newest is None:
        await keep(context, record)
        return
    by = await _taken_back_by(context, newest)
    if by is not None and by != context.caller.client:
        pass_over(context, event)  # a person has decided
    elif by is not None:
        await keep(context, record)
    elif any(getattr(newest, name) != getattr(record, name) for name in _SAID):
        await keep(context, record)
        said = Amendment(
            action="corrected",
            effective_on=context.today,
            reason=f"{event.type} 事件更正",
            replaced_by_id=record.id,
        )
        await amending.amend(context, newest, said)
        await leave_lists(context, newest.company_id, "信用信息已更正")


async def _checked(context: Context, told: Fact) -> Record:
    try:
        return await checked(context, told, Recorder.SYSTEM)
    except Invalid as refused:
        if refused.slug not in ("nobody-in-charge", "another-in-charge"):
            raise
        # The project is not known yet, or is another's in our books: the company itself is told to be the one.
        return await checked(context, replace(told, project_id=None), Recorder.SYSTEM)


async def _newest(context: Context, origin: str, key: str) -> tuple[Record | None, str]:
    """The newest record of a thing, and the key that its next one would have: the key itself, then with #2, #3."""
    newest, free, number = None, key, 1
    while True:
        query = select(Record).where(Record.origin == origin, Record.origin_key == free)
        found = await context.session.scalar(query)
        if found is None:
            return newest, free
        number += 1
        newest, free = found, f"{key}#{number}"


async def _taken_back_by(context: Context, record: Record) -> str | None:
    taken_back = Amendment.action.in_(amending.TAKEN_BACK)
    query = select(Amendment.client).where(Amendment.record_id == record.id, taken_back)
    found: str | None = await context.session.scalar(query)
    return found
