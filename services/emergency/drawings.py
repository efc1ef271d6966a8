"""Drawings that a person can read, as SVG: the reporting route (附件2) and the flow of a response (附件3)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

_INK, _PAPER = "#1f2937", "#ffffff"
#: Colour of a thing by how it stands; everything else is grey.
_COLOURS = {
    "met": "#15803d",
    "done": "#15803d",
    "met_late": "#b45309",
    "overdue": "#b91c1c",
    "approaching": "#b45309",
    "current": "#1d4ed8",
}
_GREY = "#6b7280"
_BOX_W, _BOX_H, _COLUMN, _ROW, _TOP, _LEFT = 190, 64, 430, 150, 90, 30
_LINE = 18
_LONGEST = 30


@dataclass(frozen=True, slots=True)
class Arrow:
    """A hop: from whom to whom, one or two lines to write on it, and how it stands."""

    sender: str
    receiver: str
    words: tuple[str, ...]
    standing: str


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the flow: its name, what to write beside it, and `done`, `current` or `ahead`."""

    name: str
    words: str
    standing: str


def route_svg(title: str, arrows: Sequence[Arrow]) -> str:
    """The reporting route: whoever reports on the left, whoever is told to the right."""
    places = _places(arrows)
    columns = max(column for column, _ in places.values()) + 1
    rows = max(row for _, row in places.values()) + 1
    width = _LEFT * 2 + _COLUMN * (columns - 1) + _BOX_W
    height = _TOP + _ROW * rows
    shapes = [*(_arrow(arrow, places) for arrow in arrows)]
    shapes += [_box(name, *_corner(place), _INK) for name, place in places.items()]
    return _page(title, width, height, shapes)


def flow_svg(title: str, steps: Sequence[Step]) -> str:
    """The flow of a response from top to bottom, with the step it stands at."""
    shapes = []
    for row, step in enumerate(steps):
        y = _TOP + row * 88
        colour = _COLOURS.get(step.standing, _GREY)
        if row:
            shapes.append(_line(_LEFT + _BOX_W / 2, y - 24, _LEFT + _BOX_W / 2, y, _GREY))
        shapes.append(_box(step.name, _LEFT, y, colour, bold=step.standing == "current"))
        shapes.append(_text(_LEFT + _BOX_W + 24, y + _BOX_H / 2 + 6, step.words, colour))
    return _page(title, 640, _TOP + len(steps) * 88, shapes)


def _places(arrows: Iterable[Arrow]) -> dict[str, tuple[int, int]]:
    """(column, row) of everyone: one column further than whoever tells them."""
    columns: dict[str, int] = {}
    for arrow in arrows:
        start = columns.setdefault(arrow.sender, 0)
        columns[arrow.receiver] = max(columns.get(arrow.receiver, 0), start + 1)
    taken: dict[int, int] = {}
    places = {}
    for name, column in columns.items():
        places[name] = (column, taken.get(column, 0))
        taken[column] = taken.get(column, 0) + 1
    return places


def _corner(place: tuple[int, int]) -> tuple[float, float]:
    column, row = place
    return _LEFT + column * _COLUMN, _TOP + row * _ROW


def _arrow(arrow: Arrow, places: dict[str, tuple[int, int]]) -> str:
    x1, y1 = _corner(places[arrow.sender])
    x2, y2 = _corner(places[arrow.receiver])
    start, end = (x1 + _BOX_W, y1 + _BOX_H / 2), (x2 - 4, y2 + _BOX_H / 2)
    colour = _COLOURS.get(arrow.standing, _GREY)
    # A line that comes from above ends beside its words; one that runs straight has them on both sides.
    first = end[1] - 10 if y1 == y2 else end[1] + 22
    lines = (first, end[1] + 20) if y1 == y2 else (first, first + _LINE)
    words = "".join(
        _text(x2 - _COLUMN + _BOX_W + 12, y, word, colour, size=13)
        for y, word in zip(lines, arrow.words, strict=False)
    )
    return _line(*start, *end, colour, dashed=arrow.standing not in ("met", "met_late")) + words


def _box(name: str, x: float, y: float, colour: str, *, bold: bool = False) -> str:
    shown = name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"
    lines = [shown[start : start + 10] for start in range(0, len(shown), 10)]
    first = y + _BOX_H / 2 + 6 - _LINE * (len(lines) - 1) / 2
    words = "".join(
        _text(x + _BOX_W / 2, first + _LINE * number, line, colour, anchor="middle", bold=bold)
        for number, line in enumerate(lines)
    )
    frame = (
        f'<rect x="{x:g}" y="{y:g}" width="{_BOX_W}" height="{_BOX_H}" rx="8" fill="{_PAPER}"'
        f' stroke="{colour}" stroke-width="{3 if bold else 1.5}"/>'
    )
    return frame + words


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, *, dashed: bool = False) -> str:
    dashes = ' stroke-dasharray="6 4"' if dashed else ""
    return (
        f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" stroke="{colour}" stroke-width="2"{dashes}'
        ' marker-end="url(#tip)"/>'
    )


def _text(
    x: float, y: float, words: str, colour: str, *, anchor: str = "start", bold: bool = False, size: int = 15
) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-size="{size}" fill="{colour}"{weight}>'
        f"{escape(words)}</text>"
    )


def _page(title: str, width: float, height: float, shapes: Iterable[str]) -> str:
    head = _text(_LEFT, 44, title, _INK, bold=True, size=20)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}"'
        f' height="{height:g}" role="img" font-family="Noto Sans CJK SC, Microsoft YaHei, SimHei, sans-serif">'
        f"<title>{escape(title)}</title>"
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"'
        f' orient="auto"><path d="M0 0L8 4L0 8z" fill="{_GREY}"/></marker></defs>'
        f'<rect width="100%" height="100%" fill="{_PAPER}"/>{head}{"".join(shapes)}</svg>'
    )
