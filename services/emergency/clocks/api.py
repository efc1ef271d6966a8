"""Endpoints of an accident's deadlines and of what was missed."""

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query
from pydantic import Field

from kit.context import Context
from kit.district import units
from kit.district.clock import LocalTime
from kit.figures.canvas import USUAL
from kit.web import routes
from kit.web.access import requires
from kit.web.downloads import OR_REPORTED, FigureWidth, drawn, reported
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest
from kit.web.problems import FieldError, Invalid, problems
from kit.web.routes import clauses
from kit.web.shapes import Body, Text
from services.emergency.case.case import Case, Key
from services.emergency.case.shapes import OfIncident
from services.emergency.clocks import figure, work
from services.emergency.clocks.models import IncidentDeadline
from services.emergency.plan.accidents.deadlines import Clock, Since, late_minutes, standing
from services.emergency.plan.catalogue import catalogue
from services.emergency.plan.roles import OFFICE

Reader = Annotated[Context, requires("emergency:read", whose=Whose.PLACES)]
Office = Annotated[Context, requires("emergency:read", one_of=(OFFICE,), whose=Whose.PLACES)]

router = routes.router("事故记录")

_SINCE = {
    Since.GRADE_ROSE_AT: "事故等级升高",
    Since.UNIT_INFORMED_AT: "单位负责人接到报告",
    Since.OCCURRED_AT: "事故发生",
    Since.FIRST_KNOWN_AT: "区里首次接报",
    Since.INVESTIGATION_RECEIVED_AT: "收到事故调查报告",
    Since.INVESTIGATION_APPROVED_AT: "批复事故调查报告",
}
#: What is not known yet where a deadline is counted from the next best time.
_UNKNOWN = {Clock.UNIT_INFORMED: "（单位负责人接报时间尚不知道）", Clock.OCCURRED: "（事故发生时间尚不知道）"}


class DoneIn(Body, title="完成情况", example={"note": "市应急管理局已报自治区"}):
    """When something was done (完成情况), with a remark."""

    done_at: LocalTime | None = Field(default=None, description="完成时间；不填为现在")
    note: Text = Field(description="说明")


class DeadlineOut(OfIncident, title="时限"):
    """A deadline (时限), what it is counted from, and how it stands now."""

    id: str = Field(description="时限编号", examples=["phone-report"])
    asks: str = Field(description="应当做什么", examples=["上报市级应急管理部门"])
    owner: str = Field(description="责任单位编号", examples=["emergency-bureau"])
    owner_name: str = Field(description="责任单位", examples=["区应急管理局"])
    since: str = Field(description="自何时起算", examples=["district_informed"])
    since_zh: str = Field(description="起算点说明", examples=["区应急管理局接到报告"])
    started_at: LocalTime = Field(description="起算时间")
    due: LocalTime = Field(description="到期时间，自然时间")
    provisional: bool = Field(description="起算时间尚不确切，确切后重算")
    window: bool = Field(description="期间内随时应报，到期不算逾期")
    done_at: LocalTime | None = Field(description="完成时间")
    standing: str = Field(
        description="running 进行中，approaching 临近，overdue 已超时，met 按时，met_late 迟延完成，closed 期间已过"
    )
    late_minutes: int = Field(description="超时分钟数，读取时计算，不足一分钟按一分钟计")
    breached: bool = Field(description="曾经超时，记录不因后来补报而消除")
    law: str | None = Field(
        description="国家法规", examples=["生产安全事故报告和调查处理条例（国务院令第493号）"]
    )
    article: str | None = Field(description="条文", examples=["第十、十一条"])


class RefuteIn(Body, title="更正超时", example={"reason": "接报时间误写为前一年，实际 20 分钟内已电话报告"}):
    """Why a breach is none (更正超时)."""

    reason: Text = Field(description="理由")


class BreachOut(OfIncident, title="超时记录"):
    """A deadline that was missed (超时记录)."""

    id: UUID = Field(description="超时记录编号")
    deadline: str = Field(description="时限编号")
    due: LocalTime = Field(description="当时的到期时间")
    provisional: bool = Field(description="当时起算时间尚不确切")
    found_at: LocalTime = Field(description="记录时间")
    refuted_at: LocalTime | None = Field(description="更正时间；更正后不再计为超时，记录留存")
    refuted_by: str | None = Field(description="更正单位", examples=["emergency-bureau"])
    refuted_why: str | None = Field(description="更正理由", examples=["书面报告按时送达，录入时写错了时间"])


async def deadlines_of(case: Case) -> list[DeadlineOut]:
    """The deadlines that run or were met, as they stand now."""
    return await deadlines_shown(case, await work.clocks_of(case))


async def deadlines_shown(case: Case, clocks: Sequence[IncidentDeadline]) -> list[DeadlineOut]:
    """Of an accident's clocks those that run or were met, as they stand now."""
    breached = {each.deadline for each in await work.breaches_of(case) if each.refuted_at is None}
    rows = [row for row in clocks if row.running or row.done_at]
    return [_shown(case, row, row.deadline in breached) for row in rows]


def _shown(case: Case, row: IncidentDeadline, breached: bool) -> DeadlineOut:
    law = catalogue().laws[row.law] if row.law else None
    return DeadlineOut.of(
        row,
        case.incident,
        id=row.deadline,
        owner_name=catalogue().unit(row.owner).name,
        since_zh=_since(row),
        standing=standing(row, row.done_at, case.until),
        late_minutes=late_minutes(row, row.done_at, case.until),
        breached=breached,
        law=f"{law.title}（{law.number}）" if law else None,
    )


def _since(row: IncidentDeadline) -> str:
    """What a deadline is counted from, and what is not known yet."""
    said = _SINCE.get(Since(row.since), "前一环节")
    rule = next(each for each in catalogue().deadlines if each.id == row.deadline)
    return said + _UNKNOWN.get(rule.clock, "") if row.provisional and rule.clock else said


def _owner(named: str) -> str:
    """Who owes something under the rules, by id or any name. Raises: Invalid, naming who does."""
    owners = {rule.owner: catalogue().unit(rule.owner).name for rule in catalogue().deadlines}
    canonical = units.resolve(named)
    for id, name in owners.items():
        if named in (id, name) or (canonical is not None and canonical.id == id):
            return id
    raise Invalid(
        "unknown-owner",
        f"没有由“{named}”负责的时限。负责的有：{'、'.join(owners.values())}。",
        errors=[FieldError(pointer="?owner", reason="不是时限的责任单位")],
    )


@router.get(
    "/deadlines",
    summary="列出所有事故的时限",
    description="跨事故列出正在计时、尚未完成的时限，最早到期的在前；standing 可只看临近或已超时的。"
    "默认不含演练，也不含随时应报的补报期。",
    openapi_extra=clauses("E-4.1a", "E-4.1c", "E-4.1e", "E-5.4"),
)
async def list_all_deadlines(
    context: Reader,
    paging: PageRequest,
    owner: Annotated[
        str | None, Query(max_length=100, description="责任单位，编号或名称", examples=["区应急管理局"])
    ] = None,
    standing: Annotated[
        Literal["approaching", "overdue"] | None,
        Query(description="approaching 已临近而未到期，overdue 已超时"),
    ] = None,
    windows: Annotated[bool, Query(description="true 也列出补报期")] = False,
    exercise: Annotated[bool, Query(description="true 只看演练")] = False,
) -> Page[DeadlineOut]:
    """What is owed in all accidents, the earliest due first (E-4.1a)."""
    query = work.running(context, exercise=exercise)
    if owner is not None:
        query = query.where(IncidentDeadline.owner == _owner(owner))
    if not windows:
        query = query.where(~IncidentDeadline.window)
    if standing == "overdue":
        query = query.where(IncidentDeadline.due < context.now)
    elif standing == "approaching":
        query = query.where(IncidentDeadline.due >= context.now, IncidentDeadline.remind_at <= context.now)
    rows, following = await paging.fetch(context.session, query, *work.BY_DUE)
    missed = await work.breached(context, rows)
    shown = [
        _shown(Case(context, row.incident), row, (row.incident_id, row.deadline) in missed) for row in rows
    ]
    return Page(items=shown, next=following)


@router.get(
    "/incidents/{key}/deadlines",
    summary="列出事故的时限",
    description="地方时限和国家时限并列，均为自然时间；是否超时在读取时计算。"
    "format=svg 返回时间轴图：按时、迟延、超时和进行中的各用不同的图形和文字标明；format=docx 下载可改的报告。",
    responses=problems(404) | OR_REPORTED,
    openapi_extra=clauses("E-4.1a", "E-4.1c", "E-4.1e", "E-5.4"),
)
async def list_deadlines(
    key: Key,
    context: Reader,
    format: Annotated[Literal["json", "docx", "svg"], Query(description="json、docx 或 svg 图")] = "json",
    width: FigureWidth = USUAL,
) -> list[DeadlineOut]:
    """The deadlines of an accident as they stand now (E-4.1a)."""
    case = await Case.see(context, key)
    found = await deadlines_of(case)
    name = f"{case.incident.mark}{case.incident.number}"
    if format == "docx":
        return await reported(figure.report(name, found, case.until), context.now)  # type: ignore[return-value]
    if format == "svg":
        return drawn(figure.drawing(name, found, case.until, width))  # type: ignore[return-value]
    return found


@router.post(
    "/incidents/{key}/deadlines/{deadline}/done",
    summary="登记一项时限已完成",
    description="用于本服务之外办理的时限：上级报送、整改评估。其余时限由相应的报告或登记自动完成。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-4.1c", "E-5.4"),
)
async def finish_deadline(
    key: Key,
    deadline: Annotated[str, Path(description="时限编号", examples=["upward-region"], max_length=60)],
    body: DoneIn,
    context: Office,
) -> list[DeadlineOut]:
    """Mark a deadline as met that is met outside this service (E-4.1c, E-5.4)."""
    context.refuse_future(done_at=body.done_at)
    case = await Case.open(context, key)
    await work.finish(case, deadline, case.at(body.done_at, field="done_at"), body.note)
    return await deadlines_of(case)


@router.get(
    "/incidents/{key}/breaches",
    summary="列出超时记录",
    description="一旦超时即记录在案，后来补报、时限变动都不消除；因误录而记的可以更正，更正后留存而不计。",
    responses=problems(404),
    openapi_extra=clauses("E-4.1a"),
)
async def list_breaches(key: Key, context: Reader) -> list[BreachOut]:
    """What was missed, for ever (E-4.1a)."""
    case = await Case.see(context, key)
    return [BreachOut.of(row, case.incident) for row in await work.breaches_of(case)]


@router.post(
    "/breaches/{id}/refute",
    summary="更正超时记录",
    description="实际按时而因误录、补录时间而记为超时的，写明理由更正；记录留存，不再计为超时。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-4.1a"),
)
async def refute_breach(
    id: Annotated[UUID, Path(description="超时记录编号")], body: RefuteIn, context: Office
) -> BreachOut:
    """A breach rests on a wrong entry (E-4.1a)."""
    case, breach = await work.refute(context, id, body.reason)
    return BreachOut.of(breach, case.incident)
