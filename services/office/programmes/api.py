"""Endpoints of programmes, their stages, measures and responsible units (P-4.2, T-3)."""

from typing import Annotated

from fastapi import Path, Query
from sqlalchemy import exists, select

from kit.context import Context
from kit.district.named_units import UnitId
from kit.web import routes
from kit.web.access import requires
from kit.web.course import NoteIn
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest, narrowed
from kit.web.problems import problems
from kit.web.routes import clauses, move
from services.office.plan.roles import MANAGER, UNIT
from services.office.plan.stages import STAGE
from services.office.programmes import work
from services.office.programmes.models import STAGES, Measure, Programme, Responsibility, Stage
from services.office.programmes.shapes import (
    HeldIn,
    HeldOut,
    MeasureOut,
    ProgrammeOut,
    ReleaseIn,
    StageOut,
    StageWithSteps,
    held,
)

CLAUSES = ("P-4.2", "T-3")
Reader = Annotated[Context, requires("office:read", whose=Whose.EVERYBODYS)]
#: Who takes a step; the table says who may, and of the units the one that leads.
Actor = Annotated[Context, requires(whose=Whose.DISTRICTS)]
Leader = Annotated[Context, requires(one_of=(MANAGER, UNIT), whose=Whose.DISTRICTS)]
ProgrammeId = Annotated[
    str, Path(max_length=60, description="专项工作编号", examples=["property-three-year"])
]
StageNumber = Annotated[int, Path(ge=1, le=100, description="第几阶段", examples=[2])]
MeasureNumber = Annotated[str, Path(max_length=20, description="措施编号", examples=["2.2.3"])]
UnitInPath = Annotated[UnitId, Path(description="单位，编号或名称", examples=["tongchuan-town"])]

router = routes.router("专项工作")


@router.get(
    "/programmes",
    summary="列出专项工作",
    description="文件部署的专项工作：牵头单位和各阶段的进展。",
    openapi_extra=clauses(*CLAUSES),
)
async def list_programmes(context: Reader, paging: PageRequest) -> Page[ProgrammeOut]:
    """The programmes by id."""
    return await paging.page(context.session, select(Programme), ProgrammeOut.shown, Programme.id)


@router.get(
    "/programmes/{id}",
    summary="查看一项专项工作",
    description="牵头单位、各阶段的主要工作和进展。月份与文件一样精确，文件没有写明的为空。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def read_programme(id: ProgrammeId, context: Reader) -> ProgrammeOut:
    """A programme."""
    return ProgrammeOut.shown(await work.programme(context, id))


@router.get(
    "/programmes/{id}/stages/{number}",
    summary="查看一个阶段",
    description="主要工作、进展和办理过程。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def read_stage(id: ProgrammeId, number: StageNumber, context: Reader) -> StageWithSteps:
    """A stage with what was done."""
    return await _shown(context, work.stage_of(await work.programme(context, id), number))


async def _shown(context: Context, stage: Stage) -> StageWithSteps:
    allowed = STAGE.allowed(stage.state, context.caller)
    return StageWithSteps.of(stage, allowed=allowed, steps=await STAGES.steps(context, stage))


def _add_step(action: str, description: str) -> None:
    @move(router, "/programmes/{id}/stages/{number}", STAGE, action, description, name=f"{action}_stage")
    async def act(id: ProgrammeId, number: StageNumber, body: NoteIn, context: Actor) -> StageOut:
        """Take a stage a step further, in the order of the stages."""
        return StageOut.of(await work.move_stage(context, id, number, action, body.note))


_add_step(
    "open",
    "由牵头单位或区政府办公室启动，写明依据。按顺序启动；前一阶段还在进行时可以启动后一阶段，最多前后两个同时进行。",
)
_add_step("close", "由牵头单位或区政府办公室结束，写明总结。按顺序结束；结束后不再登记属于它的进展和整改。")
_add_step("reopen", "结束得过早或有误的，由区政府办公室写明理由，让它重新进行。")


@router.get(
    "/programmes/{id}/measures",
    summary="列出措施",
    description="按文件的次序分页列出，责任单位按文件的写法；可按章和责任单位筛选。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def list_measures(
    id: ProgrammeId,
    context: Reader,
    paging: PageRequest,
    chapter: Annotated[str | None, Query(max_length=20, description="章的序号", examples=["2"])] = None,
    unit: Annotated[UnitId | None, Query(description="目前的责任单位，编号或名称")] = None,
) -> Page[MeasureOut]:
    """The measures in the document's order."""
    await work.programme(context, id)
    query = narrowed(select(Measure).where(Measure.programme_id == id), chapter=chapter)
    if unit is not None:
        holds = exists().where(
            Responsibility.programme_id == Measure.programme_id,
            Responsibility.measure == Measure.number,
            Responsibility.unit == unit,
            Responsibility.until.is_(None),
        )
        query = query.where(holds)
    return await paging.page(context.session, query, MeasureOut.shown, Measure.position)


@router.get(
    "/programmes/{id}/measures/{number}/units",
    summary="列出措施的责任单位",
    description="把“各街道”等统称逐个列开，连同后来增加和免除的，各写明理由。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def list_held(
    id: ProgrammeId, number: MeasureNumber, context: Reader, paging: PageRequest
) -> Page[HeldOut]:
    """The units that a measure holds responsible, and held."""
    await work.measure(context, id, number)
    query = select(Responsibility).filter_by(programme_id=id, measure=number)
    return await paging.page(context.session, query, held, Responsibility.unit, Responsibility.since)


@router.post(
    "/programmes/{id}/measures/{number}/units",
    status_code=201,
    summary="增加责任单位",
    description="文件只写统称、没有列名的，由牵头单位或区政府办公室登记是哪些单位，写明理由。",
    responses=problems(404, 409),
    openapi_extra=clauses("P-4.2", "T-5"),
)
async def hold_unit(id: ProgrammeId, number: MeasureNumber, body: HeldIn, context: Leader) -> HeldOut:
    """Hold a further unit responsible."""
    return held(await work.hold(context, await work.programme(context, id), number, body))


@router.post(
    "/programmes/{id}/measures/{number}/units/{unit}/release",
    summary="免除责任单位",
    description="按统称计入的单位与措施无关的，由牵头单位或区政府办公室免除，写明理由；文件点名的不能免除。",
    responses=problems(404, 409),
    openapi_extra=clauses("P-4.2", "T-5"),
)
async def release_unit(
    id: ProgrammeId, number: MeasureNumber, unit: UnitInPath, body: ReleaseIn, context: Leader
) -> HeldOut:
    """Release a unit that the document does not name."""
    return held(await work.release(context, await work.programme(context, id), number, unit, body))
