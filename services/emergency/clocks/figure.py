"""An accident's deadlines, on an axis of time and as a report: what was met, what came late, what is open (E-4.1a)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from kit.district.citations import cite
from kit.district.clock import in_words, lasting, local_day
from kit.documents.reports import Report
from kit.figures.axis import Span, Track, axis
from kit.figures.canvas import Head
from kit.figures.palette import Tone
from kit.figures.rows import Entry
from services.emergency.plan.accidents.deadlines import Standing

if TYPE_CHECKING:
    from services.emergency.clocks.api import DeadlineOut

_DAY: Final = timedelta(days=1)
_TONES: Final = {
    Standing.MET: Tone.GOOD,
    Standing.MET_LATE: Tone.LATE,
    Standing.OVERDUE: Tone.BAD,
    Standing.CLOSED: Tone.IDLE,
}
_LEGEND: Final = (
    (Tone.GOOD, "按时"),
    (Tone.LATE, "迟延完成"),
    (Tone.BAD, "已超时"),
    (Tone.OPEN, "进行中"),
    (Tone.IDLE, "期间已过"),
)


def drawing(number: str, deadlines: "Sequence[DeadlineOut]", now: datetime, width: int) -> str:
    """The deadlines as a figure: those of up to a day on an axis of hours, the others on one of days."""
    short = [each for each in deadlines if each.due - each.started_at <= _DAY]
    long = [each for each in deadlines if each not in short]
    clauses = sorted({cited.clause for each in deadlines for cited in each.basis})
    basis = f" · 依据 {'、'.join(clauses)}" if clauses else ""
    head = Head(f"{number} 时限", f"截至 {in_words(now)}{basis}", f"deadlines-{number}", width)
    tracks = [
        Track("一日以内的时限" if long else "", [_span(each, now) for each in short]),
        Track("按日计算的时限" if short else "", [_span(each, now) for each in long]),
    ]
    shown = {_TONES.get(Standing(each.standing), Tone.OPEN) for each in deadlines}
    legend = [(tone, word) for tone, word in _LEGEND if tone in shown]
    return axis(head, tracks, now, legend, empty="现在没有计时的时限。")


def report(number: str, deadlines: "Sequence[DeadlineOut]", now: datetime) -> Report:
    """The same deadlines as a table to be edited."""
    rows = []
    for each in deadlines:
        said, more = _said(each, now)
        rows.append(
            [each.asks, each.owner_name, in_words(each.started_at), in_words(each.due), f"{said}（{more}）"]
        )
    clauses = sorted({cited.clause for each in deadlines for cited in each.basis})
    return Report(
        f"{number} 时限情况",
        "东胜区应急指挥部",
        [f"截至 {in_words(now)}，时限均为自然时间。"],
        ("事项", "责任单位", "起算", "到期", "情况"),
        rows,
        cite(*clauses),
    )


def _span(each: "DeadlineOut", now: datetime) -> Span:
    tone = _TONES.get(Standing(each.standing), Tone.OPEN)
    said, more = _said(each, now)
    under = each.owner_name + ("，起算时间未确切" if each.provisional else "")
    return Span(Entry(each.asks, said, more, under, tone), each.started_at, each.due, each.done_at)


def _said(each: "DeadlineOut", now: datetime) -> tuple[str, str]:
    """How a deadline stands, and the time that goes with it."""
    due = _moment(each.due, now)
    done = f"{_moment(each.done_at, now)} 完成，" if each.done_at else ""
    match Standing(each.standing):
        case Standing.MET:
            return "按时", f"{done}{due} 到期"
        case Standing.MET_LATE:
            return f"迟 {each.late_minutes} 分钟", f"{done}{due} 到期"
        case Standing.OVERDUE:
            return f"已超 {each.late_minutes} 分钟", f"{due} 到期"
        case Standing.CLOSED:
            return "期间已过", f"{due} 止"
        case Standing.APPROACHING:
            return f"临近，还剩 {lasting(each.due - now)}", f"{due} 到期"
    return f"还剩 {lasting(each.due - now)}", f"{due} 到期"


def _moment(at: datetime, now: datetime) -> str:
    """A moment as short as it is clear: today's without its day, another year's with its year."""
    words = in_words(at)
    if local_day(at) == local_day(now):
        return words.split()[-1]
    return words if at.year != now.year else words.partition("年")[2]
