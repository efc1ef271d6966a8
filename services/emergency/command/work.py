"""Command and its hand-over: offered with a briefing, taken or declined; one commander at every moment."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kit.storage import db
from kit.web.tokens import Caller
from services.emergency.case.exercise import IncidentEvent, tell
from services.emergency.case.incident import Incident
from services.emergency.case.timeline import note
from services.emergency.command.models import HandOver, Tenure
from services.emergency.plan.command import COMMAND, COMMANDER, Commander
from services.emergency.plan_moves import PlanMoves

COMMANDERS_ZH = {
    Commander.COMPANY: "事发单位",
    Commander.DISTRICT: "区现场指挥部",
    Commander.HIGHER: "上级现场指挥部",
}
MOVES = PlanMoves(
    COMMAND,
    states_zh={
        "company": "由事发单位指挥",
        "offered-to-district": "由事发单位指挥、正向区现场指挥部移交",
        "district": "由区现场指挥部指挥",
        "offered-to-higher": "由区现场指挥部指挥、正与上级现场指挥部对接",
        "higher": "由上级现场指挥部指挥",
    },
    actions_zh={"offer": "提出移交指挥权", "take": "接收指挥权", "decline": "退回移交"},
)


class CommandMoved(IncidentEvent, type="emergency.command.moved"):
    """Command was offered, taken or declined; `commander` commands now."""

    action: str
    commander: str
    giver: str
    taker: str


def first_tenure(incident: Incident) -> Tenure:
    """The company commands first, from when the accident is known of (E-4.5b)."""
    # A caller's clock may be ahead of ours, and a hand-over comes after this.
    since = min(incident.occurred_at or incident.recorded_at, incident.first_known_at, incident.recorded_at)
    return Tenure(incident_id=incident.id, commander=Commander.COMPANY.value, name=incident.unit, since=since)


async def name_company(session: AsyncSession, incident: Incident) -> None:
    """Name the company as commander once it is known which one it is."""
    company = (Tenure.incident_id == incident.id, Tenure.commander == Commander.COMPANY.value)
    await session.execute(update(Tenure).where(*company).values(name=incident.unit))


async def commander_of(session: AsyncSession, incident: Incident) -> Tenure:
    """Who commands now."""
    query = select(Tenure).where(Tenure.incident_id == incident.id, Tenure.until.is_(None))
    return (await session.scalars(query)).one()


async def tenures_of(session: AsyncSession, incident: Incident) -> list[Tenure]:
    """Who commanded from when to when."""
    query = select(Tenure).where(Tenure.incident_id == incident.id).order_by(Tenure.since, Tenure.id)
    return list(await session.scalars(query))


async def hand_overs_of(session: AsyncSession, incident: Incident) -> list[HandOver]:
    """The hand-overs in the order in which they were offered."""
    query = select(HandOver).where(HandOver.incident_id == incident.id).order_by(HandOver.id)
    return list(await session.scalars(query))


async def state_of(session: AsyncSession, incident: Incident) -> tuple[str, Tenure, HandOver | None]:
    """(state of the table of moves, who commands, the hand-over that waits for an answer)."""
    tenure = await commander_of(session, incident)
    query = select(HandOver).where(HandOver.incident_id == incident.id, HandOver.state == "offered")
    offer = (await session.scalars(query)).one_or_none()
    return (f"offered-to-{offer.taker}" if offer else tenure.commander), tenure, offer


async def offer(
    session: AsyncSession, incident: Incident, briefing: dict[str, str], caller: Caller, now: datetime
) -> None:
    """Offer command to the next in line, with a briefing (E-4.5b). The incident is locked.

    Raises: Conflict, Forbidden.
    """
    state, tenure, _ = await state_of(session, incident)
    move = MOVES.check(state, "offer", caller)
    taker = move.target.removeprefix("offered-to-")
    made = HandOver(
        id=db.new_id(),
        incident_id=incident.id,
        giver=tenure.commander,
        taker=taker,
        briefing=briefing,
        state="offered",
        offered_at=now,
        offered_by=caller.client,
    )
    session.add(made)
    await session.flush()
    _moved(session, incident, "offer", made, COMMANDER[move.target], caller, now, move.clause)


async def answer(
    session: AsyncSession,
    incident: Incident,
    action: str,
    name: str | None,
    remark: str | None,
    caller: Caller,
    now: datetime,
) -> None:
    """Take command, or decline it; whoever offered commands until then (E-4.5b). The incident is locked.

    action: `take` or `decline`; name: the commander's, where it is known. Raises: Conflict, Forbidden.
    """
    state, tenure, waiting = await state_of(session, incident)
    move = MOVES.check(state, action, caller)
    assert waiting is not None, "every state that can be answered has an offer"
    waiting.state = "taken" if action == "take" else "declined"
    waiting.answered_at, waiting.answered_by, waiting.remark = now, caller.client, remark
    if action == "take":
        tenure.until = now
        await session.flush()
        session.add(Tenure(incident_id=incident.id, commander=waiting.taker, name=name, since=now))
        await session.flush()
    _moved(session, incident, action, waiting, COMMANDER[move.target], caller, now, move.clause)


def _moved(
    session: AsyncSession,
    incident: Incident,
    action: str,
    hand_over: HandOver,
    commander: Commander,
    caller: Caller,
    now: datetime,
    clause: str,
) -> None:
    giver, taker = (COMMANDERS_ZH[Commander(each)] for each in (hand_over.giver, hand_over.taker))
    text = f"{MOVES.actions_zh[action]}：{giver}移交{taker}，现由{COMMANDERS_ZH[commander]}指挥"
    note(session, incident, "command", text, now, caller, now, clause)
    event = CommandMoved(
        action=action, commander=commander.value, giver=hand_over.giver, taker=hand_over.taker
    )
    tell(session, incident, event, caller, now)
