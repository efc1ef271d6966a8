"""Endpoints of a response and of its tasks."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from kit.district import units
from kit.district.citations import cite
from kit.district.clock import Now
from kit.storage.transactions import Session
from kit.web import routes
from kit.web.pages import Page, PageRequest
from kit.web.problems import FieldError, Invalid, problems
from kit.web.routes import clauses
from kit.web.tokens import Caller, requires
from services.emergency.case.incident import Incident
from services.emergency.case.lookup import Key, opened, refuse_future, seen
from services.emergency.plan.grading import ResponseLevel
from services.emergency.response import task_work, work
from services.emergency.response.models import Task
from services.emergency.response.shapes import (
    ActIn,
    AdjustIn,
    ProposeIn,
    ReasonIn,
    ResponseOut,
    StartIn,
    TaskOut,
    TaskStepOut,
    TaskWithSteps,
)
from services.emergency.response.tasks import tasks_of_incident

Reader = Annotated[Caller, requires("emergency:read")]
#: Who leads at each level (E-4.4a to c).
_LED_BY = {
    "IV": "区指挥部",
    "III": "区指挥部，服从市指挥部统筹",
    "II": "上级指挥部，区指挥部先期处置并协助",
    "I": "上级指挥部，区指挥部先期处置并协助",
}

router = routes.router("应急响应")


@router.get(
    "/incidents/{key}/response",
    summary="查看应急响应",
    description="状态、级别、谁启动、结束依据和全部任务。",
    responses=problems(404),
    openapi_extra=clauses("E-2.1c", "E-4.4a", "E-4.4b", "E-4.4c", "E-4.9"),
)
async def read_response(key: Key, session: Session, caller: Reader) -> ResponseOut:
    """The response to an accident."""
    return await _out(session, await seen(session, key, caller))


@router.post(
    "/incidents/{key}/response/propose",
    summary="提请启动响应",
    description="由区指挥部办公室提请。级别不填按研判结果。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-2.1d"),
)
async def propose_response(
    key: Key, body: ProposeIn, session: Session, caller: Reader, now: Now
) -> ResponseOut:
    """The office proposes a response (E-2.1d)."""
    incident = await opened(session, key, caller)
    await work.propose(session, incident, body.level, body.reason, caller, now)
    return await _out(session, incident)


@router.post(
    "/incidents/{key}/response/start",
    summary="启动响应",
    description="由区指挥部决定。四级：办公室、部门、指挥部的任务；三级另报市指挥部；一、二级先期处置并协助上级。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-2.1c", "E-4.4a", "E-4.4b", "E-4.4c"),
)
async def start_response(key: Key, body: StartIn, session: Session, caller: Reader, now: Now) -> ResponseOut:
    """Headquarters starts the response (E-2.1c, E-4.4)."""
    incident = await opened(session, key, caller)
    await work.start(session, incident, body.level, body.departments, body.reason, caller, now)
    return await _out(session, incident)


@router.post(
    "/incidents/{key}/response/adjust",
    summary="调整响应级别",
    description="由区指挥部或其办公室调整，可升可降，须写理由。缺少的任务补上，已办的不删不重开。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-4.4d"),
)
async def adjust_response(
    key: Key, body: AdjustIn, session: Session, caller: Reader, now: Now
) -> ResponseOut:
    """Adjust the level of the response (E-4.4d)."""
    incident = await opened(session, key, caller)
    await work.adjust(session, incident, body.level, body.departments, body.reason, caller, now)
    return await _out(session, incident)


@router.post(
    "/incidents/{key}/response/confirm-end",
    summary="现场指挥部确认可以结束",
    description="现场指挥部确认处置结束、危险基本消除。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-4.9"),
)
async def confirm_end(key: Key, body: ReasonIn, session: Session, caller: Reader, now: Now) -> ResponseOut:
    """The field headquarters confirms that the response may end (E-4.9)."""
    incident = await opened(session, key, caller)
    await work.ask_for_end(session, incident, "confirm-end", body.reason, caller, now)
    return await _out(session, incident)


@router.post(
    "/incidents/{key}/response/propose-end",
    summary="事发单位提出结束",
    description="事故责任单位提出结束响应。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-4.9"),
)
async def propose_end(key: Key, body: ReasonIn, session: Session, caller: Reader, now: Now) -> ResponseOut:
    """The responsible unit proposes the end (E-4.9)."""
    incident = await opened(session, key, caller)
    await work.ask_for_end(session, incident, "propose-end", body.reason, caller, now)
    return await _out(session, incident)


@router.post(
    "/incidents/{key}/response/end",
    summary="批准终止响应",
    description="谁启动谁终止；须先有现场指挥部确认或事发单位提出。终止后进入后期处置。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-2.1c", "E-4.9"),
)
async def end_response(key: Key, body: ReasonIn, session: Session, caller: Reader, now: Now) -> ResponseOut:
    """Whoever started the response ends it (E-4.9)."""
    incident = await opened(session, key, caller)
    await work.end(session, incident, body.reason, caller, now)
    return await _out(session, incident)


@router.get(
    "/tasks",
    summary="列出任务",
    description="一个单位在所有事故中的任务。unit 不填时为令牌所属单位；open=true 只列未结案事故中未办结的。演练任务带标记。",
    openapi_extra=clauses("E-4.2", "E-4.4a"),
)
async def list_tasks(
    session: Session,
    caller: Reader,
    paging: PageRequest,
    unit: Annotated[
        str | None, Query(max_length=200, description="单位编号或名称", examples=["区能源局"])
    ] = None,
    open: Annotated[bool | None, Query(description="true 只列未办结的，false 只列已办结的")] = None,
    incident: Annotated[str | None, Query(max_length=40, description="事故编号")] = None,
) -> Page[TaskOut]:
    """A unit's own tasks across incidents, the oldest first."""
    query = select(Task).join(Task.incident).options(joinedload(Task.incident))
    if (owner := unit or caller.unit) is not None:
        query = query.where(or_(Task.unit == _canonical(owner), Task.owner_name == owner))
    if open is not None:
        query = query.where(Task.state.in_(task_work.OPEN) if open else Task.state.not_in(task_work.OPEN))
    if open:
        query = query.where(Incident.closed_at.is_(None))
    if incident is not None:
        query = query.where(Incident.number == incident)
    if caller.division is not None:
        query = query.where(Incident.division == caller.division)
    rows, following = await paging.fetch(session, query, Task.id)
    return Page(items=[TaskOut.of(row, row.incident) for row in rows], next=following)


@router.get(
    "/incidents/{key}/tasks",
    summary="列出一起事故的任务及办理过程",
    description="按预案顺序列出，每项任务带办理过程。",
    responses=problems(404),
    openapi_extra=clauses("E-4.2", "E-4.4a"),
)
async def list_incident_tasks(key: Key, session: Session, caller: Reader) -> list[TaskWithSteps]:
    """An incident's tasks, with who did what when."""
    incident = await seen(session, key, caller)
    rows = await tasks_of_incident(session, incident)
    steps = await task_work.steps_of(session, [row.id for row in rows])
    return [
        TaskWithSteps(
            **dict(TaskOut.of(row, incident)),
            steps=[TaskStepOut.model_validate(step) for step in steps[row.id]],
        )
        for row in rows
    ]


@router.post(
    "/tasks/{id}/{action}",
    summary="签收、办结或免办任务",
    description="acknowledge 签收，签收后不再催办；finish 办结；waive 由区指挥部办公室免办。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-4.4a", "E-4.4d"),
)
async def act_on_task(
    id: UUID,
    action: Literal["acknowledge", "finish", "waive"],
    body: ActIn,
    session: Session,
    caller: Reader,
    now: Now,
) -> TaskOut:
    """Acknowledge, finish or waive a task (E-4.4a, E-4.4d)."""
    refuse_future(now, occurred_at=body.occurred_at)
    if action == "waive" and not body.note:
        raise Invalid(
            "no-note",
            "免办任务时请写明理由。",
            errors=[FieldError(pointer="/note", reason="缺少这一项，请填写。")],
            clauses=("E-4.4d",),
        )
    occurred_at: datetime = body.occurred_at or now
    task, incident = await task_work.act(session, id, action, body.note, occurred_at, caller, now)
    return TaskOut.of(task, incident)


def _canonical(name: str) -> str:
    try:
        return units.unit(name).id
    except units.UnknownUnit:
        return name


async def _out(session: AsyncSession, incident: Incident) -> ResponseOut:
    row = await work.response_of(session, incident)
    asked = ResponseLevel(incident.response_level)
    state = row.state if row else "none"
    level = ResponseLevel(row.level) if row else None
    runs = state in ("started", "adjusted")
    return ResponseOut.shown(
        incident,
        state=state,
        state_zh=work.MOVES.states_zh[state],
        level=level,
        led_by=_LED_BY[level.value] if level and runs else None,
        level_asked=asked,
        adjust_needed=runs and level is not None and level.rank < asked.rank,
        departments=row.departments if row else [],
        proposed_at=row.proposed_at if row else None,
        started_at=row.started_at if row else None,
        started_by=row.started_by if row else None,
        end_asked_by=row.end_asked_by if row else [],
        ended_at=row.ended_at if row else None,
        allowed=work.MOVES.allowed(state),
        tasks=[TaskOut.of(task, incident) for task in await tasks_of_incident(session, incident)],
        basis=cite("E-2.1c", "E-2.1d", "E-4.3", "E-4.4a", "E-4.4b", "E-4.4c", "E-4.4d", "E-4.9"),
    )
