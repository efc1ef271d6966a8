"""Lines against a stair of targets, a panel for each measure, over one axis of steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from kit.figures.canvas import LABEL, MARGIN, NOTE, STRONG, UNIT, Canvas, Head, num
from kit.figures.lettering import clean, measured
from kit.figures.palette import FRAME, INK, RULE, Tone
from kit.figures.rows import ticks
from kit.figures.scales import Scale

_HIGH: Final = 104.0
_AXIS: Final = 48.0


@dataclass(frozen=True, slots=True)
class Panel:
    """A measure over the steps: its values and targets (None: none), the scale, and where it stands in words."""

    name: str
    values: Sequence[float | None]
    targets: Sequence[float | None]
    scale: Scale
    said: str
    tone: Tone = Tone.OPEN
    heard: str = ""


def lines(head: Head, steps: Sequence[str], panels: Sequence[Panel]) -> str:
    """A panel below the other, each with its line, the stair of its targets, and where it stands now."""
    canvas = Canvas(head)
    if not steps or not panels:
        canvas.paragraph("没有数据。", LABEL)
        return canvas.svg("没有数据。")
    _key(canvas, any(value is not None for panel in panels for value in panel.targets))
    for panel in panels:
        _drawn(canvas, steps, panel)
    told = [f"{panel.name}：{panel.said}" + (f"，{panel.heard}" if panel.heard else "") for panel in panels]
    return canvas.svg("。".join(told))


def _key(canvas: Canvas, has_targets: bool) -> None:
    """What line and stair mean."""
    y = canvas.y + NOTE.line / 2
    canvas.line((MARGIN, y), (MARGIN + 28, y), stroke=Tone.OPEN.colour, stroke_width=2.5)
    canvas.circle((MARGIN + 14, y), 3, fill=Tone.OPEN.colour)
    canvas.text((MARGIN + 36, y + 4), "实际", NOTE)
    if has_targets:
        left = MARGIN + 84
        canvas.line((left, y), (left + 28, y), stroke=INK, stroke_width=1.5, stroke_dasharray="5 3")
        canvas.text((left + 36, y + 4), "目标", NOTE)
    canvas.y += NOTE.line + UNIT


def _drawn(canvas: Canvas, steps: Sequence[str], panel: Panel) -> None:
    _heading(canvas, panel)
    top, left = canvas.y + 10, MARGIN + _AXIS
    width = canvas.inner - _AXIS - 6

    def x(step: float) -> float:
        return left + width * (step + 0.5) / len(steps)

    def y(value: float) -> float:
        return top + _HIGH * (1 - panel.scale.share(value))

    for value, words in _few(panel.scale.ticks()):
        canvas.line((left, y(value)), (left + width, y(value)), stroke=RULE, stroke_width=1)
        canvas.text((left - 8, y(value) + 4), words, NOTE, "end")
    canvas.line((left, y(0)), (left + width, y(0)), stroke=FRAME, stroke_width=1)
    stair = _stair(panel.targets, len(steps))
    for start, end, value in stair:
        canvas.line((x(start - 0.5), y(value)), (x(end - 0.5), y(value)), **_TARGET)
    for (_, end, value), (start, _, following) in pairwise(stair):
        if end == start:
            canvas.line((x(end - 0.5), y(value)), (x(end - 0.5), y(following)), **_TARGET)
    for run in _runs(panel.values):
        points = [(x(step), y(value)) for step, value in run]
        drawn = "L".join(f"{num(at)} {num(high)}" for at, high in points)
        canvas.path(f"M{drawn}", fill="none", stroke=Tone.OPEN.colour, stroke_width=2.5)
        if len(points) <= 40:
            for point in points:
                canvas.circle(point, 3, fill=Tone.OPEN.colour)
    canvas.y = top + _HIGH + 4
    ticks(canvas, canvas.y, [(x(step), words) for step, words in enumerate(steps)])
    canvas.y += NOTE.line + UNIT


_TARGET: Final = {"stroke": INK, "stroke_width": 1.5, "stroke_dasharray": "5 3"}


def _heading(canvas: Canvas, panel: Panel) -> None:
    """The measure, and on the same line, where there is room, how it stands."""
    canvas.y += UNIT / 2
    name = measured(clean(panel.name), STRONG.size, bold=True)
    if name + measured(clean(panel.said), LABEL.size) + 40 <= canvas.inner:
        canvas.text((MARGIN, canvas.y + STRONG.size), panel.name, STRONG)
        canvas.mark((MARGIN + name + 16, canvas.y + STRONG.line / 2 - 1), panel.tone)
        canvas.text((MARGIN + name + 28, canvas.y + LABEL.size), panel.said, LABEL)
        canvas.y += STRONG.line
        return
    canvas.paragraph(panel.name, STRONG)
    canvas.mark((MARGIN + 6, canvas.y + LABEL.line / 2), panel.tone)
    canvas.y += canvas.block((MARGIN + 18, canvas.y), panel.said, canvas.inner - 18, LABEL)


def _few(marks: list[tuple[float, str]]) -> list[tuple[float, str]]:
    """At most as many ticks as have room above one another."""
    return marks[:: max(1, -(-len(marks) // 6))]


def _stair(targets: Sequence[float | None], steps: int) -> list[tuple[int, int, float]]:
    """Where each target begins and ends: from its first step up to the next target's."""
    found: list[tuple[int, int, float]] = []
    for step, value in enumerate(targets[:steps]):
        if value is None:
            continue
        if found and found[-1][1] == step and found[-1][2] == value:
            found[-1] = (found[-1][0], step + 1, value)
        else:
            found.append((step, step + 1, value))
    return found


def _runs(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    """Values that follow one another without a gap."""
    runs: list[list[tuple[int, float]]] = [[]]
    for step, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((step, value))
    return [run for run in runs if run]
