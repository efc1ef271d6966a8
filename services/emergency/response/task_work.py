"""What the owners of tasks do with them, and how they are reminded until they have acknowledged."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from kit.district.named_units import acts_for
from kit.storage.db import found, locked
from kit.web.problems import Forbidden
from kit.web.tokens import SYSTEM, Caller
from services.emergency.case.exercise import IncidentEvent, tell
from services.emergency.case.incident import Incident
from services.emergency.case.lookup import opened
from services.emergency.case.timeline import note
from services.emergency.plan.response import TASK
from services.emergency.plan.roles import OFFICE
from services.emergency.plan_moves import PlanMoves
from services.emergency.response.models import Response, Task, TaskStep
from services.emergency.response.tasks import REMIND_EVERY

MOVES = PlanMoves(
    TASK,
    states_zh={
        "open": "任务待办",
        "acknowledged": "任务已签收",
        "done": "任务已完成",
        "waived": "任务已免办",
    },
    actions_zh={"acknowledge": "签收", "finish": "办结", "waive": "免办"},
)
NO_TASK = "没有这项任务，请核对编号。"
#: States in which a task still asks for something.
OPEN = ("open", "acknowledged")


class TaskMoved(IncidentEvent, type="emergency.task.moved"):
    """A task was acknowledged, done, or waived."""

    task: UUID
    entry: str
    owner: str
    action: str
    state: str


class TasksUnacknowledged(IncidentEvent, type="emergency.tasks.unacknowledged"):
    """An owner has not acknowledged tasks, and is reminded."""

    owner: str
    unit: str | None
    tasks: list[UUID]


async def act(
    session: AsyncSession,
    task_id: UUID,
    action: str,
    remark: str | None,
    occurred_at: datetime,
    caller: Caller,
    now: datetime,
) -> tuple[Task, Incident]:
    """Acknowledge, finish or waive a task (E-4.4a, E-4.4d). The unit's own, or the office for it.

    Raises: NotFound; Conflict in another state or of a closed incident; Forbidden for another unit's.
    """
    known = await found(session, Task, task_id, NO_TASK)
    incident = await opened(session, str(known.incident_id), caller)
    task = await locked(session, Task, task_id, NO_TASK)
    move = MOVES.check(task.state, action, caller)
    if not (caller.may(OFFICE) or acts_for(caller, task.unit, task.owner_name)):
        raise Forbidden(
            "another-units-task",
            f"这是{task.owner_name}的任务，由其自己或区指挥部办公室办理。",
            clauses=(move.clause,),
        )
    task.state, task.remind_at = move.target, None
    if action == "acknowledge":
        task.acknowledged_at = occurred_at
    elif action == "finish":
        task.done_at = occurred_at
    step = TaskStep(
        task_id=task.id,
        action=action,
        occurred_at=occurred_at,
        recorded_at=now,
        client=caller.client,
        client_unit=caller.unit,
        note=remark,
    )
    session.add(step)
    text = f"{task.owner_name}{MOVES.actions_zh[action]}任务“{task.does}”" + (f"：{remark}" if remark else "")
    note(session, incident, "task", text, occurred_at, caller, now, task.clause)
    event = TaskMoved(task=task.id, entry=task.entry, owner=task.owner_name, action=action, state=task.state)
    tell(session, incident, event, caller, now)
    return task, incident


async def steps_of(session: AsyncSession, tasks: Sequence[UUID]) -> dict[UUID, list[TaskStep]]:
    """What was done with each of the tasks, in order."""
    query = select(TaskStep).where(TaskStep.task_id.in_(tasks)).order_by(TaskStep.id)
    steps: dict[UUID, list[TaskStep]] = {task: [] for task in tasks}
    for step in await session.scalars(query):
        steps[step.task_id].append(step)
    return steps


async def remind(session: AsyncSession, now: datetime) -> None:
    """Remind the owners of tasks that nobody has acknowledged; a periodic job.

    The rows are taken by one update, so a reminder goes out once however many run; a task that somebody
    works on right now is left for the next time, so that nobody waits for another in a circle. What was
    acknowledged, and what belongs to a response that has ended or a file that is closed, asks no more.
    """
    silent = select(Task.id).where(Task.state == "open", Task.remind_at <= now, ~_over())
    taken = (
        update(Task)
        .where(Task.id.in_(silent.with_for_update(skip_locked=True)))
        .values(remind_at=now + REMIND_EVERY, reminders=Task.reminders + 1)
        .returning(Task.id)
    )
    ids = list(await session.scalars(taken))
    query = select(Task).where(Task.id.in_(ids)).options(joinedload(Task.incident))
    rows = await session.scalars(query.order_by(Task.incident_id, Task.owner_name, Task.place))
    grouped: dict[tuple[UUID, str], list[Task]] = {}
    for task in rows:
        grouped.setdefault((task.incident_id, task.owner_name), []).append(task)
    for tasks in grouped.values():
        event = TasksUnacknowledged(
            owner=tasks[0].owner_name, unit=tasks[0].unit, tasks=[task.id for task in tasks]
        )
        tell(session, tasks[0].incident, event, SYSTEM, now)


def _over() -> ColumnElement[bool]:
    ended = select(Response).where(Response.incident_id == Task.incident_id, Response.state == "ended")
    closed = select(Incident).where(Incident.id == Task.incident_id, Incident.closed_at.is_not(None))
    return ended.exists() | closed.exists()
