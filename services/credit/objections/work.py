"""How an objection is made: within the time of its evaluation, once to each record (P-2.3.2a)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from kit.context import Context
from kit.dispatch.record import refer
from kit.dispatch.tables import DispatchRequest
from kit.district.clock import local_day
from kit.district.workdays import add_workdays
from kit.storage import db
from kit.web.problems import Conflict, FieldError, Invalid
from services.credit.companies.models import Company
from services.credit.evaluations.models import OBJECTIONS, Evaluation, Lead, Objection
from services.credit.evaluations.work import CLAUSES, takes_part
from services.credit.plan.evaluation import OBJECTION, may_object_on
from services.credit.records.models import Record
from services.credit.schemes.work import the_scheme


@dataclass(frozen=True)
class Said:
    """What a company objects to, and why; filed_at: when it came in, which decides whether it is in time."""

    record_id: UUID | None
    reason: str
    filed_at: datetime


async def make(context: Context, company: Company, evaluation: Evaluation, said: Said) -> Objection:
    """Make a company's objection to a locked evaluation. Raises: Conflict; Invalid for a record that is no part of it."""
    day, published, until = local_day(said.filed_at), evaluation.published_on, evaluation.objections_until
    if evaluation.state != "published" or published is None or until is None or day < published:
        raise Conflict("not-published", "这次评价没有在公示，不能提出异议。", clauses=CLAUSES)
    if not may_object_on(day, published, until):
        raise Conflict(
            "objection-late", f"异议期到 {until} 为止，已过期限。", clauses=CLAUSES, until=str(until)
        )
    await _must_take_part(context, said.record_id, company, evaluation)
    scheme = await the_scheme(context.session, evaluation.scheme, evaluation.ends_on)
    row = Objection(
        id=db.new_id(),
        evaluation_id=evaluation.id,
        company_id=company.id,
        record_id=said.record_id,
        reason=said.reason,
        filed_at=said.filed_at,
        due_on=add_workdays(day, scheme.periods.decision).day,
        state="filed",
    )
    try:
        await OBJECTIONS.begin(context, row)
    except IntegrityError:
        raise Conflict("objected-before", "对此已经提出过异议，只能提出一次。", clauses=CLAUSES) from None
    return row


async def refer_lead(context: Context, lead: Lead, note: str) -> None:
    """Keep in the request that a lead came from, if it did, what became of the lead."""
    if lead.request is None:
        return
    query = select(DispatchRequest).where(DispatchRequest.number == lead.request).with_for_update()
    request = (await context.session.scalars(query)).one()
    await refer(context, request, str(lead.id), note)


async def answer_request(context: Context, row: Objection) -> None:
    """Keep in the request that an objection came from, if it did, how it was decided."""
    lead = await context.session.scalar(select(Lead).where(Lead.objection_id == row.id))
    if lead is not None:
        await refer_lead(context, lead, f"{OBJECTION.states[row.state]}：{row.decision}")


async def _must_take_part(
    context: Context, record: UUID | None, company: Company, evaluation: Evaluation
) -> None:
    """Refuse an objection to a record of another, or to one that the results do not rest on. Raises: Invalid."""
    if record is None:
        return
    found = await context.session.get(Record, record)
    if found is None or found.company_id != company.id:
        detail, reason = "没有这条本企业的信用信息，请核对编号。", "不是本企业的信用信息"
    elif found.acted_on > evaluation.ends_on or not await takes_part(context, evaluation, found):
        detail = "这条信用信息没有计入这次公示的结果，请核对编号；认为有误的，请向登记单位提出更正。"
        reason = "没有计入这次结果"
    else:
        return
    raise Invalid(
        "unknown-reference",
        detail,
        errors=[FieldError(pointer="/record_id", reason=reason)],
        clauses=CLAUSES,
    )
