"""Endpoints of what is put right after the self-assessment (T-3)."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response
from sqlalchemy import select

from kit.context import Context
from kit.district import units
from kit.district.named_units import UnitId
from kit.storage import db
from kit.web import routes
from kit.web.access import requires
from kit.web.course import NoteIn
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest, narrowed
from kit.web.problems import Conflict, FieldError, Forbidden, Invalid, problems
from kit.web.routes import clauses, move
from services.office.assessments.api import NO_SUCH_CRITERION, Lead, stage_of
from services.office.assessments.models import CORRECTIONS, Assessment, Correction, Criterion
from services.office.assessments.shapes import (
    CLAUSES,
    CorrectionIn,
    CorrectionOut,
    CorrectionState,
    CorrectionWithSteps,
)
from services.office.plan.stages import CORRECTION
from services.office.programmes import work

CorrectionId = Annotated[UUID, Path(description="整改事项编号")]
Reader = Annotated[Context, requires("office:read", whose=Whose.PLACES)]
#: Who takes a step; the table says who may, and of the units the one that leads.
Actor = Annotated[Context, requires(whose=Whose.DISTRICTS)]
#: The unit that has to put something right.
Unit = Annotated[Context, requires(whose=Whose.UNITS)]

router = routes.router("整改")


@router.post(
    "/corrections",
    status_code=201,
    summary="布置整改",
    description="最近一次自查没有达到的指标，由牵头单位明确整改单位、内容和期限。整改的阶段已经结束的返回 409。",
    responses=problems(409),
    openapi_extra=clauses(*CLAUSES),
)
async def order_correction(body: CorrectionIn, context: Lead, response: Response) -> CorrectionOut:
    """Have a unit put something right."""
    criterion = await context.session.get(Criterion, body.criterion_id)
    if criterion is None:
        raise work.unknown("/criterion_id", NO_SUCH_CRITERION)
    programme = await work.programme(context, criterion.programme_id)
    work.must_lead(context, programme)
    stage = await stage_of(context, programme, assesses=False)
    if stage.state == "closed":
        work.must_be_open(stage, of="整改事项")
    row = Correction(
        id=db.new_id(),
        assessment_id=(await _unmet(context, criterion.id)).id,
        programme_id=programme.id,
        state="open",
        entered_at=context.now,
        **_checked(context, body).model_dump(exclude={"criterion_id"}),
    )
    await CORRECTIONS.begin(context, row, unit=row.unit)
    response.headers["Location"] = f"/office/v1/corrections/{row.id}"
    return _shown(row, context)


async def _unmet(context: Context, criterion: UUID) -> Assessment:
    """The last result of a criterion, which has to be that it is not met. Raises: Conflict."""
    query = select(Assessment).where(Assessment.criterion_id == criterion)
    newest: Assessment | None = await context.session.scalar(query.order_by(Assessment.id.desc()).limit(1))
    if newest is None or newest.met:
        raise Conflict(
            "nothing-to-correct",
            "这条指标还没有自查，或最近一次自查已经达到，不需整改；情况有变的请先登记自查结果。",
            clauses=CLAUSES,
        )
    return newest


def _checked(context: Context, body: CorrectionIn) -> CorrectionIn:
    """What is ordered of one unit, for today or later. Raises: Invalid."""
    if units.unit(body.unit).kind is units.Kind.COLLECTIVE:
        raise Invalid(
            "not-one-unit",
            "整改单位是统称，请逐个布置。",
            errors=[FieldError(pointer="/unit", reason="不是一个单位")],
        )
    if body.due_on < context.today:
        raise Invalid(
            "bad-period",
            "完成期限已经过去，请填写今天或以后的。",
            errors=[FieldError(pointer="/due_on", reason="早于今天")],
        )
    return body


def _shown(row: Correction, context: Context) -> CorrectionOut:
    return CorrectionOut.of(row, allowed=CORRECTION.allowed(row.state, context.caller))


@router.get(
    "/corrections",
    summary="列出整改事项",
    description="按布置先后分页列出，可按专项工作、单位、状态筛选。街道（镇）只能看本街道（镇）和区级单位的。",
    openapi_extra=clauses(*CLAUSES),
)
async def list_corrections(
    context: Reader,
    paging: PageRequest,
    programme: Annotated[str | None, Query(max_length=60, description="专项工作编号")] = None,
    unit: Annotated[UnitId | None, Query(description="整改单位，编号或名称")] = None,
    state: Annotated[CorrectionState | None, Query(description="状态")] = None,
) -> Page[CorrectionOut]:
    """The corrections."""
    query = narrowed(select(Correction), programme_id=programme, unit=unit, state=state)
    within = context.within(query, CORRECTIONS.belongs)
    return await paging.page(context.session, within, lambda row: _shown(row, context), Correction.id)


@router.get(
    "/corrections/{id}",
    summary="查看一项整改",
    description="整改内容、期限和办理过程。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def read_correction(id: CorrectionId, context: Reader) -> CorrectionWithSteps:
    """A correction with what was done."""
    row = await CORRECTIONS.read(context, id)
    allowed = CORRECTION.allowed(row.state, context.caller)
    return CorrectionWithSteps.of(row, allowed=allowed, steps=await CORRECTIONS.steps(context, row))


def _add_step(action: str, description: str) -> None:
    actor = Unit if action == "finish" else Actor

    @move(router, "/corrections/{id}", CORRECTION, action, description, name=f"{action}_correction")
    async def act(id: CorrectionId, body: NoteIn, context: actor) -> CorrectionOut:  # type: ignore[valid-type]
        """Take a correction a step further; its unit finishes it, who leads the programme decides."""
        return await _step(context, id, action, body.note)


async def _step(context: Context, id: UUID, action: str, note: str) -> CorrectionOut:
    row: Correction = await CORRECTIONS.lock(context, id)
    programme = await work.programme(context, row.programme_id)
    if action == "finish":
        _must_be_unit(context, row)
    else:
        work.must_lead(context, programme)
    work.must_be_open(await stage_of(context, programme, assesses=False), of="整改")
    CORRECTIONS.step(context, row, action, note)
    row.done_at = None if row.state == "open" else row.done_at or context.now
    return _shown(row, context)


def _must_be_unit(context: Context, row: Correction) -> None:
    if work.own_unit(context) != row.unit:
        raise Forbidden(
            "not-responsible", f"这项整改由{units.unit(row.unit).name}办理，请由其办理。", clauses=CLAUSES
        )


_add_step("finish", "整改单位完成后登记，写明结果。整改的阶段还没有启动或已经结束的返回 409。")
_add_step("redo", "牵头单位退回整改单位继续整改，写明原因；期限不变。")
_add_step("accept", "牵头单位确认已经整改到位。")
