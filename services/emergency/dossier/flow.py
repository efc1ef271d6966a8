"""How far an accident has come along the flow of 附件3, and the drawing of it."""

from kit.district.clock import in_words
from kit.figures.canvas import USUAL
from services.emergency.aftermath.inquiry import evaluation_of
from services.emergency.assignments.work import assignments_of
from services.emergency.case.case import Case
from services.emergency.case.incident import Incident
from services.emergency.command.field import field_of
from services.emergency.command.handling import plans_of
from services.emergency.command.work import forces_of
from services.emergency.drawings import Step, flow_svg
from services.emergency.plan.accidents.flow import FlowStep, Progress, flow_of
from services.emergency.plan.assignments import Kind
from services.emergency.plan.catalogue import catalogue
from services.emergency.response.work import response_of

_WORDS = {"current": "现在这一步", "ahead": "尚未开始", "passed": "未经此步"}


async def steps_of(case: Case) -> tuple[FlowStep, ...]:
    """The steps of the flow with how each stands (E-A3)."""
    incident = case.incident
    response = await response_of(case)
    field = await field_of(case)
    rescued = [
        *(plan.confirmed_at for plan in await plans_of(case) if plan.confirmed_at),
        *(force.checked_in_at for force in await forces_of(case)),
    ]
    items = [item.done_at for item in await assignments_of(case, Kind.AFTERMATH)]
    settled = [done_at for done_at in items if done_at]
    evaluation = await evaluation_of(case)
    progress = Progress(
        reported_at=incident.first_known_at,
        graded_at=incident.recorded_at,
        proposed_at=response.proposed_at if response else None,
        started_at=response.started_at if response else None,
        field_at=field.set_up_at if field else None,
        handled_at=min(rescued, default=None),
        adjusted_at=response.adjusted_at if response else None,
        ended_at=response.ended_at if response else None,
        settled_at=max(settled) if items and len(settled) == len(items) else None,
        reviewed_at=evaluation.made_at if evaluation else None,
        end_asked=bool(response and response.end_asked_by),
        closed=incident.closed_at is not None,
    )
    return flow_of(progress, catalogue().flow)


def draw(incident: Incident, steps: tuple[FlowStep, ...], width: int = USUAL) -> str:
    """The flow as SVG with the step it stands at (E-A3)."""
    drawn = [
        Step(step.name, in_words(step.at) if step.at else _WORDS[step.standing], step.standing)
        for step in steps
    ]
    return flow_svg(f"{incident.mark}{incident.number} 应急响应流程", drawn, width)
