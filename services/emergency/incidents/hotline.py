"""A hotline call with an accident becomes an incident, or a further call of the one that it is surely about (E-4.1b)."""

from pydantic import Field
from sqlalchemy import func, select

from kit.context import Context
from kit.dispatch.tables import DispatchRequest
from kit.web.problems import FieldError, Invalid
from kit.web.shapes import Name
from services.emergency.case.incident import UNKNOWN_PLACE
from services.emergency.incidents.facts import Told
from services.emergency.incidents.joining import join_if_sure
from services.emergency.incidents.shapes import IncidentIn, Reporter
from services.emergency.incidents.work import take_report

MATTER = "production-accident"
#: Nobody is sure whether it is one: taken as one until it is verified, so that no time is lost.
UNSURE = "possible-accident"


class HotlineDetails(Told, title="12345 事故详情"):
    """What the hotline may ask the caller (12345 事故详情); only what is known is filled in."""

    company: Name | None = Field(default=None, description="事故单位，同 unit")
    reporter: Reporter = Field(default="citizen", description="来电人是谁")


async def take_unsure_call(context: Context, request: DispatchRequest) -> str:
    """The same for what may be an accident, or nothing: it says so, and is closed as none once it is verified (E-4.1b)."""
    nature = request.details.get("nature") or "尚不能确定是否事故，请先核实"
    return await take_hotline_call(context, request, nature=nature)


async def take_hotline_call(context: Context, request: DispatchRequest, **facts: object) -> str:
    """Make an incident of a hotline request, or a further call of one; its number is the request's reference.

    It was first known when the request came in. facts: what is known besides. What cannot be read of the details is kept as
    it was told. One that is an incident stays it. Raises: Invalid for an exercise.
    """
    if request.reference is not None:
        return request.reference
    if request.details.get("exercise"):
        raise Invalid(
            "hotline-takes-no-exercise",
            "12345 来电一律按真实事故接报；演练请直接在应急管理服务登记。",
            errors=[FieldError(pointer="/details/exercise", reason="不接受演练")],
        )
    details = HotlineDetails.model_validate(request.details | facts)
    cipher = context.cipher
    unit = details.unit or details.company
    place = details.place or request.address or request.division or (None if unit else UNKNOWN_PLACE)
    given = {name: getattr(details, name) for name in Told.model_fields} | {
        "unit": unit,
        "place": place,
        "division": details.division or request.division,
        "course": details.course or request.description or request.summary,
        "occurred_at": details.occurred_at or request.occurred_at or "now",
        **_position(request, details),
        "reported_at": request.received_at,
        "channel": "12345",
        "reporter": details.reporter,
        "reporter_name": cipher.open(request.citizen_name) if request.citizen_name else None,
        "reporter_phone": cipher.open(request.citizen_phone) if request.citizen_phone else None,
    }
    told = IncidentIn.model_validate(given)
    told.unread.update(details.unread)
    # Of two calls at the same moment the later one finds the earlier.
    await context.session.execute(select(func.pg_advisory_xact_lock(func.hashtext("hotline-accident"))))
    case = await take_report(context, told)
    case.incident.request = request.number
    return (await join_if_sure(case)).incident.number


def _position(request: DispatchRequest, details: Told) -> dict[str, float | None]:
    """Where it is by the details, or where the request says."""
    if None not in (details.latitude, details.longitude) or request.latitude is None:
        return {"latitude": details.latitude, "longitude": details.longitude}
    return {"latitude": float(request.latitude), "longitude": float(request.longitude or 0)}
