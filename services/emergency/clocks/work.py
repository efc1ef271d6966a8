"""The clocks of an accident as rows: set anew whenever something becomes known, breaches kept for ever."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.web.tokens import SYSTEM, Caller
from services.emergency.case.exercise import IncidentEvent, tell
from services.emergency.case.incident import Incident
from services.emergency.case.timeline import note
from services.emergency.clocks.models import Breach, IncidentDeadline
from services.emergency.plan.catalogue import catalogue
from services.emergency.plan.deadlines import Deadline, Standing, deadlines, standing
from services.emergency.plan.grading import Grade


class DeadlineMissed(IncidentEvent, type="emergency.deadline.missed"):
    """A deadline passed without what it asks for, or that came too late."""

    deadline: str
    asks: str
    owner: str
    due: datetime
    provisional: bool
    clause: str


class DeadlineNear(IncidentEvent, type="emergency.deadline.approaching"):
    """A deadline is about to pass."""

    deadline: str
    asks: str
    owner: str
    due: datetime
    clause: str


async def clocks_of(session: AsyncSession, incident: Incident) -> list[IncidentDeadline]:
    """The rows of an incident's deadlines, in the order of the data."""
    query = select(IncidentDeadline).where(IncidentDeadline.incident_id == incident.id)
    return list(await session.scalars(query.order_by(IncidentDeadline.place)))


async def breaches_of(session: AsyncSession, incident: Incident) -> list[Breach]:
    """What was missed, the earliest first."""
    query = select(Breach).where(Breach.incident_id == incident.id)
    return list(await session.scalars(query.order_by(Breach.due, Breach.deadline)))


async def set_clocks(
    session: AsyncSession,
    incident: Incident,
    caller: Caller,
    now: datetime,
    met: Mapping[str, datetime] | None = None,
) -> list[IncidentDeadline]:
    """Compute the incident's deadlines from what is known now, keep them, and keep what was missed.

    met: what was done of them, and when; of two times the earlier counts. A deadline that the grade no longer
    asks for stops running; it stays where it was met or missed. The incident is locked.
    """
    rows = {row.deadline: row for row in await clocks_of(session, incident)}
    _compute(session, incident, rows, now)
    for id, done_at in (met or {}).items():
        if id in rows:
            rows[id].done_at = min(done_at, rows[id].done_at or done_at)
    if met:
        _compute(session, incident, rows, now)
    await session.flush()
    kept = sorted(rows.values(), key=lambda row: row.place)
    await keep_breaches(session, incident, kept, caller, now)
    await session.flush()
    return kept


def _compute(
    session: AsyncSession, incident: Incident, rows: dict[str, IncidentDeadline], now: datetime
) -> None:
    grade, kind = Grade(incident.grade), incident.accident_kind
    if rows:
        _rose(session, incident, rows, now)
    running = deadlines(catalogue().deadlines, incident.times(list(rows.values())), grade, kind)
    for found in running:
        _set(_row(session, incident, rows, found.id), found)
    for gone in rows.keys() - {found.id for found in running}:
        rows[gone].running = False


def _rose(
    session: AsyncSession, incident: Incident, rows: dict[str, IncidentDeadline], now: datetime
) -> None:
    """What the grade asks for only from now on is not late because of the time before."""
    for rule in catalogue().deadlines:
        asked = Grade(incident.grade) in rule.grades and incident.accident_kind in rule.kinds
        if rule.after is not None and asked and (rule.id not in rows or not rows[rule.id].running):
            _row(session, incident, rows, rule.id).owed_since = now


def _row(
    session: AsyncSession, incident: Incident, rows: dict[str, IncidentDeadline], id: str
) -> IncidentDeadline:
    if id not in rows:
        place = next(place for place, rule in enumerate(catalogue().deadlines) if rule.id == id)
        rows[id] = IncidentDeadline(incident_id=incident.id, deadline=id, place=place, extended_days=0)
        session.add(rows[id])
    return rows[id]


def _set(row: IncidentDeadline, found: Deadline) -> None:
    row.running = True
    row.asks, row.owner, row.since = found.asks, found.owner, found.since.value
    row.started_at, row.due, row.remind_at = found.started_at, found.due, found.remind_at
    row.provisional, row.window = found.provisional, found.window
    row.clause, row.law, row.article = found.clause, found.law, found.article


async def keep_breaches(
    session: AsyncSession, incident: Incident, rows: list[IncidentDeadline], caller: Caller, now: datetime
) -> None:
    """Write down every deadline that was missed and is not written down yet, once each (E-4.1a).

    A deadline that a later fact moves earlier is the same breach; one that it moves later, and that is missed
    again, is another.
    """
    known: dict[str, datetime] = {}
    for breach in await breaches_of(session, incident):
        known[breach.deadline] = max(breach.due, known.get(breach.deadline, breach.due))
    for row in rows:
        missed = row.running and standing(row.rule, row.done_at, now) in (Standing.OVERDUE, Standing.MET_LATE)
        if not missed or (row.deadline in known and row.due <= known[row.deadline]):
            continue
        session.add(
            Breach(
                incident_id=incident.id,
                deadline=row.deadline,
                due=row.due,
                since=row.since,
                provisional=row.provisional,
                found_at=now,
                clause=row.clause,
            )
        )
        event = DeadlineMissed(
            deadline=row.deadline,
            asks=row.asks,
            owner=row.owner,
            due=row.due,
            provisional=row.provisional,
            clause=row.clause,
        )
        tell(session, incident, event, caller, now)
        text = f"超时：{catalogue().unit(row.owner).name}应于 {row.due:%m月%d日 %H:%M} 前{row.asks}"
        note(session, incident, "breach", text, row.due, caller, now, row.clause)


async def scan(session: AsyncSession, now: datetime) -> None:
    """Turn approaching and missed deadlines into events, once each; a periodic job.

    Each incident is locked before it is looked at again, so two scans at once find nothing twice.
    """
    open_rows = (IncidentDeadline.running, IncidentDeadline.done_at.is_(None), ~IncidentDeadline.window)
    query = (
        select(IncidentDeadline.incident_id)
        .where(*open_rows, IncidentDeadline.remind_at <= now)
        .where(~_announced(now))
        .distinct()
    )
    for identity in sorted(await session.scalars(query)):
        incident = await session.get_one(Incident, identity, with_for_update=True, populate_existing=True)
        rows = await session.scalars(
            select(IncidentDeadline)
            .where(IncidentDeadline.incident_id == identity)
            .order_by(IncidentDeadline.place)
            .execution_options(populate_existing=True)
        )
        await _scan_one(session, incident, list(rows), now)


def _announced(now: datetime) -> ColumnElement[bool]:
    missed = (
        select(Breach.id)
        .where(
            Breach.incident_id == IncidentDeadline.incident_id,
            Breach.deadline == IncidentDeadline.deadline,
            Breach.due >= IncidentDeadline.due,
        )
        .exists()
    )
    reminded = IncidentDeadline.reminded_for.is_not_distinct_from(IncidentDeadline.due)
    return missed | (reminded & (IncidentDeadline.due >= now))


async def _scan_one(
    session: AsyncSession, incident: Incident, rows: list[IncidentDeadline], now: datetime
) -> None:
    for row in rows:
        if not row.running or standing(row.rule, row.done_at, now) is not Standing.APPROACHING:
            continue
        if row.reminded_for != row.due:
            row.reminded_for = row.due
            event = DeadlineNear(
                deadline=row.deadline, asks=row.asks, owner=row.owner, due=row.due, clause=row.clause
            )
            tell(session, incident, event, SYSTEM, now)
    await keep_breaches(session, incident, rows, SYSTEM, now)
