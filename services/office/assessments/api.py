"""Endpoints of the self-assessment against the criteria (T-3)."""

from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Path
from pydantic import Field
from sqlalchemy import Select, and_, func, select, true
from sqlalchemy.orm import aliased

from kit.context import Context
from kit.events.event import Event
from kit.storage import db
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest
from kit.web.problems import FieldError, Invalid, problems
from kit.web.register_endpoints import add_register
from kit.web.registers import Register
from kit.web.routes import clauses
from services.office.assessments.models import Assessment, Correction, Criterion
from services.office.assessments.shapes import (
    CLAUSES,
    AssessmentIn,
    AssessmentOut,
    CriterionIn,
    CriterionStanding,
    SelfAssessmentOut,
)
from services.office.plan.roles import MANAGER, UNIT
from services.office.programmes import work
from services.office.programmes.api import ProgrammeId
from services.office.programmes.models import Programme, Stage

NO_SUCH_CRITERION: Final = "没有这条创建指标，请核对编号。"
CriterionId = Annotated[UUID, Path(description="创建指标编号")]
Anybody = Annotated[Context, requires("office:read", whose=Whose.EVERYBODYS)]
Lead = Annotated[Context, requires(one_of=(MANAGER, UNIT), whose=Whose.DISTRICTS)]


class SelfAssessed(Event, type="office.criterion.assessed", title="自查评估"):
    """The district assessed itself by a criterion."""

    programme: str = Field(description="专项工作编号")
    criterion: UUID = Field(description="创建指标编号")
    met: bool = Field(description="是否达到")
    assessed_on: date = Field(description="自查日期")


async def stage_of(context: Context, programme: Programme, *, assesses: bool) -> Stage:
    """The stage in which a programme is assessed, or is put right, that does not end meanwhile.

    Raises: Invalid for a programme without one.
    """
    await context.session.get(Programme, programme.id, with_for_update={"read": True}, populate_existing=True)
    for stage in programme.stages:
        if stage.assesses if assesses else stage.corrects:
            return stage
    raise Invalid(
        "no-self-assessment",
        f"{programme.title}没有自查评估的阶段，不登记创建指标。",
        errors=[FieldError(pointer="/programme_id", reason="没有自查评估的阶段")],
    )


# ------------------------------------------------------------------------------------ criteria
async def _check(context: Context, body: CriterionIn, row: Criterion | None) -> None:
    """Refuse a criterion of a programme that has no self-assessment, or whose self-assessment is over.

    Raises: Forbidden; Invalid; Conflict.
    """
    for id in dict.fromkeys([body.programme_id, *([] if row is None else [row.programme_id])]):
        programme = await context.session.get(Programme, id)
        if programme is None:
            raise Invalid(
                "unknown-reference",
                work.NO_SUCH_PROGRAMME,
                errors=[FieldError(pointer="/programme_id", reason="没有这个编号的专项工作")],
            )
        await _may_still_change(context, programme)


async def _may_still_change(context: Context, programme: Programme) -> None:
    work.must_lead(context, programme)
    stage = await stage_of(context, programme, assesses=True)
    if stage.state == "closed":
        work.must_be_open(stage, of="创建指标")


async def _removable(context: Context, row: Criterion) -> None:
    await _may_still_change(context, await work.programme(context, row.programme_id))


CRITERIA: Final = Register(
    "criteria",
    "创建指标",
    Criterion,
    CriterionIn,
    about="自查评估所对照的指标，由牵头单位按创建标准登记。",
    filters=("programme_id",),
    search="content",
    check=_check,
    removable=_removable,
    writers=(MANAGER, UNIT),
)

router = routes.router("自查评估")
add_register(router, "office", CRITERIA)


# ------------------------------------------------------------------------------------ self-assessment
@router.post(
    "/criteria/{id}/assessments",
    status_code=201,
    summary="登记自查结果",
    description="牵头单位对照一条指标自查，写明是否达到、情况和佐证；以后可以再次自查，以最近一次为准。"
    "自查评估的阶段还没有启动或已经结束的返回 409。",
    responses=problems(404, 409),
    openapi_extra=clauses(*CLAUSES),
)
async def assess(id: CriterionId, body: AssessmentIn, context: Lead) -> AssessmentOut:
    """Assess the district by a criterion."""
    criterion = await db.found(context.session, Criterion, id, NO_SUCH_CRITERION)
    programme = await work.programme(context, criterion.programme_id)
    work.must_lead(context, programme)
    context.refuse_future(assessed_on=body.assessed_on)
    work.must_be_open(await stage_of(context, programme, assesses=True), of="自查结果")
    if body.met and not body.evidence:
        raise Invalid(
            "no-evidence",
            "达到指标的，请附上佐证。",
            errors=[FieldError(pointer="/evidence", reason="没有佐证")],
            clauses=CLAUSES,
        )
    row = Assessment(
        id=db.new_id(),
        criterion_id=id,
        programme_id=programme.id,
        entered_at=context.now,
        **body.model_dump(),
    )
    context.session.add(row)
    told = SelfAssessed(programme=programme.id, criterion=id, met=body.met, assessed_on=body.assessed_on)
    context.record(told, str(id))
    return AssessmentOut.of(row)


@router.get(
    "/criteria/{id}/assessments",
    summary="列出自查结果",
    description="一条指标历次自查的结果，按登记先后分页列出，最近一次有效。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def list_assessments(id: CriterionId, context: Anybody, paging: PageRequest) -> Page[AssessmentOut]:
    """The results of a criterion."""
    await db.found(context.session, Criterion, id, NO_SUCH_CRITERION)
    query = select(Assessment).where(Assessment.criterion_id == id)
    return await paging.page(context.session, query, AssessmentOut.of, Assessment.id)


@router.get(
    "/programmes/{id}/self-assessment",
    summary="汇总自查评估",
    description="各指标最近一次自查的结果和整改情况：达到、没有达到、没有自查的各有多少。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def summarise_assessment(id: ProgrammeId, context: Anybody) -> SelfAssessmentOut:
    """How the district stands against all criteria."""
    await work.programme(context, id)
    rows = await context.session.execute(_standings(id, context.today))
    items = [CriterionStanding.of(row) for row in rows]
    met = sum(item.met is True for item in items)
    unmet = sum(item.met is False for item in items)
    return SelfAssessmentOut.of(
        criteria=len(items), met=met, unmet=unmet, unassessed=len(items) - met - unmet, items=items
    )


def _standings(programme: str, day: date) -> Select[Any]:
    """Each criterion of a programme with its last result and its corrections."""
    newest = (
        select(Assessment)
        .where(Assessment.criterion_id == Criterion.id)
        .order_by(Assessment.id.desc())
        .limit(1)
        .lateral("newest")
    )
    every = aliased(Assessment)
    unfinished = Correction.state == "open"
    counted = (
        select(
            func.count().label("corrections"),
            func.count().filter(unfinished).label("unfinished"),
            func.count().filter(and_(unfinished, Correction.due_on < day)).label("overdue"),
        )
        .join_from(Correction, every, every.id == Correction.assessment_id)
        .where(every.criterion_id == Criterion.id)
        .correlate(Criterion)
        .lateral("counted")
    )
    own = (Criterion.id, Criterion.number, Criterion.content, newest.c.met, newest.c.assessed_on)
    return (
        select(*own, *counted.c)
        .where(Criterion.programme_id == programme)
        .outerjoin_from(Criterion, newest, Criterion.id == newest.c.criterion_id)
        .join(counted, true())
        .order_by(Criterion.id)
    )
