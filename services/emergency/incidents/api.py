"""Endpoints of accidents: assess, take a report, add to it, read."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Query, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.audit.auditing import audit
from kit.district.clock import Now
from kit.personal.cipher import mask_name, mask_phone, must_unmask
from kit.storage.transactions import Session, cipher_of
from kit.web import routes
from kit.web.pages import Page, PageRequest
from kit.web.problems import problems
from kit.web.routes import clauses
from kit.web.tokens import Caller, requires
from services.emergency.case.incident import Incident
from services.emergency.case.lookup import Key, opened, refuse_future, seen
from services.emergency.clocks.work import breaches_of, clocks_of
from services.emergency.incidents import work
from services.emergency.incidents.facts import Street
from services.emergency.incidents.models import IncidentReport
from services.emergency.incidents.shapes import (
    AssessmentIn,
    AssessmentOut,
    DeadlineOut,
    IncidentIn,
    IncidentOut,
    IncidentTaken,
    MissingOut,
    ReportIn,
    ReportOut,
    ReportTaken,
)
from services.emergency.plan.grading import Grade, ResponseLevel, assess
from services.emergency.response.shapes import TaskOut
from services.emergency.response.tasks import tasks_of_incident

Reader = Annotated[Caller, requires("emergency:read")]
Writer = Annotated[Caller, requires("emergency:write")]

router = routes.router("事故")


@router.post(
    "/assessments",
    summary="研判事故等级和响应级别",
    description="只计算，不保存。以上含本数，以下不含；失联人员计入涉险，不计入死亡。同时说明什么会使等级升高。",
    openapi_extra=clauses("E-1.5", "E-4.3"),
)
async def assess_accident(body: AssessmentIn, _caller: Reader) -> AssessmentOut:
    """Grade an accident and find its response level without storing anything (E-1.5, E-4.3)."""
    return AssessmentOut.of(assess(body.facts))


@router.post(
    "/incidents",
    status_code=201,
    summary="接报一起事故",
    description="知道多少报多少：只需地点或单位之一，以及时间（刚发生写 now）。"
    "返回编号、研判、缺少的内容、时限和先期处置任务。不因内容不全而拒收。",
    openapi_extra=clauses("E-4.1a", "E-4.1b", "E-4.1d", "E-4.2"),
)
async def take_report(
    body: IncidentIn, session: Session, caller: Writer, now: Now, response: Response
) -> IncidentTaken:
    """Take a first report (E-4.1a, b, d; E-4.2)."""
    occurred_at = body.occurred_at if isinstance(body.occurred_at, datetime) else None
    refuse_future(
        now,
        occurred_at=occurred_at,
        unit_informed_at=body.unit_informed_at,
        reported_at=body.reported_at,
    )
    incident = await work.take_report(session, body, caller, now)
    response.headers["Location"] = f"/emergency/v1/incidents/{incident.number}"
    return await _whole(session, incident, now)


@router.get(
    "/incidents",
    summary="列出事故",
    description="按录入时间由新到旧分页列出。默认不含演练；限定街道的令牌只看到本街道的事故。",
)
async def list_incidents(
    session: Session,
    caller: Reader,
    paging: PageRequest,
    grade: Annotated[Grade | None, Query(description="事故等级")] = None,
    response_level: Annotated[ResponseLevel | None, Query(description="应急响应级别")] = None,
    division: Annotated[Street | None, Query(description="街道（镇），名称或编号")] = None,
    state: Annotated[
        Literal["open", "closed"] | None, Query(description="open 未结案，closed 已结案")
    ] = None,
    exercise: Annotated[bool, Query(description="true 只看演练")] = False,
) -> Page[IncidentOut]:
    """The incidents, the newest first."""
    query = select(Incident).where(Incident.exercise.is_(exercise))
    for column, value in (
        (Incident.grade, grade),
        (Incident.response_level, response_level),
        (Incident.division, division),
        (Incident.division, caller.division),
    ):
        if value is not None:
            query = query.where(column == value)
    if state is not None:
        query = query.where(
            Incident.closed_at.is_(None) if state == "open" else Incident.closed_at.is_not(None)
        )
    rows, following = await paging.fetch(session, query, Incident.recorded_at, Incident.id, descending=True)
    return Page(items=[_out(row) for row in rows], next=following)


@router.get(
    "/incidents/{key}",
    summary="查看一起事故",
    description="最新情况、研判、时限和全部任务。可用编号或 UUID 查询。",
    responses=problems(404),
    openapi_extra=clauses("E-1.3", "E-1.5", "E-4.3"),
)
async def read_incident(key: Key, session: Session, caller: Reader, now: Now) -> IncidentTaken:
    """An incident as it is known now, with its clocks and tasks."""
    return await _whole(session, await seen(session, key, caller), now)


@router.post(
    "/incidents/{key}/reports",
    status_code=201,
    summary="续报、书面报告或终报",
    description="只写知道的内容；数字可以改小，改动前后都保留。每份报告后重新研判，等级或级别变化时发出事件。"
    "所报情况时间较早的报告不会覆盖较新的情况。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-4.1a", "E-4.1e", "E-4.1f"),
)
async def add_report(key: Key, body: ReportIn, session: Session, caller: Writer, now: Now) -> ReportTaken:
    """Add a further report and grade anew (E-4.1e)."""
    refuse_future(now, occurred_at=body.occurred_at)
    refuse_future(
        now, "/facts", occurred_at=body.facts.occurred_at, unit_informed_at=body.facts.unit_informed_at
    )
    incident = await opened(session, key, caller)
    report, changed = await work.add_report(session, incident, body, caller, now)
    return ReportTaken(
        report=_report_out(session, incident, report), changed=changed, incident=_out(incident)
    )


@router.get(
    "/incidents/{key}/reports",
    summary="列出事故的全部报告",
    description="按收到的先后列出，原样保留。reveal=true 显示报告人完整信息，须有权限，并记入审计。",
    responses=problems(403, 404),
    openapi_extra=clauses("E-4.1e"),
)
async def list_reports(
    key: Key,
    session: Session,
    caller: Reader,
    now: Now,
    reveal: Annotated[bool, Query(description="显示完整的个人信息")] = False,
) -> list[ReportOut]:
    """Every report as it came (E-4.1e)."""
    incident = await seen(session, key, caller)
    if reveal:
        must_unmask(caller)
        audit(session, "emergency.personal.seen", incident.number, caller, now, {})
    return [
        _report_out(session, incident, row, reveal=reveal) for row in await work.reports_of(session, incident)
    ]


async def _whole(session: AsyncSession, incident: Incident, now: datetime) -> IncidentTaken:
    breached = {breach.deadline for breach in await breaches_of(session, incident)}
    clocks = [row for row in await clocks_of(session, incident) if row.running or row.done_at]
    return IncidentTaken(
        **dict(_out(incident)),
        deadlines=[DeadlineOut.of(row, incident, row.deadline in breached, now) for row in clocks],
        tasks=[TaskOut.of(row, incident) for row in await tasks_of_incident(session, incident)],
    )


def _out(incident: Incident) -> IncidentOut:
    return IncidentOut.of(incident, assess(incident.facts), work.lacks_of(incident))


def _report_out(
    session: AsyncSession, incident: Incident, row: IncidentReport, *, reveal: bool = False
) -> ReportOut:
    cipher = cipher_of(session)
    name = cipher.open(row.reporter_name) if row.reporter_name else None
    phone = cipher.open(row.reporter_phone) if row.reporter_phone else None
    return ReportOut.shown(
        incident,
        row,
        reporter_name=name if reveal or name is None else mask_name(name),
        reporter_phone=phone if reveal or phone is None else mask_phone(phone),
        missing_fields=[MissingOut.of(lack) for lack in work.lacks_of_report(row)],
    )
