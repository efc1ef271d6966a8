"""Endpoints of an accident's record: its deadlines and breaches, its reporting route, findings, referral."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Response
from pydantic import BaseModel, ConfigDict, Field

from kit.district.citations import Citation, cite
from kit.district.clock import LocalTime, Now
from kit.storage.transactions import Session
from kit.web import routes
from kit.web.problems import problems
from kit.web.routes import clauses
from kit.web.tokens import Caller, requires
from services.emergency.case.exercise import OfIncident
from services.emergency.case.lookup import Key, opened, refuse_future, seen
from services.emergency.clocks.work import breaches_of, clocks_of
from services.emergency.incidents import record, route
from services.emergency.incidents.facts import Name, Text
from services.emergency.incidents.shapes import Channel, DeadlineOut, ScopeOut
from services.emergency.plan.roles import OFFICE

Reader = Annotated[Caller, requires("emergency:read")]
Writer = Annotated[Caller, requires("emergency:write")]
Office = Annotated[Caller, requires(OFFICE)]

router = routes.router("事故记录")


class DoneIn(BaseModel):
    """When something was done, with a remark."""

    model_config = ConfigDict(
        title="完成情况", extra="forbid", json_schema_extra={"examples": [{"note": "市应急管理局已报自治区"}]}
    )

    done_at: LocalTime | None = Field(default=None, description="完成时间；不填为现在")
    note: Text = Field(description="说明")


class BreachOut(OfIncident):
    """A deadline that was missed."""

    model_config = ConfigDict(title="超时记录")

    deadline: str = Field(description="时限编号")
    due: LocalTime = Field(description="当时的到期时间")
    provisional: bool = Field(description="当时起算时间尚不确切")
    found_at: LocalTime = Field(description="记录时间")
    basis: list[Citation] = Field(description="依据的文件条款")


class HopIn(BaseModel):
    """A hop of the route that was done."""

    model_config = ConfigDict(
        title="报送情况",
        extra="forbid",
        json_schema_extra={"examples": [{"channel": "phone", "receiver": "市应急指挥部值班室"}]},
    )

    channel: Channel = Field(default="phone", description="报送方式")
    receiver: Name | None = Field(default=None, description="具体接收人或值班室")
    done_at: LocalTime | None = Field(default=None, description="报送时间；不填为现在")
    note: Text | None = Field(default=None, description="说明")


class HopOut(BaseModel):
    """A hop of the reporting route."""

    model_config = ConfigDict(title="报送环节")

    id: str = Field(description="环节编号", examples=["headquarters-to-city"])
    sender: str = Field(description="报送者")
    receiver: str = Field(description="接收者")
    channel: str | None = Field(description="报送方式")
    received_by: str | None = Field(description="具体接收人或值班室")
    due: LocalTime | None = Field(description="到期时间")
    provisional: bool = Field(description="到期时间随前一环节而定，尚会变动")
    done_at: LocalTime | None = Field(description="完成时间")
    standing: str = Field(description="running、approaching、overdue、met、met_late")
    late_minutes: int = Field(description="超时分钟数")
    basis: list[Citation] = Field(description="依据的文件条款")

    @classmethod
    def of(cls, hop: route.HopState) -> "HopOut":
        return cls(
            id=hop.hop.id,
            sender=hop.sender,
            receiver=hop.receiver,
            channel=hop.step.channel if hop.step else None,
            received_by=hop.step.receiver if hop.step else None,
            due=hop.due,
            provisional=hop.provisional,
            done_at=hop.step.done_at if hop.step else None,
            standing=hop.standing,
            late_minutes=hop.late_minutes,
            basis=cite(hop.hop.clause),
        )


class RouteOut(OfIncident):
    """The reporting route of an accident."""

    model_config = ConfigDict(title="信息报送路线")

    verified_at: LocalTime | None = Field(description="核实时间")
    hops: list[HopOut]
    basis: list[Citation] = Field(description="依据的文件条款")


class FindingIn(BaseModel):
    """A report that was late, omitted, false or concealed."""

    model_config = ConfigDict(
        title="报告违规",
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "kind": "late",
                    "about": "事发单位电话报告迟 25 分钟",
                    "evidence": "通话记录 2024-06-24 09:55",
                }
            ]
        },
    )

    kind: Literal["late", "omitted", "false", "concealed"] = Field(
        description="late 迟报，omitted 漏报，false 谎报，concealed 瞒报"
    )
    about: Text = Field(description="何人何事")
    evidence: Text = Field(description="证据")
    occurred_at: LocalTime | None = Field(default=None, description="发生时间；不填为现在")


class FindingOut(OfIncident):
    """A finding on the record."""

    model_config = ConfigDict(title="报告违规记录")

    id: UUID
    kind: str
    about: str
    evidence: str
    occurred_at: LocalTime
    recorded_at: LocalTime
    client: str = Field(description="记录人")
    client_unit: str | None = Field(description="记录单位")
    basis: list[Citation] = Field(default_factory=lambda: cite("E-4.1g"), description="依据的文件条款")


class ReferIn(BaseModel):
    """Where an accident is referred to."""

    model_config = ConfigDict(
        title="转办",
        extra="forbid",
        json_schema_extra={
            "examples": [{"special_plan": "区煤矿事故专项预案", "receiver": "区煤矿专项指挥部"}]
        },
    )

    special_plan: Name = Field(description="适用的专项预案")
    receiver: Name = Field(description="转给哪个指挥机构或单位")


class NoteIn(BaseModel):
    """A note to an action."""

    model_config = ConfigDict(
        title="说明", extra="forbid", json_schema_extra={"examples": [{"note": "已电话核实"}]}
    )

    note: Text = Field(description="说明")
    occurred_at: LocalTime | None = Field(default=None, description="发生时间；不填为现在")


@router.get(
    "/incidents/{key}/deadlines",
    summary="列出事故的时限",
    description="地方时限和国家时限并列，均为自然时间；是否超时在读取时计算。",
    responses=problems(404),
    openapi_extra=clauses("E-4.1a", "E-4.1c", "E-4.1e", "E-5.4"),
)
async def list_deadlines(key: Key, session: Session, caller: Reader, now: Now) -> list[DeadlineOut]:
    """The deadlines of an accident as they stand now (E-4.1a)."""
    incident = await seen(session, key, caller)
    breached = {breach.deadline for breach in await breaches_of(session, incident)}
    rows = [row for row in await clocks_of(session, incident) if row.running or row.done_at]
    return [DeadlineOut.of(row, incident, row.deadline in breached, now) for row in rows]


@router.post(
    "/incidents/{key}/deadlines/{deadline}/done",
    summary="登记一项时限已完成",
    description="用于本服务之外办理的时限：上级报送、整改评估。其余时限由相应的报告或登记自动完成。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-4.1c", "E-5.4"),
)
async def finish_deadline(
    key: Key,
    deadline: Annotated[str, Path(description="时限编号", examples=["upward-region"], max_length=60)],
    body: DoneIn,
    session: Session,
    caller: Office,
    now: Now,
) -> list[DeadlineOut]:
    """Mark a deadline as met that is met outside this service (E-4.1c, E-5.4)."""
    refuse_future(now, done_at=body.done_at)
    incident = await opened(session, key, caller)
    await record.finish(session, incident, deadline, body.done_at or now, body.note, caller, now)
    return await list_deadlines(key, session, caller, now)


@router.get(
    "/incidents/{key}/breaches",
    summary="列出超时记录",
    description="一旦超时即记录在案，后来补报、时限变动都不消除。",
    responses=problems(404),
    openapi_extra=clauses("E-4.1a"),
)
async def list_breaches(key: Key, session: Session, caller: Reader) -> list[BreachOut]:
    """What was missed, for ever (E-4.1a)."""
    incident = await seen(session, key, caller)
    return [
        BreachOut.shown(incident, row, basis=cite(row.clause)) for row in await breaches_of(session, incident)
    ]


@router.post(
    "/incidents/{key}/verify",
    summary="登记事故已核实",
    description="区应急管理局接报后核实情况。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-4.1c"),
)
async def verify_report(key: Key, body: NoteIn, session: Session, caller: Office, now: Now) -> RouteOut:
    """Keep that the report was verified (E-4.1c)."""
    refuse_future(now, occurred_at=body.occurred_at)
    incident = await opened(session, key, caller)
    record.verify(session, incident, body.note, body.occurred_at or now, caller, now)
    return await read_route(key, session, caller, now)


@router.get(
    "/incidents/{key}/route",
    summary="查看信息报送路线",
    description="每个环节的报送者、接收者、方式、到期和完成时间。",
    responses=problems(404),
    openapi_extra=clauses("E-4.1c", "E-A2"),
)
async def read_route(key: Key, session: Session, caller: Reader, now: Now) -> RouteOut:
    """The reporting route with the time of every hop (E-4.1c, E-A2)."""
    incident = await seen(session, key, caller)
    return RouteOut.shown(
        incident,
        incident,
        hops=[HopOut.of(hop) for hop in await route.route_of(session, incident, now)],
        basis=cite("E-4.1c", "E-A2"),
    )


@router.get(
    "/incidents/{key}/route.svg",
    summary="信息报送路线图",
    description="附件2 的路线图，标明每个环节的时间。",
    responses=problems(404) | {200: {"content": {"image/svg+xml": {}}, "description": "SVG 图"}},
    response_class=Response,
    openapi_extra=clauses("E-A2"),
)
async def draw_route(key: Key, session: Session, caller: Reader, now: Now) -> Response:
    """The reporting route as a drawing (E-A2)."""
    incident = await seen(session, key, caller)
    drawing = route.draw(incident, await route.route_of(session, incident, now))
    return Response(drawing, media_type="image/svg+xml")


@router.post(
    "/incidents/{key}/route/{hop}",
    summary="登记一个报送环节已完成",
    description="首次登记的时间为准，重复登记不改变。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-4.1c"),
)
async def do_hop(
    key: Key,
    hop: Annotated[str, Path(description="环节编号", examples=["headquarters-to-city"], max_length=60)],
    body: HopIn,
    session: Session,
    caller: Writer,
    now: Now,
) -> RouteOut:
    """Keep that a hop was done (E-4.1c)."""
    refuse_future(now, done_at=body.done_at)
    incident = await opened(session, key, caller)
    await route.do_hop(
        session,
        incident,
        hop,
        body.channel,
        body.done_at or now,
        caller,
        now,
        receiver=body.receiver,
        remark=body.note,
    )
    return await read_route(key, session, caller, now)


@router.post(
    "/incidents/{key}/findings",
    status_code=201,
    summary="记录迟报、漏报、谎报、瞒报",
    description="记录在案，附证据和记录人，不能删改。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-4.1g"),
)
async def add_finding(key: Key, body: FindingIn, session: Session, caller: Office, now: Now) -> FindingOut:
    """Put a finding on the record (E-4.1g)."""
    refuse_future(now, occurred_at=body.occurred_at)
    incident = await opened(session, key, caller)
    given = body.model_dump(exclude={"occurred_at"})
    row = await record.add_finding(session, incident, given, body.occurred_at or now, caller, now)
    return FindingOut.shown(incident, row)


@router.get(
    "/incidents/{key}/findings",
    summary="列出报告违规记录",
    description="按记录先后列出。",
    responses=problems(404),
    openapi_extra=clauses("E-4.1g"),
)
async def list_findings(key: Key, session: Session, caller: Reader) -> list[FindingOut]:
    """The findings on the record (E-4.1g)."""
    incident = await seen(session, key, caller)
    return [FindingOut.shown(incident, row) for row in await record.findings_of(session, incident)]


@router.post(
    "/incidents/{key}/refer",
    summary="转由专项预案处置",
    description="另有专项预案规定的事故转由该预案处置，此后不能按本预案启动响应。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-1.3"),
)
async def refer(key: Key, body: ReferIn, session: Session, caller: Office, now: Now) -> ScopeOut:
    """Refer an accident to another special plan (E-1.3)."""
    incident = await opened(session, key, caller)
    await record.refer(session, incident, body.special_plan, body.receiver, caller, now)
    return ScopeOut.of(incident)
