"""What happens with alarms: heard, the duty officer rung until one is decided, made an incident, joined, or found none."""

from datetime import datetime, timedelta
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from kit.context import Context
from kit.dispatch.matters import Hook
from kit.dispatch.record import refer
from kit.dispatch.tables import DispatchRequest
from kit.events.event import Event
from kit.events.receiving import read
from kit.events.subscriptions import CloudEvent
from kit.storage import db
from kit.web.ownership import UNKNOWN, Belonging, Owner
from kit.web.problems import Conflict
from services.emergency.alarms.models import Alarm
from services.emergency.case.case import Case
from services.emergency.case.incident import UNKNOWN_PLACE
from services.emergency.headquarters.duty import shift_at
from services.emergency.incidents.facts import Told
from services.emergency.incidents.joining import join
from services.emergency.incidents.shapes import IncidentIn
from services.emergency.incidents.work import take_report
from services.emergency.plan.alarms import ALARM

#: How long an alarm may stay undecided before the duty officer is rung again, each time.
RING_EVERY = timedelta(minutes=10)
MISSING = "没有这条疑似事故，请核对编号。"
#: Whose alarms are; one whose street is not known is no street's.
BELONGING = Belonging(division=Alarm.division, shared=False)


class AlarmEvent(Event):
    """What every event of an alarm carries."""

    number: str = Field(description="诉求编号")
    service: str = Field(description="受理诉求的服务")
    words: list[str] = Field(description="文字中疑似事故的词")
    division: str | None = Field(description="所在街道（镇）；尚不知道时为空")
    shift: UUID | None = Field(description="当班的值班班次；没有排班时为空，请打值班电话")


class AlarmRaised(AlarmEvent, type="emergency.alarm.raised", title="诉求疑似事故，呼叫值班员"):
    """The words of a request tell of an accident: the duty officer is rung."""


class AlarmUnhandled(AlarmEvent, type="emergency.alarm.unhandled", title="疑似事故无人处理，再次呼叫值班员"):
    """Nobody has decided an alarm: the duty officer is rung again."""

    reminders: int = Field(description="第几次再呼叫")


class AlarmHandled(Event, type="emergency.alarm.handled", title="疑似事故已处理"):
    """It was decided what an alarm was."""

    number: str = Field(description="诉求编号")
    service: str = Field(description="受理诉求的服务")
    state: str = Field(description="incident 转为事故，joined 并入事故，none 非事故")
    incident: str | None = Field(description="事故编号；非事故为空")


class _Told(BaseModel):
    number: str
    matter: str
    words: list[str]
    division: str | None
    received_at: datetime


async def hear(context: Context, event: CloudEvent) -> None:
    """Take in what another service tells of a request's words (E-4.1b). Raises: Invalid when that is not what was agreed."""
    await _raise(context, event.source.removeprefix("/"), read(event, _Told))


async def hear_own(context: Context, request: DispatchRequest) -> str | None:
    """The same for a request of this service that is not taken as an accident at once; it becomes nothing by that."""
    if request.alarm and request.reference is None:
        words = {"words": request.alarm}
        names = ("number", "matter", "division", "received_at")
        told = _Told.model_validate({name: getattr(request, name) for name in names} | words)
        await _raise(context, "emergency", told)
    return None


def settling(hook: Hook) -> Hook:
    """A hook by which a request is taken as an accident; where it had raised an alarm, that is decided by it."""

    async def take(context: Context, request: DispatchRequest) -> str | None:
        request.reference = await hook(context, request)
        if request.reference is not None:
            await settle(context, request.number, request.reference, "诉求转办为事故")
        return request.reference

    return take


async def _raise(context: Context, service: str, told: _Told) -> None:
    shift = await shift_at(context.session, context.now)
    row = insert(Alarm).values(
        id=db.new_id(),
        service=service,
        heard_at=context.now,
        shift=shift.id if shift else None,
        state="open",
        remind_at=context.now + RING_EVERY,
        reminders=0,
        **told.model_dump(),
    )
    fresh = row.on_conflict_do_nothing(index_elements=["number"]).returning(Alarm)
    alarm = (await context.session.scalars(fresh, execution_options={"bookkeeping": True})).one_or_none()
    if alarm is not None:
        context.record(AlarmRaised.model_validate(alarm, from_attributes=True), str(alarm.id))


async def ring_again(context: Context) -> None:
    """Ring the duty officer again of what nobody has decided; a periodic job."""
    late = select(Alarm).where(Alarm.remind_at <= context.now).order_by(Alarm.received_at, Alarm.id)
    shift = await shift_at(context.session, context.now)
    for alarm in await context.session.scalars(late.with_for_update(skip_locked=True)):
        alarm.remind_at, alarm.reminders = context.now + RING_EVERY, alarm.reminders + 1
        alarm.shift = shift.id if shift else None
        context.record(AlarmUnhandled.model_validate(alarm, from_attributes=True), str(alarm.id))


async def make_incident(context: Context, id: UUID, facts: Told, reason: str) -> Alarm:
    """Take an alarm as the accident that it is, known since the request came in (E-4.1b). Raises: NotFound; Conflict."""
    alarm = await _to_decide(context, id, "make-incident")
    case = await _taken(context, alarm, facts)
    await _decided(context, alarm, "incident", reason, case.incident.number)
    return alarm


async def join_to(context: Context, id: UUID, into: str, reason: str) -> Alarm:
    """Take an alarm as a further call of an accident that has a file (E-4.1e). Raises: NotFound; Conflict."""
    alarm = await _to_decide(context, id, "join")
    call = await _taken(context, alarm, Told())
    file = await join(context, call.incident.number, into, reason)
    await _decided(context, alarm, "joined", reason, file.incident.number)
    return alarm


async def dismiss(context: Context, id: UUID, reason: str) -> Alarm:
    """Keep that an alarm was none, and why (E-4.1c). Raises: NotFound; Conflict."""
    alarm = await _to_decide(context, id, "dismiss")
    await _decided(context, alarm, "none", reason)
    return alarm


async def settle(context: Context, number: str, incident: str, reason: str) -> None:
    """A request was taken as an accident otherwise: its alarm, where there is an open one, is decided by that."""
    query = select(Alarm).where(Alarm.number == number, Alarm.state == "open").with_for_update()
    alarm = (await context.session.scalars(query)).one_or_none()
    if alarm is not None:
        await _decided(context, alarm, "incident", reason, incident)


async def _to_decide(context: Context, id: UUID, action: str) -> Alarm:
    alarm = await db.locked(context.session, Alarm, id, MISSING)
    context.must_own(Owner(alarm.division or UNKNOWN), MISSING)
    ALARM.check(alarm.state, action, context.caller)
    return alarm


async def _taken(context: Context, alarm: Alarm, facts: Told) -> Case:
    """The incident of an alarm; what cannot be read of the facts is kept as it was told."""
    own = await _own_request(context, alarm)
    if own is not None and own.reference is not None:
        raise Conflict(
            "already-an-accident", f"这件诉求已转为 {own.reference}，请在那里续报。", clauses=("E-4.1b",)
        )
    given = {name: getattr(facts, name) for name in Told.model_fields} | {
        "place": facts.place or (own and own.address) or (None if facts.unit else UNKNOWN_PLACE),
        "division": facts.division or alarm.division,
        "course": facts.course
        or (own and own.description)
        or f"诉求 {alarm.number}：{'、'.join(alarm.words)}",
        "occurred_at": facts.occurred_at or "now",
        "reported_at": alarm.received_at,
        "channel": "12345",
        "reporter": "citizen",
    }
    told = IncidentIn.model_validate(given)
    told.unread.update(facts.unread)
    case = await take_report(context, told)
    case.incident.request = alarm.number
    return case


async def _decided(
    context: Context, alarm: Alarm, state: str, reason: str, incident: str | None = None
) -> None:
    alarm.state, alarm.reason, alarm.incident, alarm.remind_at = state, reason, incident, None
    alarm.handled_at, alarm.handled_by = context.now, context.caller.by
    own = await _own_request(context, alarm)
    if own is not None and own.reference is None and incident is not None:
        await refer(context, own, incident, reason)
    event = AlarmHandled(number=alarm.number, service=alarm.service, state=state, incident=incident)
    context.record(event, str(alarm.id))


async def _own_request(context: Context, alarm: Alarm) -> DispatchRequest | None:
    """The request itself, locked, where this service has it."""
    if alarm.service != "emergency":
        return None
    query = select(DispatchRequest).where(DispatchRequest.number == alarm.number)
    return (await context.session.scalars(query.with_for_update())).one_or_none()
