"""Supervision (提醒 → 催办 → 督办 → 提级): a ladder of terms that a job climbs, each rung once (P-2.2.2b)."""

from datetime import datetime

import structlog
from pydantic import Field
from sqlalchemy import select

from kit.context import Context
from kit.dispatch.desk import Opened
from kit.dispatch.limits import LEVELS, Rung, clocks
from kit.dispatch.record import keep
from kit.dispatch.standing import next_rung_at, rungs_of
from kit.dispatch.tables import DispatchLeg, DispatchRequest
from kit.events.event import Event

log = structlog.get_logger()
#: Legs that one run looks at; what is left is looked at by the next.
_BATCH = 200


class RequestRaised(Event, type="dispatch.request.raised", title="督办诉求"):
    """A request is late, or went round too often, and is raised."""

    number: str = Field(description="诉求编号")
    unit: str = Field(description="所督办的承办单位编号")
    level: str = Field(description="remind 提醒，urge 催办，supervise 督办，escalate 提级")
    reason: str = Field(description="督办的原因")
    due_at: datetime = Field(description="答复时限")


async def climb(context: Context) -> None:
    """Raise every leg whose next rung has come. A run that was missed is made up for by the next."""
    session = context.session
    due = (
        select(DispatchLeg, DispatchRequest)
        .join(DispatchRequest, DispatchRequest.id == DispatchLeg.request_id)
        .where(DispatchLeg.next_rung_at <= context.now)
        .order_by(DispatchLeg.next_rung_at)
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    )
    for leg, request in (await session.execute(due)).all():
        try:
            async with session.begin_nested():
                raised = _raise(context, request, leg)
        except Exception as error:  # a leg that cannot be raised holds up no other
            await session.refresh(request)
            log.error("request-not-raised", number=request.number, error=type(error).__name__)
            continue
        for rung in raised:
            _tell(context, request, leg, rung.level, rung.text)


def _raise(context: Context, request: DispatchRequest, leg: DispatchLeg) -> list[Rung]:
    by_code = {rung.code: rung for rung in clocks().ladder}
    due = [by_code[code] for at, code in rungs_of(leg) if at <= context.now]
    for rung in due:
        leg.rungs = [*leg.rungs, rung.code]
        request.raised = higher(request.raised, rung.level)
        keep(context, request, "raise", rung.text, leg=leg, rung=rung.code, level=rung.level)
    leg.next_rung_at = next_rung_at(leg)
    return due


def new_term(leg: DispatchLeg) -> None:
    """A leg has another term to answer, whose ladder is climbed anew."""
    leg.term += 1
    former = {rung.code for rung in clocks().ladder if rung.clock == "answer"}
    leg.rungs = [code for code in leg.rungs if code not in former]


def higher(level: str | None, other: str) -> str:
    """The higher of two levels of supervision."""
    return other if level is None else max(level, other, key=LEVELS.index)


def raise_if_often(case: Opened) -> None:
    """Raise a request to the top once so many units had it, and once it was redone so often."""
    request, rules = case.request, clocks()
    if request.units >= rules.raised_after_units:
        _raise_to_top(case, "units", f"已经 {request.units} 个单位承办仍未落实，提级办理")
    if request.redos >= rules.raised_after_redos:
        _raise_to_top(case, "redos", f"已重办 {request.redos} 次仍未解决，提级办理")


def _raise_to_top(case: Opened, rung: str, reason: str) -> None:
    request, top = case.request, LEVELS[-1]
    if rung in request.rungs:
        return
    request.raised, request.rungs = top, [*request.rungs, rung]
    keep(case.context, request, "raise", reason, leg=case.lead, rung=rung, level=top)
    _tell(case.context, request, case.lead, top, reason)


def _tell(context: Context, request: DispatchRequest, leg: DispatchLeg, level: str, reason: str) -> None:
    raised = RequestRaised(
        number=request.number, unit=leg.unit, level=level, reason=reason, due_at=leg.answer_due_at
    )
    context.record(raised, request.number, concerns=request.client)
