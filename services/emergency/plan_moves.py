"""The plan's tables of moves, refusing in the plan's own words: what may be done now, and by whom."""

from collections.abc import Iterable, Mapping

from kit.web.moves import Move, Moves
from kit.web.problems import Conflict, Forbidden
from kit.web.tokens import Caller
from services.emergency.plan import roles

#: Who holds a role, in Chinese.
ROLES_ZH = {
    roles.HEADQUARTERS: "区指挥部",
    roles.OFFICE: "区指挥部办公室",
    roles.FIELD: "现场指挥部",
    roles.COMPANY: "事发单位",
    roles.HIGHER: "上级现场指挥机构",
    roles.MEMBER: "责任单位",
    roles.WARNING: "预警发布单位",
    roles.PUBLICITY: "宣传部门",
    roles.RELEASE_DISTRICT: "区人民政府",
    roles.RELEASE_CITY: "市委宣传部",
    roles.RELEASE_HIGHER: "自治区或国家授权机关",
}


class PlanMoves(Moves):
    """A table of moves with the Chinese names of its states and actions."""

    def __init__(
        self,
        rows: Iterable[tuple[str, str, str, str, str]],
        states_zh: Mapping[str, str],
        actions_zh: Mapping[str, str],
    ) -> None:
        super().__init__(*rows)
        self.states_zh, self.actions_zh = states_zh, actions_zh

    def check(self, state: str, action: str, caller: Caller) -> Move:
        """The move that the action makes.

        Raises: Conflict naming the clause, what may be done now and who may; Forbidden naming who may.
        """
        found = [row for row in self.rows if (row.state, row.action) == (state, action)]
        if not found:
            rows = [row for row in self.rows if row.action == action]
            raise Conflict(
                "not-in-this-state",
                f"{self.states_zh[state]}，不能{self.actions_zh[action]}。{self._hint(state)}",
                clauses=sorted({row.clause for row in rows}),
                state=state,
                allowed=self.allowed(state),
                who=self._roles(state),
            )
        for row in found:
            if caller.may(row.role):
                return row
        raise Forbidden(
            "not-your-move",
            f"只有{self._who(found)}可以{self.actions_zh[action]}。",
            clauses=[found[0].clause],
        )

    def _roles(self, state: str) -> dict[str, list[str]]:
        """Every role that may do each action of a state."""
        found: dict[str, list[str]] = {}
        for row in self.rows:
            if row.state == state:
                found.setdefault(row.action, []).append(row.role)
        return found

    def _hint(self, state: str) -> str:
        rows = [row for row in self.rows if row.state == state]
        if not rows:
            return "已经没有可做的操作。"
        actions = dict.fromkeys(row.action for row in rows)
        each = [
            f"{self.actions_zh[action]}（{self._who([row for row in rows if row.action == action])}）"
            for action in actions
        ]
        return f"现在可以：{'、'.join(each)}。"

    def _who(self, rows: Iterable[Move]) -> str:
        return "、".join(dict.fromkeys(ROLES_ZH[row.role] for row in rows))


def must_hold(caller: Caller, clause: str, *allowed: str) -> None:
    """Refuse a caller who holds none of the roles.

    Raises: Forbidden naming who may.
    """
    if not any(caller.may(role) for role in allowed):
        raise Forbidden(
            "not-your-role",
            f"这项操作由{'、'.join(ROLES_ZH[role] for role in allowed)}办理。",
            clauses=(clause,),
        )
