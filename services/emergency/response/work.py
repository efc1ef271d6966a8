"""What happens with a response: proposed, started, adjusted, ended (E-2.1c, E-2.1d, E-4.4, E-4.9)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from kit.web.caller import Caller
from kit.web.moves import Move
from kit.web.problems import Conflict, Forbidden
from services.emergency.assignments.work import give_out, part, remind_no_more
from services.emergency.case.case import Case, IncidentEvent
from services.emergency.case.grading import regrade
from services.emergency.case.incident import Incident
from services.emergency.plan.accidents.grading import ResponseLevel, assess
from services.emergency.plan.assignments import Kind
from services.emergency.plan.catalogue import catalogue
from services.emergency.plan.response import PARTS, RESPONSE, may_end
from services.emergency.plan.roles import COMPANY, FIELD, HEADQUARTERS, OFFICE
from services.emergency.response.models import Response


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


async def response_of(case: Case) -> Response | None:
    """The response to an accident, if one was ever proposed."""
    return await case.session.get(Response, case.incident.id)


async def propose(case: Case, level: ResponseLevel | None, reason: str) -> Response:
    """The office asks headquarters to start a response (E-2.1d).

    Raises: Conflict where one was proposed, or another plan deals with the accident; Forbidden.
    """
    incident = case.incident
    known = await response_of(case)
    move = RESPONSE.check(known.state if known else "none", "propose", case.caller)
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
        proposed_at=case.now,
        end_asked_by=[],
    )
    case.session.add(response)
    _moved(case, response, move, reason)
    return response


async def start(case: Case, level: ResponseLevel | None, departments: Sequence[str], reason: str) -> Response:
    """Headquarters starts the response at a level, and its tasks are given out (E-2.1c, E-4.4).

    Raises: Conflict, Forbidden.
    """
    response, move = await _to_move(case, "start")
    chosen = level or ResponseLevel(response.level)
    _must_fit(case.incident, chosen, by_headquarters=True)
    response.started_at, response.started_by = case.now, _authority(case.caller)
    _set_level(case, response, chosen, [*departments, *filter(None, [case.incident.supervisor])])
    _moved(case, response, move, reason)
    await _give_out_tasks(case, response)
    return response


async def adjust(case: Case, level: ResponseLevel, departments: Sequence[str], reason: str) -> Response:
    """Adjust the level up or down with a reason; tasks are added, none is taken back (E-4.4d).

    Raises: Conflict, Forbidden.
    """
    response, move = await _to_move(case, "adjust")
    if level.value == response.level:
        raise Conflict("same-level", f"响应已经是{level.zh}，不需调整。", clauses=("E-4.4d",))
    _must_fit(case.incident, level, by_headquarters=case.caller.may(HEADQUARTERS))
    before, response.adjusted_at = response.level, case.now
    _set_level(case, response, level, [*response.departments, *departments])
    _moved(case, response, move, reason, before=before)
    await _give_out_tasks(case, response)
    return response


async def ask_for_end(case: Case, action: str, reason: str) -> Response:
    """The field headquarters confirms, or the responsible unit proposes, the end (E-4.9).

    action: `confirm-end` or `propose-end`. Raises: Conflict, Forbidden.
    """
    response, move = await _to_move(case, action)
    response.end_asked_by = list(dict.fromkeys([*response.end_asked_by, action]))
    _moved(case, response, move, reason)
    return response


async def end(case: Case, reason: str) -> Response:
    """Whoever started the response ends it once it was asked for; aftermath begins (E-4.9, E-5.1).

    Raises: Conflict naming what is missing and who may; Forbidden.
    """
    response, move = await _to_move(case, "end")
    started_by = response.started_by or ""
    if not may_end(response.end_asked_by, started_by=started_by, ended_by=_authority(case.caller)):
        raise _may_not_end(response)
    response.ended_at = case.now
    _moved(case, response, move, reason)
    await remind_no_more(case)
    await give_out(case, Kind.AFTERMATH, [entry for entry in catalogue().aftermath if not entry.if_needed])
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


async def _to_move(case: Case, action: str) -> tuple[Response, Move]:
    """The response, and the move that the action makes of it."""
    response = await response_of(case)
    if response is None:
        raise Conflict(
            "not-in-this-state",
            f"响应尚未提请，不能{RESPONSE.actions[action]}。现在可以：提请启动（{OFFICE.zh}）。",
            clauses=RESPONSE.clauses("propose"),
            state="none",
            allowed=RESPONSE.allowed("none", case.caller),
            who={"propose": [OFFICE]},
        )
    return response, RESPONSE.check(response.state, action, case.caller)


def _authority(caller: Caller) -> str:
    """Who decides, as the record names it: the caller's unit, else the caller."""
    return caller.unit or caller.client


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


def _moved(case: Case, response: Response, move: Move, reason: str, *, before: str | None = None) -> None:
    response.state = move.target
    level = ResponseLevel(response.level)
    change = f"（{ResponseLevel(before).zh}改为{level.zh}）" if before else f"（{level.zh}响应）"
    text = f"{RESPONSE.actions[move.action]}{change}：{reason}"
    event = ResponseMoved(
        action=move.action, state=response.state, level=response.level, level_before=before, reason=reason
    )
    case.happened("response", text, move.clause, event=event)


async def _give_out_tasks(case: Case, response: Response) -> None:
    entries = part(*PARTS[ResponseLevel(response.level)])
    made = await give_out(case, Kind.RESPONSE, entries, response.departments)
    if made:
        case.tell(TasksMade(owners=Counter(task.owner_name for task in made)))
