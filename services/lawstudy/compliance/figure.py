"""A year of law study as twelve months with their states (L-3a, L-3b)."""

from typing import TYPE_CHECKING, Final

from kit.figures.canvas import Head
from kit.figures.months import Cell, months
from kit.figures.palette import Tone
from services.lawstudy.plan.compliance import MonthStanding

if TYPE_CHECKING:
    from services.lawstudy.compliance.api import ComplianceOut, StudyMonthOut

_TONES: Final = {
    MonthStanding.HELD: Tone.GOOD,
    MonthStanding.MISSING: Tone.BAD,
    MonthStanding.OPEN: Tone.OPEN,
}


def drawing(told: "ComplianceOut", width: int) -> str:
    """The months of the year's answer, and below them how it stands with lectures."""
    day = told.as_of
    note = f"截至 {day.year}年{day.month}月{day.day}日 · 依据 L-3a、L-3b"
    head = Head(f"{told.year}年会前学法", note, f"study-{told.year}", width)
    cells = [_cell(each, now=day in each.month) for each in told.pre_meeting.months]
    return months(head, cells, told.lectures.sentence)


def _cell(each: "StudyMonthOut", *, now: bool) -> Cell:
    lines = []
    if each.held or each.to_come:
        lines.append(f"已学 {each.held} 次，待学 {each.to_come} 次")
    if each.until:
        lines.append(f"最迟 {each.until.month}月{each.until.day}日")
    if each.reason:
        lines.append(each.reason)
    tone = _TONES.get(each.standing, Tone.IDLE)
    return Cell(f"{each.month.month}月", tone, each.standing_zh, lines, now)
