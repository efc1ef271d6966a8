"""How what is owed stands on a day: pure. SQL says the same of many rows, held to this by a test (P-4.2, T-5)."""

from datetime import date
from typing import Final

from kit.web.shapes import Choice

#: In how many days what is due is due soon, where nobody says.
SOON: Final = 7


class Timeliness(Choice):
    """How a report or correction that is owed stands (报送状态)."""

    DONE = "done", "按期完成"
    LATE = "late", "逾期完成"
    MISSING = "missing", "逾期未完成"
    DUE_SOON = "due_soon", "即将到期"
    AHEAD = "ahead", "未到期"


def standing(due_on: date, done_on: date | None, day: date, soon: int = SOON) -> tuple[Timeliness, int]:
    """How it stands at the end of a day, and how many days late it is or came.

    due_on: the last day, to its end. done_on: the day on which it was done, None where it is not.
    """
    late = max(0, ((done_on or day) - due_on).days)
    if done_on is not None:
        return (Timeliness.LATE if late else Timeliness.DONE), late
    if late:
        return Timeliness.MISSING, late
    return (Timeliness.DUE_SOON if (due_on - day).days <= soon else Timeliness.AHEAD), 0
