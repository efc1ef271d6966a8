"""The dispatch contract: every service takes citizens' requests of its matters the same way (P-2.2.2b)."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import Field
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.context import Context
from kit.district import reference, units
from kit.district.citations import cite
from kit.district.named_units import acts_for
from kit.district.workdays import add_workdays, end_of_day
from kit.events.event import Event
from kit.storage.db import new_id
from kit.storage.numbers import next_number
from kit.storage.tables import DispatchRequest, DispatchStep
from kit.web.caller import Role
from kit.web.moves import Moves
from kit.web.ownership import UNKNOWN, Belonging, Owner
from kit.web.problems import FieldError, Forbidden, Invalid, NotFound

#: Scopes of the hotline: to send requests and close them, and to read them.
SEND, READ = Role("dispatch:write", "12345 热线"), Role("dispatch:read", "12345 热线")

#: To act on requests in place of whichever unit they were sent to.
ANY_UNIT = Role("dispatch:any-unit", "代各单位办理的系统管理员")
#: Whose requests are; one whose street is not known is no street's.
BELONGING = Belonging(division=DispatchRequest.division, shared=False)

#: What a unit or a matter does on taking a request; returns the number of what it became, if anything.
Hook = Callable[[Context, DispatchRequest], Awaitable[str | None]]


@dataclass(frozen=True)
class Limit:
    """How long a unit has: natural hours, the same day, or working days counted from the day after."""

    hours: int | None = None
    same_day: bool = False
    workdays: int | None = None

    def __post_init__(self) -> None:
        if (self.hours is not None) + self.same_day + (self.workdays is not None) != 1:
            raise TypeError("a limit is hours, the same day, or working days")

    def due(self, received_at: datetime) -> tuple[datetime, bool]:
        """(due time, whether it rests on a provisional calendar)."""
        if self.hours is not None:
            return received_at + timedelta(hours=self.hours), False
        if self.same_day:
            return end_of_day(received_at.date()), False
        due = add_workdays(received_at.date(), self.workdays or 0)
        return end_of_day(due.day), due.provisional


@dataclass(frozen=True)
class Matter:
    """A kind of request that a service owns.

    unit: id of the unit that handles it, or None when it is the street or town where it happened, which
    handles it on the spot; source: where the time limit comes from (Chinese); details: what may be said in a
    request's `details` (Chinese).
    """

    code: str
    name: str
    unit: str | None
    limit: Limit
    source: str
    clauses: tuple[str, ...]
    taken: Hook | None = None
    details: str | None = None

    @property
    def handling(self) -> str:
        """`on_the_spot` by the street, or `dispatched` to a unit."""
        return "dispatched" if self.unit else "on_the_spot"


def load_matters(path: Path, hooks: Mapping[str, Hook] | None = None) -> tuple[Matter, ...]:
    """The matters of a service's data/matters.yaml; hooks by matter code.

    Raises: KeyError for an unknown clause or unit, TypeError for an unknown limit.
    """
    hooks = hooks or {}
    matters = []
    for row in reference.read(path):
        unit = units.unit(row["unit"]).id if row.get("unit") else None
        cite(*row["clauses"])
        matters.append(
            Matter(
                code=row["code"],
                name=row["name"],
                unit=unit,
                limit=Limit(**row["limit"]),
                source=row["source"],
                clauses=tuple(row["clauses"]),
                taken=hooks.get(row["code"]),
            )
        )
    return tuple(matters)


def moves(service: str) -> Moves:
    """Received, accepted by the unit, answered, closed by the hotline or sent back to be redone."""
    unit = Role(f"{service}:write", "承办单位")
    return Moves(
        "诉求",
        states={
            "received": "诉求已派单、尚未签收",
            "accepted": "诉求已签收、正在办理",
            "answered": "诉求已答复",
            "closed": "诉求已办结",
        },
        actions={"accept": "签收", "answer": "答复", "redo": "退回重办", "close": "办结"},
        rows=(
            ("received", "accept", unit, "accepted", "P-2.2.2b"),
            ("received", "answer", unit, "answered", "P-2.2.2b"),
            ("accepted", "answer", unit, "answered", "P-2.2.2b"),
            ("answered", "redo", SEND, "accepted", "P-2.2.2b"),
            ("answered", "close", SEND, "closed", "P-2.2.2b"),
        ),
    )


@dataclass(frozen=True)
class Sent:
    """A request as the hotline sends it."""

    matter: Matter
    summary: str
    description: str
    division: str | None
    address: str | None
    citizen_name: str | None
    citizen_phone: str | None
    source: str
    external_number: str | None
    received_at: datetime
    details: dict[str, Any]


class RequestTaken(Event, type="dispatch.request.taken", title="受理诉求"):
    """A service took a citizen's request."""

    number: str = Field(description="诉求编号")
    matter: str = Field(description="事项编码")
    unit: str = Field(description="承办单位编号")
    due_at: datetime = Field(description="办结期限")
    reference: str | None = Field(description="派单方的工单号；没有时为空")


class RequestMoved(Event, type="dispatch.request.moved", title="诉求办理进展"):
    """A citizen's request changed its state."""

    number: str = Field(description="诉求编号")
    action: str = Field(description="所作的操作")
    state: str = Field(description="操作后的状态")


async def take(context: Context, letter: str, sent: Sent) -> DispatchRequest:
    """Take a request: a unit, a due time, and what it becomes in the service.

    The same external number of the same source is the same request.
    Raises: Invalid when a street's matter names no street; Forbidden for another street than the caller's.
    """
    session, cipher = context.session, context.cipher
    if known := await _known(session, sent):
        context.must_cover(known.division or UNKNOWN)
        return known
    due_at, provisional = sent.matter.limit.due(sent.received_at)
    request = DispatchRequest(
        id=new_id(),
        number=await next_number(session, f"{letter}Q", context.today),
        source=sent.source,
        external_number=sent.external_number,
        matter=sent.matter.code,
        summary=sent.summary,
        description=sent.description,
        division=sent.division,
        address=sent.address,
        citizen_name=cipher.seal(sent.citizen_name) if sent.citizen_name else None,
        citizen_phone=cipher.seal(sent.citizen_phone) if sent.citizen_phone else None,
        phone_hash=cipher.lookup(digits(sent.citizen_phone)) if sent.citizen_phone else None,
        details=sent.details,
        received_at=sent.received_at,
        recorded_at=context.now,
        unit=_responsible(sent),
        handling=sent.matter.handling,
        due_at=due_at,
        due_provisional=provisional,
        state="received",
    )
    session.add(request)
    await session.flush()
    if sent.matter.taken is not None:
        request.reference = await sent.matter.taken(context, request)
    _step(context, request, "take", None)
    taken = RequestTaken(
        number=request.number,
        matter=request.matter,
        unit=request.unit,
        due_at=request.due_at,
        reference=request.reference,
    )
    context.record(taken, request.number)
    return request


async def move(
    context: Context, table: Moves, number: str, action: str, note: str | None = None
) -> DispatchRequest:
    """Carry out an action on a request.

    Raises: NotFound, Conflict (not in this state), Forbidden (not this caller's).
    """
    request = await by_number(context, number, lock=True)
    if SEND not in table.roles(action):
        _must_be_unit(context, request)
    request.state = table.check(request.state, action, context.caller).target
    if action == "answer":
        request.answer, request.answered_at = note, context.now
    elif action == "redo":
        request.answered_at = None
    elif action == "close":
        request.closed_at = context.now
    _step(context, request, action, note)
    context.record(RequestMoved(number=number, action=action, state=request.state), number)
    return request


async def refer(context: Context, request: DispatchRequest, reference: str, note: str) -> None:
    """Keep what a request that was taken as something else became in the service. The request is locked."""
    request.reference = reference
    _step(context, request, "refer", note)
    context.record(RequestMoved(number=request.number, action="refer", state=request.state), request.number)


async def by_number(context: Context, number: str, *, lock: bool = False) -> DispatchRequest:
    """A request that the caller may see.

    Raises: NotFound, also for another division's request.
    """
    query = select(DispatchRequest).where(DispatchRequest.number == number)
    found = await context.session.scalars(query.with_for_update() if lock else query)
    request = found.one_or_none()
    if request is None or not context.owns(Owner(request.division or UNKNOWN)):
        raise NotFound("not-found", f"没有编号为 {number} 的诉求。")
    return request


def _must_be_unit(context: Context, request: DispatchRequest) -> None:
    """Refuse whoever is not the unit that the request was sent to, as only that unit answers for it."""
    name = unit_name(request.unit)
    if not acts_for(context.caller, request.unit, name) and not context.caller.may(ANY_UNIT):
        raise Forbidden("another-units-request", f"这件诉求由{name}承办，请由其办理。", clauses=("P-2.2.2b",))


def unit_name(id: str) -> str:
    """What a unit is called; its id where it has been struck from the canon since."""
    try:
        return units.unit(id).name
    except units.UnknownUnit:
        return id


async def steps_of(session: AsyncSession, request: DispatchRequest) -> list[DispatchStep]:
    """What was done with the request, in order."""
    query = select(DispatchStep).where(DispatchStep.request_id == request.id)
    return list(await session.scalars(query.order_by(DispatchStep.at, DispatchStep.id)))


def digits(phone: str) -> str:
    """A phone as it is looked up, however it was written; without its extension."""
    bare = re.split("转|分机|#|ext", phone.removeprefix("+86"))[0]
    return re.sub("[^0-9]", "", bare)


def is_overdue(request: DispatchRequest, now: datetime) -> bool:
    """Whether the unit answered after its due time, or has not answered and it has passed."""
    return (request.answered_at or now) > request.due_at


def overdue_at(now: datetime) -> ColumnElement[bool]:
    """The same as SQL, for lists."""
    return func.coalesce(DispatchRequest.answered_at, now) > DispatchRequest.due_at


async def _known(session: AsyncSession, sent: Sent) -> DispatchRequest | None:
    if sent.external_number is None:
        return None
    name = f"{sent.source}/{sent.external_number}"
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
    query = select(DispatchRequest).where(
        DispatchRequest.source == sent.source, DispatchRequest.external_number == sent.external_number
    )
    return (await session.scalars(query)).one_or_none()


def _responsible(sent: Sent) -> str:
    if sent.matter.unit is not None:
        return sent.matter.unit
    street = units.street(sent.division) if sent.division else None
    if street is None:
        raise Invalid(
            "unknown-street",
            f"“{sent.matter.name}”由属地街道（镇）就地办理，请填写本区的街道或镇。",
            errors=[FieldError(pointer="/division", reason="应为本区 12 个街道、3 个镇之一，例如 天骄街道")],
            clauses=sent.matter.clauses,
        )
    return street.id


def _step(context: Context, request: DispatchRequest, action: str, note: str | None) -> None:
    caller = context.caller
    step = DispatchStep(
        request_id=request.id,
        at=context.now,
        action=action,
        client=caller.client,
        unit=caller.unit,
        note=note,
    )
    context.session.add(step)
