"""Twelve months with their states: what was done, what is open until when, what was missed, each in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kit.figures.canvas import LABEL, MARGIN, NOTE, STRONG, UNIT, Canvas, Head
from kit.figures.lettering import clean, wrapped
from kit.figures.palette import FRAME, INK, PAPER, Tone

_PAD: Final = 10.0
_MARK: Final = 20.0


@dataclass(frozen=True, slots=True)
class Cell:
    """A month: its name, how it stands, what more there is to say, and whether it is the present one."""

    name: str
    tone: Tone
    state: str
    lines: Sequence[str] = ()
    now: bool = False

    def told(self) -> str:
        """The month for who hears it."""
        words = (self.name + ("（本月）" if self.now else ""), self.state, *self.lines)
        return "，".join(each for each in words if clean(each))


def months(head: Head, cells: Sequence[Cell], foot: str = "") -> str:
    """The months in rows of four, or of two on a phone, all of one height; foot: what is said below them."""
    canvas = Canvas(head)
    columns = 2 if head.narrow else 4
    wide = (canvas.inner - UNIT * (columns - 1)) / columns
    high = max((_height(cell, wide) for cell in cells), default=0.0)
    for number, cell in enumerate(cells):
        column, row = number % columns, number // columns
        _drawn(canvas, cell, (MARGIN + column * (wide + UNIT), canvas.y + row * (high + UNIT)), (wide, high))
    canvas.y += -(-len(cells) // columns) * (high + UNIT)
    if clean(foot):
        canvas.paragraph(foot, LABEL)
    return canvas.svg("；".join(cell.told() for cell in cells) + (f"。{foot}" if clean(foot) else "。"))


def _height(cell: Cell, width: float) -> float:
    room = width - 2 * _PAD
    named = STRONG.line * len(wrapped(_named(cell), room, STRONG.size, bold=True))
    state = LABEL.line * len(wrapped(cell.state, room - _MARK, LABEL.size))
    return (
        2 * _PAD
        + named
        + 2
        + state
        + sum(NOTE.line * len(wrapped(each, room, NOTE.size)) for each in cell.lines)
    )


def _named(cell: Cell) -> str:
    return f"{cell.name}　本月" if cell.now else cell.name


def _drawn(canvas: Canvas, cell: Cell, at: tuple[float, float], size: tuple[float, float]) -> None:
    look = {"stroke": INK, "stroke_width": 2} if cell.now else {"stroke": FRAME}
    canvas.rect(at, size, fill=PAPER if cell.tone is Tone.IDLE else cell.tone.value.pale, rx=3, **look)
    x, y, room = at[0] + _PAD, at[1] + _PAD - 1, size[0] - 2 * _PAD
    y += canvas.block((x, y), _named(cell), room, STRONG) + 2
    canvas.mark((x + 6, y + LABEL.line / 2), cell.tone)
    y += canvas.block((x + _MARK, y), cell.state, room - _MARK, LABEL)
    for line in cell.lines:
        y += canvas.block((x, y), line, room, NOTE)
