"""What the plan asks of somebody, in an accident or for a warning: who may do what with it."""

from collections.abc import Iterator
from enum import StrEnum

from kit.web.caller import Role
from kit.web.moves import Moves
from services.emergency.plan.roles import MEMBER, OFFICE, WARNING


class Kind(StrEnum):
    """What an assignment comes from (任务来源): a response, a warning, or what follows a response."""

    RESPONSE = "response"
    WARNING = "warning"
    AFTERMATH = "aftermath"


#: States in which an assignment still asks for something.
OPEN = ("open", "acknowledged")
_STATES = {
    "open": "任务待办",
    "acknowledged": "任务已签收",
    "done": "任务已完成",
    "waived": "任务已免办",
    "stopped": "任务已随预警终止",
}
_ACTIONS = {"acknowledge": "签收", "finish": "办结", "waive": "免办", "reopen": "重新打开"}
_STEPS = (
    ("open", "acknowledge", "acknowledged"),
    ("open", "finish", "done"),
    ("acknowledged", "finish", "done"),
    ("open", "waive", "waived"),
    ("acknowledged", "waive", "waived"),
    ("done", "reopen", "acknowledged"),
    ("waived", "reopen", "acknowledged"),
)
#: (kind, who does it under which clause, who waives it under which clause). A unit only does or waives its own.
_WHO = (
    (Kind.RESPONSE, (OFFICE, MEMBER), "E-4.4a", (OFFICE,), "E-4.4d"),
    (Kind.WARNING, (OFFICE, WARNING, MEMBER), "E-3.3c", (OFFICE, WARNING), "E-3.3c"),
    (Kind.AFTERMATH, (OFFICE, MEMBER), "E-5.1", (OFFICE, MEMBER), "E-5.1"),
)


def _rows(*kinds: Kind) -> Iterator[tuple[str, str, Role, str, str]]:
    for kind, doing, done_by, waiving, waived_by in _WHO:
        for state, action, target in _STEPS if kind in kinds else ():
            roles, clause = (waiving, waived_by) if action == "waive" else (doing, done_by)
            yield from ((state, action, role, target, clause) for role in roles)


#: The moves of each kind. What is done or waived stays so, whatever becomes of the level (E-4.4d).
TASKS = {kind: Moves("任务", states=_STATES, actions=_ACTIONS, rows=_rows(kind)) for kind in Kind}
#: The moves of any kind, as the endpoints declare them.
TASK = Moves("任务", states=_STATES, actions=_ACTIONS, rows=_rows(*Kind))


def must_say(kind: Kind, action: str) -> bool:
    """Whether a note is asked for: waiving and opening again need a reason, what follows a response its result (E-5.1)."""
    return action in ("waive", "reopen") or (kind is Kind.AFTERMATH and action == "finish")
