"""Endpoints of an accident's record: its reporting route, verification, findings, referral."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Response
from pydantic import Field

from kit.context import Context
from kit.district.clock import LocalTime
from kit.figures.canvas import USUAL
from kit.web import routes
from kit.web.access import requires
from kit.web.downloads import SVG, FigureWidth, drawn
from kit.web.ownership import Whose
from kit.web.problems import problems
from kit.web.routes import clauses
from kit.web.shapes import Body, Name, Text
from services.emergency.case.case import Case, Key
from services.emergency.case.shapes import OfIncident
from services.emergency.incidents import record
from services.emergency.incidents.shapes import RouteStepIn, RouteStepOut, ScopeOut
from services.emergency.plan.roles import OFFICE

Reader = Annotated[Context, requires("emergency:read", whose=Whose.PLACES)]
Writer = Annotated[Context, requires("emergency:write", whose=Whose.PLACES)]
Office = Annotated[Context, requires("emergency:read", one_of=(OFFICE,), whose=Whose.PLACES)]

router = routes.router("事故记录")


class RouteOut(OfIncident, title="信息报送路线", clauses=("E-4.1c", "E-A2")):
    """The reporting route of an accident (信息报送路线)."""

    verified_at: LocalTime | None = Field(description="核实时间")
    hops: list[RouteStepOut] = Field(description="各个环节")


class VerifyIn(Body, title="核实情况", example={"note": "已电话核实"}):
    """How a report was verified (核实情况)."""

    note: Text = Field(description="说明")
    occurred_at: LocalTime | None = Field(default=None, description="发生时间；不填为现在")


class FindingIn(
    Body,
    title="报告违规",
    example={"kind": "late", "about": "事发单位电话报告迟 25 分钟", "evidence": "通话记录 2024-06-24 09:55"},
):
    """A report that was late, omitted, false or concealed (报告违规)."""

    kind: Literal["late", "omitted", "false", "concealed"] = Field(
        description="late 迟报，omitted 漏报，false 谎报，concealed 瞒报"
    )
    about: Text = Field(description="何人何事")
    evidence: Text = Field(description="证据")
    occurred_at: LocalTime | None = Field(default=None, description="发生时间；不填为现在")


class FindingOut(OfIncident, title="报告违规记录", clauses=("E-4.1g",)):
    """A finding on the record (报告违规记录)."""

    id: UUID = Field(description="记录编号")
    kind: str = Field(description="late 迟报，omitted 漏报，false 谎报，concealed 瞒报")
    about: str = Field(description="何人何事")
    evidence: str = Field(description="证据")
    occurred_at: LocalTime = Field(description="发生时间")
    recorded_at: LocalTime = Field(description="记录时间")
    client: str = Field(description="记录人", examples=["emergency-bureau"])
    client_unit: str | None = Field(description="记录单位", examples=["emergency-bureau"])


class ReferIn(
    Body, title="转办", example={"special_plan": "区煤矿事故专项预案", "receiver": "区煤矿专项指挥部"}
):
    """Where an accident is referred to (转办)."""

    special_plan: Name = Field(description="适用的专项预案")
    receiver: Name = Field(description="转给哪个指挥机构或单位")


@router.post(
    "/incidents/{key}/verify",
    summary="登记事故已核实",
    description="区应急管理局接报后核实情况。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-4.1c"),
)
async def verify_report(key: Key, body: VerifyIn, context: Office) -> RouteOut:
    """Keep that the report was verified (E-4.1c)."""
    context.refuse_future(occurred_at=body.occurred_at)
    case = await Case.open(context, key)
    await record.verify(case, body.note, case.at(body.occurred_at))
    return await _route(case)


@router.get(
    "/incidents/{key}/route",
    summary="查看信息报送路线",
    description="每个环节的报送者、接收者、方式、到期和完成时间。",
    responses=problems(404),
    openapi_extra=clauses("E-4.1c", "E-A2"),
)
async def read_route(key: Key, context: Reader) -> RouteOut:
    """The reporting route with the time of every step (E-4.1c, E-A2)."""
    return await _route(await Case.see(context, key))


@router.get(
    "/incidents/{key}/route.svg",
    summary="信息报送路线图",
    description="附件2 的路线图，标明每个环节的时间。",
    responses=problems(404) | {200: {"content": {SVG: {}}, "description": "SVG 图"}},
    response_class=Response,
    openapi_extra=clauses("E-A2"),
)
async def draw_route(key: Key, context: Reader, width: FigureWidth = USUAL) -> Response:
    """The reporting route as a drawing (E-A2)."""
    case = await Case.see(context, key)
    return drawn(record.draw_route(case.incident, await record.route_of(case), width))


@router.post(
    "/incidents/{key}/route/{hop}",
    summary="登记一个报送环节已完成",
    description="首次登记的时间为准，重复登记不改变。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-4.1c"),
)
async def take_route_step(
    key: Key,
    hop: Annotated[str, Path(description="环节编号", examples=["headquarters-to-city"], max_length=60)],
    body: RouteStepIn,
    context: Writer,
) -> RouteOut:
    """Keep that a step of the route was done (E-4.1c)."""
    context.refuse_future(done_at=body.done_at)
    case = await Case.open(context, key)
    await record.take_step(case, hop, body)
    return await _route(case)


@router.post(
    "/incidents/{key}/findings",
    status_code=201,
    summary="记录迟报、漏报、谎报、瞒报",
    description="记录在案，附证据和记录人，不能删改。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-4.1g"),
)
async def add_finding(key: Key, body: FindingIn, context: Office) -> FindingOut:
    """Put a finding on the record (E-4.1g)."""
    context.refuse_future(occurred_at=body.occurred_at)
    case = await Case.open(context, key)
    at = case.at(body.occurred_at)
    row = await record.add_finding(case, body.kind, body.about, body.evidence, at)
    return FindingOut.of(row, case.incident)


@router.get(
    "/incidents/{key}/findings",
    summary="列出报告违规记录",
    description="按记录先后列出。",
    responses=problems(404),
    openapi_extra=clauses("E-4.1g"),
)
async def list_findings(key: Key, context: Reader) -> list[FindingOut]:
    """The findings on the record (E-4.1g)."""
    case = await Case.see(context, key)
    return [FindingOut.of(row, case.incident) for row in await record.findings_of(case)]


@router.post(
    "/incidents/{key}/refer",
    summary="转由专项预案处置",
    description="另有专项预案规定的事故转由该预案处置，此后不能按本预案启动响应。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-1.3"),
)
async def refer(key: Key, body: ReferIn, context: Office) -> ScopeOut:
    """Refer an accident to another special plan (E-1.3)."""
    case = await Case.open(context, key)
    await record.refer(case, body.special_plan, body.receiver)
    return ScopeOut.of_incident(case.incident)


async def _route(case: Case) -> RouteOut:
    return RouteOut.of(case.incident, hops=await record.route_of(case))
