"""The investigation of an accident, its evaluation with measures followed until done, merits (E-5.4, E-5.5)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.storage import db
from kit.web.problems import Conflict, FieldError, Invalid, NotFound
from kit.web.tokens import Caller
from services.emergency.aftermath.models import Evaluation, Investigation, Measure, Merit
from services.emergency.case.exercise import IncidentEvent, tell
from services.emergency.case.incident import Incident
from services.emergency.case.lookup import opened
from services.emergency.case.timeline import note
from services.emergency.clocks.work import clocks_of, set_clocks
from services.emergency.plan.aftermath import INVESTIGATORS
from services.emergency.plan.catalogue import catalogue
from services.emergency.plan.grading import Grade
from services.emergency.response.models import Response

NO_MEASURE = "没有这项改进措施，请核对编号。"
_APPROVALS = ("investigation-approval", "investigation-approval-higher", "investigation-approval-state")
_MERITS_ZH = {"commendation": "表扬奖励", "accountability": "责任追究"}


class InvestigationMoved(IncidentEvent, type="emergency.investigation.moved"):
    """The investigation's report came in, or was approved."""

    action: str


class Evaluated(IncidentEvent, type="emergency.incident.evaluated"):
    """How the accident was dealt with was evaluated."""

    measures: int


class MeasureDone(IncidentEvent, type="emergency.measure.done"):
    """A measure of the evaluation was done."""

    measure: UUID
    owner: str


async def investigation_of(session: AsyncSession, incident: Incident) -> Investigation | None:
    """The investigation, once its report has come in."""
    return await session.get(Investigation, incident.id)


async def receive_report(
    session: AsyncSession,
    incident: Incident,
    report: str,
    cause: str,
    received_at: datetime,
    caller: Caller,
    now: datetime,
) -> Investigation:
    """The investigation's report comes in; its approval falls due (E-5.4). The incident is locked.

    Raises: Conflict when it has come in before.
    """
    if await investigation_of(session, incident) is not None:
        raise Conflict("report-came-in", "事故调查报告已登记过。", clauses=("E-5.4",))
    row = Investigation(
        incident_id=incident.id,
        authority=INVESTIGATORS[Grade(incident.grade)],
        report=report,
        cause=cause,
        received_at=received_at,
        recorded_at=now,
        client=caller.client,
    )
    session.add(row)
    incident.investigation_received_at = received_at
    await set_clocks(session, incident, caller, now, {"investigation-report": received_at})
    text = f"收到事故调查报告（{row.authority}组织调查）：{cause}"
    note(session, incident, "investigation", text, received_at, caller, now, "E-5.4")
    tell(session, incident, InvestigationMoved(action="received"), caller, now)
    return row


async def extend(
    session: AsyncSession,
    incident: Incident,
    deadline: str,
    days: int | None,
    appraisal_days: int | None,
    document: str,
    caller: Caller,
    now: datetime,
) -> None:
    """Extend a deadline of the investigation, or leave out days of appraisal, as far as the law goes (E-5.4).

    Raises: NotFound where the deadline does not run; Invalid for more than may be granted.
    """
    row = next((each for each in await clocks_of(session, incident) if each.deadline == deadline), None)
    if row is None or not row.running:
        raise NotFound("not-found", f"事故 {incident.number} 没有正在计时的时限 {deadline}。")
    rule = next(each for each in catalogue().deadlines if each.id == deadline)
    wrong = []
    if days is not None and days > rule.extension_days:
        wrong.append(FieldError(pointer="/days", reason=f"最多延长 {rule.extension_days} 天。"))
    if appraisal_days is not None and not rule.appraisal_excluded:
        wrong.append(FieldError(pointer="/appraisal_days", reason="这项时限不扣除技术鉴定时间。"))
    if wrong:
        raise Invalid("not-extendable", "超出了法规允许的延长。", errors=wrong, clauses=(rule.clause,))
    if days is not None:
        row.extended_days = days
    if appraisal_days is not None:
        incident.appraisal_days = appraisal_days
    await session.flush()
    await set_clocks(session, incident, caller, now)
    text = f"{row.asks}的时限变为 {row.due:%Y-%m-%d}（{document}）"
    note(session, incident, "deadline", text, now, caller, now, rule.clause)


async def approve_report(
    session: AsyncSession, incident: Incident, approval: str, at: datetime, caller: Caller, now: datetime
) -> Investigation:
    """The investigation's report is approved; rectification is to be evaluated within a year (E-5.4).

    Raises: Conflict before the report has come in, or when it was approved.
    """
    row = await investigation_of(session, incident)
    if row is None or row.approved_at is not None:
        raise Conflict(
            "not-to-be-approved",
            "事故调查报告尚未登记，或已批复过。请先登记调查报告。",
            clauses=("E-5.4",),
        )
    if at < row.received_at:
        raise Invalid(
            "before-received",
            "批复时间早于收到调查报告的时间，请核对。",
            errors=[
                FieldError(pointer="/approved_at", reason=f"收到报告是 {row.received_at:%Y-%m-%d %H:%M}。")
            ],
        )
    row.approval, row.approved_at = approval, at
    incident.investigation_approved_at = at
    await set_clocks(session, incident, caller, now, dict.fromkeys(_APPROVALS, at))
    note(session, incident, "investigation", f"批复事故调查报告：{approval}", at, caller, now, "E-5.4")
    tell(session, incident, InvestigationMoved(action="approved"), caller, now)
    return row


async def evaluation_of(session: AsyncSession, incident: Incident) -> Evaluation | None:
    """The evaluation, once it is made."""
    return await session.get(Evaluation, incident.id)


async def measures_of(session: AsyncSession, incident: Incident) -> list[Measure]:
    """The measures in the order in which they were asked for."""
    query = select(Measure).where(Measure.incident_id == incident.id).order_by(Measure.id)
    return list(await session.scalars(query))


async def evaluate(
    session: AsyncSession,
    incident: Incident,
    report: str,
    measures: Sequence[dict[str, Any]],
    at: datetime,
    caller: Caller,
    now: datetime,
) -> Evaluation:
    """Evaluate how the accident was dealt with, and ask for measures (E-5.4). The incident is locked.

    Raises: Conflict while the response runs, or when it was evaluated.
    """
    response = await session.get(Response, incident.id)
    if response is not None and response.state != "ended":
        raise Conflict("response-runs", "处置结束后才作总结评估，请先终止响应。", clauses=("E-5.4", "E-4.9"))
    if await evaluation_of(session, incident) is not None:
        raise Conflict(
            "already-evaluated", "总结评估报告已登记过；改进措施可以继续增加。", clauses=("E-5.4",)
        )
    row = Evaluation(
        incident_id=incident.id, report=report, made_at=at, recorded_at=now, client=caller.client
    )
    session.add(row)
    note(session, incident, "evaluation", "形成总结评估报告", at, caller, now, "E-5.4")
    await add_measures(session, incident, measures, caller, now)
    tell(session, incident, Evaluated(measures=len(measures)), caller, now)
    return row


async def add_measures(
    session: AsyncSession,
    incident: Incident,
    measures: Sequence[dict[str, Any]],
    caller: Caller,
    now: datetime,
) -> None:
    """Ask for measures, each with an owner and a day (E-5.4). The incident is locked."""
    for given in measures:
        row = Measure(id=db.new_id(), incident_id=incident.id, recorded_at=now, client=caller.client, **given)
        session.add(row)
        text = f"改进措施：{row.text}（{row.owner}，{row.due:%Y-%m-%d} 前）"
        note(session, incident, "measure", text, now, caller, now, "E-5.4")
    await session.flush()


async def finish_measure(
    session: AsyncSession, id: UUID, evidence: str, at: datetime, caller: Caller, now: datetime
) -> Measure:
    """A measure is done, with evidence (E-5.4).

    Raises: NotFound; Conflict when it is done.
    """
    known = await db.found(session, Measure, id, NO_MEASURE)
    incident = await opened(session, str(known.incident_id), caller)
    row = await db.locked(session, Measure, id, NO_MEASURE)
    if row.done_at is not None:
        raise Conflict("already-done", "这项改进措施已完成。", clauses=("E-5.4",))
    row.done_at, row.evidence = at, evidence
    note(session, incident, "measure", f"完成改进措施“{row.text}”：{evidence}", at, caller, now, "E-5.4")
    tell(session, incident, MeasureDone(measure=row.id, owner=row.owner), caller, now)
    return row


def is_overdue(row: Measure, today: date) -> bool:
    """Whether a measure was or is late."""
    return (row.done_at.date() if row.done_at else today) > row.due


async def merits_of(session: AsyncSession, incident: Incident) -> list[Merit]:
    """Commendations and accountability, in the order in which they were entered."""
    query = select(Merit).where(Merit.incident_id == incident.id).order_by(Merit.id)
    return list(await session.scalars(query))


async def add_merit(
    session: AsyncSession, incident: Incident, given: dict[str, Any], caller: Caller, now: datetime
) -> Merit:
    """Enter a commendation, or somebody held to account (E-5.5). The incident is locked."""
    row = Merit(id=db.new_id(), incident_id=incident.id, recorded_at=now, client=caller.client, **given)
    session.add(row)
    text = f"{_MERITS_ZH[row.kind]}：{row.whom}，{row.what}"
    note(session, incident, "merit", text, now, caller, now, "E-5.5")
    return row
