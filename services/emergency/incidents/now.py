"""What a caller is to do next in an accident: the deadlines, decisions and tasks that are its own (E-4.1 to E-4.9)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kit.district.named_units import acts_for
from services.emergency.assignments.models import Assignment
from services.emergency.assignments.work import NEXT_STEP, THE_COMPANY, assignments_of, is_owner, who
from services.emergency.case.case import Case
from services.emergency.case.incident import Incident
from services.emergency.clocks.models import IncidentDeadline
from services.emergency.clocks.work import OUTSIDE, clocks_of
from services.emergency.incidents.joining import likely_same
from services.emergency.plan.accidents.deadlines import Standing, standing
from services.emergency.plan.accidents.grading import ResponseLevel
from services.emergency.plan.accidents.report_fields import ReportKind, lacking
from services.emergency.plan.assignments import OPEN, Kind
from services.emergency.plan.catalogue import catalogue
from services.emergency.plan.now import Thing, in_order
from services.emergency.plan.response import RESPONSE, keeps_from_ending
from services.emergency.plan.roles import OFFICE
from services.emergency.response.models import Response
from services.emergency.response.work import response_of

_PRESSING = (Standing.APPROACHING, Standing.OVERDUE)
#: Where what meets a deadline is entered, below the accident, unless it is a step of the route or is met outside.
_ENTERED_AT = {
    "written-report": "reports",
    "investigation-report": "investigation",
    "investigation-approval": "investigation/approve",
    "investigation-approval-higher": "investigation/approve",
    "investigation-approval-state": "investigation/approve",
}


@dataclass(frozen=True, slots=True)
class Looked:
    """What stands beside an accident, read once: its clocks, its response's tasks, and what may be the same."""

    clocks: list[IncidentDeadline]
    tasks: list[Assignment]
    likely: list[tuple[Incident, tuple[str, ...]]]


async def look(case: Case) -> Looked:
    """Read what stands beside an accident."""
    return Looked(await clocks_of(case), await assignments_of(case, Kind.RESPONSE), await likely_same(case))


async def things_to_do(case: Case, looked: Looked) -> tuple[Thing, ...]:
    """What this caller is to do in the accident, the most urgent first; nothing once its file is closed."""
    if case.incident.closed_at is not None:
        return ()
    response = await response_of(case)
    tasks = looked.tasks
    if response is not None and response.state == "ended":
        tasks = [*tasks, *await assignments_of(case, Kind.AFTERMATH)]
    return in_order(_open(case, looked, response, tasks))


def _open(
    case: Case, looked: Looked, response: Response | None, tasks: Sequence[Assignment]
) -> Iterator[Thing]:
    yield from _about_the_report(case)
    if case.caller.may(OFFICE):
        for other, why in looked.likely:
            does = f"核对与 {other.number} 是否同一起：{'，'.join(why)}"
            yield _thing(case, does, "E-4.1e", "join")
    yield from _decisions(case, response)
    for clock in looked.clocks:
        if clock.running and clock.done_at is None and not clock.window and _owes(case, clock):
            yield _deadline(case, clock)
    for row in tasks:
        if row.state in OPEN and row.due is None and is_owner(case.caller, row):
            action, verb = NEXT_STEP[row.state]
            operation = f"POST /emergency/v1/tasks/{row.id}/{action}"
            yield Thing(does=f"{verb}任务：{row.does}", clause=row.clause, operation=operation)


def _about_the_report(case: Case) -> Iterator[Thing]:
    """What the first report lacks, and that it was verified."""
    incident, caller = case.incident, case.caller
    missing = lacking(catalogue().report_fields, ReportKind.FIRST, incident.known)
    if missing and caller.may("emergency:write"):
        yield _thing(case, f"问清并续报：{'、'.join(each.name for each in missing)}", "E-4.1d", "reports")
    if incident.verified_at is None and caller.may(OFFICE):
        yield _thing(case, "核实接报的情况", "E-4.1c", "verify")


def _decisions(case: Case, response: Response | None) -> list[Thing]:
    """What the caller may decide of the response, where the accident asks for it."""
    incident = case.incident
    if incident.special_plan is not None:
        return []
    state = response.state if response else "none"
    asked = ResponseLevel(incident.response_level)
    may = RESPONSE.allowed(state, case.caller)
    rises = response is not None and ResponseLevel(response.level).rank < asked.rank
    over = response is not None and bool(response.end_asked_by)
    over = over and not keeps_from_ending(incident.endangered or 0, incident.missing or 0, {})
    wanted = {
        "propose": (state == "none", f"提请启动{asked.zh}响应", "E-2.1d"),
        "start": (state in ("none", "proposed"), f"决定是否启动{asked.zh}响应", "E-2.1c"),
        "adjust": (rises, f"将响应调整为{asked.zh}", "E-4.4d"),
        "end": (over, "决定是否终止响应", "E-4.9"),
    }
    return [
        _thing(case, does, clause, f"response/{action}")
        for action, (now, does, clause) in wanted.items()
        if now and action in may
    ]


def _owes(case: Case, clock: IncidentDeadline) -> bool:
    """Whether a deadline is the caller's to meet; the office follows all of them."""
    caller = case.caller
    if caller.may(OFFICE) or (caller.company is not None and clock.owner == THE_COMPANY):
        return True
    return acts_for(caller, *who(case.incident, clock.owner))


def _deadline(case: Case, clock: IncidentDeadline) -> Thing:
    _, owner = who(case.incident, clock.owner)
    return Thing(
        does=f"{clock.asks}（{owner}）",
        clause=clock.clause,
        operation=f"POST /emergency/v1/incidents/{case.incident.number}/{entered_at(clock.deadline)}",
        due=clock.due,
        pressing=standing(clock, None, case.now) in _PRESSING,
    )


def entered_at(deadline: str) -> str:
    """Where what meets a deadline is entered, below the accident."""
    route = next((f"route/{step.id}" for step in catalogue().route if step.deadline == deadline), None)
    outside = f"deadlines/{deadline}/done" if deadline in OUTSIDE else None
    return route or outside or _ENTERED_AT[deadline]


def _thing(case: Case, does: str, clause: str, below: str) -> Thing:
    operation = f"POST /emergency/v1/incidents/{case.incident.number}/{below}"
    return Thing(does=does, clause=clause, operation=operation)
