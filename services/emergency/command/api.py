"""Endpoints of command and its hand-over, the field headquarters, response plans and evidence."""

from typing import Annotated

from fastapi import Path
from sqlalchemy.ext.asyncio import AsyncSession

from kit.district.citations import cite
from kit.district.clock import Now
from kit.storage.transactions import Session
from kit.web import routes
from kit.web.problems import NotFound, problems
from kit.web.routes import clauses
from kit.web.tokens import Caller, requires
from services.emergency.case.incident import Incident
from services.emergency.case.lookup import Key, opened, refuse_future, seen
from services.emergency.command import field, work
from services.emergency.command.shapes import (
    AnswerIn,
    CommandOut,
    EvidenceIn,
    EvidenceOut,
    FieldIn,
    FieldOut,
    GroupsIn,
    HandOverOut,
    OfferIn,
    ResponsePlanIn,
    ResponsePlanOut,
    TenureOut,
)
from services.emergency.plan.roles import COMPANY, FIELD, OFFICE
from services.emergency.plan_moves import must_hold

Reader = Annotated[Caller, requires("emergency:read")]

router = routes.router("现场指挥")


@router.get(
    "/incidents/{key}/command",
    summary="查看现在由谁指挥",
    description="任何时刻只有一个指挥者；附历任指挥和历次移交。",
    responses=problems(404),
    openapi_extra=clauses("E-4.5b"),
)
async def read_command(key: Key, session: Session, caller: Reader) -> CommandOut:
    """Who commands now, and how it came to that (E-4.5b)."""
    return await _command(session, await seen(session, key, caller))


@router.post(
    "/incidents/{key}/command/offer",
    summary="提出移交指挥权",
    description="事发单位向区现场指挥部、区现场指挥部向上级移交，须汇报情况、进展、风险和关键问题。接收之前仍由提出者指挥。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-4.5b"),
)
async def offer_command(key: Key, body: OfferIn, session: Session, caller: Reader, now: Now) -> CommandOut:
    """Offer command with a briefing (E-4.5b)."""
    incident = await opened(session, key, caller)
    await work.offer(session, incident, body.model_dump(), caller, now)
    return await _command(session, incident)


@router.post(
    "/incidents/{key}/command/take",
    summary="接收指挥权",
    description="由接收一方办理，从此由其指挥。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-4.5b"),
)
async def take_command(key: Key, body: AnswerIn, session: Session, caller: Reader, now: Now) -> CommandOut:
    """Take command (E-4.5b)."""
    incident = await opened(session, key, caller)
    await work.answer(session, incident, "take", body.name, body.note, caller, now)
    return await _command(session, incident)


@router.post(
    "/incidents/{key}/command/decline",
    summary="退回移交",
    description="由接收一方退回，仍由提出者指挥。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-4.5b"),
)
async def decline_command(key: Key, body: AnswerIn, session: Session, caller: Reader, now: Now) -> CommandOut:
    """Decline an offered command (E-4.5b)."""
    incident = await opened(session, key, caller)
    await work.answer(session, incident, "decline", None, body.note, caller, now)
    return await _command(session, incident)


@router.post(
    "/incidents/{key}/field-headquarters",
    summary="设立或迁移现场指挥部",
    description="响应启动后设立。给出坐标和风向时判断是否在上风向，不在时给出警告。工作组按需选设。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-4.5a"),
)
async def set_up_field(key: Key, body: FieldIn, session: Session, caller: Reader, now: Now) -> FieldOut:
    """Set up the field headquarters, or move it (E-4.5a)."""
    must_hold(caller, "E-4.5a", OFFICE, FIELD)
    incident = await opened(session, key, caller)
    given = body.model_dump(exclude={"wind", "groups"})
    await field.set_up(session, incident, given, caller, now)
    await field.add_groups(session, incident, body.groups, caller, now)
    return await _field(session, incident)


@router.get(
    "/incidents/{key}/field-headquarters",
    summary="查看现场指挥部",
    description="位置、风向判断，以及各工作组的牵头单位、成员和职责。",
    responses=problems(404),
    openapi_extra=clauses("E-4.5a"),
)
async def read_field(key: Key, session: Session, caller: Reader) -> FieldOut:
    """The field headquarters and its groups (E-4.5a)."""
    return await _field(session, await seen(session, key, caller))


@router.post(
    "/incidents/{key}/field-headquarters/groups",
    summary="增设工作组",
    description="从预案的九个组中选设；已设的不变。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-4.5a"),
)
async def add_groups(key: Key, body: GroupsIn, session: Session, caller: Reader, now: Now) -> FieldOut:
    """Set up further groups (E-4.5a)."""
    must_hold(caller, "E-4.5a", OFFICE, FIELD)
    incident = await opened(session, key, caller)
    await field.add_groups(session, incident, body.groups, caller, now)
    return await _field(session, incident)


@router.post(
    "/incidents/{key}/plans",
    status_code=201,
    summary="拟定处置方案",
    description="由专业处置组会同专家拟定，每次为新的一版。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-4.6"),
)
async def draft_plan(
    key: Key, body: ResponsePlanIn, session: Session, caller: Reader, now: Now
) -> ResponsePlanOut:
    """Draft a version of the response plan (E-4.6)."""
    must_hold(caller, "E-4.6", FIELD, OFFICE)
    incident = await opened(session, key, caller)
    plan = await field.draft_plan(session, incident, body.text, body.experts, caller, now)
    return ResponsePlanOut.shown(incident, plan)


@router.get(
    "/incidents/{key}/plans",
    summary="列出处置方案各版",
    description="按版次列出。",
    responses=problems(404),
    openapi_extra=clauses("E-4.6"),
)
async def list_plans(key: Key, session: Session, caller: Reader) -> list[ResponsePlanOut]:
    """The versions of the response plan (E-4.6)."""
    incident = await seen(session, key, caller)
    return [ResponsePlanOut.shown(incident, row) for row in await field.plans_of(session, incident)]


@router.post(
    "/incidents/{key}/plans/{version}/confirm",
    summary="确定处置方案",
    description="由现场指挥部确定；上一版即被代替。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-4.6"),
)
async def confirm_plan(
    key: Key,
    version: Annotated[int, Path(ge=1, le=100_000, description="版次")],
    session: Session,
    caller: Reader,
    now: Now,
) -> ResponsePlanOut:
    """The field headquarters confirms a version (E-4.6)."""
    must_hold(caller, "E-4.6", FIELD)
    incident = await opened(session, key, caller)
    return ResponsePlanOut.shown(incident, await field.confirm_plan(session, incident, version, caller, now))


@router.post(
    "/incidents/{key}/evidence",
    status_code=201,
    summary="记录移动的现场物体",
    description="因抢救等必须移动的物体，记录原位、去处和记录方式。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-4.6"),
)
async def add_evidence(key: Key, body: EvidenceIn, session: Session, caller: Reader, now: Now) -> EvidenceOut:
    """Keep where a thing stood that had to be moved (E-4.6)."""
    must_hold(caller, "E-4.6", FIELD, OFFICE, COMPANY)
    refuse_future(now, occurred_at=body.occurred_at)
    incident = await opened(session, key, caller)
    given = body.model_dump(exclude={"occurred_at"})
    row = await field.add_evidence(session, incident, given, body.occurred_at or now, caller, now)
    return EvidenceOut.shown(incident, row)


@router.get(
    "/incidents/{key}/evidence",
    summary="列出移动过的现场物体",
    description="按记录先后列出。",
    responses=problems(404),
    openapi_extra=clauses("E-4.6"),
)
async def list_evidence(key: Key, session: Session, caller: Reader) -> list[EvidenceOut]:
    """What was moved (E-4.6)."""
    incident = await seen(session, key, caller)
    return [EvidenceOut.shown(incident, row) for row in await field.evidence_of(session, incident)]


async def _command(session: AsyncSession, incident: Incident) -> CommandOut:
    state, tenure, _ = await work.state_of(session, incident)
    return CommandOut.shown(
        incident,
        state=state,
        state_zh=work.MOVES.states_zh[state],
        commander=TenureOut.of(tenure),
        tenures=[TenureOut.of(row) for row in await work.tenures_of(session, incident)],
        hand_overs=[HandOverOut.of(row) for row in await work.hand_overs_of(session, incident)],
        allowed=work.MOVES.allowed(state),
        basis=cite("E-4.5b"),
    )


async def _field(session: AsyncSession, incident: Incident) -> FieldOut:
    row = await field.field_of(session, incident)
    if row is None:
        raise NotFound("not-found", f"事故 {incident.number} 还没有设立现场指挥部。", clauses=("E-4.5a",))
    return FieldOut.of(row, await field.groups_of(session, incident), incident)
