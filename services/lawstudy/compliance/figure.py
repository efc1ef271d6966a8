"""A year of law study as twelve months with their states, drawn and as a report (L-3a, L-3b)."""

from typing import TYPE_CHECKING, Final

from kit.documents.reports import Report
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


def report(told: "ComplianceOut") -> Report:
    """The same months as a table to be edited, and what the year came to."""
    return Report(
        f"{told.year}年度学法执行情况",
        "东胜区人民政府办公室",
        [
            f"截至 {told.as_of.year}年{told.as_of.month}月{told.as_of.day}日。{told.lectures.sentence}",
            f"学法材料按时报送 {told.texts.in_time} 次，迟报 {len(told.texts.late)} 次，逾期未报 {len(told.texts.missing)} 次。",
        ],
        ("月份", "情况", "已学", "待学", "说明"),
        [
            [f"{each.month}", each.standing_zh, f"{each.held}", f"{each.to_come}", "，".join(_more(each))]
            for each in told.pre_meeting.months
        ],
        told.basis,
    )


def _more(each: "StudyMonthOut") -> list[str]:
    """Until when something can still be done, and the plan's reason."""
    until = [f"最迟 {each.until.month}月{each.until.day}日"] if each.until else []
    return until + ([each.reason] if each.reason else [])


def _cell(each: "StudyMonthOut", *, now: bool) -> Cell:
    lines = []
    if each.held or each.to_come:
        lines.append(f"已学 {each.held} 次，待学 {each.to_come} 次")
    lines += _more(each)
    tone = _TONES.get(each.standing, Tone.IDLE)
    return Cell(f"{each.month.month}月", tone, each.standing_zh, lines, now)
