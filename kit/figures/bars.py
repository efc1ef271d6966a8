"""Bars with a target line: how far each has come, sorted by who calls, what is missing said in words beside each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kit.figures.canvas import LABEL, MARGIN, NOTE, STRONG, UNIT, Canvas, Head
from kit.figures.lettering import clean, measured
from kit.figures.palette import INK, RULE, TRACK, Tone
from kit.figures.rows import THICK, Columns, Entry, columns_of, place, ticks
from kit.figures.scales import Scale

_TIP: Final = 5.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: its words, and its value on the scale; None where there is none.

    parts: what the value is made of, one after the other, each in the pattern of its tone.
    """

    entry: Entry
    value: float | None
    parts: Sequence[tuple[Tone, float]] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Bars under one heading; without a heading where a figure has one group alone."""

    heading: str
    bars: Sequence[Bar]


@dataclass(frozen=True, slots=True)
class Target:
    """What should be reached: where on the scale, and in words."""

    value: float
    said: str


def bars(
    head: Head,
    groups: Sequence[Group],
    scale: Scale,
    target: Target | None = None,
    legend: Sequence[tuple[Tone, str]] = (),
) -> str:
    """Bars from 0 to the scale's top, each as long as its value is of that, with a line where the target is."""
    canvas = Canvas(head)
    every = [bar for group in groups for bar in group.bars]
    columns = columns_of(canvas, [bar.entry for bar in every])
    if target:
        _flag(canvas, columns, scale, target)
    if not every:
        canvas.paragraph("没有数据。", LABEL)
    for group in groups:
        if clean(group.heading):
            canvas.y += UNIT
            canvas.paragraph(group.heading, STRONG)
        for bar in group.bars:
            _drawn(canvas, columns, bar, scale, target)
    canvas.line(
        (columns.left, canvas.y + 2),
        (columns.left + columns.width, canvas.y + 2),
        stroke=RULE,
        stroke_width=1,
    )
    ticks(canvas, canvas.y, [(columns.x(scale.share(value)), words) for value, words in scale.ticks()])
    canvas.y += NOTE.line + 6
    if legend:
        canvas.legend(legend)
    told = [target.said] if target else []
    for group in groups:
        heading = f"{group.heading}：" if clean(group.heading) else ""
        told.append(heading + "；".join(bar.entry.told() for bar in group.bars))
    return canvas.svg("。".join(told) or "没有数据。")


def _drawn(canvas: Canvas, columns: Columns, bar: Bar, scale: Scale, target: Target | None) -> None:
    def draw(middle: float) -> None:
        top = middle - THICK / 2
        canvas.rect((columns.left, top), (columns.width, THICK), fill=TRACK)
        reached = 0.0
        for tone, value in bar.parts or [(bar.entry.tone or Tone.OPEN, bar.value or 0.0)]:
            start, reached = columns.x(scale.share(reached)), reached + value
            canvas.bar((start, top), (columns.x(scale.share(reached)) - start, THICK), tone)
        if target and columns.narrow:
            _stroke(canvas, columns.x(scale.share(target.value)), top - 3, top + THICK + 3)

    start, end = place(canvas, columns, bar.entry, draw)
    if target and not columns.narrow:
        _stroke(canvas, columns.x(scale.share(target.value)), start, end)


def _stroke(canvas: Canvas, x: float, top: float, bottom: float) -> None:
    canvas.line((x, top), (x, bottom), stroke=INK, stroke_width=1.5)


def _flag(canvas: Canvas, columns: Columns, scale: Scale, target: Target) -> None:
    """The target's words above its line, kept within the figure."""
    x = columns.x(scale.share(target.value))
    words = clean(target.said)
    wide = measured(words, NOTE.size)
    if wide > canvas.inner:
        canvas.paragraph(words, NOTE)
    else:
        left = min(max(x - wide / 2, MARGIN), canvas.width - MARGIN - wide)
        canvas.text((left, canvas.y + NOTE.size), words, NOTE)
        canvas.y += NOTE.line
    y = canvas.y + _TIP + 1
    canvas.path(f"M{x - _TIP:.1f} {y - _TIP:.1f}h{2 * _TIP:g}l{-_TIP:g} {_TIP:g}z", fill=INK)
    canvas.y = y
