"""How a request of the hotline, or a pattern of requests, becomes a lead, and what is made of it (P-2.2.2b, P-2.3.2a)."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Text, cast, or_, select
from sqlalchemy.dialects.postgresql import insert

from kit.context import Context
from kit.dispatch.tables import DispatchRequest
from kit.district.clock import local_day
from kit.district.names import name_key
from kit.events.receiving import in_name_of, read
from kit.events.subscriptions import CloudEvent
from kit.storage import db
from kit.web.problems import Conflict, FieldError, Invalid
from services.credit.companies.models import Company
from services.credit.companies.whose import own_company
from services.credit.evaluations.models import LEADS, Evaluation, Lead
from services.credit.evaluations.work import CLAUSES
from services.credit.intake.told import evaluated, pass_over
from services.credit.objections.work import Said, make, refer_lead
from services.credit.records import amending
from services.credit.records.models import Record


class _Noticed(BaseModel):
    matter: str
    kind: Literal["compound", "company"]
    place: str
    words: str
    requests: list[str]


async def take_request(context: Context, request: DispatchRequest) -> str | None:
    """Enter a hotline request that names a company as a lead about its credit; the lead's id is the reference.

    Handed in with the company's own token while objections are heard, it is an objection at once. One that is a lead stays it.
    Raises: Invalid for a company or a record that there is not; Forbidden for another company's token; Conflict.
    """
    known = await context.session.scalar(select(Lead.id).where(Lead.request == request.number))
    if known is not None:
        return str(known)
    company = await _company(context, request)
    if company is None:
        return None
    own = context.caller.company is not None
    reason = request.details.get("reason") or "\n".join(filter(None, (request.summary, request.description)))
    lead = Lead(
        id=db.new_id(),
        company_id=company.id,
        request=request.number,
        matter=request.matter,
        record_id=await _record(context, request, company),
        reason=reason,
        # A company does not say itself when its objection came in.
        received_at=context.now if own else request.received_at,
        state="received",
    )
    await LEADS.begin(context, lead)
    evaluation = await _published(context, local_day(lead.received_at)) if own else None
    if evaluation is not None:
        await _object(context, lead, company, evaluation)
        _decided(context, lead, "企业以本企业的令牌在异议期内提出")
        lead.state = "filed"
        LEADS.keep(context, lead, "file", lead.decision, {"objection": str(lead.objection_id)})
    return str(lead.id)


async def _company(context: Context, request: DispatchRequest) -> Company | None:
    """The company that a request is about; of a company's own token always its own."""
    if context.caller.company is not None:
        return await own_company(context)
    uscc, name = request.details.get("uscc"), request.details.get("company")
    if uscc is not None:
        named = Company.uscc == uscc.upper()
    elif name is not None:
        named = Company.name_key == name_key(name)
    else:
        return None
    query = select(Company).where(Company.left_at.is_(None), named)
    found = list(await context.session.scalars(query.limit(2)))
    if len(found) != 1:
        raise _unknown(
            "uscc" if uscc is not None else "company",
            "没有这家纳入信用评价的企业，或者同名的不止一家，请核对；不清楚是哪家企业的，请不要填写。",
            "应为一家纳入信用评价的企业",
        )
    return found[0]


async def _record(context: Context, request: DispatchRequest, company: Company) -> UUID | None:
    told = request.details.get("record")
    if told is None:
        return None
    record = await context.session.get(Record, UUID(told))
    if record is None or record.company_id != company.id:
        raise _unknown(
            "record", "没有这条该企业的信用信息，请核对编号；不清楚的，请不要填写。", "不是该企业的信用信息"
        )
    return record.id


def _unknown(field: str, detail: str, reason: str) -> Invalid:
    return Invalid(
        "unknown-reference",
        detail,
        errors=[FieldError(pointer=f"/details/{field}", reason=reason)],
        clauses=CLAUSES,
    )


async def notice_pattern(context: Context, event: CloudEvent) -> None:
    """Enter that requests about a company came in more often than expected as a lead, each pattern once."""
    told = read(event, _Noticed)
    context = in_name_of(context, event)
    if told.kind != "company":
        pass_over(context, event)
        return
    which = or_(Company.uscc == told.place, cast(Company.id, Text) == told.place)
    company = await evaluated(context, event, which)
    if company is None:
        return
    values = {
        "id": db.new_id(),
        "company_id": company,
        "pattern": UUID(event.subject),
        "matter": told.matter,
        "reason": told.words,
        "received_at": event.time,
        "state": "received",
    }
    statement = insert(Lead).values(values).on_conflict_do_nothing(index_elements=["pattern"]).returning(Lead)
    lead = await context.session.scalar(statement)
    if lead is None:
        pass_over(context, event)
    else:
        LEADS.keep(context, lead, "open", None, {"requests": told.requests})


async def file(context: Context, id: UUID, decision: str) -> Lead:
    """Make an objection of a lead in its company's name, in time by the day that it came in. Raises: Conflict; Invalid."""
    lead = await _locked(context, id, "file")
    day = local_day(lead.received_at)
    evaluation = await _published(context, day) or await _published(context, None)
    if evaluation is None:
        raise Conflict("not-published", "没有正在公示的信用评价，不能提出异议。", clauses=CLAUSES)
    company = await context.session.get_one(Company, lead.company_id)
    await _object(context, lead, company, evaluation)
    await _step(context, lead, "file", decision)
    return lead


async def record(context: Context, id: UUID, evidence_of: UUID, decision: str) -> Lead:
    """Keep which record of its company a lead became evidence of. Raises: Invalid for one that there is not, or no more."""
    lead = await _locked(context, id, "record")
    found = await context.session.get(Record, evidence_of)
    gone = found is None or found.company_id != lead.company_id
    if found is None or gone or await amending.taken_back(context, found) is not None:
        raise Invalid(
            "unknown-reference",
            "没有这条该企业的、未撤回或更正的信用信息，请核对编号。",
            errors=[FieldError(pointer="/record_id", reason="应为该企业现有的信用信息")],
            clauses=CLAUSES,
        )
    lead.evidence_of_id = found.id
    await _step(context, lead, "record", decision)
    return lead


async def dismiss(context: Context, id: UUID, decision: str) -> Lead:
    """Find a lead unfounded."""
    lead = await _locked(context, id, "dismiss")
    await _step(context, lead, "dismiss", decision)
    return lead


async def _locked(context: Context, id: UUID, action: str) -> Lead:
    """The lead, locked, for whoever may take the step. Raises: NotFound; Forbidden; Conflict."""
    lead: Lead = await LEADS.lock(context, id)
    LEADS.moves.check(lead.state, action, context.caller)
    return lead


async def _step(context: Context, lead: Lead, action: str, decision: str) -> None:
    _decided(context, lead, decision)
    LEADS.step(context, lead, action, decision)
    await refer_lead(context, lead, f"{LEADS.moves.states[lead.state]}：{decision}")


def _decided(context: Context, lead: Lead, decision: str) -> None:
    lead.decision, lead.decided_at = decision, context.now


async def _object(context: Context, lead: Lead, company: Company, evaluation: Evaluation) -> None:
    said = Said(lead.record_id, lead.reason, lead.received_at)
    lead.objection_id = (await make(context, company, evaluation, said)).id


async def _published(context: Context, day: date | None) -> Evaluation | None:
    """The newest evaluation whose results are published, locked; day: on which objections to it were heard."""
    query = select(Evaluation).where(Evaluation.state == "published")
    if day is not None:
        query = query.where(Evaluation.published_on <= day, Evaluation.objections_until >= day)
    newest = query.order_by(Evaluation.ends_on.desc()).limit(1).with_for_update()
    return (await context.session.scalars(newest)).one_or_none()
