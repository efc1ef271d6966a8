"""The way of a session from the plan to the day it is held, and who may chair it; pure (L-4a, L-4c, L-7c, N-2.2)."""

from typing import Final

from kit.web.moves import Moves
from kit.web.shapes import Choice
from services.lawstudy.plan.roles import DEPARTMENT, JUSTICE, OFFICE

#: States in which a session has a day, and may get another.
_DATED: Final = ("scheduled", "text_submitted", "under_review", "returned", "passed", "ready")
#: States in which a text may come in; it then has to be reviewed, whatever was passed before.
_TAKING_TEXTS: Final = ("scheduled", "text_submitted", "under_review", "returned", "passed", "ready")
#: States in which the text that was handed in last is the session's.
HAVING_TEXT: Final = ("text_submitted", "under_review", "passed", "ready")
#: States in which a session is still to be held.
OPEN: Final = ("planned", *_DATED, "postponed")

SESSION: Final = Moves(
    "学法安排",
    states={
        "planned": "学法安排已列入计划、尚未定日期",
        "scheduled": "学法安排已定日期、等待材料",
        "text_submitted": "学法材料已提交、等待审核",
        "under_review": "学法材料正在审核",
        "returned": "学法材料已退回修改",
        "passed": "学法材料已审核通过",
        "ready": "学法安排已准备就绪",
        "held": "学法已经举行",
        "cancelled": "学法安排已取消",
        "postponed": "学法安排已延期、尚未重新定日期",
    },
    actions={
        "schedule": "定日期",
        "submit": "提交材料",
        "review": "开始审核",
        "return": "退回材料",
        "pass": "审核通过",
        "ready": "确认就绪",
        "hold": "登记举行",
        "postpone": "延期",
        "cancel": "取消",
        "reopen": "撤回举行登记",
        "reinstate": "恢复",
    },
    rows=(
        ("planned", "schedule", OFFICE, "scheduled", "L-4c"),
        ("postponed", "schedule", OFFICE, "scheduled", "L-4c"),
        *((state, "schedule", OFFICE, state, "L-4c") for state in _DATED),
        *((state, "submit", DEPARTMENT, "text_submitted", "L-7a") for state in _TAKING_TEXTS),
        ("text_submitted", "review", JUSTICE, "under_review", "L-7c"),
        ("under_review", "return", JUSTICE, "returned", "L-7c"),
        ("under_review", "pass", JUSTICE, "passed", "L-7c"),
        ("passed", "ready", OFFICE, "ready", "L-7c"),
        ("ready", "hold", OFFICE, "held", "L-4c"),
        *((state, "postpone", OFFICE, "postponed", "N-2.2") for state in _DATED),
        *((state, "cancel", OFFICE, "cancelled", "N-2.2") for state in OPEN),
        # What was entered by mistake is put right, with a reason, and both stay on record.
        ("held", "reopen", OFFICE, "ready", "L-4c"),
        ("cancelled", "reinstate", OFFICE, "planned", "N-2.2"),
    ),
)


class Chair(Choice):
    """Who may chair a session (主持人), by post (L-4a)."""

    HEAD = "head", "区长"
    EXECUTIVE_DEPUTY = "executive_deputy", "常务副区长"


def chair_of(post: str) -> Chair | None:
    """The chair that a post means, as it is written; None for a post that may not chair (L-4a)."""
    return next((chair for chair in Chair if post in (chair.value, chair.zh, f"区人民政府{chair.zh}")), None)


#: Who speaks at a pre-meeting study unless another is named with a reason (L-7a).
HEAD: Final = "主要负责人"
