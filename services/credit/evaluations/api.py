"""Endpoints of evaluations of a period (P-2.3.2a, P-2.3.2b)."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query, Response
from sqlalchemy import func, select

from kit.context import Context
from kit.storage import db
from kit.web import routes
from kit.web.access import requires
from kit.web.course import NoteIn
from kit.web.ownership import Belonging, Whose
from kit.web.pages import Page, PageRequest, narrowed
from kit.web.problems import Conflict, problems
from kit.web.routes import clauses, move
from services.credit.base import Anybody, Reader
from services.credit.companies.models import Company
from services.credit.evaluations import work
from services.credit.evaluations.models import EVALUATIONS, Evaluation, Result
from services.credit.evaluations.shapes import (
    DifferenceOut,
    EvaluationIn,
    EvaluationOut,
    EvaluationState,
    EvaluationWithSteps,
    List,
    ResultOut,
    VerificationOut,
)
from services.credit.evaluations.work import CLAUSES
from services.credit.plan.evaluation import EVALUATION
from services.credit.plan.roles import CENTRE

EvaluationId = Annotated[UUID, Path(description="信用评价编号")]
#: Who takes a step; the table says who may.
Actor = Annotated[Context, requires(whose=Whose.DISTRICTS)]
NO_SUCH_EVALUATION = "没有这次信用评价，请核对编号。"


def shown(row: Evaluation, context: Context) -> EvaluationOut:
    """An evaluation as it is shown."""
    return EvaluationOut.of(row, allowed=EVALUATION.allowed(row.state, context.caller))


router = routes.router("信用评价")


@router.post(
    "/evaluations",
    status_code=201,
    summary="启动信用评价",
    description="启动一个周期的信用评价，绑定周期最后一天施行的评价方案；周期结束后计算，之后公示、处理异议、确定结果、公布红黑榜。",
    responses=problems(404, 409),
    openapi_extra=clauses(*CLAUSES),
)
async def open_evaluation(
    body: EvaluationIn,
    context: Annotated[Context, requires(one_of=(CENTRE,), whose=Whose.DISTRICTS)],
    response: Response,
) -> EvaluationOut:
    """Open the evaluation of a period."""
    row = await work.open_evaluation(context, body.begins_on, body.ends_on, body.scheme)
    response.headers["Location"] = f"/credit/v1/evaluations/{row.id}"
    return shown(row, context)


@router.get(
    "/evaluations",
    summary="列出信用评价",
    description="按周期先后分页列出，可按状态筛选。",
    openapi_extra=clauses(*CLAUSES),
)
async def list_evaluations(
    context: Anybody,
    paging: PageRequest,
    state: Annotated[EvaluationState | None, Query(description="状态")] = None,
) -> Page[EvaluationOut]:
    """The evaluations."""
    query = narrowed(select(Evaluation), state=state)
    return await paging.page(context.session, query, lambda row: shown(row, context), Evaluation.begins_on)


@router.get(
    "/evaluations/{id}",
    summary="查看信用评价",
    description="周期、方案、进展和办理过程。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def read_evaluation(id: EvaluationId, context: Anybody) -> EvaluationWithSteps:
    """An evaluation with what was done."""
    row = await db.found(context.session, Evaluation, id, NO_SUCH_EVALUATION)
    allowed = EVALUATION.allowed(row.state, context.caller)
    return EvaluationWithSteps.of(row, allowed=allowed, steps=await EVALUATIONS.steps(context, row))


@router.get(
    "/evaluations/{id}/results",
    summary="列出评价结果",
    description="企业或服务项目的得分、等级和名次，按名次分页列出，得分相同的按统一社会信用代码先后；"
    "企业在公示以后查看本企业的。",
    responses=problems(404, 409),
    openapi_extra=clauses(*CLAUSES),
)
async def list_results(
    id: EvaluationId,
    context: Reader,
    paging: PageRequest,
    of: Annotated[
        Literal["companies", "projects"], Query(description="companies 企业，projects 服务项目")
    ] = "companies",
    grade: Annotated[str | None, Query(description="信用等级", max_length=20)] = None,
    listed: Annotated[List | None, Query(description="red 符合红榜条件，black 符合黑榜条件")] = None,
) -> Page[ResultOut]:
    """The results in the order of their ranks."""
    evaluation = await db.found(context.session, Evaluation, id, NO_SUCH_EVALUATION)
    if context.caller.company is not None and evaluation.published_on is None:
        raise Conflict("not-published", "这次评价还没有公示，请在公示以后查看。", clauses=CLAUSES)
    rank = func.rank().over(order_by=Result.score.desc()).label("rank")
    code = func.coalesce(Result.uscc, "").label("code")
    whole = select(*Result.__table__.columns, rank, code).where(
        Result.evaluation_id == id, Result.project_id.is_not(None) == (of == "projects")
    )
    ranked = whole.subquery("ranked")
    query = context.within(
        narrowed(select(*ranked.c), grade=grade, listed=listed),
        Belonging(company=select(Company.uscc).where(Company.id == ranked.c.company_id).scalar_subquery()),
    )
    rows, following = await paging.fetch(
        context.session, query, ranked.c.rank, ranked.c.code, ranked.c.subject
    )
    return Page(items=[ResultOut.of(row) for row in rows], next=following)


@router.get(
    "/evaluations/{id}/verify",
    summary="复核评价结果",
    description="按计算时已登记的信息和所用方案重新计算全部结果，逐一比较；之后登记、撤回、修复的不影响已确定的结果。",
    responses=problems(404, 409),
    openapi_extra=clauses(*CLAUSES),
)
async def verify_evaluation(
    id: EvaluationId,
    context: Annotated[Context, requires("credit:read", whose=Whose.WHOLE)],
) -> VerificationOut:
    """Compute all results again by what was known then, and compare."""
    row = await db.found(context.session, Evaluation, id, NO_SUCH_EVALUATION)
    checked, found = await work.differences(context, row)
    return VerificationOut.of(
        equal=not found, checked=checked, differences=[DifferenceOut(**each) for each in found]
    )


def _add_step(
    action: str, act: Callable[[Context, Evaluation], Awaitable[int | None]], description: str
) -> None:
    summary = {"settle": "结束异议期", "finalise": "确定评价结果"}.get(action)
    named = {} if summary is None else {"summary": summary}

    @move(router, "/evaluations/{id}", EVALUATION, action, description, name=f"{action}_evaluation", **named)
    async def step(id: EvaluationId, context: Actor) -> EvaluationOut:
        """Take an evaluation a step further."""
        row = await db.locked(context.session, Evaluation, id, NO_SUCH_EVALUATION)
        EVALUATION.check(row.state, action, context.caller)  # before anything is done
        done = await act(context, row)
        EVALUATIONS.step(context, row, action, None, results=done)
        return shown(row, context)


_add_step("compute", work.compute, "周期结束后计算全部企业和服务项目的得分、等级；公示前可以重新计算。")
_add_step("publish", work.publish, "公示结果；异议期自次一工作日起，天数由评价方案规定。")
_add_step("settle", work.settle, "异议期已过、异议全部处理后结束异议。")
_add_step("finalise", work.finalise, "按异议处理后的信息重新计算，并确定结果；确定后不再改变。")


@move(
    router,
    "/evaluations/{id}",
    EVALUATION,
    "cancel",
    "公示以前可以取消，写明原因；已计算的结果随之删除，这个周期可以重新启动。",
)
async def cancel_evaluation(id: EvaluationId, body: NoteIn, context: Actor) -> EvaluationOut:
    """Give an evaluation up before anybody has seen its results."""
    row = await EVALUATIONS.lock(context, id)
    EVALUATIONS.step(context, row, "cancel", body.note)
    await work.drop_results(context, row)
    return shown(row, context)
