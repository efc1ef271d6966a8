"""A complaint of the hotline that turns out to be an accident (E-4.1b)."""

from typing import Annotated

from fastapi import Path
from pydantic import Field

from kit.context import Context
from kit.dispatch import requests as dispatch
from kit.dispatch.record import refer
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.problems import Conflict, problems
from kit.web.routes import clauses
from kit.web.shapes import Text
from services.emergency.alarms.work import settle
from services.emergency.case.case import Case
from services.emergency.incidents.api import shown_incident
from services.emergency.incidents.facts import Told
from services.emergency.incidents.hotline import take_hotline_call
from services.emergency.incidents.shapes import IncidentOut
from services.emergency.plan.roles import OFFICE
from services.emergency.response.shapes import ReasonIn

Office = Annotated[Context, requires("emergency:read", one_of=(OFFICE,), whose=Whose.PLACES)]

router = routes.router("12345 派单")


class AccidentIn(
    ReasonIn, title="诉求转为事故", example={"reason": "核实为井下冒顶，有人被困", "facts": {"endangered": 2}}
):
    """Why a complaint is an accident, and what is known of it by now (诉求转为事故)."""

    reason: Text = Field(description="如何核实为事故")
    facts: Told = Field(default=Told(), description="现在知道的情况")


@router.post(
    "/dispatch/requests/{number}/accident",
    status_code=201,
    summary="诉求转为事故",
    description="12345 诉求经核实是事故的，转为事故接报：首次接报时间仍是 12345 受理的时间，时限由此起算；诉求与事故互相可查。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-4.1b", "E-4.1c"),
)
async def make_accident(
    number: Annotated[str, Path(description="诉求编号", examples=["DS-EQ-20240624-0001"], max_length=40)],
    body: AccidentIn,
    context: Office,
) -> IncidentOut:
    """Take a complaint as the accident that it is, known since it came in (E-4.1b)."""
    request = await dispatch.by_number(context, number, lock=True)
    if request.reference is not None:
        raise Conflict(
            "already-an-accident", f"这件诉求已转为 {request.reference}，请在那里续报。", clauses=("E-4.1b",)
        )
    if request.state in ("answered", "closed"):
        raise Conflict(
            "already-settled-request",
            "这件诉求已答复或办结。请另行接报，并把首次接到的时间填入 reported_at。",
            clauses=("E-4.1b",),
        )
    reference = await take_hotline_call(context, request, **body.facts.unread | body.facts.given())
    await refer(context, request, reference, body.reason)
    await settle(context, request.number, reference, body.reason)
    return shown_incident(await Case.open(context, reference))
