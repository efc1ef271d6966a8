"""Endpoints of a plan's versions: drafted, submitted, approved or returned, withdrawn; and what each changes (L-6, N-2.2)."""

from typing import Annotated, NamedTuple

from fastapi import Depends, Path, Response

from kit.context import Context
from kit.web import routes
from kit.web.access import requires
from kit.web.course import NoteIn
from kit.web.etags import IfMatch, set_etag
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest
from kit.web.problems import NotFound, problems
from kit.web.routes import clauses, move
from services.lawstudy.plan.planning import PLANNING, UNDER_WAY
from services.lawstudy.plan.roles import JUSTICE
from services.lawstudy.plans import drafting, work
from services.lawstudy.plans.api import Reader, Year
from services.lawstudy.plans.models import PLANS, PlanVersion
from services.lawstudy.plans.shapes import (
    AdjustIn,
    ApproveIn,
    ChangeOut,
    ChangesOut,
    ObjectionOut,
    PlanDraftIn,
    PlanIn,
    PlanOut,
    PlanSummary,
    PlanVersionOut,
)

Version = Annotated[int, Path(ge=1, le=1000, description="第几版", examples=[1])]


class Which(NamedTuple):
    """Which version of which year."""

    year: int
    version: int


async def _which(year: Year, version: Version) -> Which:
    return Which(year, version)


One = Annotated[Which, Depends(_which)]
Drafter = Annotated[Context, requires(one_of=(JUSTICE,), whose=Whose.DISTRICTS)]
#: Who takes a step; the table says who may.
Actor = Annotated[Context, requires(whose=Whose.DISTRICTS)]
PATH = "/plans/{year}/versions/{version}"


async def shown(context: Context, row: PlanVersion) -> PlanVersionOut:
    """A version as it is shown, with what stands against approving it today."""
    found = drafting.against(row, context.today) if row.state in UNDER_WAY and not row.settled else ()
    return PlanVersionOut.of(
        PlanOut.shown(row),
        against=[
            ObjectionOut(pointer=each.pointer, reason=each.sentence, clause=each.clause) for each in found
        ],
        allowed=PLANNING.allowed(row.state, context.caller),
        steps=await PLANS.steps(context, row),
    )


async def written(context: Context, row: PlanVersion, response: Response | None = None) -> PlanVersionOut:
    """A version as it is now that it was written, with its ETag where the answer has one."""
    await context.session.flush()
    row = await work.version_of(context, row.year, row.version, to_change=True)
    if response is not None:
        set_etag(response, row.edition)
    return await shown(context, row)


router = routes.router("学法计划的制定和调整")


@router.post(
    "/plans",
    status_code=201,
    summary="拟定年度学法计划",
    description="为还没有学法计划的年份开始一份草案；主题可以以后再填。之后报审、审定、印发。",
    responses=problems(409),
    openapi_extra=clauses("L-6"),
)
async def begin_plan(body: PlanIn, context: Drafter, response: Response) -> PlanVersionOut:
    """Begin the draft of a year's plan (L-6)."""
    row = await drafting.begin(context, body)
    response.headers["Location"] = f"/lawstudy/v1/plans/{row.year}/versions/{row.version}"
    return await written(context, row)


@router.post(
    "/plans/{year}/versions",
    status_code=201,
    summary="调整年度学法计划",
    description="写明原因，从施行中的一版开始一份新的草案，主题编号不变；改好以后同样报审、审定、印发。"
    "印发以前，原来的一版继续施行。",
    responses=problems(404, 409),
    openapi_extra=clauses("L-6", "N-2.2"),
)
async def adjust_plan(year: Year, body: AdjustIn, context: Drafter, response: Response) -> PlanVersionOut:
    """Begin an adjustment of the plan in force (L-6, N-2.2)."""
    row = await drafting.adjust(context, year, body.reason)
    response.headers["Location"] = f"/lawstudy/v1/plans/{row.year}/versions/{row.version}"
    return await written(context, row, response)


@router.get(
    "/plans/{year}/versions",
    summary="列出学法计划的各版",
    description="由近及远分页列出各版的原因、审定和印发情况；尚未印发的只给参与制定的单位看。",
    responses=problems(404),
    openapi_extra=clauses("L-6"),
)
async def list_plan_versions(year: Year, context: Reader, paging: PageRequest) -> Page[PlanSummary]:
    """The versions of a year's plan, the newest first (L-6)."""
    query = work.versions_of(context, year)
    rows, following = await paging.fetch(context.session, query, PlanVersion.version, descending=True)
    if not rows and paging.cursor is None:
        raise NotFound("no-such-plan", f"没有 {year} 年的学法计划，已有的计划见 /lawstudy/v1/plans。")
    return Page(items=[PlanSummary.shown(row) for row in rows], next=following)


@router.get(
    PATH,
    summary="查看学法计划的一版",
    description="全部主题、审定前应当改正之处、您目前可做的操作和办理过程。修改草案用这里的 ETag。",
    responses=problems(404),
    openapi_extra=clauses("L-6"),
)
async def read_plan_version(which: One, context: Reader, response: Response) -> PlanVersionOut:
    """A version of a plan with what was done (L-6)."""
    row = await work.version_of(context, *which)
    set_etag(response, row.edition)
    return await shown(context, row)


@router.get(
    f"{PATH}/changes",
    summary="查看一版与前一版的差别",
    description="新增、取消、调整时间、责任部门、法律法规、类别和形式的主题，每项一句话，以及调整的原因和审定会议。",
    responses=problems(404),
    openapi_extra=clauses("L-6", "N-2.2"),
)
async def read_plan_changes(which: One, context: Reader) -> ChangesOut:
    """What a version changes in the one before it (L-6, N-2.2)."""
    row = await work.version_of(context, *which)
    found = [ChangeOut.of(each, topic=each.topic_id) for each in await work.changes(context, row)]
    return ChangesOut.of(row, compared_with=row.adjusts, changes=found)


@router.put(
    PATH,
    summary="修改学法计划草案",
    description="先读取，再带 If-Match 整份提交。草案可以不完整，审定时必须完整。没有编号的主题按形式和名称认出原有的。",
    responses=problems(404, 409, 412, 428),
    openapi_extra=clauses("L-6"),
)
async def replace_plan_draft(
    which: One,
    body: PlanDraftIn,
    context: Drafter,
    if_match: IfMatch,
    response: Response,
) -> PlanVersionOut:
    """Write the whole of a draft anew (L-6)."""
    row = await work.version_of(context, *which, to_change=True)
    if_match.check(row.edition)
    await drafting.replace(context, row, body)
    return await written(context, row, response)


@move(
    router, PATH, PLANNING, "submit", "报区人民政府审定；报审以后不能再改，退回以后可以。", name="submit_plan"
)
async def submit_plan(which: One, context: Actor, response: Response) -> PlanVersionOut:
    """Submit a draft (L-6)."""
    row = await work.version_of(context, *which, to_change=True)
    PLANS.step(context, row, "submit")
    return await written(context, row, response)


@move(
    router,
    PATH,
    PLANNING,
    "approve",
    "写明审定的会议和日期。不符合学法制度的不能审定：每月原则上有会前学法（审定当月起，另有原因的写明），"
    "专题讲座不少于两次，会前学法有月份和责任部门，每个主题归入一类；有几处不符就列出几处。",
    also=("L-3a", "L-3b", "L-5", "L-7a"),
)
async def approve_plan(which: One, body: ApproveIn, context: Actor, response: Response) -> PlanVersionOut:
    """Approve what was submitted (L-6, L-3a, L-3b, L-5, L-7a)."""
    row = await work.version_of(context, *which, to_change=True)
    await drafting.approve(context, row, body.approved_by, body.approved_on)
    return await written(context, row, response)


@move(
    router, PATH, PLANNING, "return", "写明原因，退回区司法局修改；已经审定的随之作废。", name="return_plan"
)
async def return_plan(which: One, body: NoteIn, context: Actor, response: Response) -> PlanVersionOut:
    """Send a version back to its draft (L-6)."""
    row = await work.version_of(context, *which, to_change=True)
    await drafting.send_back(context, row, body.note)
    return await written(context, row, response)


@move(router, PATH, PLANNING, "withdraw", "写明原因，放弃这一版；施行中的一版不受影响。")
async def withdraw_plan(which: One, body: NoteIn, context: Actor, response: Response) -> PlanVersionOut:
    """Give up a version that is not approved (L-6)."""
    row = await work.version_of(context, *which, to_change=True)
    PLANS.step(context, row, "withdraw", body.note)
    return await written(context, row, response)
