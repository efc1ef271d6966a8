"""Tasks of an accident: made from the catalogue, filled in as it becomes known who is who."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kit.district import units
from services.emergency.case.incident import Incident
from services.emergency.clocks.models import IncidentDeadline
from services.emergency.plan.catalogue import TaskEntry, catalogue
from services.emergency.plan.response import Part
from services.emergency.response.models import Task

#: How long a task may stay without an acknowledgement before its owner is reminded, each time.
REMIND_EVERY = timedelta(minutes=10)


def who(incident: Incident, actor: str) -> tuple[str | None, str]:
    """(id of the canonical unit if there is one, name) of whom the plan names, in this accident."""
    if actor == "accident-unit":
        return None, incident.unit or catalogue().unit(actor).name
    if actor == "local-street" and incident.division:
        street = units.unit(incident.division)
        return street.id, street.name
    if actor == "supervisor" and incident.supervisor:
        return incident.supervisor, units.unit(incident.supervisor).name
    named = {unit.id for unit in units.units()}
    name = units.unit(actor).name if actor in named else catalogue().unit(actor).name
    return (actor if actor in named else None), name


def owners_of(entry: TaskEntry, departments: Sequence[str]) -> Iterator[str]:
    """The owners of a task; the departments that were called stand for 区直相关部门."""
    for owner in entry.owners:
        if owner == "departments" and departments:
            yield from departments
        else:
            yield owner


async def add_tasks(
    session: AsyncSession,
    incident: Incident,
    entries: Collection[TaskEntry],
    now: datetime,
    departments: Sequence[str] = (),
) -> list[Task]:
    """Make the tasks of these entries that the incident does not have yet; what it has stays as it is."""
    rows = await session.execute(select(Task.entry, Task.owner).where(Task.incident_id == incident.id))
    existing = {tuple(row) for row in rows}
    deadlines = await session.scalars(
        select(IncidentDeadline).where(IncidentDeadline.incident_id == incident.id)
    )
    due = {row.deadline: row.due for row in deadlines}
    made = []
    for place, entry in enumerate(catalogue().tasks):
        for owner in owners_of(entry, departments) if entry in entries else ():
            if (entry.id, owner) not in existing:
                made.append(_task(incident, entry, place, owner, due.get(entry.deadline or ""), now))
    session.add_all(made)
    await session.flush()
    return made


def _task(
    incident: Incident, entry: TaskEntry, place: int, owner: str, due: datetime | None, now: datetime
) -> Task:
    unit, name = who(incident, owner)
    return Task(
        incident_id=incident.id,
        entry=entry.id,
        place=place,
        part=entry.part.value,
        owner=owner,
        unit=unit,
        owner_name=name,
        does=entry.does,
        if_needed=entry.if_needed,
        clause=entry.clause,
        state="open",
        due=due,
        made_at=now,
        remind_at=now + REMIND_EVERY,
    )


def part(*parts: Part) -> list[TaskEntry]:
    """The entries of these parts of the catalogue."""
    return [entry for entry in catalogue().tasks if entry.part in parts]


async def tasks_of_incident(session: AsyncSession, incident: Incident) -> list[Task]:
    """An incident's tasks in the plan's order."""
    query = select(Task).where(Task.incident_id == incident.id).order_by(Task.place, Task.owner_name)
    return list(await session.scalars(query))


async def fill_in(session: AsyncSession, incident: Incident, deadlines: list[IncidentDeadline]) -> None:
    """Bring the owners of tasks, and the due times of those not done, up to what is known now."""
    for actor in ("accident-unit", "local-street", "supervisor"):
        unit, name = who(incident, actor)
        await session.execute(
            update(Task)
            .where(Task.incident_id == incident.id, Task.owner == actor)
            .values(unit=unit, owner_name=name)
        )
    due = {row.deadline: row.due for row in deadlines}
    for entry in catalogue().tasks:
        if entry.deadline in due:
            await session.execute(
                update(Task)
                .where(Task.incident_id == incident.id, Task.entry == entry.id, Task.done_at.is_(None))
                .values(due=due[entry.deadline])
            )
