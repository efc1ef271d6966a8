"""Endpoints of accidents: assess, take a report, add to it, read."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from fastapi import Query, Response
from sqlalchemy import select

from kit.context import Context
from kit.district.named_units import Street
from kit.personal.cipher import must_unmask
from kit.personal.masking import mask_name, mask_phone
from kit.personal.originals import reveal_within
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest
from kit.web.problems import problems
from kit.web.routes import clauses
from services.emergency.assignments.shapes import shown
from services.emergency.case.case import Case, Key
from services.emergency.case.incident import BELONGING, Incident
from services.emergency.clocks.api import deadlines_shown
from services.emergency.command.shapes import CommandNow
from services.emergency.command.work import commands_now
from services.emergency.incidents import work
from services.emergency.incidents.facts import FACTS
from services.emergency.incidents.known import counted_of
from services.emergency.incidents.models import IncidentReport
from services.emergency.incidents.now import look, things_to_do
from services.emergency.incidents.shapes import (
    OUTCOMES_ZH,
    AssessmentIn,
    AssessmentOut,
    IncidentIn,
    IncidentListed,
    IncidentOut,
    IncidentTaken,
    LackingOut,
    LikelyOut,
    NotUsedOut,
    NowOut,
    Outcome,
    ReportIn,
    ReportOut,
    ReportTaken,
    ScopeOut,
    UnreadOut,
)
from services.emergency.plan.accidents.grading import Grade, ResponseLevel, assess
from services.emergency.plan.accidents.report_fields import ReportKind, lacking
from services.emergency.plan.catalogue import catalogue

Reader = Annotated[Context, requires("emergency:read", whose=Whose.PLACES)]
Anybody = Annotated[Context, requires("emergency:read", whose=Whose.EVERYBODYS)]
Writer = Annotated[Context, requires("emergency:write", whose=Whose.PLACES)]

router = routes.router("事故")


@router.post(
    "/assessments",
    summary="研判事故等级和响应级别",
    description="只计算，不保存。以上含本数，以下不含；失联人员计入涉险，不计入死亡。同时说明什么会使等级升高。",
    openapi_extra=clauses("E-1.5", "E-4.3"),
)
async def assess_accident(body: AssessmentIn, _: Anybody) -> AssessmentOut:
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
async def take_report(body: IncidentIn, context: Writer, response: Response) -> IncidentTaken:
    """Take a first report (E-4.1a, b, d; E-4.2)."""
    case = await work.take_report(context, body)
    response.headers["Location"] = f"/emergency/v1/incidents/{case.incident.number}"
    return await _whole(case)


@router.get(
    "/incidents",
    summary="列出事故",
    description="按录入时间由新到旧分页列出，附现在由谁指挥。默认不含演练；限定街道的令牌只看到本街道的事故。",
)
async def list_incidents(
    context: Reader,
    paging: PageRequest,
    grade: Annotated[Grade | None, Query(description="事故等级")] = None,
    response_level: Annotated[ResponseLevel | None, Query(description="应急响应级别")] = None,
    division: Annotated[Street | None, Query(description="街道（镇），名称或编号")] = None,
    state: Annotated[
        Literal["open", "closed"] | None, Query(description="open 未结案，closed 已结案")
    ] = None,
    outcome: Annotated[Outcome | None, Query(description=OUTCOMES_ZH)] = None,
    exercise: Annotated[bool, Query(description="true 只看演练")] = False,
) -> Page[IncidentListed]:
    """The incidents, the newest first."""
    query = context.within(select(Incident).where(Incident.exercise.is_(exercise)), BELONGING)
    for column, value in (
        (Incident.grade, grade),
        (Incident.response_level, response_level),
        (Incident.outcome, outcome),
        (Incident.division, division),
    ):
        if value is not None:
            query = query.where(column == value)
    if state is not None:
        is_open = Incident.closed_at.is_(None)
        query = query.where(is_open if state == "open" else ~is_open)
    rows, following = await paging.fetch(
        context.session, query, Incident.recorded_at, Incident.id, descending=True
    )
    commands = await commands_now(context.session, rows)
    items = [IncidentListed.of(row, **_judged(row), command=CommandNow.of(commands[row.id])) for row in rows]
    return Page(items=items, next=following)


@router.get(
    "/incidents/{key}",
    summary="查看一起事故",
    description="最新情况、研判、时限和全部任务。可用编号或 UUID 查询。",
    responses=problems(404),
    openapi_extra=clauses("E-1.3", "E-1.5", "E-4.3"),
)
async def read_incident(key: Key, context: Reader) -> IncidentTaken:
    """An incident as it is known now, with its clocks and tasks."""
    return await _whole(await Case.see(context, key))


@router.post(
    "/incidents/{key}/reports",
    status_code=201,
    summary="续报、书面报告或终报",
    description="只写知道的内容；数字可以改小，改动前后都保留。每份报告后重新研判，等级或级别变化时发出事件。"
    "所报情况时间较早的报告不会覆盖较新的情况。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-4.1a", "E-4.1e", "E-4.1f"),
)
async def add_report(key: Key, body: ReportIn, context: Writer) -> ReportTaken:
    """Add a further report and grade anew (E-4.1e)."""
    case = await Case.open(context, key)
    report, changed, unused = await work.add_report(case, body)
    return ReportTaken(report=_report(case, report, unused), changed=changed, incident=shown_incident(case))


@router.get(
    "/incidents/{key}/reports",
    summary="列出事故的全部报告",
    description="按收到的先后列出，原样保留。reveal=true 显示报告人完整信息，须有权限，并记入审计。",
    responses=problems(403, 404),
    openapi_extra=clauses("E-4.1e"),
)
async def list_reports(
    key: Key,
    context: Reader,
    reveal: Annotated[bool, Query(description="显示完整的个人信息")] = False,
) -> list[ReportOut]:
    """Every report as it came (E-4.1e)."""
    case = await Case.see(context, key)
    if reveal:
        must_unmask(context.caller)
        context.audit("emergency.personal.seen", case.incident.number)
    reports, counted = await counted_of(case)
    shown = [
        _report(case, row, counted.unused.get(order, {}), reveal=reveal) for order, row in enumerate(reports)
    ]
    return await reveal_within(context, case.incident.number, shown) if reveal else shown


@router.get(
    "/incidents/{key}/now",
    summary="现在做什么",
    description="只列您（令牌所属单位和角色）现在最要紧的三件事：做什么、到几点、用哪个操作登记。已结案的没有。",
    responses=problems(404),
    openapi_extra=clauses("E-4.1a", "E-4.1d", "E-4.2", "E-4.4a"),
)
async def read_what_is_next(key: Key, context: Reader) -> NowOut:
    """The next three things for this caller, with their clocks (E-4.1a, E-4.2, E-4.4a)."""
    case = await Case.see(context, key)
    incident = case.incident
    return NowOut.of(
        incident,
        grade_zh=Grade(incident.grade).zh,
        response_level_zh=ResponseLevel(incident.response_level).zh,
        **NowOut.first(await things_to_do(case, await look(case))),
    )


async def _whole(case: Case) -> IncidentTaken:
    looked = await look(case)
    return IncidentTaken.of(
        case.incident,
        **_judged(case.incident),
        **IncidentTaken.first(await things_to_do(case, looked)),
        deadlines=await deadlines_shown(case, looked.clocks),
        tasks=[shown(row, case.caller) for row in looked.tasks],
        likely_same=[LikelyOut.of(other, why=list(why)) for other, why in looked.likely],
    )


def shown_incident(case: Case) -> IncidentOut:
    """An accident as it is known now."""
    return IncidentOut.of(case.incident, **_judged(case.incident))


def _judged(incident: Incident) -> dict[str, Any]:
    """What the rules say of an accident."""
    return {
        "assessment": AssessmentOut.of(assess(incident.facts)),
        "scope": ScopeOut.of_incident(incident),
        "missing_fields": _lacking(ReportKind.FIRST, incident.known),
        "unread": _unread(incident.unread),
    }


def _unread(told: Mapping[str, str]) -> list[UnreadOut]:
    return [UnreadOut(field=name, name=FACTS.get(name, name), text=text) for name, text in told.items()]


def _lacking(kind: ReportKind, known: Mapping[str, object]) -> list[LackingOut]:
    return [LackingOut.of(each) for each in lacking(catalogue().report_fields, kind, known)]


def _report(case: Case, row: IncidentReport, unused: Mapping[str, str], *, reveal: bool = False) -> ReportOut:
    def opened(sealed: bytes | None, mask: Callable[[str], str]) -> str | None:
        text = case.context.cipher.open(sealed) if sealed else None
        return text if reveal or text is None else mask(text)

    return ReportOut.of(
        row,
        case.incident,
        reporter_name=opened(row.reporter_name, mask_name),
        reporter_phone=opened(row.reporter_phone, mask_phone),
        missing_fields=_lacking(ReportKind(row.kind), row.facts),
        unread=_unread(row.unread),
        not_used=[
            NotUsedOut(fact=name, name=FACTS.get(name, name), told=row.facts.get(name), why=why)
            for name, why in unused.items()
        ],
    )
