"""The desk of a service: what is needed to act on a request, and the request that is acted on, with its legs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from kit.context import Context
from kit.dispatch.hindrances import Known, hindrance, is_known_here
from kit.dispatch.matters import Matter
from kit.dispatch.moves import ANY_UNIT, CLAUSE, SEND, leg_moves, request_moves
from kit.dispatch.record import keep, tell
from kit.dispatch.requests import by_number, legs_of
from kit.dispatch.standing import live, settle
from kit.dispatch.tables import ENDS, DispatchLeg, DispatchRequest
from kit.district.named_units import acts_for
from kit.district.units import name_of
from kit.web.caller import Caller
from kit.web.moves import Move, Moves
from kit.web.problems import Conflict, FieldError, Forbidden, Invalid


@dataclass(frozen=True)
class Desk:
    """Where a service's requests are worked on: its matters, and the two tables of moves."""

    service: str
    letter: str
    matters: Mapping[str, Matter]
    legs: Moves
    requests: Moves

    @classmethod
    def of(cls, service: str, letter: str, matters: Sequence[Matter]) -> Self:
        """The desk of a service."""
        by_code = {matter.code: matter for matter in matters}
        return cls(service, letter, by_code, leg_moves(service), request_moves(service))

    def moves_now(self, known: Known) -> list[tuple[Move, DispatchLeg]]:
        """What can be done now by whoever may, and with whose part; what the hotline does with the whole, with the lead's."""
        return [(row, leg) for row, leg in self._of_state(known) if hindrance(known, row.action, leg) is None]

    def _of_state(self, known: Known) -> list[tuple[Move, DispatchLeg]]:
        request, alive = known.request, live(known.legs)
        found = [
            (row, leg)
            for row in self.requests.out_of(request.state)
            if is_known_here(request, row.action)
            for leg in (alive[:1] if row.role == SEND else alive)
        ]
        if request.state not in ENDS:
            found += [(row, leg) for leg in alive for row in self.legs.out_of(leg.state)]
        return found

    def allowed(self, known: Known, caller: Caller) -> list[str]:
        """What the caller may do now: with the request, and with the parts that are its own."""
        own = own_leg(caller, live(known.legs))
        found = {
            row.action
            for row, leg in self._of_state(known)
            if caller.may(row.role)
            and (
                row.role == SEND or (leg is own if row.action in self.requests.actions else acts(caller, leg))
            )
            and hindrance(known, row.action, leg) is None
        }
        return sorted(found)


def own_leg(caller: Caller, alive: Sequence[DispatchLeg]) -> DispatchLeg | None:
    """The leg that is meant where a unit names none: its own, or the lead unit's for who acts for any unit."""
    mine = [leg for leg in alive if acts_for(caller, leg.unit, name_of(leg.unit))]
    return mine[0] if mine else alive[0] if caller.may(ANY_UNIT) else None


def acts(caller: Caller, leg: DispatchLeg) -> bool:
    """Whether the caller is the leg's unit, or acts for any."""
    return acts_for(caller, leg.unit, name_of(leg.unit)) or caller.may(ANY_UNIT)


@dataclass(frozen=True)
class Opened:
    """A request that is acted on: locked, with its legs."""

    context: Context
    desk: Desk
    request: DispatchRequest
    legs: list[DispatchLeg]

    @classmethod
    async def of(cls, context: Context, desk: Desk, number: str) -> Self:
        """The request, locked, for a caller who may see it. Raises: NotFound."""
        request = await by_number(context, number, lock=True)
        return cls(context, desk, request, (await legs_of(context.session, request))[request.id])

    @property
    def lead(self) -> DispatchLeg:
        """The lead unit's leg."""
        return live(self.legs)[0]

    @property
    def known(self) -> Known:
        """What the rules look at."""
        return Known(self.request, self.legs, self.context.now)

    @property
    def matter(self) -> Matter | None:
        """The request's matter, where the service still has it."""
        return self.desk.matters.get(self.request.matter)

    def leg_for(self, unit: str | None, *, own: bool) -> DispatchLeg:
        """The leg of a unit that was named; else the caller's own, else the lead unit's.

        own: only the leg's unit may act on it. Raises: Invalid for a unit without a leg; Forbidden for another's.
        """
        alive = live(self.legs)
        if unit is None:
            leg = (own_leg(self.context.caller, alive) if own else None) or alive[0]
        else:
            named = [leg for leg in alive if leg.unit == unit]
            if not named:
                raise Invalid(
                    "no-such-leg",
                    f"{name_of(unit)}不是这件诉求的主办或协办单位。",
                    errors=[
                        FieldError(
                            pointer="/unit",
                            reason=f"应为{'、'.join(name_of(leg.unit) for leg in alive)}之一",
                        )
                    ],
                    clauses=(CLAUSE,),
                )
            leg = named[0]
        if own and not acts(self.context.caller, leg):
            raise Forbidden(
                "another-units-request",
                f"这件诉求由{name_of(leg.unit)}承办，请由其办理。",
                clauses=(CLAUSE,),
            )
        return leg

    def check_leg(self, leg: DispatchLeg, action: str) -> str:
        """The state that an action takes a leg to. Raises: Conflict; Forbidden."""
        if not any(row.state == leg.state for row in self.desk.legs.of(action)):
            raise self.refusal(action, leg)
        target = self.desk.legs.check(leg.state, action, self.context.caller).target
        self._must_not_be_hindered(action, leg)
        return target

    def check(self, action: str, leg: DispatchLeg | None = None) -> str:
        """The state that an action takes the request to; leg: of the unit that does it. Raises: Conflict; Forbidden."""
        known = is_known_here(self.request, action)
        if not known or not any(row.state == self.request.state for row in self.desk.requests.of(action)):
            raise self.refusal(action)
        target = self.desk.requests.check(self.request.state, action, self.context.caller).target
        self._must_not_be_hindered(action, leg)
        return target

    def _must_not_be_hindered(self, action: str, leg: DispatchLeg | None) -> None:
        found = hindrance(self.known, action, leg)
        if found is not None:
            raise found

    def move(self, action: str, leg: DispatchLeg | None = None) -> None:
        """Take the request to where the action leads. Raises: Forbidden; Conflict."""
        self.request.state = self.check(action, leg)

    def refusal(self, action: str, leg: DispatchLeg | None = None) -> Conflict:
        """The problem of an action that the state does not allow, with what may be done now and by whom."""
        desk, request = self.desk, self.request
        actions = desk.legs.actions | desk.requests.actions
        state = desk.requests.states[request.state] if leg is None else desk.legs.states[leg.state]
        who: dict[str, list[str]] = {}
        for row, _ in desk.moves_now(self.known):
            if row.role not in who.setdefault(row.action, []):
                who[row.action].append(row.role)
        able = "、".join(actions[each] for each in who)
        others = self._whose_leg_allows(action) if leg is not None else ()
        if others:
            advice = f"{'、'.join(others)}承办的部分可以，请在 unit 中写明。"
        else:
            advice = f"现在可以：{able}。" if able else "已经没有可做的操作。"
        return Conflict(
            "not-in-this-state",
            f"{state}，不能{actions[action]}。{advice}",
            clauses=(CLAUSE,),
            state=request.state,
            allowed=desk.allowed(self.known, self.context.caller),
            who=who,
        )

    def _whose_leg_allows(self, action: str) -> tuple[str, ...]:
        states = {row.state for row in self.desk.legs.of(action)}
        return tuple(name_of(each.unit) for each in live(self.legs) if each.state in states)

    def step(self, leg: DispatchLeg, action: str, note: str | None, **seen: Any) -> None:
        """Keep a step of a leg that has taken it, with what follows for the request, and tell of it."""
        settle(self.request, self.legs)
        keep(self.context, self.request, action, note, leg=leg, **seen)
        tell(self.context, self.request, action, leg.unit)

    def turn(self, action: str, note: str | None, *, leg: DispatchLeg | None = None, **seen: Any) -> None:
        """Keep a step of the request as a whole, whose state the table has been asked for."""
        settle(self.request, self.legs)
        keep(self.context, self.request, action, note, leg=leg, **seen)
        tell(self.context, self.request, action, leg.unit if leg else None)
