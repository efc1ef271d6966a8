"""The way of a stage, of all stages of a programme together, and of a correction, as tables and rules; pure (T-3)."""

from collections.abc import Sequence
from typing import Final

from kit.web.moves import Moves
from services.office.plan.roles import MANAGER, UNIT

#: Of the two who may, a unit may only where it leads the programme.
STAGE: Final = Moves(
    "阶段",
    states={"planned": "阶段尚未启动", "open": "阶段正在进行", "closed": "阶段已经结束"},
    actions={"open": "启动", "close": "结束", "reopen": "重新进行"},
    rows=(
        ("planned", "open", MANAGER, "open", "T-3"),
        ("planned", "open", UNIT, "open", "T-3"),
        ("open", "close", MANAGER, "closed", "T-3"),
        ("open", "close", UNIT, "closed", "T-3"),
        # Closed by mistake, or too early.
        ("closed", "reopen", MANAGER, "open", "T-3"),
    ),
)

CORRECTION: Final = Moves(
    "整改事项",
    states={"open": "整改事项待完成", "done": "整改事项已完成、待确认", "accepted": "整改事项已确认"},
    actions={"finish": "完成", "redo": "退回", "accept": "确认"},
    rows=(
        ("open", "finish", UNIT, "done", "T-3"),
        ("done", "redo", UNIT, "open", "T-3"),
        ("done", "redo", MANAGER, "open", "T-3"),
        ("done", "accept", UNIT, "accepted", "T-3"),
        ("done", "accept", MANAGER, "accepted", "T-3"),
    ),
)


def out_of_order(states: Sequence[str], number: int, action: str) -> str | None:
    """Why stage `number` (from 1) may not take an action yet, in Chinese; None where it may.

    states: of all stages, in their order. Stages begin and end in their order, and a stage may begin while the one
    before it still runs, as the property plan's do in April 2024 and April 2026; a third waits.
    """
    before, after = states[: number - 1], states[number:]
    if action == "open":
        if before and before[-1] == "planned":
            return f"第 {_first(before, 'planned')} 阶段还没有启动，请按顺序启动。"
        if "open" in before[:-1]:
            return f"第 {_first(before, 'open')} 阶段还没有结束；最多前后两个阶段同时进行，请先结束它。"
    if action == "close" and "open" in before:
        return f"第 {_first(before, 'open')} 阶段还没有结束，请按顺序结束。"
    if action == "reopen":
        if "closed" in after[:1]:
            return f"第 {number + 1} 阶段已经结束，请先让它重新进行。"
        if any(state != "planned" for state in after[1:]):
            return f"第 {number + 2} 阶段已经启动；最多前后两个阶段同时进行。"
    return None


def _first(states: Sequence[str], state: str) -> int:
    return states.index(state) + 1
