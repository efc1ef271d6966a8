"""What is put on the record of an accident besides its reports: the route upward, verification, findings, referral."""

from collections import defaultdict
from datetime import datetime

from pydantic import Field
from sqlalchemy import select

from kit.figures.canvas import USUAL
from kit.storage.db import new_id
from kit.web.problems import Conflict, NotFound
from services.emergency.assignments.work import who
from services.emergency.case.case import Case, IncidentEvent
from services.emergency.case.incident import Incident
from services.emergency.clocks.models import IncidentDeadline
from services.emergency.clocks.work import clocks_of, set_clocks
from services.emergency.drawings import Arrow, route_svg
from services.emergency.incidents.facts import CHANNELS_ZH
from services.emergency.incidents.known import recount
from services.emergency.incidents.models import Finding, RouteStep
from services.emergency.incidents.shapes import RouteStepIn, RouteStepOut
from services.emergency.incidents.work import pass_step
from services.emergency.plan.accidents.deadlines import Standing, late_minutes, standing
from services.emergency.plan.catalogue import RouteRule, catalogue
from services.emergency.response.work import response_of

_FINDINGS_ZH = {"late": "迟报", "omitted": "漏报", "false": "谎报", "concealed": "瞒报"}


class StepDone(IncidentEvent, type="emergency.incident.reported-upward", title="事故信息已上报"):
    """A step of the reporting route was done."""

    hop: str = Field(description="报送环节编号")
    sender: str = Field(description="报送单位名称")
    receiver: str = Field(description="接报单位名称")
    channel: str = Field(description="报送方式")
    done_at: datetime = Field(description="报送时间")


class FindingAdded(IncidentEvent, type="emergency.incident.finding-added", title="查明迟报漏报谎报瞒报"):
    """A late, omitted, false or concealed report was put on the record."""

    kind: str = Field(description="查明的情形：迟报、漏报、谎报或瞒报")


class Referred(IncidentEvent, type="emergency.incident.referred", title="事故移交其他预案处置"):
    """An accident was referred to another special plan."""

    special_plan: str = Field(description="移交所依的专项预案编号")
    receiver: str = Field(description="接收单位名称")


class Verified(IncidentEvent, type="emergency.incident.verified", title="事故信息已核实"):
    """The report of an accident was verified."""


async def route_of(case: Case) -> list[RouteStepOut]:
    """The steps of an accident's route in the plan's order (E-4.1c)."""
    clocks = {row.deadline: row for row in await clocks_of(case)}
    query = select(RouteStep).where(RouteStep.incident_id == case.incident.id)
    steps = defaultdict(RouteStep, {row.step: row for row in await case.session.scalars(query)})
    return [_shown(case, rule, clocks[rule.deadline], steps[rule.id]) for rule in catalogue().route]


def _shown(case: Case, rule: RouteRule, clock: IncidentDeadline, step: RouteStep) -> RouteStepOut:
    return RouteStepOut.of(
        step,
        rule,
        clock,
        sender=who(case.incident, rule.sender)[1],
        receiver=who(case.incident, rule.receiver)[1],
        standing=standing(clock, step.done_at, case.until),
        late_minutes=late_minutes(clock, step.done_at, case.until),
    )


async def take_step(case: Case, id: str, told: RouteStepIn) -> None:
    """Keep that a step was done; the first of a deadline meets it (E-4.1c). Again changes nothing.

    Raises: NotFound for an unknown step.
    """
    route = catalogue().route
    rule = next((each for each in route if each.id == id), None)
    if rule is None:
        known = "、".join(each.id for each in route)
        raise NotFound("not-found", f"报送路线上没有环节 {id}，可用的环节：{known}。")
    done_at = case.at(told.done_at, field="done_at")
    if not await pass_step(case, id, told):
        return
    first = next(each for each in route if each.deadline == rule.deadline)
    await set_clocks(case, {rule.deadline: done_at} if first is rule else None)
    sender, receiver = (who(case.incident, actor)[1] for actor in (rule.sender, rule.receiver))
    note = f"：{told.note}" if told.note else ""
    text = f"{sender}向{receiver}报告（{CHANNELS_ZH[told.channel]}）{note}"
    event = StepDone(hop=id, sender=sender, receiver=receiver, channel=told.channel, done_at=done_at)
    case.happened("route", text, rule.clause, at=done_at, event=event)


def draw_route(incident: Incident, steps: list[RouteStepOut], width: int = USUAL) -> str:
    """The route as SVG with the time of every step (E-A2)."""
    arrows = [Arrow(step.sender, step.receiver, _words(step), step.standing) for step in steps]
    return route_svg(f"{incident.mark}{incident.number} 信息报送路线", arrows, width)


def _words(step: RouteStepOut) -> tuple[str, ...]:
    late = f" {step.late_minutes} 分钟" if step.late_minutes > 1 else "不足 1 分钟"
    if step.channel is not None:
        words = f"{CHANNELS_ZH[step.channel]} {step.done_at:%m-%d %H:%M} 已报", f"迟{late}"
    else:
        words = f"应于 {step.due:%m-%d %H:%M} 前报", f"已超{late}"
    return words if step.standing in (Standing.OVERDUE, Standing.MET_LATE) else words[:1]


async def verify(case: Case, remark: str, at: datetime) -> None:
    """Keep that the district's office verified what was reported until now (E-4.1c); the first time stays.

    What the unit itself reported as smaller numbers counts from now on.
    """
    first = case.incident.verified_at is None
    if first:
        case.incident.verified_at = at
    case.incident.verified_until = case.now
    case.happened("verified", f"核实：{remark}", "E-4.1c", at=at, event=Verified() if first else None)
    await recount(case)


async def add_finding(case: Case, kind: str, about: str, evidence: str, at: datetime) -> Finding:
    """Put a late, omitted, false or concealed report on the record with its evidence (E-4.1g)."""
    row = Finding(
        id=new_id(),
        incident_id=case.incident.id,
        kind=kind,
        about=about,
        evidence=evidence,
        occurred_at=at,
        recorded_at=case.now,
        client=case.caller.by,
        client_unit=case.caller.unit,
    )
    case.session.add(row)
    text = f"{_FINDINGS_ZH[kind]}：{about}（证据：{evidence}）"
    case.happened("finding", text, "E-4.1g", at=at, event=FindingAdded(kind=kind))
    return row


async def findings_of(case: Case) -> list[Finding]:
    """The findings in the order in which they were written down."""
    query = select(Finding).where(Finding.incident_id == case.incident.id)
    return list(await case.session.scalars(query.order_by(Finding.id)))


async def refer(case: Case, special_plan: str, receiver: str) -> None:
    """Refer an accident to another special plan of the district (E-1.3).

    Raises: Conflict once a response under this plan runs.
    """
    response = await response_of(case)
    if response is not None and response.state != "proposed":
        raise Conflict(
            "response-runs",
            "响应已按本预案启动，不能再转办；请先终止响应。",
            clauses=("E-1.3", "E-4.9"),
        )
    case.incident.special_plan, case.incident.referred_to = special_plan, receiver
    event = Referred(special_plan=special_plan, receiver=receiver)
    case.happened("referred", f"转由《{special_plan}》处置，转给{receiver}", "E-1.3", event=event)
