"""The way of a year's plan and of each later version of it, as a table of moves; pure (L-6)."""

from typing import Final, Literal, get_args

from kit.web.moves import Moves
from services.lawstudy.plan.roles import GOVERNMENT, JUSTICE, OFFICE

State = Literal["draft", "submitted", "approved", "in_force", "superseded", "withdrawn"]
STATES: Final[tuple[State, ...]] = get_args(State)
#: Those that somebody is still working on: a year has one of them at most.
UNDER_WAY: Final[tuple[State, ...]] = ("draft", "submitted", "approved")
#: Those whose topics are settled: what approval asks for, the database asks for as well.
SETTLED: Final[tuple[State, ...]] = ("approved", "in_force", "superseded")
#: Those that were issued, and are read by everybody who reads plans.
ISSUED: Final[tuple[State, ...]] = ("in_force", "superseded")

PLANNING: Final = Moves(
    "学法计划",
    states={
        "draft": "学法计划正在拟定",
        "submitted": "学法计划已报审",
        "approved": "学法计划已审定、尚未印发",
        "in_force": "学法计划已印发施行",
        "superseded": "学法计划已由新的版本替代",
        "withdrawn": "学法计划已撤回",
    },
    actions={
        "submit": "报审",
        "approve": "审定",
        "return": "退回",
        "issue": "印发",
        "withdraw": "撤回",
    },
    rows=(
        ("draft", "submit", JUSTICE, "submitted", "L-6"),
        ("draft", "withdraw", JUSTICE, "withdrawn", "L-6"),
        ("submitted", "approve", GOVERNMENT, "approved", "L-6"),
        ("submitted", "return", GOVERNMENT, "draft", "L-6"),
        ("submitted", "withdraw", JUSTICE, "withdrawn", "L-6"),
        ("approved", "issue", OFFICE, "in_force", "L-6"),
        # What was approved and is overtaken before it is issued goes back to whoever approved it.
        ("approved", "return", GOVERNMENT, "draft", "L-6"),
    ),
)
