"""How a request stands, from its legs and from its record: state, term, who must act next. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kit.dispatch.limits import clocks
from kit.dispatch.tables import DROPPED, ENDS, PAST_LEGS, DispatchLeg, DispatchRequest, DispatchStep


@dataclass(frozen=True)
class Next:
    """Who must act next: a unit's id, or None for the hotline; what it has to do, and until when where a term runs.

    leg: the unit whose part it is about; None: the request as a whole.
    """

    unit: str | None
    action: str
    due_at: datetime | None = None
    leg: str | None = None


@dataclass(frozen=True)
class Standing:
    """How a request stood at a moment, from its record."""

    at: datetime
    state: str
    unit: str | None
    due_at: datetime | None
    overdue: bool
    legs: dict[str, str]


def live(legs: Iterable[DispatchLeg]) -> list[DispatchLeg]:
    """The legs that count, the lead unit's first."""
    return sorted(
        (leg for leg in legs if leg.state not in PAST_LEGS), key=lambda leg: (not leg.lead, leg.dispatched_at)
    )


def state_of(legs: Iterable[DispatchLeg]) -> str:
    """The state of a request that has not ended: received until the lead unit signs, answered when all have answered."""
    lead, *others = live(legs)
    if all(leg.state in ("answered", "audited") for leg in (lead, *others)):
        return "answered"
    return "received" if lead.state in ("dispatched", "return_asked") else "accepted"


def settle(request: DispatchRequest, legs: Sequence[DispatchLeg]) -> None:
    """Write into a request what follows from its legs."""
    lead, *others = live(legs)
    if request.state not in ENDS:
        request.state = state_of(legs)
    request.unit, request.due_at, request.due_provisional = (
        lead.unit,
        lead.answer_due_at,
        lead.due_provisional,
    )
    request.paused_at = lead.paused_at
    request.answer = lead.answer if lead.answered_at else request.answer
    answered = [leg.answered_at for leg in (lead, *others)]
    whole = [at for at in answered if at is not None]
    request.answered_at = max(whole) if len(whole) == len(answered) else None
    for leg in legs:
        leg.next_rung_at = None if request.state in ENDS else next_rung_at(leg)


def rungs_of(leg: DispatchLeg) -> list[tuple[datetime, str]]:
    """(when, code) of the rungs that a leg would still be raised by, the next first."""
    if leg.paused_at is not None or leg.state in (*PAST_LEGS, "answered", "audited", "return_asked"):
        return []
    running = {
        "sign": leg.sign_due_at if leg.signed_at is None else None,
        "contact": leg.contact_due_at if leg.contacted_at is None and leg.round == 1 else None,
        "answer": leg.answer_due_at,
    }
    found = [
        (rung.at(due), rung.code)
        for rung in clocks().ladder
        if rung.code not in leg.rungs and (due := running[rung.clock]) is not None
    ]
    return sorted(found)


def next_rung_at(leg: DispatchLeg) -> datetime | None:
    """When the ladder has to look at a leg again; a time that passes with nobody working on it is not lost."""
    return next((at for at, _ in rungs_of(leg)), None)


def is_refuted(request: DispatchRequest) -> bool:
    """Whether the last call that reached the citizen said that it is not solved, or that they are not satisfied."""
    return request.solved is False or request.satisfied is False


def next_of(request: DispatchRequest, legs: Sequence[DispatchLeg]) -> Next | None:
    """Who must act next: of several the one whose decision others wait for, then the lead unit; None: nobody."""
    if request.appeals:
        return Next(None, "uphold-appeal")
    if request.state == "closed":
        return Next(None, "redo") if is_refuted(request) else None
    if request.state == "transferred":
        return None
    if request.state in ("declined", "merged"):
        return _after_the_end(request)
    alive = live(legs)
    if request.unreasonable_by is not None:
        return Next(None, "confirm-unreasonable")
    for leg in alive:
        if leg.state == "return_asked":
            return Next(None, "grant-return", leg.sign_due_at, leg.unit)
        if leg.extension_until is not None:
            return Next(None, "grant-extension", leg.answer_due_at, leg.unit)
    for leg in alive:
        if leg.paused_at is not None:
            return Next(None, "resume", None, leg.unit)
        if leg.state == "dispatched":
            return Next(leg.unit, "accept", leg.sign_due_at, leg.unit)
        if leg.state in ("signed", "in_progress") and leg.contacted_at is None and leg.round == 1:
            return Next(leg.unit, "contact", leg.contact_due_at, leg.unit)
        if leg.state in ("signed", "contacted", "in_progress"):
            return Next(leg.unit, "answer", leg.answer_due_at, leg.unit)
    unaudited = next((leg.unit for leg in alive if leg.state == "answered"), None)
    if unaudited is not None:
        return Next(None, "audit", None, unaudited)
    if request.called_back_at is None:
        return Next(None, "call-back")
    return Next(None, "redo" if is_refuted(request) else "close")


def _after_the_end(request: DispatchRequest) -> Next | None:
    """Of what ended without an answer: its citizen is called back, and what they refute is taken up again or explained."""
    if not request.reached:
        return Next(None, "call-back")
    return Next(None, "reopen") if is_refuted(request) and request.explained_at is None else None


@dataclass
class _Part:
    """A unit's part as its steps tell it."""

    last: DispatchStep
    answered_at: datetime | None = None
    paused_at: datetime | None = None

    def follow(self, step: DispatchStep) -> None:
        self.last = step
        if step.action == "answer":
            self.answered_at, self.paused_at = step.at, None
        elif step.leg_state not in ("answered", "audited"):
            self.answered_at = None
        if step.action in ("pause", "resume"):
            self.paused_at = step.at if step.action == "pause" else None


def stopped_in(
    steps: Iterable[DispatchStep], leg: DispatchLeg
) -> tuple[datetime, list[tuple[datetime, datetime]]]:
    """(when a part's round began, its pauses since), from its steps in order; of one that lasts what its term holds of it."""
    begun, paused = leg.dispatched_at, None
    pauses: list[tuple[datetime, datetime]] = []
    for step in steps:
        if step.leg_id != leg.id:
            continue
        if step.action == "redo":
            begun, pauses = step.at, []
        elif step.action == "pause":
            paused = step.at
        elif step.action == "resume" and paused is not None:
            pauses.append((paused, step.at))
    if leg.paused_at is not None and leg.due_as_of is not None:
        pauses.append((leg.paused_at, leg.due_as_of))
    return begun, pauses


def standing_at(steps: Sequence[DispatchStep], at: datetime) -> Standing | None:
    """How a request stood at a moment, from its steps in order; None before it was taken."""
    past = [step for step in steps if step.at <= at]
    if not past:
        return None
    parts: dict[UUID, _Part] = {}
    for step in past:
        if step.leg_id is not None:
            parts.setdefault(step.leg_id, _Part(step)).follow(step)
    alive = [part for part in parts.values() if part.last.leg_state not in PAST_LEGS]
    lead = max(alive, key=lambda part: bool(part.last.seen.get("lead")))
    answered = [part.answered_at for part in alive if part.answered_at is not None]
    until = max(answered) if len(answered) == len(alive) else lead.paused_at or at
    state, due = past[-1].state, lead.last.due_at
    overdue = state not in DROPPED and due is not None and until > due
    legs = {str(part.last.unit_of_leg): str(part.last.leg_state) for part in alive}
    return Standing(at, state, lead.last.unit_of_leg, due, overdue, legs)
