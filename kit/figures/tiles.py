"""A grid of tiles, one for each street or town: name, number and class in words in each. No map, and it says so."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from kit.figures.canvas import LABEL, MARGIN, NOTE, UNIT, Canvas, Head, Lettering
from kit.figures.lettering import clean, measured, wrapped
from kit.figures.palette import CLASSES, FRAME

NO_MAP: Final = "示意位置，不是地图"
IN_ORDER: Final = "按顺序排列，不是地图"
#: The least width of a tile, in which a share of two decimals stands on one line.
_LEAST: Final = 96.0
_PAD: Final = 8.0
_NUMBER: Final = Lettering(17, bold=True)


@dataclass(frozen=True, slots=True)
class Field:
    """A street or town: its name, its number, its class in words and by rank (0 the least, 4 the most)."""

    name: str
    said: str
    word: str
    rank: int
    heard: str = ""

    def told(self) -> str:
        """The field for who hears it."""
        return "，".join(each for each in (self.name, self.said, self.word, self.heard) if clean(each))


@dataclass(frozen=True, slots=True)
class Tile:
    """A field and its place in the grid: column and row, from 0."""

    field: Field
    at: tuple[int, int]


def tiles(head: Head, grid: Sequence[Tile], legend: Sequence[tuple[int, str]] = ()) -> str:
    """The grid, each tile as high as the one with most words, and below it what the classes mean."""
    canvas = Canvas(head)
    ordered = sorted(grid, key=lambda tile: tile.at[::-1])
    columns = max((tile.at[0] for tile in grid), default=0) + 1
    caption = NO_MAP
    if (most := int((canvas.inner + UNIT) // (_LEAST + UNIT))) < columns:
        # A tile too narrow for its number would break it: they follow one another instead.
        columns, caption = most, IN_ORDER
        ordered = [Tile(tile.field, (at % most, at // most)) for at, tile in enumerate(ordered)]
    canvas.paragraph(caption, NOTE)
    canvas.y += UNIT
    wide = (canvas.inner - UNIT * (columns - 1)) / columns
    high = max((_height(tile.field, wide) for tile in grid), default=0.0)
    for tile in ordered:
        at = (MARGIN + tile.at[0] * (wide + UNIT), canvas.y + tile.at[1] * (high + UNIT))
        _drawn(canvas, tile.field, at, (wide, high))
    rows = max((tile.at[1] for tile in ordered), default=-1) + 1
    canvas.y += max(rows * (high + UNIT) - UNIT, 0)
    classes(canvas, legend)
    return canvas.svg(f"{caption}。" + "；".join(tile.field.told() for tile in ordered))


def classes(canvas: Canvas, legend: Sequence[tuple[int, str]]) -> None:
    """What the classes mean, in as many lines as they need."""
    x, row = float(MARGIN), NOTE.line + 6
    canvas.y += UNIT * 1.5
    for rank, words in legend:
        wide = measured(clean(words), NOTE.size) + 22
        if x > MARGIN and x + wide > canvas.width - MARGIN:
            x, canvas.y = MARGIN, canvas.y + row
        canvas.rect((x, canvas.y + 2), (16, 14), fill=CLASSES[rank].fill, stroke=FRAME)
        high = canvas.block((x + 22, canvas.y), words, canvas.inner - 22, NOTE)
        canvas.y += max(0.0, high - NOTE.line)
        x += wide + 16
    canvas.y += row if legend else 0


def _words(field: Field) -> list[tuple[str, Lettering]]:
    """Name, number and class as they are written in a tile; what is empty is left out."""
    words = ((field.name, LABEL), (field.said, _NUMBER), (field.word, NOTE))
    return [(each, look) for each, look in words if clean(each)]


def _height(field: Field, width: float) -> float:
    room = width - 2 * _PAD
    return 2 * _PAD + sum(
        look.line * len(wrapped(each, room, look.size, bold=look.bold)) for each, look in _words(field)
    )


def _drawn(canvas: Canvas, field: Field, at: tuple[float, float], size: tuple[float, float]) -> None:
    look = CLASSES[field.rank]
    canvas.rect(at, size, fill=look.fill, stroke=FRAME, rx=3)
    y = at[1] + _PAD - 1
    for words, lettering in _words(field):
        written = replace(lettering, colour=look.ink)
        y += canvas.block((at[0] + _PAD, y), words, size[0] - 2 * _PAD, written)
