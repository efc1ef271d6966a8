"""Command and its hand-over: offered with a briefing, taken or declined; one commander at every moment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import Field
from sqlalchemy import and_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kit.web.moves import Move
from services.emergency.case.case import Case, IncidentEvent
from services.emergency.case.incident import Incident
from services.emergency.command.models import Force, HandOver, Tenure, Withdrawal
from services.emergency.plan.command import COMMAND, COMMANDER, Commander


class CommandMoved(IncidentEvent, type="emergency.command.moved", title="指挥权移交"):
    """Command was offered, taken or declined; `commander` commands now."""

    action: str = Field(description="所作的操作：提出、接收或谢绝")
    commander: str = Field(description="现在由谁指挥")
    giver: str = Field(description="由谁移交")
    taker: str = Field(description="移交给谁")


@dataclass(frozen=True, slots=True)
class Command:
    """The command of an accident (指挥权): who had it from when to when, and how it was handed over."""

    tenures: list[Tenure]
    hand_overs: list[HandOver]

    @property
    def commander(self) -> Tenure:
        """Who commands now; there is always one."""
        return next(each for each in self.tenures if each.until is None)

    @property
    def offered(self) -> HandOver | None:
        """The hand-over that waits for an answer."""
        return next((each for each in self.hand_overs if each.state == "offered"), None)

    @property
    def state(self) -> str:
        """The state of the table of moves."""
        return f"offered-to-{self.offered.taker}" if self.offered else self.commander.commander

    @property
    def state_zh(self) -> str:
        """The state, as people read it."""
        return COMMAND.states[self.state]


def first_tenure(incident: Incident) -> Tenure:
    """The company commands first, from when the accident is known of (E-4.5b)."""
    # A caller's clock may be ahead of ours, and a hand-over comes after this.
    since = min(incident.occurred_at or incident.recorded_at, incident.first_known_at, incident.recorded_at)
    return Tenure(incident_id=incident.id, commander=Commander.COMPANY.value, name=incident.unit, since=since)


async def name_company(case: Case) -> None:
    """Name the company as commander once it is known which one it is."""
    company = (Tenure.incident_id == case.incident.id, Tenure.commander == Commander.COMPANY.value)
    await case.session.execute(update(Tenure).where(*company).values(name=case.incident.unit))


async def command_of(case: Case) -> Command:
    """The command with its whole course."""
    tenures = select(Tenure).where(Tenure.incident_id == case.incident.id)
    hand_overs = select(HandOver).where(HandOver.incident_id == case.incident.id)
    return Command(
        list(await case.session.scalars(tenures.order_by(Tenure.since, Tenure.id))),
        list(await case.session.scalars(hand_overs.order_by(HandOver.id))),
    )


async def commands_now(session: AsyncSession, incidents: Iterable[Incident]) -> dict[UUID, Command]:
    """The command of each of these accidents by the accident's id, of its course only who has it and what is offered now."""
    offered = and_(HandOver.incident_id == Tenure.incident_id, HandOver.state == "offered")
    query = select(Tenure, HandOver).outerjoin(HandOver, offered)
    mine = Tenure.incident_id.in_([each.id for each in incidents])
    rows = await session.execute(query.where(mine, Tenure.until.is_(None)))
    return {tenure.incident_id: Command([tenure], [given] if given else []) for tenure, given in rows}


async def forces_of(case: Case, *, on_site: bool = False) -> list[Force]:
    """The forces in the order of their arrival; those still there where `on_site` is set."""
    query = select(Force).where(Force.incident_id == case.incident.id)
    if on_site:
        query = query.where(Force.checked_out_at.is_(None))
    return list(await case.session.scalars(query.order_by(Force.checked_in_at, Force.id)))


async def withdrawals_of(case: Case) -> list[Withdrawal]:
    """The orders to withdraw in the order in which they were given."""
    query = select(Withdrawal).where(Withdrawal.incident_id == case.incident.id).order_by(Withdrawal.id)
    return list(await case.session.scalars(query))


async def withdrawal_in_force(case: Case) -> Withdrawal | None:
    """The order to withdraw that has not been lifted."""
    return next((order for order in await withdrawals_of(case) if order.lifted_at is None), None)


async def offer(case: Case, briefing: dict[str, str], told_at: datetime | None) -> None:
    """Offer command to the next in line, with a briefing (E-4.5b). Raises: Conflict, Forbidden, Invalid."""
    command = await command_of(case)
    move = COMMAND.check(command.state, "offer", case.caller)
    giver, taker = command.commander.commander, move.target.removeprefix("offered-to-")
    made = HandOver(incident_id=case.incident.id, giver=giver, taker=taker, briefing=briefing)
    at = case.at(told_at, after=command.commander.since)
    made.state, made.offered_at, made.offered_by = "offered", at, case.caller.by
    case.session.add(made)
    _moved(case, move, made, at)


async def assume(case: Case, reason: str, told_at: datetime | None) -> None:
    """The district takes command of a company that cannot offer it, with a reason (E-4.5b).

    Raises: Conflict, Forbidden, Invalid.
    """
    command = await command_of(case)
    move = COMMAND.check(command.state, "assume", case.caller)
    giver, at = command.commander.commander, case.at(told_at, after=command.commander.since)
    made = HandOver(
        incident_id=case.incident.id,
        giver=giver,
        taker=move.target,
        briefing={},
        state="taken",
        remark=reason,
    )
    made.offered_at = made.answered_at = at
    made.offered_by = made.answered_by = case.caller.by
    case.session.add(made)
    await _succeed(case, command, move.target, None, at)
    _moved(case, move, made, at)


async def _succeed(case: Case, command: Command, taker: str, name: str | None, at: datetime) -> None:
    command.commander.until = at
    await case.session.flush()  # there is one without an end at a time
    case.session.add(Tenure(incident_id=case.incident.id, commander=taker, name=name, since=at))


async def answer(
    case: Case, action: str, name: str | None, remark: str | None, told_at: datetime | None
) -> None:
    """Take command, or decline it; whoever offered commands until then (E-4.5b).

    action: `take` or `decline`; name: the new commander's, where it is known. Raises: Conflict, Forbidden, Invalid.
    """
    command = await command_of(case)
    move = COMMAND.check(command.state, action, case.caller)
    waiting = command.offered
    assert waiting is not None, "every state that can be answered has an offer"
    at = case.at(told_at, after=waiting.offered_at)
    waiting.answered_at, waiting.answered_by, waiting.remark = at, case.caller.by, remark
    if action == "take":
        waiting.state = "taken"
        await _succeed(case, command, waiting.taker, name, at)
    else:
        waiting.state = "declined"
    _moved(case, move, waiting, at)


def _moved(case: Case, move: Move, hand_over: HandOver, at: datetime) -> None:
    giver, taker, commander = Commander(hand_over.giver), Commander(hand_over.taker), COMMANDER[move.target]
    why = f"（{hand_over.remark}）" if move.action == "assume" else ""
    passing = f"{taker.zh}接管{giver.zh}的指挥权" if move.action == "assume" else f"{giver.zh}移交{taker.zh}"
    text = f"{COMMAND.actions[move.action]}：{passing}{why}，现由{commander.zh}指挥"
    event = CommandMoved(action=move.action, commander=commander.value, giver=giver.value, taker=taker.value)
    case.happened("command", text, move.clause, at=at, event=event)
