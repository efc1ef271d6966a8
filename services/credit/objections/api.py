"""Objections of companies to their results, within the time that the scheme gives (P-2.3.2a)."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query
from sqlalchemy import select

from kit.context import Context
from kit.storage import db
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest, narrowed
from kit.web.problems import problems
from kit.web.routes import clauses, move
from services.credit.base import Reader
from services.credit.companies.whose import own_company
from services.credit.evaluations.api import NO_SUCH_EVALUATION, EvaluationId
from services.credit.evaluations.models import OBJECTIONS, Evaluation, Objection
from services.credit.evaluations.shapes import DecideIn, ObjectionIn, ObjectionOut, ObjectionState
from services.credit.evaluations.work import CLAUSES
from services.credit.lists.work import leave_lists
from services.credit.objections.work import Said, answer_request, make
from services.credit.plan.evaluation import COMPANY, OBJECTION
from services.credit.records import amending
from services.credit.records.models import Record

ObjectionId = Annotated[UUID, Path(description="异议编号")]
#: Who takes a step; the table says who may.
Actor = Annotated[Context, requires(whose=Whose.PLACES)]


def _shown(row: Objection, context: Context) -> ObjectionOut:
    return ObjectionOut.of(row, allowed=OBJECTION.allowed(row.state, context.caller))


router = routes.router("信用评价异议")


@router.post(
    "/evaluations/{id}/objections",
    status_code=201,
    summary="提出异议",
    description="企业对本企业公示的结果、或对其中一条信用信息提出异议；在异议期内提出，同一条信息只能提出一次。"
    "逾期的返回 409，并写明截止日期。",
    responses=problems(404, 409),
    openapi_extra=clauses(*CLAUSES),
)
async def file_objection(
    id: EvaluationId,
    body: ObjectionIn,
    context: Annotated[Context, requires(one_of=(COMPANY,), whose=Whose.PLACES)],
) -> ObjectionOut:
    """File an objection; by the company itself alone."""
    company = await own_company(context)
    evaluation = await db.locked(context.session, Evaluation, id, NO_SUCH_EVALUATION)
    said = Said(body.record_id, body.reason, context.now)
    row = await make(context, company, evaluation, said)
    return _shown(row, context)


@router.get(
    "/objections",
    summary="列出异议",
    description="按提出先后分页列出，可按信用评价和状态筛选；企业只能看本企业的。",
    openapi_extra=clauses(*CLAUSES),
)
async def list_objections(
    context: Reader,
    paging: PageRequest,
    evaluation: Annotated[UUID | None, Query(description="信用评价编号")] = None,
    state: Annotated[ObjectionState | None, Query(description="状态")] = None,
) -> Page[ObjectionOut]:
    """The objections."""
    query = narrowed(select(Objection), evaluation_id=evaluation, state=state)
    within = context.within(query, OBJECTIONS.belongs)
    return await paging.page(context.session, within, lambda row: _shown(row, context), Objection.id)


@router.get(
    "/objections/{id}",
    summary="查看一项异议",
    description="异议、处理期限和处理意见。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def read_objection(id: ObjectionId, context: Reader) -> ObjectionOut:
    """An objection."""
    return _shown(await OBJECTIONS.read(context, id), context)


@move(
    router,
    "/objections/{id}",
    OBJECTION,
    "uphold",
    "异议成立，写明理由；针对的信用信息随之撤回，已更正的撤回更正后的。评价结果在确定时重新计算。",
    summary="认定异议成立",
)
async def uphold_objection(id: ObjectionId, body: DecideIn, context: Actor) -> ObjectionOut:
    """Decide for the company; what it objected to is taken back with it."""
    row = await _decided(context, id, "uphold", body.decision)
    if row.record_id is not None:
        objected = await db.locked(context.session, Record, row.record_id, "没有这条信用信息。")
        record = await amending.newest(context, objected)
        if await amending.taken_back(context, record) is None:
            await amending.withdraw(context, record, f"异议成立：{body.decision}")
            await leave_lists(context, record.company_id, "异议成立")
    return _shown(row, context)


@move(router, "/objections/{id}", OBJECTION, "reject", "异议不成立，写明理由。", summary="认定异议不成立")
async def reject_objection(id: ObjectionId, body: DecideIn, context: Actor) -> ObjectionOut:
    """Decide against the company."""
    return _shown(await _decided(context, id, "reject", body.decision), context)


async def _decided(context: Context, id: UUID, action: str, decision: str) -> Objection:
    row: Objection = await OBJECTIONS.lock(context, id)
    OBJECTIONS.step(context, row, action, decision)
    row.decision, row.decided_at = decision, context.now
    await answer_request(context, row)
    return row
