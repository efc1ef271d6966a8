"""Endpoints of what follows a response: aftermath, investigation, evaluation, merits, the closed file."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.district.citations import cite
from kit.district.clock import Now
from kit.district.natural_time import local_day
from kit.storage.transactions import Session
from kit.web import routes
from kit.web.pages import Page, PageRequest
from kit.web.problems import FieldError, Invalid, NotFound, problems
from kit.web.routes import clauses
from kit.web.tokens import Caller, requires
from services.emergency.aftermath import closing, inquiry, items
from services.emergency.aftermath.models import Measure
from services.emergency.aftermath.shapes import (
    ApprovalIn,
    ChooseIn,
    CloseIn,
    EvaluationIn,
    EvaluationOut,
    ExtendIn,
    FileState,
    InvestigationIn,
    InvestigationOut,
    ItemOut,
    MeasureDoneIn,
    MeasureOut,
    MeasuresIn,
    MeritIn,
    MeritOut,
    OwedOut,
    ReopenIn,
    SettleIn,
)
from services.emergency.case.incident import Incident
from services.emergency.case.lookup import Key, opened, refuse_future, seen
from services.emergency.plan.roles import OFFICE

Reader = Annotated[Caller, requires("emergency:read")]
Office = Annotated[Caller, requires(OFFICE)]

router = routes.router("后期处置")


@router.get(
    "/incidents/{key}/aftermath",
    summary="列出后期处置事项",
    description="响应终止时按预案开列，每项有责任单位和状态。",
    responses=problems(404),
    openapi_extra=clauses("E-5.1"),
)
async def list_items(key: Key, session: Session, caller: Reader) -> list[ItemOut]:
    """What is to be settled after the response (E-5.1)."""
    incident = await seen(session, key, caller)
    return [ItemOut.of(row, incident) for row in await items.items_of(session, incident)]


@router.post(
    "/incidents/{key}/aftermath",
    summary="增加后期处置事项",
    description="增开视情况才有的事项；已有的不变。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-5.1"),
)
async def choose_items(key: Key, body: ChooseIn, session: Session, caller: Office, now: Now) -> list[ItemOut]:
    """Open further things to settle (E-5.1)."""
    incident = await opened(session, key, caller)
    await items.choose_items(session, incident, body.entries, caller, now)
    return [ItemOut.of(row, incident) for row in await items.items_of(session, incident)]


@router.post(
    "/aftermath-items/{id}/{action}",
    summary="办结或免办后期处置事项",
    description="settle 办结，waive 免办；由责任单位或区指挥部办公室办理。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-5.1"),
)
async def settle_item(
    id: UUID, action: Literal["settle", "waive"], body: SettleIn, session: Session, caller: Reader, now: Now
) -> ItemOut:
    """Settle a thing, or find it not needed (E-5.1)."""
    refuse_future(now, occurred_at=body.occurred_at)
    state = "settled" if action == "settle" else "waived"
    at = body.occurred_at or now
    item = await items.settle(session, id, state, body.result, at, caller, now)
    return ItemOut.of(item, await session.get_one(Incident, item.incident_id))


@router.post(
    "/incidents/{key}/investigation",
    status_code=201,
    summary="登记事故调查报告",
    description="组织调查的政府由事故等级决定；登记后开始计算批复时限。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-5.4"),
)
async def receive_investigation(
    key: Key, body: InvestigationIn, session: Session, caller: Office, now: Now
) -> InvestigationOut:
    """The investigation's report comes in (E-5.4)."""
    refuse_future(now, received_at=body.received_at)
    incident = await opened(session, key, caller)
    at = body.received_at or now
    row = await inquiry.receive_report(session, incident, body.report, body.cause, at, caller, now)
    return InvestigationOut.shown(incident, row)


@router.get(
    "/incidents/{key}/investigation",
    summary="查看事故调查",
    description="调查报告和批复。",
    responses=problems(404),
    openapi_extra=clauses("E-5.4"),
)
async def read_investigation(key: Key, session: Session, caller: Reader) -> InvestigationOut:
    """The investigation (E-5.4)."""
    incident = await seen(session, key, caller)
    row = await inquiry.investigation_of(session, incident)
    if row is None:
        raise NotFound("not-found", "事故调查报告尚未登记。", clauses=("E-5.4",))
    return InvestigationOut.shown(incident, row)


@router.post(
    "/incidents/{key}/investigation/extend",
    summary="延长调查时限",
    description="在法规允许的范围内延长，或扣除技术鉴定时间。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-5.4"),
)
async def extend_investigation(
    key: Key, body: ExtendIn, session: Session, caller: Office, now: Now
) -> FileState:
    """Extend a deadline of the investigation (E-5.4)."""
    if body.days is None and body.appraisal_days is None:
        raise Invalid(
            "nothing-to-extend",
            "请填写延长天数（days）或鉴定天数（appraisal_days）。",
            errors=[FieldError(pointer="/days", reason="缺少这一项，请填写。")],
        )
    incident = await opened(session, key, caller)
    await inquiry.extend(
        session, incident, body.deadline, body.days, body.appraisal_days, body.document, caller, now
    )
    return await _state(session, incident)


@router.post(
    "/incidents/{key}/investigation/approve",
    summary="登记调查报告的批复",
    description="批复后一年内评估整改落实情况。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-5.4"),
)
async def approve_investigation(
    key: Key, body: ApprovalIn, session: Session, caller: Office, now: Now
) -> InvestigationOut:
    """The investigation's report is approved (E-5.4)."""
    refuse_future(now, approved_at=body.approved_at)
    incident = await opened(session, key, caller)
    at = body.approved_at or now
    row = await inquiry.approve_report(session, incident, body.approval, at, caller, now)
    return InvestigationOut.shown(incident, row)


@router.post(
    "/incidents/{key}/evaluation",
    status_code=201,
    summary="登记总结评估",
    description="处置结束后登记；改进措施跟踪到完成。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-5.4"),
)
async def evaluate(key: Key, body: EvaluationIn, session: Session, caller: Office, now: Now) -> EvaluationOut:
    """Evaluate how the accident was dealt with (E-5.4)."""
    refuse_future(now, made_at=body.made_at)
    incident = await opened(session, key, caller)
    given = [measure.model_dump() for measure in body.measures]
    row = await inquiry.evaluate(session, incident, body.report, given, body.made_at or now, caller, now)
    return EvaluationOut.shown(incident, row, measures=await _measures(session, incident, now))


@router.get(
    "/incidents/{key}/evaluation",
    summary="查看总结评估和改进措施",
    description="每项措施的责任单位、期限和完成情况。",
    responses=problems(404),
    openapi_extra=clauses("E-5.4"),
)
async def read_evaluation(key: Key, session: Session, caller: Reader, now: Now) -> EvaluationOut:
    """The evaluation and its measures (E-5.4)."""
    incident = await seen(session, key, caller)
    row = await inquiry.evaluation_of(session, incident)
    if row is None:
        raise NotFound("not-found", "总结评估报告尚未登记。", clauses=("E-5.4",))
    return EvaluationOut.shown(incident, row, measures=await _measures(session, incident, now))


@router.post(
    "/incidents/{key}/measures",
    status_code=201,
    summary="增加改进措施",
    description="总结评估或事故调查提出的其他措施。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-5.4"),
)
async def add_measures(
    key: Key, body: MeasuresIn, session: Session, caller: Office, now: Now
) -> list[MeasureOut]:
    """Ask for further measures (E-5.4)."""
    incident = await opened(session, key, caller)
    given = [measure.model_dump() for measure in body.measures]
    await inquiry.add_measures(session, incident, given, caller, now)
    return await _measures(session, incident, now)


@router.get(
    "/measures",
    summary="列出改进措施",
    description="跨事故列出；open=true 只列未完成的，overdue=true 只列已逾期而未完成的。",
    openapi_extra=clauses("E-5.4"),
)
async def list_measures(
    session: Session,
    caller: Reader,
    now: Now,
    paging: PageRequest,
    open: Annotated[bool | None, Query(description="是否未完成")] = None,
    overdue: Annotated[bool, Query(description="只列逾期未完成的")] = False,
) -> Page[MeasureOut]:
    """The measures of all accidents, followed until done (E-5.4)."""
    query = select(Measure).join(Incident, Incident.id == Measure.incident_id)
    if open is not None:
        query = query.where(Measure.done_at.is_(None) if open else Measure.done_at.is_not(None))
    if overdue:
        query = query.where(Measure.done_at.is_(None), Measure.due < local_day(now))
    if caller.division is not None:
        query = query.where(Incident.division == caller.division)
    rows, following = await paging.fetch(session, query, Measure.id)
    ids = {row.incident_id for row in rows}
    incidents = {row.id: row for row in await session.scalars(select(Incident).where(Incident.id.in_(ids)))}
    shown = [MeasureOut.of(row, incidents[row.incident_id], local_day(now)) for row in rows]
    return Page(items=shown, next=following)


@router.post(
    "/measures/{id}/done",
    summary="登记改进措施已完成",
    description="附完成凭据。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-5.4"),
)
async def finish_measure(
    id: UUID, body: MeasureDoneIn, session: Session, caller: Office, now: Now
) -> MeasureOut:
    """A measure is done (E-5.4)."""
    refuse_future(now, done_at=body.done_at)
    row = await inquiry.finish_measure(session, id, body.evidence, body.done_at or now, caller, now)
    incident = await session.get_one(Incident, row.incident_id)
    return MeasureOut.of(row, incident, local_day(now))


@router.post(
    "/incidents/{key}/merits",
    status_code=201,
    summary="登记表扬奖励或责任追究",
    description="单位或个人、事由、决定文件和日期。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-5.5"),
)
async def add_merit(key: Key, body: MeritIn, session: Session, caller: Office, now: Now) -> MeritOut:
    """Enter a commendation or somebody held to account (E-5.5)."""
    incident = await opened(session, key, caller)
    row = await inquiry.add_merit(session, incident, body.model_dump(), caller, now)
    return MeritOut.shown(incident, row)


@router.get(
    "/incidents/{key}/merits",
    summary="列出奖惩",
    description="按登记先后列出。",
    responses=problems(404),
    openapi_extra=clauses("E-5.5"),
)
async def list_merits(key: Key, session: Session, caller: Reader) -> list[MeritOut]:
    """Commendations and accountability (E-5.5)."""
    incident = await seen(session, key, caller)
    return [MeritOut.shown(incident, row) for row in await inquiry.merits_of(session, incident)]


@router.get(
    "/incidents/{key}/closing",
    summary="查看结案还缺什么",
    description="逐项列出妨碍结案的事项和条款。",
    responses=problems(404),
    openapi_extra=clauses("E-4.1f", "E-4.5c", "E-4.9", "E-5.1", "E-5.4", "E-6.3"),
)
async def read_closing(key: Key, session: Session, caller: Reader) -> FileState:
    """What keeps a file open."""
    return await _state(session, await seen(session, key, caller))


@router.post(
    "/incidents/{key}/close",
    summary="结案归档",
    description="响应终止、队伍离场、物资归还、终报、后期处置、调查评估和改进措施齐全后结案，此后不能再改。"
    "缺什么会逐项列出。经核实不是事故的，accident 填 false。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-4.1f", "E-5.1", "E-5.4"),
)
async def close_file(key: Key, body: CloseIn, session: Session, caller: Office, now: Now) -> FileState:
    """Close the file."""
    incident = await opened(session, key, caller)
    await closing.close(session, incident, body.accident, body.reason, caller, now)
    return await _state(session, incident)


@router.post(
    "/incidents/{key}/reopen",
    summary="重新打开案卷",
    description="结案后伤亡人数在补报期内变化等情况，先重新打开再续报。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-4.1e"),
)
async def reopen_file(key: Key, body: ReopenIn, session: Session, caller: Office, now: Now) -> FileState:
    """Open a closed file again (E-4.1e)."""
    incident = await seen(session, key, caller, lock=True)
    closing.reopen(session, incident, body.reason, caller, now)
    return await _state(session, incident)


async def _measures(session: AsyncSession, incident: Incident, now: datetime) -> list[MeasureOut]:
    rows = await inquiry.measures_of(session, incident)
    return [MeasureOut.of(row, incident, local_day(now)) for row in rows]


async def _state(session: AsyncSession, incident: Incident) -> FileState:
    left = () if incident.closed_at else await closing.owed_of(session, incident)
    return FileState.shown(
        incident,
        incident,
        owed=[OwedOut(what=each.what, basis=cite(each.clause)) for each in left],
    )
