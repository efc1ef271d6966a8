"""What is decided about a request as a whole: redone, closed, called back, declined, joined, merged, handed on (P-2.2.2b)."""

from dataclasses import dataclass

from sqlalchemy import func, select

from kit.context import Context
from kit.dispatch.desk import Desk, Opened
from kit.dispatch.handing_on import PLACELESS, HandingOn
from kit.dispatch.hindrances import already_appealed, no_appeal
from kit.dispatch.limits import URGENCIES
from kit.dispatch.matters import Matter
from kit.dispatch.moves import CLAUSE
from kit.dispatch.raising import new_term, raise_if_often
from kit.dispatch.record import keep, steps_of, tell
from kit.dispatch.requests import BELONGING, leg_of
from kit.dispatch.standing import live, stopped_in
from kit.dispatch.tables import DROPPED, DispatchAppeal, DispatchLeg, DispatchRequest
from kit.dispatch.working import dispatch_anew, keep_dispatch
from kit.district.units import name_of
from kit.web.caller import Caller
from kit.web.problems import Conflict, FieldError, Forbidden, Invalid


@dataclass(frozen=True)
class CalledBack:
    """What the citizen said when called back; None: not asked, or not answered."""

    reached: bool
    solved: bool | None = None
    satisfied: bool | None = None


async def redo(context: Context, desk: Desk, number: str, note: str) -> Opened:
    """Have a request redone by all its units; their terms to answer start anew.

    Raises: Conflict for what is closed, unless its citizen then refuted it and no appeal waits.
    """
    case = await Opened.of(context, desk, number)
    request = case.request
    case.move("redo")
    request.redos, request.closed_at = request.redos + 1, None
    request.called_back_at, request.reached, request.solved, request.satisfied = None, None, None, None
    for leg in live(case.legs):
        leg.state, leg.round, leg.answered_at, leg.rungs = "in_progress", leg.round + 1, None, []
        leg.extensions, leg.appealed = 0, []
        if case.matter is not None:
            term = case.matter.limit_on(context.today).due(context.now)
            leg.answer_due_at, leg.due_provisional = term
    case.turn("redo", note, leg=case.lead)
    for leg in live(case.legs)[1:]:
        keep(context, request, "redo", note, leg=leg)
    raise_if_often(case)
    return case


async def reopen(context: Context, desk: Desk, number: str, note: str) -> Opened:
    """Take up again what was declined or merged, which its citizen does not accept; its units' clocks start now.

    Raises: Conflict unless its citizen refuted it and was not told why it stays so.
    """
    case = await Opened.of(context, desk, number)
    case.move("reopen")
    request, former = case.request, live(case.legs)
    request.merged_into, request.declined_by, request.unreasonable_by = None, None, None
    request.called_back_at, request.reached, request.solved, request.satisfied = None, None, None, None
    for leg in former:
        leg.state = "returned"
    await context.session.flush()  # at most one unit leads: the former has to be gone first
    again = [leg_of(request, case.matter, leg.unit, context.now, lead=leg.lead) for leg in former]
    context.session.add_all(again)
    case.legs.extend(again)
    await context.session.flush()
    case.turn("reopen", note, leg=former[0])
    for leg in former[1:]:
        keep(context, request, "reopen", note, leg=leg)
    for leg, taking in zip(former, again, strict=True):
        keep_dispatch(case, leg, taking)
    return case


async def explain(context: Context, desk: Desk, number: str, note: str) -> Opened:
    """Tell the citizen why what was declined or merged stays so, which ends it."""
    case = await Opened.of(context, desk, number)
    case.move("explain")
    case.request.explained_at = context.now
    case.turn("explain", note)
    return case


async def close(context: Context, desk: Desk, number: str, note: str | None) -> Opened:
    """Close an answered request. Whether it is solved is what the citizen says, not this."""
    case = await Opened.of(context, desk, number)
    case.move("close")
    case.request.closed_at = context.now
    case.turn("close", note)
    return case


async def call_back(context: Context, desk: Desk, number: str, note: str | None, said: CalledBack) -> Opened:
    """Keep what the citizen said; a later call that reaches nobody does not undo an earlier one that did."""
    case = await Opened.of(context, desk, number)
    case.move("call-back")
    request = case.request
    if said.reached or not request.reached:
        request.reached, request.solved, request.satisfied = said.reached, said.solved, said.satisfied
        request.explained_at = None
    request.called_back_at = context.now
    case.turn("call-back", note, reached=said.reached, solved=said.solved, satisfied=said.satisfied)
    return case


async def join(context: Context, desk: Desk, number: str, unit: str, note: str) -> Opened:
    """Send a request to one more unit, which helps."""
    case = await Opened.of(context, desk, number)
    case.move("join")
    if unit in {leg.unit for leg in live(case.legs)}:
        raise Conflict("already-theirs", f"{name_of(unit)}已在承办这件诉求。", clauses=(CLAUSE,))
    leg = leg_of(case.request, case.matter, unit, context.now, lead=False)
    context.session.add(leg)
    case.legs.append(leg)
    await context.session.flush()
    case.turn("join", note, leg=leg)
    return case


async def decline(context: Context, desk: Desk, number: str, note: str) -> Opened:
    """Do not take a request up, for a reason that the citizen is told."""
    case = await Opened.of(context, desk, number)
    case.move("decline")
    case.request.declined_by = _person(context.caller)
    case.turn("decline", note)
    return case


async def find_unreasonable(context: Context, desk: Desk, number: str, note: str) -> Opened:
    """A unit finds a demand unreasonable; somebody else has to say so too."""
    case = await Opened.of(context, desk, number)
    case.move("find-unreasonable", case.leg_for(None, own=True))
    case.request.unreasonable_by = _person(context.caller)
    case.turn("find-unreasonable", note)
    return case


async def confirm_unreasonable(
    context: Context, desk: Desk, number: str, note: str, *, agreed: bool
) -> Opened:
    """A second person confirms that a demand is unreasonable, which ends it, or does not."""
    case = await Opened.of(context, desk, number)
    target, first = case.check("confirm-unreasonable"), case.request.unreasonable_by
    if first == _person(context.caller):
        raise Forbidden("same-person", "认定和复核应由两人分别作出，请另一人复核。", clauses=(CLAUSE,))
    if agreed:
        case.request.state, case.request.declined_by = target, _person(context.caller)
    else:
        case.request.unreasonable_by = None
    case.turn("confirm-unreasonable", note, agreed=agreed, found_by=first)
    return case


async def merge(context: Context, desk: Desk, number: str, into: str, note: str) -> Opened:
    """Merge a request into another about the same; its citizen is still called back."""
    if number == into:
        raise _no_such_target("不能并入自己")
    # Doubles of doubles follow, which another merge may hold: one at a time, so that no two wait for each other.
    await context.session.execute(select(func.pg_advisory_xact_lock(func.hashtext("merge"))))
    both = context.within(
        select(DispatchRequest).where(DispatchRequest.number.in_((number, into))), BELONGING
    )
    rows = await context.session.scalars(both.order_by(DispatchRequest.number).with_for_update())
    target = next((row for row in rows if row.number == into), None)
    case = await Opened.of(context, desk, number)
    if target is None or target.state in DROPPED:
        raise _no_such_target("应为本服务尚在办理或已办结的诉求编号")
    case.move("merge")
    case.request.merged_into = into
    case.turn("merge", note, into=into)
    doubles = select(DispatchRequest).where(DispatchRequest.merged_into == number)
    ordered = doubles.order_by(DispatchRequest.number).with_for_update()
    for double in await context.session.scalars(ordered):
        double.merged_into = into
        keep(context, double, "merge", note, into=into, along_with=number)
        tell(context, double, "merge")
    return case


def _no_such_target(reason: str) -> Invalid:
    return Invalid(
        "no-request-to-merge-into",
        "不能并入所填的诉求，请核对编号。",
        errors=[FieldError(pointer="/into", reason=reason)],
        clauses=(CLAUSE,),
    )


async def transfer(
    context: Context, desk: Desk, number: str, told: tuple[str, str], handing_on: HandingOn
) -> Opened:
    """Send a request on (told: matter, note): to the unit of another matter, or to the service that owns the matter.

    Raises: Conflict where it is with them already; Unavailable where the other service does not answer; what the other
    service refuses it with.
    """
    matter, note = told
    case = await Opened.of(context, desk, number)
    if matter in desk.matters:
        return await _to_own(case, matter, note)
    case.move("transfer")
    case.request.transferred_to = await handing_on.hand_on(context, case.request, matter, _told_urgency(case))
    helping = live(case.legs)[1:]
    for leg in helping:
        leg.state = "released"
    case.turn("transfer", note, leg=case.lead, to=case.request.transferred_to, matter=matter)
    for leg in helping:
        keep(context, case.request, "release", note, leg=leg)
    return case


def _told_urgency(case: Opened) -> str | None:
    """How urgent a request is of itself: more than its matter makes it, which another matter does not."""
    level = case.matter.level if case.matter else URGENCIES[0]
    urgency = case.request.urgency
    return urgency if URGENCIES.index(urgency) > URGENCIES.index(level) else None


async def _to_own(case: Opened, code: str, note: str) -> Opened:
    case.check("transfer")
    matter, lead = case.desk.matters[code], case.lead
    unit = matter.responsible(case.request.division)
    if unit == lead.unit and code == case.request.matter:
        raise Conflict("already-theirs", f"这件诉求已由{name_of(unit)}按此事项承办。", clauses=(CLAUSE,))
    _must_be_placed(matter, case.request)
    former, case.request.matter, case.request.handling = case.request.matter, code, matter.handling
    case.request.urgency = max(case.request.urgency, matter.level, key=URGENCIES.index)
    taking = None if unit == lead.unit else await dispatch_anew(case, lead, unit)
    if taking is None:
        await _have_term_of(matter, case, lead)
    became = {} if code == former else await matter.become(case.context, case.request)
    case.turn("transfer", note, leg=lead, matter=code, former=former, **became)
    if taking is not None:
        keep_dispatch(case, lead, taking)
    raise_if_often(case)
    return case


def _must_be_placed(matter: Matter, request: DispatchRequest) -> None:
    if matter.lacks_place(request.division, request.address, request.compound, request.coordinates):
        raise Invalid(
            "place-needed",
            f"“{matter.name}”必须说明地点。{PLACELESS}",
            errors=[FieldError(pointer="/matter", reason="本件诉求没有填写地点，不能转为此事项")],
            clauses=matter.clauses,
        )


async def _have_term_of(matter: Matter, case: Opened, leg: DispatchLeg) -> None:
    """Give a part that its unit keeps the term of another matter: from when its round began, its pauses not counted."""
    begun, pauses = stopped_in(await steps_of(case.context.session, case.request), leg)
    limit = matter.limit_on(begun.date())
    due, leg.due_provisional = limit.due(begun)
    for paused, resumed in pauses:
        due = limit.resumed(due, paused, resumed)
    leg.answer_due_at = due
    new_term(leg)


async def remark(context: Context, desk: Desk, number: str, note: str) -> Opened:
    """Add what the citizen says meanwhile."""
    case = await Opened.of(context, desk, number)
    case.move("remark")
    case.turn("remark", note)
    return case


async def appeal(context: Context, desk: Desk, number: str, figure: str, note: str) -> Opened:
    """A unit appeals against a figure that a closed request gives it."""
    case = await Opened.of(context, desk, number)
    leg = case.leg_for(None, own=True)
    case.move("appeal", leg)
    if figure in leg.appealed:
        raise already_appealed()
    leg.appealed = [*leg.appealed, figure]
    row = DispatchAppeal(
        request_id=case.request.id,
        leg_id=leg.id,
        figure=figure,
        round=leg.round,
        reason=note,
        asked_by=_person(context.caller),
        asked_at=context.now,
    )
    context.session.add(row)
    case.request.appeals += 1
    case.turn("appeal", note, leg=leg, figure=figure)
    return case


async def decide_appeal(
    context: Context, desk: Desk, number: str, told: tuple[str, str | None], *, uphold: bool
) -> Opened:
    """Uphold or reject the appeal of a unit (told: figure, note); upheld, the figure leaves the request out."""
    figure, note = told
    action = "uphold-appeal" if uphold else "reject-appeal"
    case = await Opened.of(context, desk, number)
    case.move(action)
    query = select(DispatchAppeal).where(
        DispatchAppeal.request_id == case.request.id,
        DispatchAppeal.figure == figure,
        DispatchAppeal.decided_at.is_(None),
    )
    row = (await context.session.scalars(query.order_by(DispatchAppeal.asked_at).limit(1))).one_or_none()
    if row is None:
        raise no_appeal()
    if row.asked_by == _person(context.caller):
        raise Forbidden("same-person", "申诉和决定应由两人分别作出，请另一人决定。", clauses=(CLAUSE,))
    case.request.appeals -= 1
    row.upheld, row.decided_by, row.decided_at = uphold, _person(context.caller), context.now
    leg = next(each for each in case.legs if each.id == row.leg_id)
    case.turn(action, note, leg=leg, figure=figure)
    return case


def _person(caller: Caller) -> str:
    """Who decides: two are two persons where people or clients differ."""
    return caller.who
