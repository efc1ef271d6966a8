"""The clocks of an accident as rows: set anew whenever something becomes known, breaches kept for ever."""

from collections.abc import Collection, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, Select, select, tuple_
from sqlalchemy.orm import contains_eager

from kit.context import Context
from kit.web.problems import Conflict, NotFound
from services.emergency.case.case import Case, IncidentEvent
from services.emergency.case.corrections import CorrectedThing, correct
from services.emergency.case.incident import BELONGING, Incident
from services.emergency.clocks.models import Breach, IncidentDeadline
from services.emergency.plan.accidents.deadlines import Deadline, Standing, Times, deadlines, standing
from services.emergency.plan.accidents.grading import Grade
from services.emergency.plan.catalogue import catalogue

#: Deadlines that are met outside this service, so that somebody has to say so.
OUTSIDE = ("upward-region", "upward-state", "rectification-evaluation", "rectification-evaluation-higher")
#: What a row keeps of a deadline that runs.
_KEPT = tuple(each.name for each in fields(Deadline) if each.name != "id")

Rows = dict[str, IncidentDeadline]
#: The order of deadlines of several accidents.
BY_DUE = (IncidentDeadline.due, IncidentDeadline.incident_id, IncidentDeadline.deadline)


class DeadlineNear(IncidentEvent, type="emergency.deadline.approaching", title="期限将到"):
    """A deadline is about to pass."""

    deadline: str = Field(description="期限编号")
    asks: str = Field(description="期限要求做的事")
    owner: str = Field(description="应当去做的单位名称")
    due: datetime = Field(description="到期时间")
    clause: str = Field(description="规定期限的条款编号")


class DeadlineMissed(DeadlineNear, type="emergency.deadline.missed", title="期限已过"):
    """A deadline passed without what it asks for, or that came too late."""

    provisional: bool = Field(description="起算时间是否为暂定；确知后可能改判")


async def clocks_of(case: Case) -> list[IncidentDeadline]:
    """The rows of an accident's deadlines, in the order of the data."""
    query = select(IncidentDeadline).where(IncidentDeadline.incident_id == case.incident.id)
    return list(await case.session.scalars(query.order_by(IncidentDeadline.position)))


async def breaches_of(case: Case) -> list[Breach]:
    """What was missed, the earliest first."""
    query = select(Breach).where(Breach.incident_id == case.incident.id)
    return list(await case.session.scalars(query.order_by(Breach.due, Breach.deadline)))


def running(context: Context, *, exercise: bool) -> Select[tuple[IncidentDeadline]]:
    """What is owed and not done in all open accidents that are the caller's to see, each with its accident."""
    query = select(IncidentDeadline).join(IncidentDeadline.incident)
    query = query.options(contains_eager(IncidentDeadline.incident)).where(
        IncidentDeadline.running,
        IncidentDeadline.done_at.is_(None),
        Incident.closed_at.is_(None),
        Incident.exercise.is_(exercise),
    )
    return context.within(query, BELONGING)


async def breached(context: Context, rows: Collection[IncidentDeadline]) -> set[tuple[UUID, str]]:
    """Which of these deadlines were missed at some time, by accident and deadline."""
    key = tuple_(Breach.incident_id, Breach.deadline)
    of_these = key.in_([(row.incident_id, row.deadline) for row in rows])
    query = select(Breach.incident_id, Breach.deadline).where(of_these, Breach.refuted_at.is_(None))
    return {(id, deadline) for id, deadline in await context.session.execute(query)}


async def refute(context: Context, id: UUID, reason: str) -> tuple[Case, Breach]:
    """A breach rests on a wrong entry: it stays on the record and counts no more (E-4.1a).

    Raises: NotFound; Conflict where it was refuted before.
    """
    case, breach = await Case.open_with(context, Breach, id, "没有这条超时记录，请核对编号。")
    if breach.refuted_at is not None:
        raise Conflict("already-refuted", "这条超时记录已经更正过。", clauses=("E-4.1a",))
    caller = context.caller
    breach.refuted_at, breach.refuted_why = context.now, reason
    breach.refuted_by = caller.unit or (caller.by if caller.person else caller.name or caller.client)
    change = {"超时": "是"}, {"超时": "否"}
    [asks] = [rule.asks for rule in catalogue().deadlines if rule.id == breach.deadline]
    correct(case, CorrectedThing.BREACH, f"{asks}（{breach.due:%m-%d %H:%M} 到期）", change, reason)
    return case, breach


async def set_clocks(case: Case, met: Mapping[str, datetime] | None = None) -> list[IncidentDeadline]:
    """Compute the accident's deadlines from what is known now, keep them, and keep what was missed.

    met: what was done of them, and when; of two times the earlier counts. A deadline that the grade no longer
    asks for stops running; it stays where it was met or missed.
    """
    rows = {row.deadline: row for row in await clocks_of(case)}
    _compute(case, rows)
    if met:
        for id, done_at in met.items():
            if id in rows:
                rows[id].done_at = min(done_at, rows[id].done_at or done_at)
        _compute(case, rows)
    await case.session.flush()
    kept = sorted(rows.values(), key=lambda row: row.position)
    await _keep_breaches(case, kept)
    await case.session.flush()
    return kept


async def finish(case: Case, deadline: str, done_at: datetime, remark: str) -> None:
    """Mark a deadline as met that is met outside this service (E-4.1c, E-5.4). Again changes nothing.

    Raises: NotFound where it does not run; Conflict where something else in this service meets it.
    """
    row = next((each for each in await clocks_of(case) if each.deadline == deadline), None)
    if row is None or not row.running:
        raise NotFound("not-found", f"事故 {case.incident.number} 没有正在计时的时限 {deadline}。")
    if deadline not in OUTSIDE:
        raise Conflict(
            "met-elsewhere",
            f"时限“{row.asks}”由相应的报告、报送环节或调查登记自动完成，请到那里登记。",
            clauses=(row.clause,),
        )
    if row.done_at is None:
        await set_clocks(case, {deadline: done_at})
        case.happened("deadline", f"{row.asks}：{remark}", row.clause, at=done_at)


async def stop_clocks(case: Case) -> None:
    """What turned out to be no accident, or another's, owes nothing: what is not done does not run any more."""
    for row in await clocks_of(case):
        row.running = row.running and row.done_at is not None


def _compute(case: Case, rows: Rows) -> None:
    incident = case.incident
    grade, kind = Grade(incident.grade), incident.accident_kind
    if rows:
        _rose(case, rows)
    running = deadlines(catalogue().deadlines, _times(incident, rows), grade, kind)
    for found in running:
        row = _row(case, rows, found.id)
        row.running = True
        for name in _KEPT:
            setattr(row, name, getattr(found, name))
    for gone in rows.keys() - {found.id for found in running}:
        rows[gone].running = False


def _times(incident: Incident, rows: Rows) -> Times:
    """What is known of when, with what the rows say."""
    return Times(
        first_known_at=incident.first_known_at,
        occurred_at=incident.occurred_at,
        unit_informed_at=incident.unit_informed_at,
        investigation_received_at=incident.investigation_received_at,
        investigation_approved_at=incident.investigation_approved_at,
        done={id: row.done_at for id, row in rows.items() if row.done_at is not None},
        extended_days={id: row.extended_days for id, row in rows.items()},
        owed_since={id: row.owed_since for id, row in rows.items() if row.owed_since is not None},
        appraisal_days=incident.appraisal_days,
    )


def _rose(case: Case, rows: Rows) -> None:
    """What the grade asks for only from now on is not late because of the time before."""
    for rule in catalogue().deadlines:
        asked = Grade(case.incident.grade) in rule.grades and case.incident.accident_kind in rule.kinds
        if rule.after is not None and asked and (rule.id not in rows or not rows[rule.id].running):
            _row(case, rows, rule.id).owed_since = case.now


def _row(case: Case, rows: Rows, id: str) -> IncidentDeadline:
    if id not in rows:
        position = [rule.id for rule in catalogue().deadlines].index(id)
        rows[id] = IncidentDeadline(
            incident_id=case.incident.id, deadline=id, position=position, extended_days=0
        )
        case.session.add(rows[id])
    return rows[id]


async def _keep_breaches(case: Case, rows: list[IncidentDeadline]) -> None:
    """Write down every deadline that was missed and is not written down yet, once each (E-4.1a).

    A deadline that a later fact moves earlier is the same breach; one that it moves later, and that is missed
    again, is another.
    """
    known = {breach.deadline: breach.due for breach in await breaches_of(case)}  # of each, the latest
    for row in rows:
        missed = row.running and standing(row, row.done_at, case.now) in (
            Standing.OVERDUE,
            Standing.MET_LATE,
        )
        if missed and (row.deadline not in known or row.due > known[row.deadline]):
            _keep_breach(case, row)


def _keep_breach(case: Case, row: IncidentDeadline) -> None:
    breach = Breach(
        incident_id=row.incident_id,
        deadline=row.deadline,
        due=row.due,
        provisional=row.provisional,
        found_at=case.now,
        clause=row.clause,
    )
    case.session.add(breach)
    text = f"超时：{catalogue().unit(row.owner).name}应于 {row.due:%m月%d日 %H:%M} 前{row.asks}"
    event = DeadlineMissed(**_told(row), provisional=row.provisional)
    case.happened("breach", text, row.clause, at=row.due, event=event)


def _told(row: IncidentDeadline) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("deadline", "asks", "owner", "due", "clause")}


async def scan(context: Context) -> None:
    """Turn approaching and missed deadlines into events, once each; a periodic job.

    Each accident is locked before it is looked at again, so two scans at once find nothing twice.
    """
    open_rows = (IncidentDeadline.running, IncidentDeadline.done_at.is_(None), ~IncidentDeadline.window)
    query = (
        select(IncidentDeadline.incident_id)
        .where(*open_rows, IncidentDeadline.remind_at <= context.now)
        .where(~_announced(context.now))
        .join(Incident, Incident.id == IncidentDeadline.incident_id)
        .where(Incident.closed_at.is_(None))
        .distinct()
    )
    for id in sorted(await context.session.scalars(query)):
        incident = await context.session.get_one(Incident, id, with_for_update=True, populate_existing=True)
        case = Case(context, incident)
        rows = await clocks_of(case)
        for row in rows:
            if row.running and standing(row, row.done_at, context.now) is Standing.APPROACHING:
                _announce(case, row)
        await _keep_breaches(case, rows)


def _announce(case: Case, row: IncidentDeadline) -> None:
    if row.reminded_for != row.due:
        row.reminded_for = row.due
        case.tell(DeadlineNear(**_told(row)))


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
