"""Endpoints of the sessions of law study."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response
from sqlalchemy import select

from kit.context import Context
from kit.district.clock import SHANGHAI, Day
from kit.district.named_units import UnitId
from kit.web import routes
from kit.web.access import requires
from kit.web.leadership import AskedOffice, OfficeService
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest, narrowed
from kit.web.problems import problems
from kit.web.routes import clauses, move
from services.lawstudy.base import Reader
from services.lawstudy.chairs import MayChairOut
from services.lawstudy.plan.law_study import Form
from services.lawstudy.plan.roles import JUSTICE, OFFICE
from services.lawstudy.plan.sessions import OPEN, SESSION
from services.lawstudy.sessions import work
from services.lawstudy.sessions.due import TextWorkdays
from services.lawstudy.sessions.models import COMES, SESSIONS, Session
from services.lawstudy.sessions.shapes import (
    CLAUSES,
    FORMS,
    STATES,
    DelegationIn,
    HoldIn,
    PostponeIn,
    ScheduleIn,
    SessionIn,
    SessionOut,
    SessionState,
    SessionWithSteps,
    SpeakerIn,
    WhyIn,
)

SessionId = Annotated[UUID, Path(description="学法安排编号")]
#: Who takes a step; the table says who may.
Actor = Annotated[Context, requires(whose=Whose.DISTRICTS)]
Organiser = Annotated[Context, requires(one_of=(OFFICE,), whose=Whose.DISTRICTS)]
#: Who may name a speaker: whoever invites, and whoever organises.
Inviter = Annotated[Context, requires(one_of=(JUSTICE, OFFICE), whose=Whose.DISTRICTS)]


def shown(row: Session, context: Context) -> SessionOut:
    """A session as it is shown."""
    return SessionOut.shown(row, SESSION.allowed(row.state, context.caller))


router = routes.router("学法安排")


@router.get(
    "/sessions",
    summary="列出学法安排",
    description="计划印发后，有月份的主题各有一项；专题讲座另行安排。可按年份、形式、进展、责任部门筛选，按列入先后分页。",
    openapi_extra=clauses(*CLAUSES),
)
async def list_sessions(
    context: Reader,
    paging: PageRequest,
    year: Annotated[
        int | None, Query(ge=2000, le=2100, description="学法计划的年份", examples=[2024])
    ] = None,
    form: Annotated[Form | None, Query(description=FORMS)] = None,
    state: Annotated[SessionState | None, Query(description=STATES)] = None,
    unit: Annotated[UnitId | None, Query(description="责任部门，编号或名称", examples=["区司法局"])] = None,
) -> Page[SessionOut]:
    """The sessions in the order they were made."""
    query = narrowed(select(Session), plan_year=year, form=form, state=state, unit=unit)
    return await paging.page(context.session, query, lambda row: shown(row, context), Session.id)


@router.get(
    "/sessions/coming",
    summary="列出将要举行的学法",
    description="尚未举行的学法，按日期先后分页列出，limit=1 即下一次；没有定日期的以所定月份、没有月份的以当年的最后一天计。"
    "这一天已过的不在其中。",
    openapi_extra=clauses(*CLAUSES),
)
async def list_coming_sessions(
    context: Reader,
    paging: PageRequest,
    since: Annotated[Day | None, Query(description="这一天及以后的，不填为今天")] = None,
) -> Page[SessionOut]:
    """The sessions that are still to be held, the next first."""
    coming = select(Session.id, COMES.label("day")).where(Session.state.in_(OPEN)).subquery("coming")
    query = select(*coming.c).where(coming.c.day >= (since or context.today))
    found, following = await paging.fetch(context.session, query, coming.c.day, coming.c.id)
    ids = [each.id for each in found]
    rows = {row.id: row for row in await context.session.scalars(select(Session).where(Session.id.in_(ids)))}
    return Page(items=[shown(rows[id], context) for id in ids], next=following)


@router.post(
    "/sessions",
    status_code=201,
    summary="新增学法安排",
    description="安排计划中没有月份的主题，例如把几部条例合为一次专题讲座。主题应在现行计划中，且没有别的学法安排。",
    responses=problems(404, 409),
    openapi_extra=clauses("L-3b", "L-4c", "L-6"),
)
async def add_session(body: SessionIn, context: Organiser, response: Response) -> SessionOut:
    """A further session over topics of the plan in force (L-3b)."""
    row = await work.add(context, body)
    response.headers["Location"] = f"/lawstudy/v1/sessions/{row.id}"
    return shown(row, context)


@router.get(
    "/sessions/{id}",
    summary="查看学法安排",
    description="学习内容、日期、材料报送时限、主讲人、谁可以主持和办理过程。区长、常务副区长的姓名由政府办公室服务答复；"
    "没有答复时如实说明，只列职务。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def read_session(id: SessionId, context: Reader, office: AskedOffice) -> SessionWithSteps:
    """A session with what was done, and who may chair it (L-4a)."""
    row = await SESSIONS.read(context, id)
    steps = await SESSIONS.steps(context, row)
    allowed = SESSION.allowed(row.state, context.caller)
    chairs = await _may_chair(context, row, office)
    return SessionWithSteps.shown(row, allowed, steps=steps, may_chair=chairs)


async def _may_chair(context: Context, row: Session, office: OfficeService) -> MayChairOut | None:
    if row.state in ("held", "cancelled"):
        return None
    at = context.now
    if row.day is not None and row.begins_at is not None:
        at = datetime.combine(row.day, row.begins_at, SHANGHAI)
    return await MayChairOut.asked(office, at, delegated=row.delegated_on is not None)


@move(
    router,
    "/sessions/{id}",
    SESSION,
    "schedule",
    "定在一次常务会议上，专题讲座也可以单独定日期；已有日期的改期。材料报送时限随之计算：学法前若干个工作日的当天结束。",
    summary="为学法定日期",
    also=("N-2.1", "N-2.2"),
)
async def schedule_session(
    id: SessionId, body: ScheduleIn, context: Actor, workdays: TextWorkdays
) -> SessionOut:
    """Give a session its day (L-4c)."""
    return shown(await work.schedule(context, id, body, workdays), context)


@move(router, "/sessions/{id}", SESSION, "postpone", "日期清空，材料及其审核结论保留；重新定日期后继续。")
async def postpone_session(id: SessionId, body: PostponeIn, context: Actor) -> SessionOut:
    """Put a session off (N-2.2)."""
    return shown(await work.postpone(context, id, body.reason, body.month), context)


@move(
    router,
    "/sessions/{id}",
    SESSION,
    "cancel",
    "取消后主题可以另行安排；日历中标为已取消。",
    summary="取消学法安排",
)
async def cancel_session(id: SessionId, body: WhyIn, context: Actor) -> SessionOut:
    """Cancel a session (N-2.2)."""
    row = await SESSIONS.lock(context, id)
    await work.cancel(context, row, body.reason)
    return shown(row, context)


@move(router, "/sessions/{id}", SESSION, "reinstate", "误取消的恢复为已列入计划、尚未定日期。")
async def reinstate_session(id: SessionId, body: WhyIn, context: Actor) -> SessionOut:
    """Take a cancellation back (N-2.2)."""
    return shown(await work.reinstate(context, id, body.reason), context)


@router.post(
    "/sessions/{id}/speaker",
    summary="登记主讲人",
    description="会前学法由责任部门主要负责人主讲，由其他人主讲的写明理由；专题讲座由区司法局或责任部门邀请外部法律专家学者。",
    responses=problems(404, 409),
    openapi_extra=clauses("L-7a", "L-7b"),
)
async def name_speaker(id: SessionId, body: SpeakerIn, context: Inviter) -> SessionOut:
    """Who speaks (L-7a, L-7b)."""
    return shown(await work.name_speaker(context, id, body), context)


@router.post(
    "/sessions/{id}/delegate",
    summary="登记主持委托",
    description="区长不主持时，登记区长委托常务副区长主持的日期和方式；没有委托的，常务副区长不能主持。",
    responses=problems(404, 409),
    openapi_extra=clauses("L-4a"),
)
async def record_delegation(id: SessionId, body: DelegationIn, context: Organiser) -> SessionOut:
    """The head of the district has asked the executive deputy to chair (L-4a)."""
    return shown(await work.delegate(context, id, body.delegated_on, body.how), context)


@move(
    router,
    "/sessions/{id}",
    SESSION,
    "ready",
    "材料经区司法局审核通过、主讲人已定后确认；之后再提交材料的，审核结论作废，须重新审核、重新确认。",
    summary="确认学法就绪",
    also=("L-7b",),
)
async def make_session_ready(id: SessionId, context: Actor) -> SessionOut:
    """All is ready (L-7c)."""
    return shown(await work.make_ready(context, id), context)


@move(
    router,
    "/sessions/{id}",
    SESSION,
    "hold",
    "学法当天或之后登记。主持人只能是区长，或者受区长委托的常务副区长。",
    summary="登记学法已举行",
    also=("L-4a",),
)
async def hold_session(id: SessionId, body: HoldIn, context: Actor) -> SessionOut:
    """The session was held (L-4a, L-4c)."""
    return shown(await work.hold(context, id, body), context)
