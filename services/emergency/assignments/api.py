"""Endpoints of what somebody has to do, in accidents and for warnings alike."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query
from sqlalchemy import or_, select

from kit.context import Context
from kit.district import units
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest
from kit.web.problems import Problem, problems
from kit.web.routes import clauses, move
from services.emergency.assignments import work
from services.emergency.assignments.models import Assignment
from services.emergency.assignments.shapes import (
    ActIn,
    ActsIn,
    TaskOut,
    TaskWithSteps,
    shown,
    shown_with_steps,
)
from services.emergency.case.case import Case, Key
from services.emergency.case.incident import Incident
from services.emergency.plan.assignments import OPEN, TASK, Kind

Reader = Annotated[Context, requires("emergency:read", whose=Whose.PLACES)]
Doer = Annotated[Context, requires("emergency:read", whose=Whose.UNITS)]
TaskId = Annotated[UUID, Path(description="任务编号")]

router = routes.router("任务")


@router.get(
    "/tasks",
    summary="列出任务",
    description="一个单位在所有事故和预警中的任务。unit 不填时为令牌所属单位；"
    "open=true 只列未结案事故和预警中未办结的。演练任务带标记。",
    openapi_extra=clauses("E-3.3c", "E-4.2", "E-4.4a", "E-5.1"),
)
async def list_tasks(
    context: Reader,
    paging: PageRequest,
    unit: Annotated[
        str | None, Query(max_length=200, description="单位编号或名称", examples=["区能源局"])
    ] = None,
    open: Annotated[bool | None, Query(description="true 只列未办结的，false 只列已办结的")] = None,
    incident: Annotated[str | None, Query(max_length=40, description="事故或预警的编号")] = None,
    kind: Annotated[
        Kind | None, Query(description="response 应急响应，warning 预警行动，aftermath 后期处置")
    ] = None,
) -> Page[TaskOut]:
    """A unit's own tasks across accidents and warnings, the oldest first."""
    query = select(Assignment).outerjoin(Assignment.incident)
    if (owner := unit or context.caller.unit) is not None:
        canonical = units.resolve(owner)
        id = canonical.id if canonical is not None else owner
        query = query.where(or_(Assignment.unit == id, Assignment.owner_name == owner))
    if open is not None:
        query = query.where(Assignment.state.in_(OPEN) == open)
    if open:
        query = query.where(Incident.closed_at.is_(None))
    if incident is not None:
        query = query.where(Assignment.number == incident)
    if kind is not None:
        query = query.where(Assignment.kind == kind)
    query = context.within(query, work.BELONGING)
    return await paging.page(context.session, query, lambda row: shown(row, context.caller), Assignment.id)


@router.get(
    "/incidents/{key}/tasks",
    summary="列出一起事故的任务及办理过程",
    description="按预案顺序列出应急响应的任务，每项任务带办理过程。",
    responses=problems(404),
    openapi_extra=clauses("E-4.2", "E-4.4a"),
)
async def list_incident_tasks(key: Key, context: Reader) -> list[TaskWithSteps]:
    """An accident's tasks, with who did what when."""
    case = await Case.see(context, key)
    rows = await work.assignments_of(case, Kind.RESPONSE, steps=True)
    return [shown_with_steps(row, context.caller) for row in rows]


@router.post(
    "/incidents/{key}/tasks/act",
    summary="一次办理多项任务",
    description="响应任务和后期处置事项逐项签收、办结、免办或重新打开；有一项不能办的，全部不办，并指出是哪一项。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-4.4a", "E-5.1"),
)
async def act_on_tasks(key: Key, body: ActsIn, context: Doer) -> list[TaskOut]:
    """Several tasks of an accident at once, all or none (E-4.4a, E-5.1)."""
    case = await Case.open(context, key)
    rows = []
    for position, item in enumerate(body.items):
        try:
            context.refuse_future(occurred_at=item.occurred_at)
            await work.must_be_of(case, item.task)
            rows.append(await work.act(context, item.task, item.action, item.note, item.occurred_at))
        except Problem as problem:
            raise problem.of_item(f"/items/{position}") from None
    return [shown(row, context.caller) for row in rows]


@move(router, "/tasks/{id}", TASK, "acknowledge", "由责任单位或区指挥部办公室签收，签收后不再催办。")
async def acknowledge_task(id: TaskId, body: ActIn, context: Doer) -> TaskOut:
    """The owner knows of its task (E-4.4a)."""
    return await _act(context, id, "acknowledge", body)


@move(
    router,
    "/tasks/{id}",
    TASK,
    "finish",
    "由责任单位或区指挥部办公室办结；预警行动也可由预警发布单位办结。后期处置事项须写明结果。",
)
async def finish_task(id: TaskId, body: ActIn, context: Doer) -> TaskOut:
    """A task is done (E-4.4a, E-3.3c, E-5.1)."""
    return await _act(context, id, "finish", body)


@move(
    router,
    "/tasks/{id}",
    TASK,
    "waive",
    "响应任务由区指挥部办公室免办，预警行动也可由预警发布单位、后期处置事项也可由责任单位免办；须写明理由。",
)
async def waive_task(id: TaskId, body: ActIn, context: Doer) -> TaskOut:
    """A task is not needed (E-4.4d)."""
    return await _act(context, id, "waive", body)


@move(
    router,
    "/tasks/{id}",
    TASK,
    "reopen",
    "误办结、误免办的任务重新打开，须写明理由；原来的办理过程留存。",
    summary="重新打开任务",
)
async def reopen_task(id: TaskId, body: ActIn, context: Doer) -> TaskOut:
    """A task that was finished or waived by mistake is open again (E-4.4a)."""
    return await _act(context, id, "reopen", body)


async def _act(context: Context, id: UUID, action: str, body: ActIn) -> TaskOut:
    context.refuse_future(occurred_at=body.occurred_at)
    row = await work.act(context, id, action, body.note, body.occurred_at)
    return shown(row, context.caller)
