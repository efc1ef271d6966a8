"""A waterfall: from what is given at first, step by step, to what it comes to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kit.figures.canvas import MARGIN, NOTE, UNIT, Canvas, Head
from kit.figures.palette import FRAME, INK, TRACK, Tone
from kit.figures.rows import THICK, Columns, Entry, columns_of, place, ticks
from kit.figures.scales import counting

#: Where steps are small beside the sum, the scale begins this much of their spread before the least.
_AIR: Final = 0.1


@dataclass(frozen=True, slots=True)
class Step:
    """A step: its words, and by how much the sum changes."""

    entry: Entry
    change: float


@dataclass(frozen=True, slots=True)
class _Window:
    """The stretch of values that is shown."""

    low: float
    high: float

    def share(self, value: float) -> float:
        return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)


def waterfall(
    head: Head,
    start: Step,
    steps: Sequence[Step],
    end: Entry,
    legend: Sequence[tuple[Tone, str]] = (),
) -> str:
    """From the start over each step to the end, each bar beginning where the one before ended."""
    canvas = Canvas(head)
    columns = columns_of(canvas, [start.entry, *(step.entry for step in steps), end], apart=False)
    sums = [start.change]
    for step in steps:
        sums.append(sums[-1] + step.change)
    window = _window([*sums])
    if window.low:
        canvas.paragraph(f"刻度自 {window.low:g} 起。", NOTE)
        canvas.y += UNIT / 2
    bottom = window.low
    _row(canvas, columns, start.entry, window, (bottom, sums[0]))
    for step, before, after in zip(steps, sums[:-1], sums[1:], strict=True):
        _row(canvas, columns, step.entry, window, (before, after))
    canvas.line((MARGIN, canvas.y + 2), (canvas.width - MARGIN, canvas.y + 2), stroke=FRAME, stroke_width=1)
    canvas.y += UNIT / 2
    _row(canvas, columns, end, window, (bottom, sums[-1]))
    scale = counting(window.high - window.low)
    marks = [(window.low + scale.step * number) for number in range(round(scale.top / scale.step) + 1)]
    ticks(
        canvas,
        canvas.y,
        [(columns.x(window.share(at)), f"{at:g}") for at in marks if at <= window.high + 1e-9],
    )
    canvas.y += NOTE.line + 6
    if legend:
        canvas.legend(legend)
    return canvas.svg("；".join(each.told() for each in (start.entry, *(step.entry for step in steps), end)))


def _window(sums: Sequence[float]) -> _Window:
    """What is shown: from 0, unless all of it would be a sliver at the far end; it then begins at a round number."""
    low, high = min(sums), max(sums)
    scale = counting(max(high, 1))
    if low < 0:
        under = counting(-low)
        return _Window(-under.top, max(scale.top, 1))
    spread = max(high - low, 1)
    if low <= spread * 4:
        return _Window(0, scale.top)
    step = counting(spread * (1 + 2 * _AIR)).step
    begins = max(0.0, (low - spread * _AIR) // step * step - step)
    ends = -(-(high + spread * _AIR) // step) * step
    return _Window(begins, ends)


def _row(
    canvas: Canvas,
    columns: Columns,
    entry: Entry,
    window: _Window,
    stretch: tuple[float, float],
) -> None:
    def draw(middle: float) -> None:
        top = middle - THICK / 2
        canvas.rect((columns.left, middle - 1), (columns.width, 2), fill=TRACK)
        left, right = sorted(columns.x(window.share(value)) for value in stretch)
        canvas.bar((left, top), (max(right - left, 2), THICK), entry.tone or Tone.OPEN)
        x = columns.x(window.share(stretch[0]))
        canvas.line((x, top - 5), (x, top + THICK + 1), stroke=INK, stroke_width=1)

    place(canvas, columns, entry, draw)
