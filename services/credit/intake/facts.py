"""What property and emergency tell that companies did: overdue duties and requests, findings, accidents (P-2.3.2a)."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from pydantic import BaseModel

from kit.context import Context
from kit.district.clock import SHANGHAI
from kit.events.receiving import in_name_of, read
from kit.events.subscriptions import CloudEvent
from services.credit.companies.models import Company
from services.credit.intake.told import begin, evaluated, take_back, take_fact
from services.credit.plan.scheme import FromEvent
from services.credit.records.entering import Fact

#: What an overdue duty of the property service is to the evaluation, and what it is called.
_DUTIES: Final[dict[str, tuple[FromEvent, str]]] = {
    "contract-filing": ("contract_unfiled", "合同备案"),
    "disclosure-board": ("board_incomplete", "信息公示"),
    "emergency-drill": ("drill_not_held", "应急演练和员工培训"),
    "staff-training": ("drill_not_held", "应急演练和员工培训"),
}


class _Overdue(BaseModel):
    duty: str
    subject: str
    name: str
    uscc: str
    project: UUID | None
    due_on: date


class _Request(BaseModel):
    request: str
    matter: str
    company: UUID
    project: UUID | None
    due_at: datetime


class _Found(BaseModel):
    finding: UUID
    company: UUID
    project: UUID | None
    kind: str
    place: str
    found_on: date


class _Complaint(BaseModel):
    complaint: UUID
    request: str
    company: UUID
    project: UUID | None
    received_on: date


class _NoComplaint(BaseModel):
    complaint: UUID


class _Withdrawn(BaseModel):
    finding: UUID


class _Responsible(BaseModel):
    accountability: UUID
    incident: str
    uscc: str
    occurred_on: date
    casualties: bool
    what: str
    document: str | None
    decided_on: date


def _fact(event: CloudEvent, key: str, acted_at: datetime, company: UUID, note: str) -> Fact:
    origin = event.source.removeprefix("/")
    return Fact("", acted_at, company, note=note, origin=origin, origin_key=key)


async def take_overdue(context: Context, event: CloudEvent) -> None:
    """Enter a company's overdue duty as what it is in the scheme: an unfiled contract, a gap on a board, no drill.

    Two duties that are one thing to the scheme, as the drill and the training of a year, are one record.
    """
    told = read(event, _Overdue)
    context = in_name_of(context, event)
    known = _DUTIES.get(told.duty)
    company = await evaluated(context, event, Company.uscc == told.uscc)
    if known is None or company is None:
        return
    kind, what = known
    late, key = begin(told.due_on + timedelta(days=1)), f"{kind}:{told.subject}:{told.due_on}"
    fact = _fact(event, key, late, company, f"{told.name}：{what}最迟应于 {told.due_on} 完成")
    await take_fact(context, event, kind, replace(fact, project_id=told.project))


async def take_overdue_request(context: Context, event: CloudEvent) -> None:
    """Enter a request of a citizen's that a company has not seen to in time (P-2.3.2a)."""
    told = read(event, _Request)
    context = in_name_of(context, event)
    if await evaluated(context, event, Company.id == told.company) is None:
        return
    due = told.due_at.astimezone(SHANGHAI)
    note = f"诉求 {told.request}（{told.matter}）：最迟应于 {due:%Y-%m-%d %H:%M} 办结"
    fact = _fact(event, f"request:{told.request}", due, told.company, note)
    await take_fact(context, event, "request_overdue", replace(fact, project_id=told.project))


async def take_finding(context: Context, event: CloudEvent) -> None:
    """Enter what a joint inspection found, each place once (P-2.3.2a); found otherwise since, it corrects what was entered."""
    told = read(event, _Found)
    context = in_name_of(context, event)
    if await evaluated(context, event, Company.id == told.company) is not None:
        note = f"{told.place}：{told.kind}"
        fact = _fact(event, f"finding:{told.finding}", begin(told.found_on), told.company, note)
        await take_fact(context, event, "finding", replace(fact, project_id=told.project))


async def withdraw_finding(context: Context, event: CloudEvent) -> None:
    """Take back what a joint inspection found and what turned out to be none."""
    told = read(event, _Withdrawn)
    context = in_name_of(context, event)
    context.audit("credit.finding.withdrawn", str(told.finding), event=event.id)
    await take_back(context, event, f"finding:{told.finding}")


async def take_complaint(context: Context, event: CloudEvent) -> None:
    """Enter a complaint that was found right, where the scheme of its day has an item for it (P-2.3.2a)."""
    told = read(event, _Complaint)
    context = in_name_of(context, event)
    if await evaluated(context, event, Company.id == told.company) is not None:
        key, note = f"complaint:{told.complaint}", f"投诉认定属实（诉求 {told.request}）"
        fact = _fact(event, key, begin(told.received_on), told.company, note)
        await take_fact(context, event, "complaint_confirmed", replace(fact, project_id=told.project))


async def withdraw_complaint(context: Context, event: CloudEvent) -> None:
    """Take back a complaint that was found right and is so no more."""
    told = read(event, _NoComplaint)
    context = in_name_of(context, event)
    context.audit("credit.complaint.withdrawn", str(told.complaint), event=event.id)
    await take_back(context, event, f"complaint:{told.complaint}")


async def take_responsibility(context: Context, event: CloudEvent) -> None:
    """Enter an accident that a company was found responsible for: with casualties a serious record, without a bad one."""
    told = read(event, _Responsible)
    context = in_name_of(context, event)
    company = await evaluated(context, event, Company.uscc == told.uscc)
    if company is None:
        return
    paper = {
        "title": "事故责任认定",
        "number": told.document or told.incident,
        "day": told.decided_on.isoformat(),
    }
    fact = _fact(
        event,
        f"accident:{told.accountability}",
        begin(told.occurred_on),
        company,
        f"事故 {told.incident}：{told.what}",
    )
    kind: FromEvent = "accident_with_casualties" if told.casualties else "accident_without_casualties"
    await take_fact(context, event, kind, replace(fact, evidence=(paper,)))
