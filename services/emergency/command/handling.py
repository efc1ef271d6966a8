"""What is done on the site: the response plan in its versions, and evidence that had to be moved (E-4.6)."""

from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import Field
from sqlalchemy import select

from kit.context import Context
from kit.district.clock import LocalTime
from kit.storage.db import new_id
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.problems import Conflict, NotFound, problems
from kit.web.routes import clauses
from kit.web.shapes import Body, Name, Text
from services.emergency.case.case import Case, IncidentEvent, Key
from services.emergency.case.shapes import OfIncident
from services.emergency.command.models import Evidence, ResponsePlan
from services.emergency.plan.roles import COMPANY, FIELD, OFFICE

Reader = Annotated[Context, requires("emergency:read", whose=Whose.PLACES)]
Leader = Annotated[Context, requires("emergency:read", one_of=(OFFICE, FIELD), whose=Whose.PLACES)]
Commander = Annotated[Context, requires("emergency:read", one_of=(FIELD,), whose=Whose.PLACES)]
Witness = Annotated[Context, requires("emergency:read", one_of=(FIELD, OFFICE, COMPANY), whose=Whose.PLACES)]

router = routes.router("现场指挥")


class ResponsePlanIn(
    Body, title="处置方案", example={"text": "先支护后搜救，分两班推进", "experts": "顶板专家 2 人"}
):
    """A version of the response plan (处置方案)."""

    text: str = Field(min_length=1, max_length=50_000, description="方案内容")
    experts: Text | None = Field(default=None, description="参加会商的专家和意见")


class ResponsePlanOut(OfIncident, ResponsePlanIn, title="处置方案版本", clauses=("E-4.6",), extra="ignore"):
    """A version of the response plan with its course (处置方案)."""

    version: int = Field(description="版次")
    state: str = Field(description="drafted 拟定，confirmed 已确定，superseded 已被新版代替")
    drafted_at: LocalTime = Field(description="拟定时间")
    drafted_by: str = Field(description="拟定人", examples=["区消防救援大队"])
    confirmed_at: LocalTime | None = Field(description="确定时间")
    confirmed_by: str | None = Field(description="确定人", examples=["区现场指挥部"])


class EvidenceIn(
    Body,
    title="移动现场物体",
    example={
        "what": "采煤机滚筒护罩",
        "why": "压住伤员",
        "stood_at": "3 采区 12 号支架旁",
        "moved_to": "井口东侧",
        "recorded_how": "照片 6 张、草图 1 份",
    },
):
    """A thing of the scene that had to be moved (移动的现场物体)."""

    what: Name = Field(description="什么物体")
    why: Text = Field(description="为何移动")
    stood_at: Name = Field(description="原来的位置和状态")
    moved_to: Name = Field(description="移到哪里")
    recorded_how: Text = Field(description="如何记录：照片、录像、草图等")
    occurred_at: LocalTime | None = Field(default=None, description="移动时间；不填为现在")


class EvidenceOut(OfIncident, EvidenceIn, title="移动现场物体记录", clauses=("E-4.6",), extra="ignore"):
    """A thing that was moved, as it was recorded (移动的现场物体)."""

    id: UUID = Field(description="记录编号")
    occurred_at: LocalTime = Field(description="移动时间")
    recorded_at: LocalTime = Field(description="记录时间")
    client: str = Field(description="记录人", examples=["emergency-bureau"])


class PlanConfirmed(IncidentEvent, type="emergency.field.plan-confirmed", title="现场处置方案已确认"):
    """The field headquarters confirmed a version of the response plan."""

    plan_version: int = Field(description="方案的版本号")


async def plans_of(case: Case) -> list[ResponsePlan]:
    """The versions of the response plan."""
    query = select(ResponsePlan).where(ResponsePlan.incident_id == case.incident.id)
    return list(await case.session.scalars(query.order_by(ResponsePlan.version)))


@router.get(
    "/incidents/{key}/plans",
    summary="列出处置方案各版",
    description="按版次列出。",
    responses=problems(404),
    openapi_extra=clauses("E-4.6"),
)
async def list_plans(key: Key, context: Reader) -> list[ResponsePlanOut]:
    """The versions of the response plan (E-4.6)."""
    case = await Case.see(context, key)
    return [ResponsePlanOut.of(row, case.incident) for row in await plans_of(case)]


@router.post(
    "/incidents/{key}/plans",
    status_code=201,
    summary="拟定处置方案",
    description="由专业处置组会同专家拟定，每次为新的一版。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-4.6"),
)
async def draft_plan(key: Key, body: ResponsePlanIn, context: Leader) -> ResponsePlanOut:
    """Draft the next version of the response plan (E-4.6)."""
    case = await Case.open(context, key)
    plan = ResponsePlan(incident_id=case.incident.id, state="drafted", **body.model_dump())
    plan.version = len(await plans_of(case)) + 1
    plan.drafted_at, plan.drafted_by = case.now, case.caller.by
    case.session.add(plan)
    case.happened("plan", f"拟定处置方案第 {plan.version} 版", "E-4.6")
    return ResponsePlanOut.of(plan, case.incident)


@router.post(
    "/incidents/{key}/plans/{version}/confirm",
    summary="确定处置方案",
    description="由现场指挥部确定；上一版即被代替。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-4.6"),
)
async def confirm_plan(
    key: Key, version: Annotated[int, Path(ge=1, le=100_000, description="版次")], context: Commander
) -> ResponsePlanOut:
    """The field headquarters confirms a version; the one before is superseded (E-4.6)."""
    case = await Case.open(context, key)
    plans = await plans_of(case)
    plan = next((each for each in plans if each.version == version), None)
    if plan is None:
        raise NotFound("not-found", f"没有第 {version} 版处置方案。")
    standing = next((each for each in plans if each.state == "confirmed"), None)
    if plan.state != "drafted" or (standing is not None and standing.version > version):
        raise Conflict(
            "not-the-newest", "该版处置方案已确定过，或已有更新的版本。请拟定新的一版。", clauses=("E-4.6",)
        )
    if standing is not None:
        standing.state = "superseded"
        await case.session.flush()  # one is confirmed at a time
    plan.state, plan.confirmed_at, plan.confirmed_by = "confirmed", case.now, case.caller.by
    event = PlanConfirmed(plan_version=version)
    case.happened("plan", f"现场指挥部确定处置方案第 {version} 版", "E-4.6", event=event)
    return ResponsePlanOut.of(plan, case.incident)


@router.post(
    "/incidents/{key}/evidence",
    status_code=201,
    summary="记录移动的现场物体",
    description="因抢救等必须移动的物体，记录原位、去处和记录方式。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-4.6"),
)
async def add_evidence(key: Key, body: EvidenceIn, context: Witness) -> EvidenceOut:
    """Keep where a thing stood that had to be moved (E-4.6)."""
    context.refuse_future(occurred_at=body.occurred_at)
    case = await Case.open(context, key)
    row = Evidence(id=new_id(), incident_id=case.incident.id, **body.model_dump())
    row.occurred_at = case.at(body.occurred_at)
    row.recorded_at, row.client = case.now, case.caller.by
    case.session.add(row)
    moved = f"移动现场物体：{row.what}，由{row.stood_at}移至{row.moved_to}"
    text = f"{moved}（{row.why}；记录：{row.recorded_how}）"
    case.happened("evidence", text, "E-4.6", at=row.occurred_at)
    return EvidenceOut.of(row, case.incident)


@router.get(
    "/incidents/{key}/evidence",
    summary="列出移动过的现场物体",
    description="按记录先后列出。",
    responses=problems(404),
    openapi_extra=clauses("E-4.6"),
)
async def list_evidence(key: Key, context: Reader) -> list[EvidenceOut]:
    """What was moved, in the order in which it was entered (E-4.6)."""
    case = await Case.see(context, key)
    query = select(Evidence).where(Evidence.incident_id == case.incident.id).order_by(Evidence.id)
    return [EvidenceOut.of(row, case.incident) for row in await case.session.scalars(query)]
