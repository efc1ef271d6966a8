"""A citizen's request as it is taken: a unit, its clocks, and what it becomes in the service (P-2.2.2b)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, bindparam, func, literal_column, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from kit.context import Context
from kit.dispatch.limits import URGENCIES, clocks
from kit.dispatch.matters import Matter
from kit.dispatch.moves import ANY_UNIT, SEND
from kit.dispatch.record import RequestAlarming, RequestTaken, keep, tell
from kit.dispatch.searching import grams
from kit.dispatch.settling import settle_later
from kit.dispatch.standing import live, next_rung_at, settle
from kit.dispatch.tables import DROPPED, PAST_LEGS, DispatchLeg, DispatchRequest
from kit.dispatch.words import accident_words
from kit.district.coordinates import Datum, to_wgs84
from kit.district.named_units import unit_of
from kit.personal.cipher import UNMASK
from kit.personal.phones import digits
from kit.storage.db import new_id
from kit.storage.numbers import next_number
from kit.web.caller import Caller
from kit.web.ownership import UNKNOWN, Belonging, Owner
from kit.web.problems import NotFound

#: Whose requests are; one whose street is not known is no street's.
BELONGING = Belonging(division=DispatchRequest.division, shared=False)


@dataclass(frozen=True)
class Point:
    """Where something is, in degrees, as it was told."""

    longitude: float
    latitude: float
    datum: Datum


@dataclass(frozen=True)
class HandedOn:
    """Where a request comes from that another service took: its number there, and who handed it in."""

    number: str
    client: str


@dataclass(frozen=True)
class Sent:
    """A request as it is handed in."""

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
    compound: UUID | None = None
    point: Point | None = None
    occurred_at: datetime | None = None
    urgency: str | None = None
    secret: bool = False
    attachments: tuple[str, ...] = ()
    source_fields: dict[str, Any] = field(default_factory=dict)
    handed_on: HandedOn | None = None


async def take(context: Context, letter: str, sent: Sent) -> DispatchRequest:
    """Take a request: a unit, due times, and what it becomes in the service.

    The same external number of the same source is the same request: the row is then not new to the session.
    Raises: Invalid when a street's matter names no street, no place is told where it must be, or the answers do not fit;
    Forbidden for another street than the caller's.
    """
    return (await take_once(context, letter, sent))[0]


async def take_once(context: Context, letter: str, sent: Sent) -> tuple[DispatchRequest, bool]:
    """As `take`; and whether the request had been taken before."""
    session = context.session
    if known := await _known(session, sent):
        context.must_cover(known.division or UNKNOWN, own_company(context.caller, known))
        if sent.handed_on is not None and known.state == "transferred":
            await _take_back(context, known, sent)
        return known, True
    sent.matter.must_fit(sent.details)
    sent.matter.must_be_placed(sent.division, sent.address, sent.compound, sent.point)
    unit = sent.matter.responsible(sent.division)
    request = _row(context, sent, await next_number(session, f"{letter}Q", context.today), unit)
    leg = leg_of(request, sent.matter, unit, sent.received_at, lead=True)
    request.due_at, request.due_provisional = leg.answer_due_at, leg.due_provisional
    session.add(request)
    await session.flush()
    if sent.matter.taken is not None:
        request.reference = await sent.matter.taken(context, request)
    session.add(leg)
    await session.flush()
    keep(context, request, "take", leg=leg)
    taken = RequestTaken(
        number=request.number,
        matter=request.matter,
        unit=request.unit,
        due_at=request.due_at,
        reference=request.reference,
        external_number=request.external_number,
    )
    context.record(taken, request.number, concerns=request.client)
    if sent.handed_on is not None:
        settle_later(context, request)
    if request.alarm:
        alarming = RequestAlarming.model_validate(
            {
                "number": request.number,
                "matter": request.matter,
                "words": request.alarm,
                "division": request.division,
                "received_at": request.received_at,
            }
        )
        context.record(alarming, request.number, concerns=request.client)
    return request, False


async def _take_back(context: Context, request: DispatchRequest, sent: Sent) -> None:
    """Take a request again that was handed on and comes back: it is the same, and its unit's clocks start now."""
    assert sent.handed_on is not None
    unit = sent.matter.responsible(request.division)
    legs = (await legs_of(context.session, request))[request.id]
    former = live(legs)
    for each in former:
        each.state = "returned"
    await context.session.flush()
    matter = request.matter
    request.matter, request.handling = sent.matter.code, sent.matter.handling
    request.state, request.transferred_to, request.units = "received", None, request.units + 1
    request.transferred_from = sent.handed_on.number
    request.answer, request.unreasonable_by = None, None
    request.called_back_at, request.reached, request.solved, request.satisfied = None, None, None, None
    leg = leg_of(request, sent.matter, unit, context.now, lead=True)
    context.session.add(leg)
    settle(request, [*legs, leg])
    await context.session.flush()
    became = await sent.matter.become(context, request)
    for each in former:
        keep(context, request, "take-back", leg=each)
    seen = became | {"from": sent.handed_on.number}
    keep(context, request, "take-back", leg=leg, former=matter, **seen)
    tell(context, request, "take-back", unit)
    settle_later(context, request)


def _row(context: Context, sent: Sent, number: str, unit: str) -> DispatchRequest:
    cipher, point = context.cipher, sent.point
    alarm, urgency = _heard(sent)
    request = DispatchRequest(
        id=new_id(),
        number=number,
        source=sent.source,
        external_number=sent.external_number,
        client=sent.handed_on.client if sent.handed_on else context.caller.party,
        transferred_from=sent.handed_on.number if sent.handed_on else None,
        matter=sent.matter.code,
        summary=sent.summary,
        description=sent.description,
        division=sent.division,
        address=sent.address,
        compound=sent.compound,
        **(point_fields(point) if point else {}),
        citizen_name=cipher.seal(sent.citizen_name) if sent.citizen_name else None,
        citizen_phone=cipher.seal(sent.citizen_phone) if sent.citizen_phone else None,
        phone_hash=cipher.lookup(digits(sent.citizen_phone)) if sent.citizen_phone else None,
        details=sent.details,
        source_fields=sent.source_fields,
        attachments=list(sent.attachments),
        urgency=urgency,
        alarm=alarm,
        secret=sent.secret,
        occurred_at=sent.occurred_at,
        received_at=sent.received_at,
        recorded_at=context.now,
        updated_at=context.now,
        unit=unit,
        handling=sent.matter.handling,
        state="received",
        units=1,
        returns=0,
        redos=0,
        rungs=[],
        appeals=0,
    )
    find_by_words(request)
    return request


def find_by_words(request: DispatchRequest) -> None:
    """Let a request be found by what it says now."""
    words = request.number, request.summary, request.description, request.address or ""
    request.grams = sorted(grams(" ".join(words)))


def _heard(sent: Sent) -> tuple[list[str], str]:
    """(words of an accident, urgency): the highest of what was told, of the matter and its answers, and of the words."""
    found = accident_words(f"{sent.summary}\n{sent.description}")
    alarm = [each.word for each in found if each.kind == "accident"]
    heard = "emergency" if alarm else "urgent" if found else "normal"
    return alarm, max(
        sent.urgency or "normal", sent.matter.level_of(sent.details), heard, key=URGENCIES.index
    )


def point_fields(point: Point) -> dict[str, Any]:
    """What a request holds of where it is: as it was told, and in WGS-84."""
    longitude, latitude = to_wgs84(point.longitude, point.latitude, point.datum)
    return {
        "longitude": Decimal(f"{longitude:.7f}"),
        "latitude": Decimal(f"{latitude:.7f}"),
        "coordinates": {"longitude": point.longitude, "latitude": point.latitude, "datum": point.datum},
    }


def leg_of(
    request: DispatchRequest, matter: Matter | None, unit: str, start: datetime, *, lead: bool
) -> DispatchLeg:
    """A new leg of a request, dispatched at a moment: its clocks start there, whenever it is signed."""
    sign, contact, _ = clocks().on(start.date(), request.urgency)
    answer = matter.limit_on(start.date()).due(start) if matter else None
    leg = DispatchLeg(
        id=new_id(),
        request_id=request.id,
        unit=unit,
        lead=lead,
        state="dispatched",
        round=1,
        term=1,
        dispatched_at=start,
        sign_due_at=sign.due(start).at,
        contact_due_at=contact.due(start).at,
        answer_due_at=answer.at if answer else request.due_at,
        due_provisional=answer.provisional if answer else request.due_provisional,
        forced=False,
        extensions=0,
        appealed=[],
        rungs=[],
    )
    leg.next_rung_at = next_rung_at(leg)
    return leg


async def by_number(context: Context, number: str, *, lock: bool = False) -> DispatchRequest:
    """A request that the caller may see; lock: that it may act on, which a company may not, though the request is its own.

    Raises: NotFound, also for another division's request.
    """
    query = select(DispatchRequest).where(DispatchRequest.number == number)
    found = await context.session.scalars(query.with_for_update() if lock else query)
    request = found.one_or_none()
    own = own_company(context.caller, request) if request is not None and not lock else None
    if request is None or not context.owns(Owner(request.division or UNKNOWN, own)):
        raise NotFound("not-found", f"没有编号为 {number} 的诉求。")
    return request


def own_company(caller: Caller, request: DispatchRequest) -> str | None:
    """The company whose request it is: the caller's, where its own token handed the request in."""
    return caller.company if request.client == caller.party else None


async def legs_of(session: AsyncSession, *requests: DispatchRequest) -> dict[UUID, list[DispatchLeg]]:
    """The legs of requests, in the order in which they were dispatched."""
    found: dict[UUID, list[DispatchLeg]] = {request.id: [] for request in requests}
    query = select(DispatchLeg).where(DispatchLeg.request_id.in_(found))
    for leg in await session.scalars(query.order_by(DispatchLeg.dispatched_at, DispatchLeg.id)):
        found[leg.request_id].append(leg)
    return found


def is_overdue(request: DispatchRequest, now: datetime) -> bool:
    """Whether the lead unit's term passed before all had answered; a clock that is stopped does not run on."""
    late = (request.answered_at or request.paused_at or now) > request.due_at
    return late and request.state not in DROPPED


def overdue_at(now: datetime) -> ColumnElement[bool]:
    """The same as SQL, for lists."""
    request = DispatchRequest
    stopped = request.answered_at, request.paused_at
    late = func.coalesce(*stopped, now) > request.due_at
    # Those that are or can come late are few, and have an index of their own, `MAY_BE_LATE`.
    may_be = func.coalesce(*stopped, literal_column("'infinity'::timestamptz")) > request.due_at
    return late & may_be & state_not_in(DROPPED)


def state_not_in(states: Sequence[str]) -> ColumnElement[bool]:
    """Whether a request's state is none of these, written out, as the partial indexes are found by it."""
    given: BindParameter[str] = bindparam(
        "states", list(states), expanding=True, literal_execute=True, unique=True
    )
    return DispatchRequest.state.not_in(given)


def of_unit(unit: str) -> ColumnElement[bool]:
    """Whether a unit has a part in a request that counts."""
    legs = select(DispatchLeg.request_id).where(DispatchLeg.unit == unit, DispatchLeg.state.not_in(PAST_LEGS))
    return DispatchRequest.id.in_(legs)


def seen_by(caller: Caller) -> ColumnElement[bool]:
    """Which requests may be sought by what they say: secret ones by whom they are shown to, and nobody else."""
    if sees_secrets(caller) or caller.may(ANY_UNIT):
        return true()
    unit = unit_of(caller)
    found: ColumnElement[bool] = DispatchRequest.secret.is_(False)
    if caller.may(SEND):
        found |= DispatchRequest.client == caller.party
    return found if unit is None else found | of_unit(unit)


def sees_secrets(caller: Caller) -> bool:
    """Whether secret requests of all are shown: to the hotline, not to every platform that hands requests in."""
    return caller.may(SEND) and caller.may(UNMASK)


async def _known(session: AsyncSession, sent: Sent) -> DispatchRequest | None:
    if sent.external_number is None:
        return None
    name = f"{sent.source}/{sent.external_number}"
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
    query = select(DispatchRequest).where(
        DispatchRequest.source == sent.source, DispatchRequest.external_number == sent.external_number
    )
    if sent.handed_on is not None:
        # It may be on its way there yet: whether it has gone is known when that is done.
        query = query.with_for_update()
    return (await session.scalars(query)).one_or_none()
