"""What a unit does with its part of a request, and what the hotline decides about it (P-2.2.2b)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kit.context import Context
from kit.dispatch.desk import Desk, Opened
from kit.dispatch.limits import clocks
from kit.dispatch.moves import CLAUSE, SEND
from kit.dispatch.raising import higher, new_term, raise_if_often
from kit.dispatch.record import keep
from kit.dispatch.requests import leg_of
from kit.dispatch.standing import live
from kit.dispatch.tables import ENDS, DispatchLeg
from kit.district.units import name_of
from kit.web.problems import Conflict, FieldError, Invalid


@dataclass(frozen=True)
class Told:
    """What somebody says to an action. unit: whose part of the request; the others as the action asks for them."""

    note: str | None = None
    unit: str | None = None
    to_unit: str | None = None
    duty: str | None = None
    until: datetime | None = None
    level: str | None = None


#: What is done without a word; all else needs a note.
WORDLESS: Final = frozenset({"accept", "audit", "close", "grant-extension", "resume", "uphold-appeal"})


async def act(context: Context, desk: Desk, number: str, action: str, told: Told) -> Opened:
    """Carry out an action on a unit's part of a request.

    Raises: NotFound; Forbidden (not this caller's); Conflict (not in this state, too late, too often); Invalid.
    """
    case = await Opened.of(context, desk, number)
    if case.request.state in ENDS:
        raise case.refusal(action)
    leg = case.leg_for(told.unit, own=SEND not in desk.legs.roles(action))
    target = case.check_leg(leg, action)
    guard = _GUARDS.get(action)
    if guard is not None:
        guard(case, leg, told)
    leg.state = target
    seen = _EFFECTS[action](case, leg, told) if action in _EFFECTS else {}
    if action != "grant-return":
        case.step(leg, action, told.note, **seen)
        return case
    assert leg.proposed_unit is not None
    case.request.returns += 1
    taking = await dispatch_anew(case, leg, leg.proposed_unit)
    case.step(leg, action, told.note, **seen)
    keep_dispatch(case, leg, taking)
    raise_if_often(case)
    return case


async def dispatch_anew(case: Opened, leg: DispatchLeg, unit: str) -> DispatchLeg:
    """Give a leg's part to another unit, whose clocks start now; one that has a part already takes it over."""
    leg.state = "returned"
    await case.context.session.flush()  # at most one unit leads: the former has to be gone first
    others = [other for other in live(case.legs) if other.unit == unit]
    if others:
        others[0].lead = others[0].lead or leg.lead
        taking = others[0]
    else:
        taking = leg_of(case.request, case.matter, unit, case.context.now, lead=leg.lead)
        case.context.session.add(taking)
        case.legs.append(taking)
    case.request.units += 1
    await case.context.session.flush()
    return taking


def keep_dispatch(case: Opened, leg: DispatchLeg, taking: DispatchLeg) -> None:
    """Keep in the record, after what led to it, that a unit has another's part now."""
    keep(case.context, case.request, "dispatch", leg=taking, instead_of=str(leg.id))


# What must hold of what is said


def _to_another(_case: Opened, leg: DispatchLeg, told: Told) -> None:
    if told.to_unit == leg.unit:
        raise Conflict(
            "already-theirs", f"这件诉求已由{name_of(leg.unit)}承办，请填写其他单位。", clauses=(CLAUSE,)
        )


def _later(case: Opened, leg: DispatchLeg, told: Told) -> None:
    _count_pause(case, leg)
    if told.until is None or told.until <= leg.answer_due_at:
        raise Invalid(
            "not-an-extension",
            "延期后的时限应晚于原来的时限。",
            errors=[FieldError(pointer="/until", reason=f"应晚于 {leg.answer_due_at.isoformat()}")],
            clauses=(CLAUSE,),
        )


_GUARDS = {"ask-return": _to_another, "ask-extension": _later}


# What follows; each gives what the record keeps of it

_Seen = dict[str, object]


def _accept(case: Opened, leg: DispatchLeg, _told: Told) -> _Seen:
    leg.signed_at = case.context.now
    return {}


def _ask_return(_case: Opened, leg: DispatchLeg, told: Told) -> _Seen:
    leg.proposed_unit = told.to_unit
    return {"to": told.to_unit, "duty": told.duty}


def _grant_return(_case: Opened, leg: DispatchLeg, _told: Told) -> _Seen:
    return {"to": leg.proposed_unit}


def _refuse_return(case: Opened, leg: DispatchLeg, _told: Told) -> _Seen:
    leg.forced, leg.signed_at, refused = True, case.context.now, leg.proposed_unit
    leg.proposed_unit = None
    return {"to": refused, "forced": True}


def _contact(case: Opened, leg: DispatchLeg, _told: Told) -> _Seen:
    leg.contacted_at = case.context.now
    return {}


def _answer(case: Opened, leg: DispatchLeg, told: Told) -> _Seen:
    now = case.context.now
    leg.signed_at = leg.signed_at or now
    leg.answer, leg.answered_at = told.note, now
    leg.extension_until, leg.paused_at, leg.due_as_of = None, None, None
    return {}


def _send_back(_case: Opened, leg: DispatchLeg, _told: Told) -> _Seen:
    leg.answered_at = None
    return {}


def _ask_extension(_case: Opened, leg: DispatchLeg, told: Told) -> _Seen:
    leg.extension_until = told.until
    assert told.until is not None
    return {"until": told.until.isoformat()}


def _grant_extension(_case: Opened, leg: DispatchLeg, _told: Told) -> _Seen:
    assert leg.extension_until is not None
    former, leg.answer_due_at = leg.answer_due_at, max(leg.answer_due_at, leg.extension_until)
    leg.extension_until, leg.extensions = None, leg.extensions + 1
    new_term(leg)
    return {"former": former.isoformat(), "until": leg.answer_due_at.isoformat()}


def _refuse_extension(_case: Opened, leg: DispatchLeg, _told: Told) -> _Seen:
    leg.extension_until = None
    return {}


def _pause(case: Opened, leg: DispatchLeg, _told: Told) -> _Seen:
    leg.paused_at = case.context.now
    return {}


def _resume(case: Opened, leg: DispatchLeg, _told: Told) -> _Seen:
    assert leg.paused_at is not None
    paused, former = leg.paused_at, leg.answer_due_at
    _count_pause(case, leg)
    if leg.contacted_at is None:
        _, contact, _ = clocks().on(leg.dispatched_at.date(), case.request.urgency)
        leg.contact_due_at = contact.resumed(leg.contact_due_at, paused, case.context.now)
    leg.paused_at, leg.due_as_of = None, None
    return {"former": former.isoformat()}


def _count_pause(case: Opened, leg: DispatchLeg) -> None:
    """Move the term of a stopped clock, and what is asked for, by what has passed of its pause and not been counted yet.

    More time is asked for until a moment as it is now: the pause before it is in it already, and only what follows is not.
    """
    since, now = leg.due_as_of or leg.paused_at, case.context.now
    if since is None or case.matter is None:
        return
    limit = case.matter.limit_on(leg.dispatched_at.date())
    leg.answer_due_at, leg.due_as_of = limit.resumed(leg.answer_due_at, since, now), now
    if leg.extension_until is not None:
        leg.extension_until = limit.resumed(leg.extension_until, since, now)


def _urge(case: Opened, _leg: DispatchLeg, told: Told) -> _Seen:
    level = told.level or "urge"
    case.request.raised = higher(case.request.raised, level)
    return {"level": level}


_EFFECTS = {
    "accept": _accept,
    "ask-return": _ask_return,
    "grant-return": _grant_return,
    "refuse-return": _refuse_return,
    "contact": _contact,
    "answer": _answer,
    "send-back": _send_back,
    "ask-extension": _ask_extension,
    "grant-extension": _grant_extension,
    "refuse-extension": _refuse_extension,
    "pause": _pause,
    "resume": _resume,
    "urge": _urge,
}
