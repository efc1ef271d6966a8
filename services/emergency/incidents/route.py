"""The reporting route of an accident: what each hop owes, when it was done, and the way it is drawn (附件2)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.web.problems import NotFound
from kit.web.tokens import Caller
from services.emergency.case.exercise import IncidentEvent, marked, tell
from services.emergency.case.incident import Incident
from services.emergency.case.timeline import note
from services.emergency.clocks.work import clocks_of, set_clocks
from services.emergency.drawings import Arrow, route_svg
from services.emergency.incidents.models import RouteStep
from services.emergency.incidents.work import pass_hop
from services.emergency.plan.catalogue import Hop, catalogue
from services.emergency.plan.deadlines import late_by, standing
from services.emergency.response.tasks import who

CHANNELS_ZH = {
    "phone": "电话",
    "written": "书面",
    "online": "网络",
    "in_person": "当面",
    "radio": "电台",
    "12345": "12345 热线",
}


class HopDone(IncidentEvent, type="emergency.incident.reported-upward"):
    """A hop of the reporting route was done."""

    hop: str
    sender: str
    receiver: str
    channel: str
    done_at: datetime


@dataclass(frozen=True, slots=True)
class HopState:
    """A hop as it stands: names as people know them, due and done, minutes late."""

    hop: Hop
    sender: str
    receiver: str
    due: datetime | None
    provisional: bool
    step: RouteStep | None
    standing: str
    late_minutes: int


async def route_of(session: AsyncSession, incident: Incident, now: datetime) -> list[HopState]:
    """The hops of an accident in the plan's order (E-4.1c)."""
    clocks = {row.deadline: row for row in await clocks_of(session, incident)}
    query = select(RouteStep).where(RouteStep.incident_id == incident.id)
    steps = {row.hop: row for row in await session.scalars(query)}
    found = []
    for hop in catalogue().hops:
        clock, step = clocks.get(hop.deadline), steps.get(hop.id)
        done_at = step.done_at if step else None
        found.append(
            HopState(
                hop=hop,
                sender=who(incident, hop.sender)[1],
                receiver=who(incident, hop.receiver)[1],
                due=clock.due if clock else None,
                provisional=clock.provisional if clock else False,
                step=step,
                standing=standing(clock.rule, done_at, now).value if clock else "running",
                late_minutes=int(late_by(clock.rule, done_at, now).total_seconds() // 60) if clock else 0,
            )
        )
    return found


async def do_hop(
    session: AsyncSession,
    incident: Incident,
    id: str,
    channel: str,
    done_at: datetime,
    caller: Caller,
    now: datetime,
    *,
    receiver: str | None,
    remark: str | None,
) -> None:
    """Keep that a hop was done; the first hop of a deadline meets it (E-4.1c). Again changes nothing.

    Raises: NotFound for an unknown hop.
    """
    hop = next((each for each in catalogue().hops if each.id == id), None)
    if hop is None:
        known = "、".join(each.id for each in catalogue().hops)
        raise NotFound("not-found", f"报送路线上没有环节 {id}，可用的环节：{known}。")
    if await session.get(RouteStep, (incident.id, id)) is not None:
        return
    await pass_hop(session, incident, id, channel, done_at, caller, now, receiver=receiver, remark=remark)
    first = next(each for each in catalogue().hops if each.deadline == hop.deadline)
    await set_clocks(session, incident, caller, now, {hop.deadline: done_at} if first is hop else None)
    names = [who(incident, actor)[1] for actor in (hop.sender, hop.receiver)]
    text = f"{names[0]}向{names[1]}报告（{CHANNELS_ZH[channel]}）"
    note(session, incident, "route", text, done_at, caller, now, hop.clause)
    event = HopDone(hop=id, sender=names[0], receiver=names[1], channel=channel, done_at=done_at)
    tell(session, incident, event, caller, now)


def draw(incident: Incident, hops: list[HopState]) -> str:
    """The route as SVG with the time of every hop (E-A2)."""
    arrows = [Arrow(hop.sender, hop.receiver, _words(hop), hop.standing) for hop in hops]
    return route_svg(marked(incident, f"{incident.number} 信息报送路线"), arrows)


def _words(hop: HopState) -> tuple[str, ...]:
    if hop.step is not None:
        done = f"{CHANNELS_ZH[hop.step.channel]} {hop.step.done_at:%m-%d %H:%M} 已报"
        return (done, f"迟 {hop.late_minutes} 分钟") if hop.late_minutes else (done,)
    if hop.due is None:
        return ("未报",)
    due = f"应于 {hop.due:%m-%d %H:%M} 前报"
    return (due, f"已超 {hop.late_minutes} 分钟") if hop.late_minutes else (due,)
