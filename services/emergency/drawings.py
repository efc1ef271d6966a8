"""Drawings that a person can read: the reporting route (附件2) and the flow of a response (附件3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kit.figures.canvas import LABEL, MARGIN, NOTE, STRONG, UNIT, USUAL, Canvas, Head, num
from kit.figures.lettering import measured, wrapped
from kit.figures.palette import FRAME, INK, PAPER, Tone

#: How things stand, by the tone they have; everything else is idle.
_TONES: Final = {
    "met": Tone.GOOD,
    "done": Tone.GOOD,
    "met_late": Tone.LATE,
    "overdue": Tone.BAD,
    "approaching": Tone.OPEN,
    "running": Tone.OPEN,
    "current": Tone.OPEN,
}
_WORDS: Final = {
    Tone.GOOD: "已完成",
    Tone.LATE: "迟延完成",
    Tone.BAD: "已超时",
    Tone.OPEN: "进行中",
    Tone.IDLE: "未经或尚未开始",
}
#: How far whoever is told stands to the right of who tells, and the room around words in a box.
_INDENT, _PAD = 28.0, 10.0

_ARROW: Final = {"fill": "none", "stroke": FRAME, "stroke_width": 2}


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


def route_svg(title: str, arrows: Sequence[Arrow], width: int = USUAL) -> str:
    """The reporting route as a tree: whoever is told stands below who tells, a step to the right."""
    canvas = Canvas(Head(title, "依据 E-4.1c、E-A2", "route", width))
    depths: dict[str, int] = {}
    sides: dict[str, float] = {}
    for arrow in arrows:
        depths.setdefault(arrow.receiver, depths.setdefault(arrow.sender, 0) + 1)
    for arrow in _down(arrows):
        if arrow.sender not in sides:
            sides[arrow.sender] = _box(canvas, arrow.sender, MARGIN, None)
        _told(canvas, arrow, depths, sides)
    _key(canvas, {_TONES.get(arrow.standing, Tone.IDLE) for arrow in arrows})
    told = "；".join(f"{arrow.sender}至{arrow.receiver}，{'，'.join(arrow.words)}" for arrow in arrows)
    return canvas.svg(told or "没有报送环节。")


def _down(arrows: Sequence[Arrow]) -> list[Arrow]:
    """The arrows so that whoever is told comes right below who tells, and before those told later by the same."""
    rest, ordered = [*arrows], []
    senders = [arrow.sender for arrow in arrows if arrow.sender not in {each.receiver for each in arrows}]

    def follow(sender: str) -> None:
        for arrow in [each for each in rest if each.sender == sender]:
            if arrow in rest:
                rest.remove(arrow)
                ordered.append(arrow)
                follow(arrow.receiver)

    for sender in dict.fromkeys(senders):
        follow(sender)
    return ordered + rest


def _told(canvas: Canvas, arrow: Arrow, depths: dict[str, int], sides: dict[str, float]) -> None:
    """A step: a line from who tells, an arrow, what is said of it, and who is told."""
    tone = _TONES.get(arrow.standing, Tone.IDLE)
    left = MARGIN + min(depths[arrow.sender], 4) * _INDENT
    start = sides.get(arrow.sender, canvas.y)
    canvas.y += UNIT
    for words in arrow.words:
        canvas.y += canvas.block(
            (left + _INDENT + 8, canvas.y), words, canvas.width - MARGIN - left - _INDENT - 8, NOTE
        )
    canvas.y += 4
    top = canvas.y
    middle = top + (LABEL.line + 2 * _PAD) / 2
    bottom = _box(canvas, arrow.receiver, left + _INDENT, tone)
    sides[arrow.receiver] = bottom
    canvas.path(
        f"M{num(left + 12)} {num(start)}V{num(middle)}H{num(left + _INDENT - 2)}",
        **_ARROW,
        marker_end=canvas.arrowhead(),
    )


def _box(canvas: Canvas, words: str, left: float, tone: Tone | None) -> float:
    """A named box as wide as its words, with the mark of how it stands; gives where it ends."""
    marked = 22.0 if tone else 0.0
    room = canvas.width - MARGIN - left - 2 * _PAD - marked
    lines = wrapped(words, room, LABEL.size)
    wide = max(measured(line, LABEL.size) for line in lines) + 2 * _PAD + marked
    high = LABEL.line * len(lines) + 2 * _PAD
    canvas.rect(
        (left, canvas.y),
        (wide, high),
        fill=PAPER,
        stroke=tone.colour if tone else INK,
        rx=4,
        stroke_width=1.5,
    )
    if tone:
        canvas.mark((left + _PAD + 6, canvas.y + high / 2), tone)
    canvas.block((left + _PAD + marked, canvas.y + _PAD - 1), words, room, LABEL)
    canvas.y += high
    return canvas.y


def flow_svg(title: str, steps: Sequence[Step], width: int = USUAL) -> str:
    """The flow of a response from top to bottom, with the step it stands at."""
    canvas = Canvas(Head(title, "依据 E-A3", "flow", width))
    for number, step in enumerate(steps):
        tone = _TONES.get(step.standing, Tone.IDLE)
        if number:
            canvas.line(
                (MARGIN + 22, canvas.y),
                (MARGIN + 22, canvas.y + 18),
                stroke=FRAME,
                stroke_width=2,
                marker_end=canvas.arrowhead(),
            )
            canvas.y += 20
        _flowed(canvas, step, tone)
    _key(canvas, {_TONES.get(step.standing, Tone.IDLE) for step in steps})
    return canvas.svg("；".join(f"{step.name}，{step.words}" for step in steps) or "没有步骤。")


def _flowed(canvas: Canvas, step: Step, tone: Tone) -> None:
    """A step over the whole width: its mark, its name, and on the right, or below, what is said of it."""
    now = step.standing == "current"
    look = STRONG if now else LABEL
    room = canvas.inner - 2 * _PAD - 24
    beside = measured(step.name, look.size, bold=now) + measured(step.words, NOTE.size) + 24 <= room
    name = wrapped(step.name, room, look.size, bold=now)
    words = [] if beside else wrapped(step.words, room, NOTE.size)
    high = look.line * len(name) + NOTE.line * len(words) + 2 * _PAD
    fill = tone.value.pale if now else PAPER
    canvas.rect(
        (MARGIN, canvas.y),
        (canvas.inner, high),
        fill=fill,
        stroke=tone.colour,
        rx=4,
        stroke_width=3 if now else 1.5,
    )
    canvas.mark((MARGIN + _PAD + 6, canvas.y + _PAD + look.line / 2), tone)
    left, top = MARGIN + _PAD + 24, canvas.y + _PAD - 1
    top += canvas.block((left, top), step.name, room, look)
    if beside:
        canvas.text((canvas.width - MARGIN - _PAD, top - 6), step.words, NOTE, "end")
    else:
        canvas.block((left, top), step.words, room, NOTE)
    canvas.y += high


def _key(canvas: Canvas, shown: set[Tone]) -> None:
    canvas.legend([(tone, words) for tone, words in _WORDS.items() if tone in shown])
