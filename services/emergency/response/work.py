"""What happens with a response: proposed, started, adjusted, ended (E-2.1c, E-2.1d, E-4.4, E-4.9)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from kit.web.problems import Conflict, Forbidden
from kit.web.tokens import Caller
from services.emergency.aftermath.items import open_items
from services.emergency.case.exercise import IncidentEvent, tell
from services.emergency.case.incident import Incident
from services.emergency.case.timeline import note
from services.emergency.incidents.work import regrade
from services.emergency.plan.catalogue import catalogue
from services.emergency.plan.grading import ResponseLevel, assess
from services.emergency.plan.response import RESPONSE, may_end, tasks_of
from services.emergency.plan.roles import COMPANY, FIELD, HEADQUARTERS, OFFICE
from services.emergency.plan_moves import PlanMoves
from services.emergency.response.models import Response
from services.emergency.response.tasks import add_tasks

MOVES = PlanMoves(
    RESPONSE,
    states_zh={
        "none": "响应尚未提请",
        "proposed": "响应已提请、尚未启动",
        "started": "响应已启动",
        "adjusted": "响应已启动并调整过级别",
        "ended": "响应已终止",
    },
    actions_zh={
        "propose": "提请启动",
        "start": "启动",
        "adjust": "调整级别",
        "confirm-end": "确认可以结束",
        "propose-end": "提出结束",
        "end": "批准终止",
    },
)


class ResponseMoved(IncidentEvent, type="emergency.response.moved"):
    """The response to an accident was proposed, started, adjusted, or ended."""

    action: str
    state: str
    level: str
    level_before: str | None = None
    reason: str


class TasksMade(IncidentEvent, type="emergency.tasks.made"):
    """Tasks were given out: how many to each owner."""

    owners: dict[str, int]


async def response_of(session: AsyncSession, incident: Incident) -> Response | None:
    """The response to an accident, if one was ever proposed."""
    return await session.get(Response, incident.id)


async def propose(
    session: AsyncSession,
    incident: Incident,
    level: ResponseLevel | None,
    reason: str,
    caller: Caller,
    now: datetime,
) -> Response:
    """The office asks headquarters to start a response (E-2.1d). The incident is locked.

    Raises: Conflict where one was proposed, or another plan deals with the accident; Forbidden.
    """
    known = await response_of(session, incident)
    move = MOVES.check(known.state if known else "none", "propose", caller)
    if incident.special_plan:
        raise Conflict(
            "under-another-plan",
            f"该事故按《{incident.special_plan}》处置，不按本预案启动响应。",
            clauses=("E-1.3",),
        )
    proposed = level or ResponseLevel(incident.response_level)
    _must_fit(incident, proposed, by_headquarters=True)
    response = Response(
        incident_id=incident.id,
        state=move.target,
        level=proposed.value,
        departments=[],
        proposed_at=now,
        end_asked_by=[],
    )
    session.add(response)
    _moved(session, incident, response, "propose", reason, caller, now, move.clause)
    return response


async def start(
    session: AsyncSession,
    incident: Incident,
    level: ResponseLevel | None,
    departments: Sequence[str],
    reason: str,
    caller: Caller,
    now: datetime,
) -> Response:
    """Headquarters starts the response at a level, and its tasks are given out (E-2.1c, E-4.4).

    Raises: Conflict, Forbidden.
    """
    response = await _response(session, incident, "start")
    move = MOVES.check(response.state, "start", caller)
    chosen = level or ResponseLevel(response.level)
    _must_fit(incident, chosen, by_headquarters=caller.may(HEADQUARTERS))
    response.state, response.level = move.target, chosen.value
    response.started_at, response.started_by = now, _authority(caller)
    response.departments = _called(incident, departments)
    _decide(session, incident, chosen, caller, now)
    await session.flush()
    _moved(session, incident, response, "start", reason, caller, now, move.clause)
    await _give_out(session, incident, response, caller, now)
    return response


async def adjust(
    session: AsyncSession,
    incident: Incident,
    level: ResponseLevel,
    departments: Sequence[str],
    reason: str,
    caller: Caller,
    now: datetime,
) -> Response:
    """Adjust the level up or down with a reason; tasks are added, none is taken back (E-4.4d).

    Raises: Conflict, Forbidden.
    """
    response = await _response(session, incident, "adjust")
    move = MOVES.check(response.state, "adjust", caller)
    if level.value == response.level:
        raise Conflict("same-level", f"响应已经是{level.zh}，不需调整。", clauses=("E-4.4d",))
    _must_fit(incident, level, by_headquarters=caller.may(HEADQUARTERS))
    before, response.level, response.state = response.level, level.value, move.target
    response.adjusted_at = now
    response.departments = list(dict.fromkeys([*response.departments, *departments]))
    _decide(session, incident, level, caller, now)
    await session.flush()
    _moved(session, incident, response, "adjust", reason, caller, now, move.clause, before=before)
    await _give_out(session, incident, response, caller, now)
    return response


async def ask_for_end(
    session: AsyncSession, incident: Incident, action: str, reason: str, caller: Caller, now: datetime
) -> Response:
    """The field headquarters confirms, or the responsible unit proposes, the end (E-4.9).

    action: `confirm-end` or `propose-end`. Raises: Conflict, Forbidden.
    """
    response = await _response(session, incident, action)
    move = MOVES.check(response.state, action, caller)
    response.end_asked_by = list(dict.fromkeys([*response.end_asked_by, action]))
    _moved(session, incident, response, action, reason, caller, now, move.clause)
    return response


async def end(
    session: AsyncSession, incident: Incident, reason: str, caller: Caller, now: datetime
) -> Response:
    """Whoever started the response ends it once it was asked for; aftermath begins (E-4.9, E-5.1).

    Raises: Conflict naming what is missing and who may; Forbidden.
    """
    response = await _response(session, incident, "end")
    move = MOVES.check(response.state, "end", caller)
    started_by = response.started_by or ""
    if not may_end(response.end_asked_by, started_by=started_by, ended_by=_authority(caller)):
        raise _may_not_end(response)
    response.state, response.ended_at = move.target, now
    await session.flush()
    _moved(session, incident, response, "end", reason, caller, now, move.clause)
    await open_items(session, incident)
    return response


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
        f"谁启动谁终止：本响应由 {response.started_by} 启动，须由其批准终止。",
        clauses=("E-4.9",),
        who={"end": [response.started_by]},
    )


async def _response(session: AsyncSession, incident: Incident, action: str) -> Response:
    response = await response_of(session, incident)
    if response is None:
        raise Conflict(
            "not-in-this-state",
            f"响应尚未提请，不能{MOVES.actions_zh[action]}。现在可以：提请启动（区指挥部办公室）。",
            clauses=("E-2.1d",),
            state="none",
            allowed=["propose"],
            who={"propose": [OFFICE]},
        )
    return response


def _authority(caller: Caller) -> str:
    """Who decides, as the record names it: the caller's unit, else the caller."""
    return caller.unit or caller.client


def _called(incident: Incident, departments: Sequence[str]) -> list[str]:
    return list(dict.fromkeys([*departments, *filter(None, [incident.supervisor])]))


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


def _decide(
    session: AsyncSession, incident: Incident, level: ResponseLevel, caller: Caller, now: datetime
) -> None:
    """Headquarters' own decision for III becomes a fact of the incident until it goes back to IV (E-4.3)."""
    if level is ResponseLevel.III and level.rank > _asked_by_facts(incident).rank:
        incident.headquarters_decides_iii = True
    elif level is ResponseLevel.IV:
        incident.headquarters_decides_iii = False
    regrade(session, incident, caller, now)


def _asked_by_facts(incident: Incident) -> ResponseLevel:
    """The level that the accident asks for, whatever headquarters has decided beyond it."""
    return assess(replace(incident.facts, headquarters_decides_iii=False)).response_level


def _moved(
    session: AsyncSession,
    incident: Incident,
    response: Response,
    action: str,
    reason: str,
    caller: Caller,
    now: datetime,
    clause: str,
    *,
    before: str | None = None,
) -> None:
    level = ResponseLevel(response.level)
    change = f"（{ResponseLevel(before).zh}改为{level.zh}）" if before else f"（{level.zh}响应）"
    note(
        session,
        incident,
        "response",
        f"{MOVES.actions_zh[action]}{change}：{reason}",
        now,
        caller,
        now,
        clause,
    )
    event = ResponseMoved(
        action=action, state=response.state, level=response.level, level_before=before, reason=reason
    )
    tell(session, incident, event, caller, now)


async def _give_out(
    session: AsyncSession, incident: Incident, response: Response, caller: Caller, now: datetime
) -> None:
    entries = tasks_of(ResponseLevel(response.level), catalogue().tasks)
    made = await add_tasks(session, incident, entries, now, response.departments)
    if made:
        tell(session, incident, TasksMade(owners=Counter(task.owner_name for task in made)), caller, now)
