"""What happens with a response: proposed, started, adjusted, ended (E-2.1c, E-2.1d, E-4.4, E-4.9)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from pydantic import Field
from sqlalchemy import select

from kit.district import units
from kit.web.caller import Caller
from kit.web.moves import Move
from kit.web.problems import Conflict, Forbidden
from services.emergency.assignments.work import ask_again, give_out, part, remind_no_more
from services.emergency.base import Base
from services.emergency.case.case import Case, IncidentEvent
from services.emergency.case.grading import regrade
from services.emergency.case.incident import Incident
from services.emergency.plan.accidents.grading import ResponseLevel, assess
from services.emergency.plan.assignments import Kind
from services.emergency.plan.catalogue import catalogue
from services.emergency.plan.response import PARTS, RESPONSE, keeps_from_ending, may_end
from services.emergency.plan.roles import COMPANY, FIELD, HEADQUARTERS
from services.emergency.response.models import Response
from services.emergency.response.shapes import TimedReasonIn


@dataclass(frozen=True, slots=True)
class Said:
    """Why something was decided, and when, where that was before it is entered."""

    reason: str
    at: datetime | None = None

    @classmethod
    def of(cls, body: TimedReasonIn) -> Self:
        """What a caller says."""
        return cls(body.reason, body.occurred_at)


class ResponseMoved(IncidentEvent, type="emergency.response.moved", title="应急响应进展"):
    """The response to an accident was proposed, started, adjusted, or ended."""

    action: str = Field(description="所作的操作")
    state: str = Field(description="操作后的状态")
    level: str = Field(description="响应级别")
    level_before: str | None = Field(default=None, description="调整前的响应级别；不是调整时为空")
    reason: str = Field(description="理由")


class TasksMade(IncidentEvent, type="emergency.tasks.made", title="处置任务已下达"):
    """Tasks were given out: how many to each owner."""

    owners: dict[str, int] = Field(description="各单位承担的任务数，以单位名称为键")


async def response_of(case: Case) -> Response | None:
    """The response to an accident, if one was ever proposed."""
    return await case.session.get(Response, case.incident.id)


async def propose(case: Case, level: ResponseLevel | None, said: Said) -> Response:
    """The office asks headquarters to start a response (E-2.1d).

    Raises: Conflict where one was proposed, or another plan deals with the accident; Forbidden.
    """
    known = await response_of(case)
    move = RESPONSE.check(known.state if known else "none", "propose", case.caller)
    response = _new(case, level)
    response.proposed_at = at = case.at(said.at)
    _moved(case, response, move, Said(said.reason, at))
    return response


def _new(case: Case, level: ResponseLevel | None) -> Response:
    """The response to an accident that has none. Raises: Conflict where another plan deals with it."""
    incident = case.incident
    if incident.special_plan:
        raise Conflict(
            "under-another-plan",
            f"该事故按《{incident.special_plan}》处置，不按本预案启动响应。",
            clauses=("E-1.3",),
        )
    chosen = level or ResponseLevel(incident.response_level)
    _must_fit(incident, chosen, by_headquarters=True)
    response = Response(incident_id=incident.id, level=chosen.value, departments=[], end_asked_by=[])
    case.session.add(response)
    return response


async def start(case: Case, level: ResponseLevel | None, departments: Sequence[str], said: Said) -> Response:
    """Headquarters starts the response at a level, and its tasks are given out (E-2.1c, E-4.4).

    It needs no proposal (E-2.1c), and starts an ended response again in the same file: what was done in the first
    run stays in its steps, and is asked again. Raises: Conflict, Forbidden.
    """
    known = await response_of(case)
    move = RESPONSE.check(known.state if known else "none", "start", case.caller)
    again = known is not None and known.state == "ended"
    response = known or _new(case, level)
    asked = ResponseLevel(case.incident.response_level if again else response.level)
    chosen = level or asked
    _must_fit(case.incident, chosen, by_headquarters=True)
    at = case.at(said.at, after=response.ended_at if again else response.proposed_at)
    response.started_at, response.started_by = at, _authority(case.caller)
    response.ended_at, response.adjusted_at, response.end_asked_by = None, None, []
    _set_level(case, response, chosen, [*departments, *filter(None, [case.incident.supervisor])])
    _moved(case, response, move, Said(f"再次启动：{said.reason}" if again else said.reason, at))
    if again:
        await ask_again(case)
    await _give_out_tasks(case, response)
    return response


async def adjust(case: Case, level: ResponseLevel, departments: Sequence[str], said: Said) -> Response:
    """Adjust the level up or down with a reason; tasks are added, none is taken back (E-4.4d).

    Raises: Conflict, Forbidden.
    """
    response, move = await _to_move(case, "adjust")
    if level.value == response.level:
        raise Conflict("same-level", f"响应已经是{level.zh}，不需调整。", clauses=("E-4.4d",))
    _must_fit(case.incident, level, by_headquarters=case.caller.may(HEADQUARTERS))
    at = case.at(said.at, after=response.started_at)
    before, response.adjusted_at = response.level, at
    _set_level(case, response, level, [*response.departments, *departments])
    _moved(case, response, move, Said(said.reason, at), before=before)
    await _give_out_tasks(case, response)
    return response


async def ask_for_end(case: Case, action: str, said: Said) -> Response:
    """The field headquarters confirms, or the responsible unit proposes, the end (E-4.9).

    action: `confirm-end` or `propose-end`. Raises: Conflict, Forbidden.
    """
    response, move = await _to_move(case, action)
    response.end_asked_by = list(dict.fromkeys([*response.end_asked_by, action]))
    _moved(case, response, move, Said(said.reason, case.at(said.at, after=response.started_at)))
    return response


async def end(case: Case, said: Said) -> Response:
    """Whoever started the response ends it once it was asked for; aftermath begins (E-4.9, E-5.1).

    Raises: Conflict naming what is missing and who may; Forbidden.
    """
    response, move = await _to_move(case, "end")
    started_by = response.started_by or ""
    await _must_be_over(case)
    if not may_end(response.end_asked_by, started_by=started_by, ended_by=_authority(case.caller)):
        raise _may_not_end(response)
    response.ended_at = at = case.at(said.at, after=response.started_at)
    _moved(case, response, move, Said(said.reason, at))
    await remind_no_more(case)
    left = [each for each in catalogue().aftermath if not each.if_needed]
    left = [each for each in left if each.in_drills or not case.incident.exercise]
    await give_out(case, Kind.AFTERMATH, left)
    return response


async def _must_be_over(case: Case) -> None:
    """Refuse to end while somebody is trapped, missing or in the danger zone (E-4.9). Raises: Conflict naming them."""
    forces = Base.metadata.tables["forces"]  # of a capability above this one
    query = select(forces.c.name, forces.c.in_zone).where(forces.c.incident_id == case.incident.id)
    in_zone = dict((await case.session.execute(query)).all())
    incident = case.incident
    left = keeps_from_ending(incident.endangered or 0, incident.missing or 0, in_zone)
    if left:
        raise Conflict(
            "not-over",
            f"还不能终止响应：{'；'.join(left)}。请先续报或登记撤出。",
            clauses=("E-4.9", "E-4.5c"),
            left=list(left),
        )


def _may_not_end(response: Response) -> Conflict:
    if not response.end_asked_by:
        return Conflict(
            "end-not-asked-for",
            "终止响应前，须由现场指挥部确认（confirm-end）或由事发单位提出（propose-end）。",
            clauses=("E-4.9",),
            who={"confirm-end": [FIELD], "propose-end": [COMPANY]},
        )
    return Conflict(
        "ended-by-another",
        f"谁启动谁终止：本响应由{_named(response.started_by)}启动，须由其批准终止。",
        clauses=("E-4.9",),
        who={"end": [response.started_by]},
    )


async def _to_move(case: Case, action: str) -> tuple[Response, Move]:
    """The response, and the move that the action makes of it."""
    response = await response_of(case)
    if response is None:
        raise RESPONSE.refusal("none", action, case.caller)
    return response, RESPONSE.check(response.state, action, case.caller)


def _authority(caller: Caller) -> str:
    """Who decides, as the record names it: the caller's unit, else the caller."""
    return caller.unit or caller.by


def _named(authority: str | None) -> str:
    """An authority as people call it."""
    try:
        return units.unit(authority or "").name
    except units.UnknownUnit:
        return authority or HEADQUARTERS.zh


def _must_fit(incident: Incident, level: ResponseLevel, *, by_headquarters: bool) -> None:
    """A level is not milder than the accident asks for; III beyond that is headquarters' to decide (E-4.3).

    What headquarters decided for itself it may take back; nobody else may.
    """
    asked = _asked_by_facts(incident) if by_headquarters else ResponseLevel(incident.response_level)
    if level.rank < asked.rank:
        raise Conflict(
            "level-too-mild",
            f"按现有情况应为{asked.zh}响应，不能定为{level.zh}。情况有变请先续报，再调整级别。",
            clauses=("E-4.3",),
        )
    if level.rank == asked.rank:
        return
    if level is not ResponseLevel.III:
        raise Conflict(
            "level-not-reached",
            f"现有情况未达到{level.zh}响应条件（目前为{asked.zh}）。情况有变请先续报，再定级。",
            clauses=("E-4.3",),
        )
    if not by_headquarters:
        raise Forbidden(
            "headquarters-decides", "未达到条件而启动三级响应，只能由区指挥部决定。", clauses=("E-4.3",)
        )


def _set_level(case: Case, response: Response, level: ResponseLevel, departments: Sequence[str]) -> None:
    """Headquarters' own decision for III becomes a fact of the accident until it goes back to IV (E-4.3)."""
    incident = case.incident
    response.level, response.departments = level.value, list(dict.fromkeys(departments))
    if level is ResponseLevel.III and level.rank > _asked_by_facts(incident).rank:
        incident.headquarters_decides_iii = True
    elif level is ResponseLevel.IV:
        incident.headquarters_decides_iii = False
    regrade(case)


def _asked_by_facts(incident: Incident) -> ResponseLevel:
    """The level that the accident asks for, whatever headquarters has decided beyond it."""
    return assess(replace(incident.facts, headquarters_decides_iii=False)).response_level


def _moved(case: Case, response: Response, move: Move, said: Said, *, before: str | None = None) -> None:
    response.state = move.target
    level = ResponseLevel(response.level)
    change = f"（{ResponseLevel(before).zh}改为{level.zh}）" if before else f"（{level.zh}响应）"
    text = f"{RESPONSE.actions[move.action]}{change}：{said.reason}"
    event = ResponseMoved(
        action=move.action,
        state=response.state,
        level=response.level,
        level_before=before,
        reason=said.reason,
    )
    case.happened("response", text, move.clause, at=said.at, event=event)


async def _give_out_tasks(case: Case, response: Response) -> None:
    entries = part(*PARTS[ResponseLevel(response.level)])
    made = await give_out(case, Kind.RESPONSE, entries, response.departments)
    if made:
        case.tell(TasksMade(owners=Counter(task.owner_name for task in made)))
