"""Rows of a figure: what it is of, a plot, and what is said of it, side by side or, on a phone, above one another."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from kit.figures.canvas import LABEL, MARGIN, NOTE, STRONG, UNIT, Canvas, Lettering
from kit.figures.lettering import clean, measured, wrapped
from kit.figures.palette import RULE, Tone

_GAP: Final = 12.0
_MARK: Final = 20.0
#: The height of what is plotted in a row.
THICK: Final = 14.0


@dataclass(frozen=True, slots=True)
class Entry:
    """The words of a row: of what, below that; what is said of it, beside that; the mark, where it has one.

    heard: what only the figure's text says, since it stands in the table.
    """

    label: str
    said: str
    more: str = ""
    under: str = ""
    tone: Tone | None = None
    heard: str = ""

    def told(self) -> str:
        """The row for who hears it."""
        words = (self.label, self.under, self.said, self.more, self.heard)
        return "，".join(each for each in words if clean(each))


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a row's parts stand: widths of the label, of what is said and of what is beside that; x of the plot."""

    label: float
    left: float
    width: float
    said: float
    more: float
    narrow: bool

    def x(self, share: float) -> float:
        """Where a share of the plot's width lies."""
        return self.left + self.width * share


def columns_of(canvas: Canvas, entries: Sequence[Entry], *, apart: bool = True) -> Columns:
    """Columns for these rows: each as wide as its words want, within what leaves the plot its room.

    apart: what is beside what is said has a column of its own; else it stands below that.
    """
    if canvas.head.narrow:
        said = min(canvas.inner * 0.4, _widest((one.said for one in entries), STRONG))
        return Columns(0.0, MARGIN + 6, canvas.inner - 12, said, 0.0, narrow=True)
    label = min(
        canvas.inner * 0.3,
        max(_widest((one.label for one in entries), LABEL), _widest((one.under for one in entries), NOTE)),
    )
    said = _widest((one.said for one in entries), STRONG)
    more = min(canvas.inner * 0.22, _widest((one.more for one in entries), NOTE))
    if apart:
        said = min(canvas.inner * 0.18, said)
    else:
        said, more = min(canvas.inner * 0.24, max(said, more)), 0.0
    marked = _MARK if any(one.tone for one in entries) else 0.0
    left = MARGIN + label + _GAP + 2
    right = canvas.width - MARGIN - said - marked - _GAP - (more + _GAP if more else 0)
    return Columns(label, left, right - left, said, more, narrow=False)


def _widest(words: object, look: Lettering) -> float:
    assert not isinstance(words, str)
    return max((measured(clean(each), look.size, bold=look.bold) for each in words), default=0.0) + 1  # type: ignore[attr-defined]


def place(
    canvas: Canvas, columns: Columns, entry: Entry, draw: Callable[[float], None]
) -> tuple[float, float]:
    """Put a row at the canvas's place and go below it. draw: draws the plot at the middle of its height.

    Gives where the row's plot begins and ends.
    """
    return (_stacked if columns.narrow else _beside)(canvas, columns, entry, draw)


def _beside(
    canvas: Canvas, columns: Columns, entry: Entry, draw: Callable[[float], None]
) -> tuple[float, float]:
    top = canvas.y + UNIT / 2
    right = columns.left + columns.width + _GAP
    draw(top + LABEL.line / 2)
    high = [THICK + 6, canvas.block((MARGIN, top), entry.label, columns.label, LABEL)]
    if clean(entry.under):
        high[-1] += canvas.block((MARGIN, top + high[-1]), entry.under, columns.label, NOTE)
    if entry.tone:
        canvas.mark((right + 6, top + LABEL.line / 2), entry.tone)
        right += _MARK
    high.append(canvas.block((right, top), entry.said, columns.said, STRONG))
    if clean(entry.more) and not columns.more:
        high[-1] += canvas.block((right, top + high[-1]), entry.more, columns.said, NOTE)
    elif clean(entry.more):
        high.append(canvas.block((right + columns.said + _GAP, top + 2), entry.more, columns.more, NOTE) + 2)
    start, canvas.y = canvas.y, top + max(high) + UNIT / 2
    return start, canvas.y


def _stacked(
    canvas: Canvas, columns: Columns, entry: Entry, draw: Callable[[float], None]
) -> tuple[float, float]:
    top = canvas.y + UNIT / 2
    said = wrapped(entry.said, columns.said, STRONG.size, bold=True)
    longest = max(measured(line, STRONG.size, bold=True) for line in said)
    left = MARGIN + (_MARK if entry.tone else 0.0)
    if entry.tone:
        canvas.mark((MARGIN + 6, top + LABEL.line / 2), entry.tone)
    for number, line in enumerate(said):
        canvas.text((canvas.width - MARGIN, top + STRONG.line * number + STRONG.size), line, STRONG, "end")
    room = canvas.width - MARGIN - longest - _GAP - left
    high = max(canvas.block((left, top), entry.label, room, LABEL), STRONG.line * len(said))
    draw(top + high + THICK / 2 + 4)
    start = top + high
    canvas.y = start + THICK + 8
    if below := " · ".join(each for each in (entry.under, entry.more) if clean(each)):
        canvas.y += canvas.block((MARGIN, canvas.y), below, canvas.inner, NOTE)
    end, canvas.y = start + THICK + 8, canvas.y + UNIT / 2
    return start, end


def ticks(canvas: Canvas, at: float, marks: Sequence[tuple[float, str]]) -> None:
    """Words below an axis, each centred at its x, those left out that would touch the one before or the edge."""
    ends = 0.0
    for x, words in marks:
        half = measured(words, NOTE.size) / 2
        centre = min(max(x, MARGIN / 2 + half), canvas.width - MARGIN / 2 - half)
        if centre - half < ends:
            continue
        canvas.text((centre, at + NOTE.size + 4), words, NOTE, "middle")
        ends = centre + half + 6


def grid(canvas: Canvas, xs: Sequence[float], top: float, bottom: float) -> None:
    """Hairlines from top to bottom."""
    for x in xs:
        canvas.line((x, top), (x, bottom), stroke=RULE, stroke_width=1)
