"""A hotline call with an accident becomes an incident (E-4.1b)."""

from typing import Any

from pydantic import Field, ValidationError

from kit.context import Context
from kit.storage.tables import DispatchRequest
from kit.web.problems import FieldError, Invalid
from kit.web.shapes import Name
from kit.web.validation import field_errors
from services.emergency.incidents.facts import Told
from services.emergency.incidents.shapes import IncidentIn, Reporter
from services.emergency.incidents.work import take_report
from services.emergency.plan.accidents.deadlines import AccidentKind

MATTER = "production-accident"
#: What stands for the place until it is asked; a citizen's own words are told in the report alone.
UNKNOWN_PLACE = "地点待核实（12345 来电）"


class HotlineDetails(Told, title="12345 事故详情"):
    """What the hotline may ask the caller (12345 事故详情); only what is known is filled in."""

    company: Name | None = Field(default=None, description="事故单位，同 unit")
    reporter: Reporter = Field(default="citizen", description="来电人是谁")
    kind: AccidentKind = Field(default=AccidentKind.OTHER, description="事故种类")


async def take_hotline_call(context: Context, request: DispatchRequest) -> str:
    """Make an incident of a hotline request; its number is the request's reference.

    Raises: Invalid with pointers below /details.
    """
    details = _details(request.details)
    context.refuse_future(
        "/details", occurred_at=details.occurred_at, unit_informed_at=details.unit_informed_at
    )
    cipher = context.cipher
    unit = details.unit or details.company
    place = details.place or request.address or request.division or (None if unit else UNKNOWN_PLACE)
    told = {name: getattr(details, name) for name in Told.model_fields} | {
        "unit": unit,
        "place": place,
        "division": details.division or request.division,
        "course": details.course or request.description or request.summary,
        "occurred_at": details.occurred_at or "now",
        "reported_at": request.received_at,
        "channel": "12345",
        "reporter": details.reporter,
        "reporter_name": cipher.open(request.citizen_name) if request.citizen_name else None,
        "reporter_phone": cipher.open(request.citizen_phone) if request.citizen_phone else None,
        "kind": details.kind,
    }
    return (await take_report(context, IncidentIn.model_validate(told))).incident.number


def _details(given: dict[str, Any]) -> HotlineDetails:
    try:
        return HotlineDetails.model_validate(given)
    except ValidationError as error:
        faults = [
            FieldError(pointer=f"/details{at}", reason=why) for at, why in field_errors(error.errors(), given)
        ]
        raise Invalid(
            "invalid-details",
            "事故详情有误，请改正后重新派单；不知道的项目可以不填。",
            errors=faults,
            clauses=("E-4.1d",),
        ) from None
