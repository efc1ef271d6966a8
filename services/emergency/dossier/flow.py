"""How far an accident has come along the flow of 附件3, and the drawing of it."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.emergency.aftermath.inquiry import evaluation_of
from services.emergency.aftermath.items import items_of
from services.emergency.case.exercise import marked
from services.emergency.case.incident import Incident
from services.emergency.command.field import field_of, plans_of
from services.emergency.drawings import Step, flow_svg
from services.emergency.plan.catalogue import catalogue
from services.emergency.plan.flow import FlowStep, Progress, flow_of
from services.emergency.response.work import response_of

_WORDS = {"current": "现在这一步", "ahead": "尚未开始", "passed": "未经此步"}


async def steps_of(session: AsyncSession, incident: Incident) -> tuple[FlowStep, ...]:
    """The steps of the flow with how each stands (E-A3)."""
    response = await response_of(session, incident)
    field = await field_of(session, incident)
    confirmed = [plan.confirmed_at for plan in await plans_of(session, incident) if plan.confirmed_at]
    items = await items_of(session, incident)
    settled = [item.settled_at for item in items if item.settled_at]
    evaluation = await evaluation_of(session, incident)
    progress = Progress(
        reported_at=incident.first_known_at,
        graded_at=incident.recorded_at,
        proposed_at=response.proposed_at if response else None,
        started_at=response.started_at if response else None,
        field_at=field.set_up_at if field else None,
        handled_at=min(confirmed, default=None),
        adjusted_at=response.adjusted_at if response else None,
        ended_at=response.ended_at if response else None,
        settled_at=max(settled) if items and len(settled) == len(items) else None,
        reviewed_at=evaluation.made_at if evaluation else None,
        end_asked=bool(response and response.end_asked_by),
        closed=incident.closed_at is not None,
    )
    return flow_of(progress, tuple(step.id for step in catalogue().flow))


def draw(incident: Incident, steps: tuple[FlowStep, ...]) -> str:
    """The flow as SVG with the step it stands at (E-A3)."""
    names = {step.id: step.name for step in catalogue().flow}
    drawn = [
        Step(names[step.id], f"{step.at:%Y-%m-%d %H:%M}" if step.at else _WORDS[step.standing], step.standing)
        for step in steps
    ]
    return flow_svg(marked(incident, f"{incident.number} 应急响应流程"), drawn)
