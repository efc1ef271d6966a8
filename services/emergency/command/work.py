"""Command and its hand-over: offered with a briefing, taken or declined; one commander at every moment."""

from dataclasses import dataclass

from sqlalchemy import select, update

from kit.web.moves import Move
from services.emergency.case.case import Case, IncidentEvent
from services.emergency.case.incident import Incident
from services.emergency.command.models import HandOver, Tenure
from services.emergency.plan.command import COMMAND, COMMANDER, Commander


class CommandMoved(IncidentEvent, type="emergency.command.moved"):
    """Command was offered, taken or declined; `commander` commands now."""

    action: str
    commander: str
    giver: str
    taker: str


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


async def offer(case: Case, briefing: dict[str, str]) -> None:
    """Offer command to the next in line, with a briefing (E-4.5b). Raises: Conflict, Forbidden."""
    command = await command_of(case)
    move = COMMAND.check(command.state, "offer", case.caller)
    giver, taker = command.commander.commander, move.target.removeprefix("offered-to-")
    made = HandOver(incident_id=case.incident.id, giver=giver, taker=taker, briefing=briefing)
    made.state, made.offered_at, made.offered_by = "offered", case.now, case.caller.client
    case.session.add(made)
    _moved(case, move, made)


async def answer(case: Case, action: str, name: str | None, remark: str | None) -> None:
    """Take command, or decline it; whoever offered commands until then (E-4.5b).

    action: `take` or `decline`; name: the new commander's, where it is known. Raises: Conflict, Forbidden.
    """
    command = await command_of(case)
    move = COMMAND.check(command.state, action, case.caller)
    waiting = command.offered
    assert waiting is not None, "every state that can be answered has an offer"
    waiting.answered_at, waiting.answered_by, waiting.remark = case.now, case.caller.client, remark
    if action == "take":
        waiting.state, command.commander.until = "taken", case.now
        await case.session.flush()  # there is one without an end at a time
        case.session.add(
            Tenure(incident_id=case.incident.id, commander=waiting.taker, name=name, since=case.now)
        )
    else:
        waiting.state = "declined"
    _moved(case, move, waiting)


def _moved(case: Case, move: Move, hand_over: HandOver) -> None:
    giver, taker, commander = Commander(hand_over.giver), Commander(hand_over.taker), COMMANDER[move.target]
    text = f"{COMMAND.actions[move.action]}：{giver.zh}移交{taker.zh}，现由{commander.zh}指挥"
    event = CommandMoved(action=move.action, commander=commander.value, giver=giver.value, taker=taker.value)
    case.happened("command", text, move.clause, event=event)
