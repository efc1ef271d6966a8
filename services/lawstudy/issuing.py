"""Issuing a plan: it is in force from then on, and what is to be held follows it (L-6, N-2.2)."""

from fastapi import Response

from kit.web import routes
from kit.web.routes import move
from services.lawstudy.plan.planning import PLANNING
from services.lawstudy.plans import drafting, work
from services.lawstudy.plans.shapes import IssueIn, PlanVersionOut
from services.lawstudy.plans.versions import PATH, Actor, One, written
from services.lawstudy.sessions.following import follow_plan

router = routes.router("学法计划的印发")


@move(
    router,
    PATH,
    PLANNING,
    "issue",
    "写明发文字号和印发日期；从此施行，原来的一版由这一版替代，仍可查看。学法安排随之变动：新增的主题列入安排，调整时间的改到新的月份，取消的取消；日历随之更新。",
    also=("N-2.2",),
)
async def issue_plan(which: One, body: IssueIn, context: Actor, response: Response) -> PlanVersionOut:
    """Issue an approved version (L-6, N-2.2)."""
    row = await work.version_of(context, *which, to_change=True)
    await drafting.issue(context, row, body.number, body.issued_on)
    await follow_plan(context, row)
    return await written(context, row, response)
