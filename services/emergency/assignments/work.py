"""What the plan asks of somebody: given out from the catalogue, done by its owner, reminded of until acknowledged."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from pydantic import Field
from sqlalchemy import case, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from kit.context import Context
from kit.district import units
from kit.district.named_units import acts_for
from kit.events.event import exercised
from kit.storage.db import found, locked, new_id
from kit.web.caller import Caller
from kit.web.ownership import UNKNOWN, Belonging, Owner, street_of
from kit.web.problems import FieldError, Forbidden, Invalid, NotFound
from services.emergency.assignments.models import Assignment, AssignmentStep
from services.emergency.base import Base
from services.emergency.case.case import Case, IncidentEvent
from services.emergency.case.corrections import CorrectedThing, correct
from services.emergency.case.incident import Incident
from services.emergency.clocks.models import IncidentDeadline
from services.emergency.clocks.work import clocks_of
from services.emergency.plan.assignments import OPEN, TASK, TASKS, Kind, must_say
from services.emergency.plan.catalogue import AftermathEntry, TaskEntry, WarningAction, catalogue
from services.emergency.plan.response import Part
from services.emergency.plan.roles import MEMBER

#: How long a response's task may stay without an acknowledgement before its owner is reminded, each time.
REMIND_EVERY = timedelta(minutes=10)
_STATE_ZH = TASK.states
#: What its owner does next with an assignment in a state: the action, and what it is called.
NEXT_STEP = {
    state: (action, TASK.actions[action])
    for state, action in (("open", "acknowledge"), ("acknowledged", "finish"))
}
NO_TASK = "没有这项任务，请核对编号。"
#: Whom the plan calls the unit where an accident happened (事发单位).
THE_COMPANY = "accident-unit"
_OF_ACCIDENT = Assignment.incident_id.is_not(None)
#: Whose tasks are: whose their accident is; of a warning's, a street's own, and the others the district's.
BELONGING = Belonging(
    case((_OF_ACCIDENT, func.coalesce(Incident.division, UNKNOWN)), else_=street_of(Assignment.unit)),
    Incident.company,
)
Entry = TaskEntry | WarningAction | AftermathEntry


class TaskMoved(IncidentEvent, type="emergency.task.moved", title="处置任务进展"):
    """A response's task was acknowledged, done, or waived."""

    task: UUID = Field(description="任务编号")
    entry: str = Field(description="任务在预案任务表中的编号")
    owner: str = Field(description="承担任务的单位名称")
    action: str = Field(description="所作的操作")
    state: str = Field(description="操作后的状态")


class AftermathMoved(TaskMoved, type="emergency.aftermath.moved", title="善后事项进展"):
    """A thing to settle after the response was acknowledged, settled, or is not needed."""


class WarningTaskMoved(TaskMoved, type="emergency.warning.task-moved", title="预警行动任务进展"):
    """What a warning asks for was acknowledged, done, or waived; `number` is the warning's."""

    number: str = Field(default="", description="预警编号")


class TasksUnacknowledged(IncidentEvent, type="emergency.tasks.unacknowledged", title="任务无人接收"):
    """An owner has not acknowledged tasks, and is reminded."""

    owner: str = Field(description="承担任务的单位名称")
    unit: str | None = Field(description="承担任务的单位编号；不在单位名录中时为空")
    tasks: list[UUID] = Field(description="尚未接收的任务编号")


#: What is told of each kind: its event, the kind of its notes in the timeline, and what it is called in them.
_TOLD = {
    Kind.RESPONSE: (TaskMoved, "task", "任务"),
    Kind.AFTERMATH: (AftermathMoved, "aftermath", ""),
    Kind.WARNING: (WarningTaskMoved, "", ""),
}


class Warned(Protocol):
    """What a warning is for its assignments."""

    @property
    def id(self) -> UUID: ...
    @property
    def number(self) -> str: ...
    @property
    def exercise(self) -> bool: ...


def who(incident: Incident, actor: str) -> tuple[str | None, str]:
    """(id of the canonical unit if there is one, name) of whom the plan names, in this accident."""
    if actor == THE_COMPANY and incident.unit:
        return None, incident.unit
    known = {"local-street": incident.division, "supervisor": incident.supervisor}
    return _named(known.get(actor) or actor)


def _named(actor: str) -> tuple[str | None, str]:
    try:
        unit = units.unit(actor)
    except units.UnknownUnit:
        return None, catalogue().unit(actor).name
    return unit.id, unit.name


def part(*parts: Part) -> list[TaskEntry]:
    """The entries of these parts of the catalogue of tasks, in its order."""
    return [entry for entry in catalogue().tasks if entry.part in parts]


async def assignments_of(case: Case, kind: Kind, *, steps: bool = False) -> list[Assignment]:
    """An accident's assignments of a kind in the plan's order; steps: with what was done with each."""
    query = select(Assignment).where(Assignment.incident_id == case.incident.id, Assignment.kind == kind)
    if steps:
        query = query.options(selectinload(Assignment.steps))
    return list(await case.session.scalars(query.order_by(Assignment.position, Assignment.owner_name)))


async def assignments_of_warning(session: AsyncSession, warning_id: UUID) -> list[Assignment]:
    """What a warning asks for or has asked for, in the order in which it did."""
    query = select(Assignment).where(Assignment.warning_id == warning_id).order_by(Assignment.id)
    return list(await session.scalars(query.execution_options(populate_existing=True)))


async def give_out(
    case: Case, kind: Kind, entries: Collection[Entry], departments: Sequence[str] = ()
) -> list[Assignment]:
    """Give these entries of the catalogue to their owners in an accident; what there is already stays as it is.

    departments: those that were called, for 区直相关部门. Returns what is new.
    """
    incident = case.incident
    query = select(Assignment.entry, Assignment.owner)
    query = query.where(Assignment.incident_id == incident.id, Assignment.kind == kind)
    known = {tuple(row) for row in await case.session.execute(query)}
    of = {"kind": kind, "incident_id": incident.id, "number": incident.number, "exercise": incident.exercise}
    if kind is Kind.RESPONSE:
        of["remind_at"] = case.now + REMIND_EVERY
    due = {clock.deadline: clock.due for clock in await clocks_of(case)}
    made = []
    for entry in entries:
        when = due.get(getattr(entry, "deadline", None) or "")
        for owner in _owners(entry, departments):
            if (entry.id, owner) not in known:
                made.append(_assignment(case.context, entry, owner, who(incident, owner), due=when, **of))
    case.session.add_all(made)
    await case.session.flush()
    return made


def _owners(entry: Entry, departments: Sequence[str]) -> Iterator[str]:
    for owner in entry.owners:
        if owner == "departments" and departments:
            yield from departments
        else:
            yield owner


def _assignment(
    context: Context, entry: Entry, owner: str, named: tuple[str | None, str], **of: Any
) -> Assignment:
    plan = catalogue()
    unit, owner_name = named
    return Assignment(
        id=new_id(),
        entry=entry.id,
        position=[*plan.tasks, *plan.warning_actions, *plan.aftermath].index(entry),
        part=getattr(entry, "part", None),
        owner=owner,
        unit=unit,
        owner_name=owner_name,
        does=entry.does,
        if_needed=entry.if_needed,
        clause=entry.clause,
        state="open",
        made_at=context.now,
        reminders=0,
        **of,
    )


async def ask_again(case: Case) -> None:
    """A response starts again: what was asked in its first run is asked again; how it was done stays in its steps."""
    for row in await assignments_of(case, Kind.RESPONSE):
        if row.state not in OPEN:
            row.state, row.done_at, row.result = "open", None, None
            case.session.add(_step(case.context, row, "ask-again", case.now, None))
        row.remind_at = case.now + REMIND_EVERY


def _step(context: Context, row: Assignment, action: str, at: datetime, note: str | None) -> AssignmentStep:
    return AssignmentStep(
        assignment_id=row.id,
        action=action,
        occurred_at=at,
        recorded_at=context.now,
        client=context.caller.by,
        client_unit=context.caller.unit,
        note=note,
    )


async def fill_in(case: Case, clocks: Collection[IncidentDeadline]) -> None:
    """Bring owners, and the due times of what is not done, up to what is known of the accident now."""
    its_own = Assignment.incident_id == case.incident.id
    for actor in (THE_COMPANY, "local-street", "supervisor"):
        unit, name = who(case.incident, actor)
        change = update(Assignment).where(its_own, Assignment.owner == actor)
        await case.session.execute(change.values(unit=unit, owner_name=name))
    due = {clock.deadline: clock.due for clock in clocks}
    for entry in catalogue().tasks:
        if entry.deadline in due:
            waiting = (its_own, Assignment.entry == entry.id, Assignment.done_at.is_(None))
            await case.session.execute(update(Assignment).where(*waiting).values(due=due[entry.deadline]))


async def ask(context: Context, warning: Warned, wanted: Collection[tuple[WarningAction, str]]) -> None:
    """Have a warning ask for these actions of these owners, and for nothing else (E-3.3c). The warning is locked.

    What is missing is added, what is no longer wanted is stopped, what was stopped is opened again; what is
    done or waived stays.
    """
    asked = {(action.id, owner): action for action, owner in wanted}
    rows = await assignments_of_warning(context.session, warning.id)
    known = {(row.entry, row.owner): row for row in rows}
    for key, row in known.items():
        if row.state in OPEN and key not in asked:
            row.state = "stopped"
        elif row.state == "stopped" and key in asked:
            row.state = "acknowledged" if row.acknowledged_at else "open"
    of = {
        "kind": Kind.WARNING,
        "warning_id": warning.id,
        "number": warning.number,
        "exercise": warning.exercise,
    }
    for key, action in asked.items():
        if key not in known:
            context.session.add(_assignment(context, action, key[1], _named(key[1]), **of))
    await context.session.flush()


async def stop_all(context: Context, warning: Warned) -> None:
    """A warning that is lifted asks for nothing any more. The warning is locked."""
    await ask(context, warning, ())


def is_owner(caller: Caller, row: Assignment) -> bool:
    """Whether a task is the caller's: a company that sees an accident's tasks is the one where it happened."""
    its_own = caller.company is not None and row.owner == THE_COMPANY
    return its_own or acts_for(caller, row.unit, row.owner_name)


def allowed(row: Assignment, caller: Caller) -> list[str]:
    """What this caller may do with an assignment now."""
    if not is_owner(caller, row):
        caller = replace(caller, scopes=caller.scopes - {MEMBER})
    return TASKS[Kind(row.kind)].allowed(row.state, caller)


async def must_be_of(case: Case, id: UUID) -> None:
    """Refuse a task that is not this accident's. Raises: NotFound."""
    row = await case.session.get(Assignment, id)
    if row is None or row.incident_id != case.incident.id:
        raise NotFound("not-found", f"事故 {case.incident.number} 没有这项任务，请核对编号。")


async def act(
    context: Context, id: UUID, action: str, note: str | None, told_at: datetime | None = None
) -> Assignment:
    """Acknowledge, finish or waive an assignment (E-4.4a, E-4.4d, E-3.3c, E-5.1): its owner, or the office.

    Whoever adjusts or lifts a warning writes to its assignments too, so the warning is locked, as an accident is.

    Raises: NotFound; Conflict in another state or of a closed accident; Forbidden for another unit's; Invalid
    where a note is missing.
    """
    known = await found(context.session, Assignment, id, NO_TASK)
    case = await Case.open(context, known.incident_id) if known.incident_id is not None else None
    if case is None:
        context.must_own(Owner(known.unit or UNKNOWN), NO_TASK)
        warnings = Base.metadata.tables["warnings"]
        await context.session.execute(
            select(warnings.c.id).where(warnings.c.id == known.warning_id).with_for_update()
        )
    row = await locked(context.session, Assignment, id, NO_TASK)
    at = case.at(told_at) if case is not None else context.when(told_at)
    before = row.state
    _move(context, row, action, note)
    if action == "acknowledge":
        row.acknowledged_at = at
    elif action == "reopen":
        row.done_at = row.result = None
        if case is not None:
            change = {"状态": _STATE_ZH[before]}, {"状态": _STATE_ZH[row.state]}
            correct(case, CorrectedThing.TASK, f"{row.owner_name}：{row.does}", change, note or "")
    else:
        row.done_at, row.result = at, note
    step = _step(context, row, action, at, note)
    context.session.add(step)
    _tell(context, case, row, step)
    return row


def _move(context: Context, row: Assignment, action: str, note: str | None) -> None:
    kind = Kind(row.kind)
    move = TASKS[kind].check(row.state, action, context.caller)
    if move.role == MEMBER and not is_owner(context.caller, row):
        raise Forbidden(
            "another-units-task",
            f"这是{row.owner_name}的任务，由其自己或区指挥部办公室办理。",
            clauses=(move.clause,),
        )
    if note is None and must_say(kind, action):
        raise Invalid(
            "no-note",
            "办结后期处置事项时请写明结果。" if action == "finish" else "请写明理由。",
            errors=[FieldError(pointer="/note", reason="缺少这一项，请填写。")],
            clauses=(move.clause,),
        )
    row.state, row.remind_at = move.target, None


def _tell(context: Context, case: Case | None, row: Assignment, step: AssignmentStep) -> None:
    moved, kind, noun = _TOLD[Kind(row.kind)]
    if case is None and row.exercise:  # what is told of an accident is marked with it
        moved = exercised(moved)
    event = moved(
        number=row.number,
        exercise=row.exercise,
        task=row.id,
        entry=row.entry,
        owner=row.owner_name,
        action=step.action,
        state=row.state,
    )
    if case is None:
        context.record(event, str(row.warning_id))
        return
    verb = TASKS[Kind(row.kind)].actions[step.action]
    text = f"{row.owner_name}{verb}{noun}“{row.does}”" + (f"：{step.note}" if step.note else "")
    case.happened(kind, text, row.clause, at=step.occurred_at, event=event)


async def remind(context: Context) -> None:
    """Remind the owners of tasks that nobody has acknowledged; a periodic job.

    One runs at a time, so that the tasks of an owner go out in one reminder, and once; a task that somebody
    works on right now is left for the next time, so that nobody waits for another in a circle. What was
    acknowledged, and what belongs to a response that has ended or a file that is closed, asks no more.
    """
    alone = select(func.pg_try_advisory_xact_lock(func.hashtext("remind-of-tasks")))
    if not await context.session.scalar(alone):
        return
    closed = select(Incident.id).where(Incident.id == Assignment.incident_id, Incident.closed_at.is_not(None))
    silent = select(Assignment.id).where(
        Assignment.state == "open", Assignment.remind_at <= context.now, ~closed.exists()
    )
    taken = (
        update(Assignment)
        .where(Assignment.id.in_(silent.with_for_update(skip_locked=True)))
        .values(remind_at=context.now + REMIND_EVERY, reminders=Assignment.reminders + 1)
        .returning(Assignment.id)
    )
    ids = list(await context.session.scalars(taken))
    query = select(Assignment).where(Assignment.id.in_(ids)).options(joinedload(Assignment.incident))
    rows = await context.session.scalars(
        query.order_by(Assignment.incident_id, Assignment.owner_name, Assignment.position)
    )
    grouped: dict[tuple[Incident, str], list[Assignment]] = {}
    for row in rows:
        assert row.incident is not None  # only a response's tasks have a time to be reminded of
        grouped.setdefault((row.incident, row.owner_name), []).append(row)
    for (incident, owner), tasks in grouped.items():
        event = TasksUnacknowledged(owner=owner, unit=tasks[0].unit, tasks=[task.id for task in tasks])
        Case(context, incident).tell(event)


async def remind_no_more(case: Case) -> None:
    """Nobody is reminded of an accident's tasks any more."""
    waiting = (Assignment.incident_id == case.incident.id, Assignment.remind_at.is_not(None))
    await case.session.execute(update(Assignment).where(*waiting).values(remind_at=None))
