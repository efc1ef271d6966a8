"""Endpoints that put an accident's record right: a report's facts, a referral, two calls about one accident."""

from typing import Annotated, Any

from fastapi import Path
from pydantic import Field

from kit.context import Context
from kit.district.clock import LocalTime
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.problems import Conflict, FieldError, Invalid, NotFound, problems
from kit.web.routes import clauses
from kit.web.shapes import Body, Text, choices
from services.emergency.case.case import Case, Key
from services.emergency.case.corrections import CorrectedThing, correct, corrections_of
from services.emergency.case.shapes import OfIncident
from services.emergency.incidents import joining
from services.emergency.incidents.api import shown_incident
from services.emergency.incidents.facts import FACTS
from services.emergency.incidents.known import recount, reports_of
from services.emergency.incidents.shapes import IncidentOut, JoinIn, ScopeOut
from services.emergency.plan.roles import OFFICE
from services.emergency.response.shapes import ReasonIn

Reader = Annotated[Context, requires("emergency:read", whose=Whose.PLACES)]
Office = Annotated[Context, requires("emergency:read", one_of=(OFFICE,), whose=Whose.PLACES)]

router = routes.router("事故更正")


class WithdrawFactsIn(
    Body, title="更正报告", example={"facts": ["missing"], "reason": "失联人员已在单位找到，系误报"}
):
    """Which facts of a report were told wrongly, and why (更正报告)."""

    facts: list[str] = Field(min_length=1, max_length=40, description="报错的项目", examples=[["missing"]])
    reason: Text = Field(description="理由")


class CorrectionOut(OfIncident, title="更正", clauses=("E-4.1e",)):
    """A correction of the record (更正): what was entered, and what holds instead."""

    subject: CorrectedThing = Field(description=choices(CorrectedThing))
    which: str = Field(description="更正的是哪一条", examples=["天骄路消防救援站"])
    before: dict[str, Any] = Field(description="原来的内容，仍然留存", examples=[{"persons": 120}])
    after: dict[str, Any] = Field(description="现在的内容", examples=[{"persons": 12}])
    reason: str = Field(description="理由")
    recorded_at: LocalTime = Field(description="更正时间")
    client: str = Field(
        description="更正者：系统的客户端编号，或操作人的姓名和单位", examples=["张三（区应急管理局）"]
    )
    client_unit: str | None = Field(description="更正单位", examples=["emergency-bureau"])


@router.get(
    "/incidents/{key}/corrections",
    summary="列出更正",
    description="报告、队伍、任务、转办、超时记录和附件的更正，按先后列出；原来的内容都留存。",
    responses=problems(404),
    openapi_extra=clauses("E-4.1e"),
)
async def list_corrections(key: Key, context: Reader) -> list[CorrectionOut]:
    """The corrections of an accident's record (E-4.1e)."""
    case = await Case.see(context, key)
    return [CorrectionOut.of(row, case.incident) for row in await corrections_of(case)]


@router.post(
    "/incidents/{key}/reports/{seq}/withdraw",
    summary="更正一份报告",
    description="报错的项目不再采用，恢复为其他报告所说；原报告留存。然后重新研判。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-4.1e"),
)
async def withdraw_facts(
    key: Key,
    seq: Annotated[int, Path(ge=1, le=1_000_000, description="第几份报告")],
    body: WithdrawFactsIn,
    context: Office,
) -> IncidentOut:
    """Take facts of a report back, and grade anew (E-4.1e)."""
    case = await Case.open(context, key)
    found = [each for each in await reports_of(case) if each.seq == seq]
    report = next((each for each in found if each.incident_id == case.incident.id), None)
    if report is None:
        raise NotFound("not-found", f"事故 {case.incident.number} 没有第 {seq} 份报告。")
    standing = report.facts.keys() - set(report.withdrawn)
    if unknown := [name for name in body.facts if name not in standing]:
        raise Invalid(
            "not-told",
            f"第 {seq} 份报告没有报{'、'.join(FACTS.get(name, name) for name in unknown)}，或已经更正过。",
            errors=[FieldError(pointer="/facts", reason=f"可更正：{_listed(standing)}")],
        )
    report.withdrawn = [*report.withdrawn, *dict.fromkeys(body.facts)]
    was = {FACTS.get(name, name): report.facts[name] for name in body.facts}
    await case.session.flush()
    await recount(case)
    holds = {FACTS.get(name, name): _plain(case.incident.known.get(name)) for name in body.facts}
    correct(case, CorrectedThing.REPORT, f"第 {seq} 份", (was, holds), body.reason)
    return shown_incident(case)


def _listed(facts: set[str]) -> str:
    """Facts as a caller may name them, each with its Chinese."""
    return "、".join(f"{name}（{FACTS.get(name, name)}）" for name in sorted(facts)) or "无"


@router.post(
    "/incidents/{key}/refer/withdraw",
    summary="撤回转办",
    description="误转的事故恢复由本预案处置；转办的记录留存。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-1.3"),
)
async def withdraw_referral(key: Key, body: ReasonIn, context: Office) -> ScopeOut:
    """A referral was a mistake: the accident is this plan's again (E-1.3)."""
    case = await Case.open(context, key)
    incident = case.incident
    if incident.special_plan is None:
        raise Conflict("not-referred", "这起事故没有转办，不需撤回。", clauses=("E-1.3",))
    change = (
        {"专项预案": incident.special_plan, "转往": incident.referred_to},
        {"专项预案": None, "转往": None},
    )
    incident.special_plan = incident.referred_to = None
    correct(case, CorrectedThing.REFERRAL, incident.number, change, body.reason)
    return ScopeOut.of_incident(incident)


@router.post(
    "/incidents/{key}/join",
    summary="并入另一起事故",
    description="两个来电说的是同一起事故时，把这一起并入 into：两份来电都留存，时限从最早的来电起算一次。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-4.1e"),
)
async def join_incident(key: Key, body: JoinIn, context: Office) -> IncidentOut:
    """Have a call dealt with in another accident's file (E-4.1e)."""
    return shown_incident(await joining.join(context, key, body.into, body.reason))


@router.post(
    "/incidents/{key}/part",
    summary="与并入的事故分开",
    description="查明不是同一起的，恢复为两起，各按自己的来电重新研判和计时。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-4.1e"),
)
async def part_incident(key: Key, body: ReasonIn, context: Office) -> IncidentOut:
    """Give a call that was joined its own file again (E-4.1e)."""
    return shown_incident(await joining.part(context, key, body.reason))


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, bool | int | str) else str(value)
