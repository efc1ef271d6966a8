"""State machines as tables of moves; endpoints, refusals, documents and tests read the same table."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kit.web.caller import Caller, Role, holders
from kit.web.problems import Conflict, Forbidden


@dataclass(frozen=True, slots=True)
class Move:
    """In `state`, whoever holds `role` may do `action`; then `target` is the state (clause)."""

    state: str
    action: str
    role: Role
    target: str
    clause: str


class Moves:
    """A state machine of a thing: its rows, and what its states and actions are called in Chinese.

    noun: the thing that the actions act on; states: a clause of a sentence each, such as 响应已启动;
    actions: a verb each, such as 启动; rows: (state, action, role, target, clause).
    """

    def __init__(
        self,
        noun: str,
        *,
        states: Mapping[str, str],
        actions: Mapping[str, str],
        rows: Iterable[tuple[str, str, Role, str, str]],
    ) -> None:
        self.noun, self.states, self.actions = noun, dict(states), dict(actions)
        self.rows = tuple(Move(*row) for row in rows)
        self._from: dict[str, list[Move]] = {}
        for row in self.rows:
            self._from.setdefault(row.state, []).append(row)

    def __iter__(self) -> Iterator[Move]:
        return iter(self.rows)

    def out_of(self, state: str) -> Sequence[Move]:
        """The rows of a state, in the table's order."""
        return self._from.get(state, ())

    def of(self, action: str) -> tuple[Move, ...]:
        """The rows of an action, in the table's order."""
        return tuple(row for row in self.rows if row.action == action)

    def roles(self, action: str) -> tuple[Role, ...]:
        """Who may do an action in some state."""
        return tuple(dict.fromkeys(row.role for row in self.of(action)))

    def clauses(self, action: str) -> tuple[str, ...]:
        """What an action rests on."""
        return tuple(dict.fromkeys(row.clause for row in self.of(action)))

    def allowed(self, state: str, caller: Caller) -> list[str]:
        """What this caller may do in a state."""
        rows = (row for row in self.out_of(state) if caller.may(row.role))
        return sorted({row.action for row in rows})

    def check(self, state: str, action: str, caller: Caller) -> Move:
        """The move that the action makes.

        Raises: Conflict naming the clause, what may be done now and who may; Forbidden naming who may.
        """
        found = [row for row in self.of(action) if row.state == state]
        if not found:
            raise self.refusal(state, action, caller)
        for row in found:
            if caller.may(row.role):
                return row
        roles = tuple(row.role for row in found)
        raise Forbidden(
            "not-your-role",
            f"{self.states[state]}，只有{holders(roles)}可以{self.actions[action]}。",
            clauses=(found[0].clause,),
            missing=sorted(roles),
        )

    def refusal(self, state: str, action: str, caller: Caller) -> Conflict:
        """The problem of an action that the state does not allow."""
        return Conflict(
            "not-in-this-state",
            f"{self.states[state]}，不能{self.actions[action]}。{self._hint(state)}",
            clauses=sorted(self.clauses(action)),
            state=state,
            allowed=self.allowed(state, caller),
            who=self._who(state),
        )

    def _who(self, state: str) -> dict[str, list[Role]]:
        """Every role that may do each action of a state."""
        found: dict[str, list[Role]] = {}
        for row in self.rows:
            if row.state == state:
                found.setdefault(row.action, []).append(row.role)
        return found

    def _hint(self, state: str) -> str:
        who = self._who(state)
        if not who:
            return "已经没有可做的操作。"
        each = (f"{self.actions[action]}（{holders(roles)}）" for action, roles in who.items())
        return f"现在可以：{'、'.join(each)}。"
