"""Two calls about one accident become one file, and two again where they were not (E-4.1e)."""

from datetime import timedelta

from pydantic import Field
from sqlalchemy import select, update

from kit.context import Context
from kit.dispatch.record import refer
from kit.dispatch.tables import DispatchRequest
from kit.web.problems import Conflict
from services.emergency.case.case import Case, IncidentEvent
from services.emergency.case.incident import BELONGING, UNKNOWN_PLACE, Incident
from services.emergency.clocks.work import stop_clocks
from services.emergency.incidents.known import recount, reports_of
from services.emergency.plan.accidents.likeness import APART, Call, surely_one, why_alike
from services.emergency.response.work import response_of

#: At most so many are offered, the newest first.
OFFERED = 5


class Joined(IncidentEvent, type="emergency.incident.joined", title="事故并案"):
    """A call turned out to be about an accident that has a file: it is dealt with there."""

    into: str = Field(description="并入的事故编号")
    reason: str = Field(description="并案的理由")


class Parted(IncidentEvent, type="emergency.incident.parted", title="事故分案"):
    """A call that was joined to another file has its own again."""

    out_of: str = Field(description="从哪一事故中分出，为其编号")
    reason: str = Field(description="分案的理由")


async def likely_same(case: Case) -> list[tuple[Incident, tuple[str, ...]]]:
    """Open accidents that this open one may be about as well, with the reasons, the newest first."""
    if case.incident.closed_at is not None:
        return []
    mine, found = _call(case.incident), []
    for other in await _others_near(case):
        if reasons := why_alike(mine, _call(other)):
            found.append((other, reasons))
    return found[:OFFERED]


async def _others_near(case: Case) -> list[Incident]:
    """The other open accidents of about that time, the newest first."""
    mine = case.incident
    near = mine.first_known_at - APART - timedelta(days=1), mine.first_known_at + APART
    query = (
        select(Incident)
        .where(Incident.id != mine.id, Incident.closed_at.is_(None), Incident.exercise.is_(mine.exercise))
        .where(Incident.first_known_at.between(*near))
        .order_by(Incident.recorded_at.desc())
    )
    return list(await case.session.scalars(case.context.within(query, BELONGING)))


async def join_if_sure(case: Case) -> Case:
    """Join a new call of the hotline to the one open accident that it is surely about; returns the file that goes on.

    What is only likely, or fits several, is left to a person (E-4.1e).
    """
    mine = _call(case.incident)
    same = [other for other in await _others_near(case) if surely_one(mine, _call(other))]
    if len(same) != 1:
        return case
    file = (await Case.lock(case.context, same[0].id)).incident
    if file.closed_at is not None:
        return case
    return await join(case.context, case.incident.number, file.number, "地点、时间、描述都相符，自动并案")


def _call(incident: Incident) -> Call:
    nowhere = incident.place in (UNKNOWN_PLACE, incident.division)
    return Call(
        at=incident.occurred_at or incident.first_known_at,
        unit=incident.unit,
        place=None if nowhere else incident.place,
        division=incident.division,
        course=incident.said.get("course"),
        latitude=incident.latitude,
        longitude=incident.longitude,
    )


async def join(context: Context, key: str, into: str, reason: str) -> Case:
    """Have a call dealt with in another accident's file: both are kept, the clocks run once, from the first call.

    Returns the file that goes on. Raises: NotFound; Conflict where one is closed, exercised, or answered by itself.
    """
    first, second = await _both(context, key, into)
    call, file = first.incident, second.incident
    if call.id == file.id or call.exercise != file.exercise:
        raise Conflict("cannot-be-joined", "不能并入自己，演练与真实事故也不能合并。", clauses=("E-4.1e",))
    response = await response_of(first)
    if response is not None and response.state not in ("proposed", "ended"):
        raise Conflict(
            "response-runs",
            f"事故 {call.number} 的响应正在进行，请把另一起并入它，或先终止其响应。",
            clauses=("E-4.1e", "E-4.9"),
        )
    call.joined_into, call.outcome, call.closed_at = file.number, "duplicate", context.now
    with_it = update(Incident).where(
        Incident.joined_into == call.number
    )  # calls that were joined to it before
    await context.session.execute(with_it.values(joined_into=file.number))
    await stop_clocks(first)
    event = Joined(into=file.number, reason=reason)
    first.happened("joined", f"并入 {file.number}：{reason}", "E-4.1e", event=event)
    second.happened("joined", f"{call.number} 的来电并入本案：{reason}", "E-4.1e")
    await context.session.flush()
    await _from_the_first_call(second)
    return second


async def part(context: Context, key: str, reason: str) -> Case:
    """Give a call that was joined its own file again; both go on with what was told of each.

    Raises: NotFound; Conflict where it is joined to none.
    """
    call = await Case.see(context, key)
    if call.incident.joined_into is None:
        raise Conflict("not-joined", f"事故 {call.incident.number} 没有并入其他事故。", clauses=("E-4.1e",))
    first, second = await _both(context, key, call.incident.joined_into, closed=True)
    file = second.incident
    first.incident.joined_into = first.incident.outcome = first.incident.closed_at = None
    event = Parted(out_of=file.number, reason=reason)
    await _refer_again(first)
    first.happened("parted", f"与 {file.number} 分开：{reason}", "E-4.1e", event=event)
    second.happened("parted", f"{first.incident.number} 的来电与本案分开：{reason}", "E-4.1e")
    await context.session.flush()
    await _from_the_first_call(first)
    if file.closed_at is None:
        await _from_the_first_call(second)
    return first


async def _both(context: Context, key: str, into: str, *, closed: bool = False) -> tuple[Case, Case]:
    """Both files, locked in one order whoever asks, so that nobody waits in a circle."""
    ids = {(await Case.see(context, each)).incident.id: each for each in (key, into)}
    opened = {}
    for id in sorted(ids):
        opened[id] = await (Case.lock(context, id) if closed else Case.open(context, id))
    by_key = {each: opened[id] for id, each in ids.items()}
    return by_key.get(key) or by_key[into], by_key[into]


async def _refer_again(case: Case) -> None:
    """The hotline's request that told of a call names the call's own file again."""
    named = select(DispatchRequest).where(DispatchRequest.number == case.incident.request)
    request = (await case.session.scalars(named.with_for_update())).one_or_none()
    if request is not None:
        await refer(case.context, request, case.incident.number, "与原并入的事故分案")


async def _from_the_first_call(case: Case) -> None:
    """The district knows of an accident from the earliest call that its file holds."""
    reports = await reports_of(case)
    case.incident.first_known_at = min(each.received_at for each in reports if each.kind == "first")
    await recount(case)
