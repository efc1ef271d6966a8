"""State machines as tables of moves; the API, the docs and the tests read the same table."""

from collections.abc import Iterator
from dataclasses import dataclass

from kit.web.problems import Conflict, Forbidden
from kit.web.tokens import Caller


@dataclass(frozen=True)
class Move:
    """In `state`, a caller with the scope `role` may do `action`; then `target` is the state (clause)."""

    state: str
    action: str
    role: str
    target: str
    clause: str


class Moves:
    """A state machine: rows of (state, action, role, target, clause)."""

    def __init__(self, *rows: tuple[str, str, str, str, str]) -> None:
        self.rows = tuple(Move(*row) for row in rows)

    def __iter__(self) -> Iterator[Move]:
        return iter(self.rows)

    def allowed(self, state: str, caller: Caller | None = None) -> list[str]:
        """Actions possible in a state, for a caller where one is given."""
        rows = (row for row in self.rows if row.state == state)
        return sorted({row.action for row in rows if caller is None or caller.may(row.role)})

    def check(self, state: str, action: str, caller: Caller) -> Move:
        """The move that the action makes.

        Raises: Conflict naming what is allowed in this state; Forbidden naming who may.
        """
        found = [row for row in self.rows if row.state == state and row.action == action]
        if not found:
            clauses = sorted({row.clause for row in self.rows if row.action == action})
            allowed = self.allowed(state)
            hint = f"目前可以：{'、'.join(allowed)}。" if allowed else "已经没有可做的操作。"
            raise Conflict(
                "not-in-this-state",
                f"状态为 {state} 时不能 {action}。{hint}",
                clauses=clauses,
                state=state,
                allowed=allowed,
            )
        for row in found:
            if caller.may(row.role):
                return row
        roles = sorted({row.role for row in found})
        raise Forbidden(
            "not-your-move",
            f"只有具备 {'、'.join(roles)} 权限的单位可以 {action}。",
            clauses=[found[0].clause],
        )
