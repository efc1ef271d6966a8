"""Endpoints of what units report on measures (P-4.2, T-5)."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response
from sqlalchemy import select

from kit.context import Context
from kit.district.clock import Day
from kit.district.named_units import UnitId
from kit.storage import db
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Belonging, Whose, street_of
from kit.web.pages import Page, PageRequest, narrowed
from kit.web.problems import problems
from kit.web.routes import clauses
from services.office.plan.roles import UNIT
from services.office.programmes import work
from services.office.programmes.models import ProgressReport
from services.office.programmes.shapes import ReasonIn, ReportIn, ReportOut

CLAUSES = ("P-4.2", "T-5")
Reader = Annotated[Context, requires("office:read", whose=Whose.PLACES)]
Reporter = Annotated[Context, requires(one_of=(UNIT,), whose=Whose.UNITS)]
ReportId = Annotated[UUID, Path(description="进展报告编号")]
_BELONGS = Belonging(street_of(ProgressReport.unit))

router = routes.router("进展报告")


@router.post(
    "/progress-reports",
    status_code=201,
    summary="报送进展",
    description="责任单位报送本单位在一条措施上的进展，令牌写明的单位即报告单位。报送后不能修改，有误的撤回后另报。"
    "阶段还没有启动或已经结束的返回 409。",
    responses=problems(409),
    openapi_extra=clauses(*CLAUSES),
)
async def report_progress(body: ReportIn, context: Reporter, response: Response) -> ReportOut:
    """Take in what a unit reports."""
    row = await work.report(context, body)
    response.headers["Location"] = f"/office/v1/progress-reports/{row.id}"
    return ReportOut.shown(row)


@router.get(
    "/progress-reports",
    summary="列出进展报告",
    description="按收到先后分页列出，连同撤回的；可按专项工作、措施、单位、到期日筛选。街道（镇）只能看本街道（镇）和区级单位的。",
    openapi_extra=clauses(*CLAUSES),
)
async def list_reports(
    context: Reader,
    paging: PageRequest,
    programme: Annotated[str | None, Query(max_length=60, description="专项工作编号")] = None,
    measure: Annotated[str | None, Query(max_length=20, description="措施编号")] = None,
    unit: Annotated[UnitId | None, Query(description="报告单位，编号或名称")] = None,
    due_on: Annotated[Day | None, Query(description="所报的是哪一天到期的报告")] = None,
) -> Page[ReportOut]:
    """The reports."""
    query = narrowed(
        select(ProgressReport), programme_id=programme, measure=measure, unit=unit, due_on=due_on
    )
    within = context.within(query, _BELONGS)
    return await paging.page(context.session, within, ReportOut.shown, ProgressReport.id)


@router.get(
    "/progress-reports/{id}",
    summary="查看一份进展报告",
    description="进展、佐证和收到时间；撤回的写明理由。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def read_report(id: ReportId, context: Reader) -> ReportOut:
    """A report."""
    row = await db.found(context.session, ProgressReport, id, work.NO_SUCH_REPORT)
    await context.must_hold(_BELONGS, ProgressReport.id == id, work.NO_SUCH_REPORT)
    return ReportOut.shown(row)


@router.post(
    "/progress-reports/{id}/withdraw",
    summary="撤回进展报告",
    description="报告单位撤回本单位的报告，写明理由；报告保留，不再算作报送。",
    responses=problems(404, 409),
    openapi_extra=clauses(*CLAUSES),
)
async def withdraw_report(id: ReportId, body: ReasonIn, context: Reporter) -> ReportOut:
    """Take a report back."""
    return ReportOut.shown(await work.withdraw(context, id, body.reason))
