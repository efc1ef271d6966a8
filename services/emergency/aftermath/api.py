"""Endpoints of what follows a response: aftermath, investigation, evaluation, accountability."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query
from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from kit.context import Context
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest
from kit.web.problems import FieldError, Invalid, NotFound, problems
from kit.web.routes import clauses
from services.emergency.aftermath import inquiry, items
from services.emergency.aftermath.models import Measure
from services.emergency.aftermath.shapes import (
    AccountabilityIn,
    AccountabilityOut,
    ApprovalIn,
    ChooseIn,
    EvaluationIn,
    EvaluationOut,
    ExtendIn,
    InvestigationIn,
    InvestigationOut,
    MeasureDoneIn,
    MeasureOut,
    MeasuresIn,
)
from services.emergency.assignments.shapes import TaskWithSteps, shown_with_steps
from services.emergency.assignments.work import assignments_of
from services.emergency.case.case import Case, Key
from services.emergency.case.incident import BELONGING, Incident
from services.emergency.clocks.api import DeadlineOut, deadlines_of
from services.emergency.plan.assignments import Kind
from services.emergency.plan.roles import OFFICE

Reader = Annotated[Context, requires("emergency:read", whose=Whose.PLACES)]
Office = Annotated[Context, requires("emergency:read", one_of=(OFFICE,), whose=Whose.PLACES)]

router = routes.router("后期处置")


@router.get(
    "/incidents/{key}/aftermath",
    summary="列出后期处置事项",
    description="响应终止时按预案开列，每项有责任单位、状态和办理过程；办理见任务的签收、办结和免办。",
    responses=problems(404),
    openapi_extra=clauses("E-5.1"),
)
async def list_items(key: Key, context: Reader) -> list[TaskWithSteps]:
    """What is to be settled after the response (E-5.1)."""
    return await _items(await Case.see(context, key))


@router.post(
    "/incidents/{key}/aftermath",
    summary="增加后期处置事项",
    description="增开视情况才有的事项；已有的不变。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-5.1"),
)
async def choose_items(key: Key, body: ChooseIn, context: Office) -> list[TaskWithSteps]:
    """Give out further things to settle (E-5.1)."""
    case = await Case.open(context, key)
    await items.choose_items(case, body.entries)
    return await _items(case)


async def _items(case: Case) -> list[TaskWithSteps]:
    rows = await assignments_of(case, Kind.AFTERMATH, steps=True)
    return [shown_with_steps(row, case.caller) for row in rows]


@router.post(
    "/incidents/{key}/investigation",
    status_code=201,
    summary="登记事故调查报告",
    description="组织调查的政府由事故等级决定；登记后开始计算批复时限。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-5.4"),
)
async def receive_investigation(key: Key, body: InvestigationIn, context: Office) -> InvestigationOut:
    """The investigation's report comes in (E-5.4)."""
    context.refuse_future(received_at=body.received_at)
    case = await Case.open(context, key)
    row = await inquiry.receive_report(
        case, body.report, body.cause, case.at(body.received_at, field="received_at")
    )
    return InvestigationOut.of(row, case.incident)


@router.get(
    "/incidents/{key}/investigation",
    summary="查看事故调查",
    description="调查报告和批复。",
    responses=problems(404),
    openapi_extra=clauses("E-5.4"),
)
async def read_investigation(key: Key, context: Reader) -> InvestigationOut:
    """The investigation (E-5.4)."""
    case = await Case.see(context, key)
    row = await inquiry.investigation_of(case)
    if row is None:
        raise NotFound("not-found", "事故调查报告尚未登记。", clauses=("E-5.4",))
    return InvestigationOut.of(row, case.incident)


@router.post(
    "/incidents/{key}/investigation/extend",
    summary="延长调查时限",
    description="在法规允许的范围内延长，或扣除技术鉴定时间。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-5.4"),
)
async def extend_investigation(key: Key, body: ExtendIn, context: Office) -> list[DeadlineOut]:
    """Extend a deadline of the investigation (E-5.4)."""
    if body.days is None and body.appraisal_days is None:
        raise Invalid(
            "nothing-to-extend",
            "请填写延长天数（days）或鉴定天数（appraisal_days）。",
            errors=[FieldError(pointer="/days", reason="缺少这一项，请填写。")],
        )
    case = await Case.open(context, key)
    await inquiry.extend(case, body.deadline, body.days, body.appraisal_days, body.document)
    return await deadlines_of(case)


@router.post(
    "/incidents/{key}/investigation/approve",
    summary="登记调查报告的批复",
    description="批复后一年内评估整改落实情况。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-5.4"),
)
async def approve_investigation(key: Key, body: ApprovalIn, context: Office) -> InvestigationOut:
    """The investigation's report is approved (E-5.4)."""
    context.refuse_future(approved_at=body.approved_at)
    case = await Case.open(context, key)
    row = await inquiry.approve_report(case, body.approval, case.at(body.approved_at, field="approved_at"))
    return InvestigationOut.of(row, case.incident)


@router.post(
    "/incidents/{key}/evaluation",
    status_code=201,
    summary="登记总结评估",
    description="处置结束后登记；改进措施跟踪到完成。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-5.4"),
)
async def evaluate(key: Key, body: EvaluationIn, context: Office) -> EvaluationOut:
    """Evaluate how the accident was dealt with (E-5.4)."""
    context.refuse_future(made_at=body.made_at)
    case = await Case.open(context, key)
    measures = [measure.model_dump() for measure in body.measures]
    row = await inquiry.evaluate(case, body.report, measures, case.at(body.made_at, field="made_at"))
    return EvaluationOut.of(row, case.incident, measures=await _measures(case))


@router.get(
    "/incidents/{key}/evaluation",
    summary="查看总结评估和改进措施",
    description="每项措施的责任单位、期限和完成情况。",
    responses=problems(404),
    openapi_extra=clauses("E-5.4"),
)
async def read_evaluation(key: Key, context: Reader) -> EvaluationOut:
    """The evaluation and its measures (E-5.4)."""
    case = await Case.see(context, key)
    row = await inquiry.evaluation_of(case)
    if row is None:
        raise NotFound("not-found", "总结评估报告尚未登记。", clauses=("E-5.4",))
    return EvaluationOut.of(row, case.incident, measures=await _measures(case))


@router.post(
    "/incidents/{key}/measures",
    status_code=201,
    summary="增加改进措施",
    description="总结评估或事故调查提出的其他措施。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-5.4"),
)
async def add_measures(key: Key, body: MeasuresIn, context: Office) -> list[MeasureOut]:
    """Ask for further measures (E-5.4)."""
    case = await Case.open(context, key)
    await inquiry.add_measures(case, [measure.model_dump() for measure in body.measures])
    return await _measures(case)


@router.get(
    "/measures",
    summary="列出改进措施",
    description="跨事故列出；open=true 只列未完成的，overdue=true 只列已逾期而未完成的。",
    openapi_extra=clauses("E-5.4"),
)
async def list_measures(
    context: Reader,
    paging: PageRequest,
    open: Annotated[bool | None, Query(description="是否未完成")] = None,
    overdue: Annotated[bool, Query(description="只列逾期未完成的")] = False,
) -> Page[MeasureOut]:
    """The measures of all accidents, followed until done (E-5.4)."""
    query = select(Measure).join(Measure.incident).options(contains_eager(Measure.incident))
    if open is not None:
        query = query.where(Measure.done_at.is_(None) == open)
    if overdue:
        query = query.where(Measure.done_at.is_(None), Measure.due < context.today)
    query = context.within(query, BELONGING)
    return await paging.page(
        context.session, query, lambda row: _measure(context, row, row.incident), Measure.id
    )


@router.post(
    "/measures/{id}/done",
    summary="登记改进措施已完成",
    description="附完成凭据。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-5.4"),
)
async def finish_measure(
    id: Annotated[UUID, Path(description="改进措施编号")], body: MeasureDoneIn, context: Office
) -> MeasureOut:
    """A measure is done (E-5.4)."""
    context.refuse_future(done_at=body.done_at)
    case, row = await inquiry.finish_measure(context, id, body.evidence, body.done_at)
    return _measure(context, row, case.incident)


@router.post(
    "/incidents/{key}/accountability",
    status_code=201,
    summary="登记表扬奖励或责任追究",
    description="单位或个人、事由、决定文件和日期。责任追究时填写了负有责任的企业（company）的，同时通知信用评价。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-5.5"),
)
async def add_accountability(key: Key, body: AccountabilityIn, context: Office) -> AccountabilityOut:
    """Enter a commendation or somebody held to account (E-5.5)."""
    context.refuse_future(decided_on=body.decided_on)
    case = await Case.open(context, key)
    return AccountabilityOut.of(inquiry.add_accountability(case, body.model_dump()), case.incident)


@router.get(
    "/incidents/{key}/accountability",
    summary="列出奖惩",
    description="按登记先后列出。",
    responses=problems(404),
    openapi_extra=clauses("E-5.5"),
)
async def list_accountabilities(key: Key, context: Reader) -> list[AccountabilityOut]:
    """Commendations and accountability (E-5.5)."""
    case = await Case.see(context, key)
    return [AccountabilityOut.of(row, case.incident) for row in await inquiry.accountabilities_of(case)]


def _measure(context: Context, row: Measure, incident: Incident) -> MeasureOut:
    late = (row.done_at.date() if row.done_at else context.today) > row.due
    return MeasureOut.of(row, incident, overdue=late)


async def _measures(case: Case) -> list[MeasureOut]:
    return [_measure(case.context, row, case.incident) for row in await inquiry.measures_of(case)]
