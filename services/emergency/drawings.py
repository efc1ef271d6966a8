"""Drawings that a person can read, as SVG: the reporting route (附件2) and the flow of a response (附件3)."""

from collections import Counter
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

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Arrow:
    """A step of the route: from whom to whom, one or two lines to write on it, and how it stands."""

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
    corners = _corners(arrows)
    shapes = [*(_arrow(arrow, corners[arrow.sender], corners[arrow.receiver]) for arrow in arrows)]
    shapes += [_box(name, corner, _INK) for name, corner in corners.items()]
    width = max(x for x, _ in corners.values()) + _BOX_W + _LEFT
    height = max(y for _, y in corners.values()) + _ROW
    return _page(title, width, height, shapes)


def flow_svg(title: str, steps: Sequence[Step]) -> str:
    """The flow of a response from top to bottom, with the step it stands at."""
    shapes = []
    for row, step in enumerate(steps):
        y = _TOP + row * 88
        colour = _COLOURS.get(step.standing, _GREY)
        if row:
            middle = _LEFT + _BOX_W / 2
            shapes.append(_line((middle, y - 24), (middle, y), _GREY))
        shapes.append(_box(step.name, (_LEFT, y), colour, bold=step.standing == "current"))
        shapes.append(_text((_LEFT + _BOX_W + 24, y + _BOX_H / 2 + 6), step.words, colour))
    return _page(title, 640, _TOP + len(steps) * 88, shapes)


def _corners(arrows: Iterable[Arrow]) -> dict[str, Point]:
    """Where everyone's box begins: one column further than whoever tells them."""
    columns: dict[str, int] = {}
    for arrow in arrows:
        start = columns.setdefault(arrow.sender, 0)
        columns[arrow.receiver] = max(columns.get(arrow.receiver, 0), start + 1)
    taken = Counter[int]()
    corners: dict[str, Point] = {}
    for name, column in columns.items():
        corners[name] = (_LEFT + column * _COLUMN, _TOP + taken[column] * _ROW)
        taken[column] += 1
    return corners


def _arrow(arrow: Arrow, sender: Point, receiver: Point) -> str:
    (x1, y1), (x2, y2) = sender, receiver
    start, end = (x1 + _BOX_W, y1 + _BOX_H / 2), (x2 - 4, y2 + _BOX_H / 2)
    colour = _COLOURS.get(arrow.standing, _GREY)
    # A line that comes from above ends beside its words; one that runs straight has them on both sides.
    first = end[1] - 10 if y1 == y2 else end[1] + 22
    lines = (first, end[1] + 20) if y1 == y2 else (first, first + _LINE)
    left = x2 - _COLUMN + _BOX_W + 12
    words = [
        _text((left, y), word, colour, **{"font-size": "13"})
        for y, word in zip(lines, arrow.words, strict=False)
    ]
    return _line(start, end, colour, dashed=arrow.standing not in ("met", "met_late")) + "".join(words)


def _box(name: str, corner: Point, colour: str, *, bold: bool = False) -> str:
    x, y = corner
    shown = name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"
    lines = [shown[start : start + 10] for start in range(0, len(shown), 10)]
    first = y + _BOX_H / 2 + 6 - _LINE * (len(lines) - 1) / 2
    style = {"text-anchor": "middle"} | ({"font-weight": "bold"} if bold else {})
    words = [
        _text((x + _BOX_W / 2, first + _LINE * position), line, colour, **style)
        for position, line in enumerate(lines)
    ]
    frame = (
        f'<rect x="{x:g}" y="{y:g}" width="{_BOX_W}" height="{_BOX_H}" rx="8" fill="{_PAPER}"'
        f' stroke="{colour}" stroke-width="{3 if bold else 1.5}"/>'
    )
    return frame + "".join(words)


def _line(start: Point, end: Point, colour: str, *, dashed: bool = False) -> str:
    (x1, y1), (x2, y2) = start, end
    dashes = ' stroke-dasharray="6 4"' if dashed else ""
    return (
        f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" stroke="{colour}" stroke-width="2"{dashes}'
        ' marker-end="url(#tip)"/>'
    )


def _text(at: Point, words: str, colour: str, **style: str) -> str:
    styled = "".join(f' {name}="{value}"' for name, value in ({"font-size": "15"} | style).items())
    return f'<text x="{at[0]:g}" y="{at[1]:g}" fill="{colour}"{styled}>{escape(words)}</text>'


def _page(title: str, width: float, height: float, shapes: Iterable[str]) -> str:
    head = _text((_LEFT, 44), title, _INK, **{"font-size": "20", "font-weight": "bold"})
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}"'
        f' height="{height:g}" role="img" font-family="Noto Sans CJK SC, Microsoft YaHei, SimHei, sans-serif">'
        f"<title>{escape(title)}</title>"
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"'
        f' orient="auto"><path d="M0 0L8 4L0 8z" fill="{_GREY}"/></marker></defs>'
        f'<rect width="100%" height="100%" fill="{_PAPER}"/>{head}{"".join(shapes)}</svg>'
    )
