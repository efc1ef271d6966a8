"""What figures are drawn on: words, shapes and marks at places, then one SVG with a title and a text for who hears it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from kit.figures.lettering import clean, measured, wrapped
from kit.figures.palette import FRAME, INK, MUTED, PAPER, Tone

Point = tuple[float, float]

#: All of a figure stands on multiples of this.
UNIT: Final = 8
MARGIN: Final = 16
#: Widths that a figure is laid out for: a phone of 360 pixels, A4 and a column of a page, a wall.
NARROWEST, USUAL, WIDEST = 320, 640, 1200
_FONT: Final = "Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, SimHei, sans-serif"


@dataclass(frozen=True, slots=True)
class Lettering:
    """A size of the one scale of sizes, with its weight and colour."""

    size: int
    bold: bool = False
    colour: str = INK

    @property
    def line(self) -> float:
        """From one baseline to the next."""
        return round(self.size * 1.4)


TITLE: Final = Lettering(17, bold=True)
LABEL: Final = Lettering(14)
STRONG: Final = Lettering(14, bold=True)
NOTE: Final = Lettering(12, colour=MUTED)


@dataclass(frozen=True, slots=True)
class Head:
    """What a figure is called, what is said below that (as of when, of what), its name in ids, and its width."""

    title: str
    note: str = ""
    name: str = "figure"
    width: int = USUAL

    @property
    def narrow(self) -> bool:
        """Whether words stand above a shape instead of beside it."""
        return self.width < 520


class Canvas:
    """A figure in the making: `y` is where the next thing goes."""

    def __init__(self, head: Head) -> None:
        self.head, self.width = head, float(head.width)
        self.inner = self.width - 2 * MARGIN
        self.y = float(MARGIN)
        self._parts: list[str] = []
        self._defs: dict[str, str] = {}
        # Two figures of one name may stand on one page in two widths.
        self.id = "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in head.name)
        self.id = f"f-{self.id}-{head.width}"
        self.paragraph(head.title, TITLE)
        if clean(head.note):
            self.y += 2
            self.paragraph(head.note, NOTE)
        self.y += UNIT

    def paragraph(self, words: str, look: Lettering) -> None:
        """Words over the whole width, in as many lines as they need."""
        self.y += self.block((MARGIN, self.y), words, self.inner, look)

    def block(self, at: Point, words: str, width: float, look: Lettering, anchor: str = "start") -> float:
        """Words below a point, in lines no wider than the width; gives their height."""
        lines = wrapped(words, width, look.size, bold=look.bold)
        for number, line in enumerate(lines):
            self.text((at[0], at[1] + look.line * number + look.size), line, look, anchor)
        return look.line * len(lines)

    def text(self, at: Point, words: str, look: Lettering, anchor: str = "start") -> None:
        """One line on a baseline."""
        if not (said := clean(words)):
            return
        styled = f' font-size="{look.size}"' if look.size != LABEL.size else ""
        styled += f' fill="{look.colour}"' if look.colour != LABEL.colour else ""
        styled += f' text-anchor="{anchor}"' if anchor != "start" else ""
        styled += ' font-weight="bold"' if look.bold else ""
        self._parts.append(f'<text x="{num(at[0])}" y="{num(at[1])}"{styled}>{escape(said)}</text>')

    def rect(self, at: Point, size: tuple[float, float], **look: object) -> None:
        """A rectangle; one without extent is left out."""
        if size[0] > 0 and size[1] > 0:
            self._parts.append(
                f'<rect x="{num(at[0])}" y="{num(at[1])}" width="{num(size[0])}" height="{num(size[1])}"{_said(look)}/>'
            )

    def bar(self, at: Point, size: tuple[float, float], tone: Tone) -> None:
        """A bar in the pattern of its tone."""
        look: dict[str, object] = {"fill": self._pattern(tone), "rx": 1}
        if tone in (Tone.OPEN, Tone.IDLE):
            look |= {"stroke": tone.colour, "stroke_width": 1.5}
            look |= {"stroke_dasharray": tone.value.dashes} if tone.value.dashes else {}
            at, size = (at[0] + 0.75, at[1] + 0.75), (size[0] - 1.5, size[1] - 1.5)
        self.rect(at, size, **look)

    def line(self, start: Point, end: Point, **look: object) -> None:
        """A straight line."""
        (x1, y1), (x2, y2) = start, end
        self._parts.append(
            f'<line x1="{num(x1)}" y1="{num(y1)}" x2="{num(x2)}" y2="{num(y2)}"{_said(look)}/>'
        )

    def path(self, drawn: str, **look: object) -> None:
        """A path in SVG's own words."""
        self._parts.append(f'<path d="{drawn}"{_said(look)}/>')

    def mark(self, at: Point, tone: Tone) -> None:
        """The sign of a tone around a point: a check, a triangle, a cross, a ring, a dash."""
        x, y = at
        if tone is Tone.IDLE:
            self.path(f"M{num(x - 5)} {num(y)}h10", stroke=tone.colour, stroke_width=2.5)
        elif tone is Tone.OPEN:
            self.circle(at, 4.75, fill=PAPER, stroke=tone.colour, stroke_width=2.5)
        elif tone is Tone.GOOD:
            self.circle(at, 6, fill=tone.colour)
            self.path(f"M{num(x - 3)} {num(y)}l2.2 2.4l4 -4.6", fill="none", stroke=PAPER, stroke_width=1.7)
        elif tone is Tone.LATE:
            self.path(f"M{num(x)} {num(y - 6)}l6.5 11.5h-13z", fill=tone.colour)
        else:
            self.rect((x - 6, y - 6), (12, 12), fill=tone.colour, rx=1)
            self.path(
                f"M{num(x - 3)} {num(y - 3)}l6 6m0 -6l-6 6", fill="none", stroke=PAPER, stroke_width=1.7
            )

    def circle(self, at: Point, radius: float, **look: object) -> None:
        """A circle around a point."""
        self._parts.append(f'<circle cx="{num(at[0])}" cy="{num(at[1])}" r="{num(radius)}"{_said(look)}/>')

    def legend(self, entries: Iterable[tuple[Tone, str]]) -> None:
        """What the marks mean, in as many lines as they need."""
        x = float(MARGIN)
        row = NOTE.line + 6
        self.y += UNIT
        for tone, words in entries:
            wide = measured(clean(words), NOTE.size) + 20
            if x > MARGIN and x + wide > self.width - MARGIN:
                x, self.y = MARGIN, self.y + row
            self.mark((x + 6, self.y + row / 2), tone)
            high = self.block((x + 18, self.y + row / 2 - 8), words, self.inner - 18, NOTE)
            self.y += max(0.0, high - NOTE.line)
            x += wide + 16
        self.y += row

    def _pattern(self, tone: Tone) -> str:
        """The fill of a bar: plain, pale, or with strokes one way or the other."""
        if tone is Tone.GOOD:
            return tone.colour
        if tone in (Tone.OPEN, Tone.IDLE):
            pale: str = tone.value.pale
            return pale
        name, turn = f"{self.id}-{tone.name.lower()}", 45 if tone is Tone.LATE else -45
        self._defs[name] = (
            f'<pattern id="{name}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate({turn})">'
            f'<rect width="6" height="6" fill="{tone.colour}"/>'
            f'<rect width="{2 if tone is Tone.LATE else 1}" height="6" fill="{tone.value.pale}"/></pattern>'
        )
        return f"url(#{name})"

    def arrowhead(self) -> str:
        """The end of an arrow, for `marker_end`."""
        name = f"{self.id}-tip"
        self._defs[name] = (
            f'<marker id="{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="5" markerHeight="5" orient="auto">'
            f'<path d="M0 0L8 4L0 8z" fill="{FRAME}"/></marker>'
        )
        return f"url(#{name})"

    def svg(self, told: str) -> str:
        """The figure. told: what it shows, for who does not see it."""
        height = num(self.y + MARGIN)
        title, desc = f"{self.id}-t", f"{self.id}-d"
        defs = f"<defs>{''.join(self._defs.values())}</defs>" if self._defs else ""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {num(self.width)} {height}" width="{num(self.width)}"'
            f' height="{height}" role="img" aria-labelledby="{title} {desc}" font-family="{_FONT}" font-size="{LABEL.size}"'
            f' fill="{LABEL.colour}">'
            f'<title id="{title}">{escape(clean(self.head.title))}</title>'
            f'<desc id="{desc}">{escape(clean(told))}</desc>{defs}'
            f'<rect width="100%" height="100%" fill="{PAPER}"/>{"".join(self._parts)}</svg>'
        )


def num(value: float) -> str:
    """A number as SVG wants it, to a tenth."""
    return f"{round(value, 1):g}" if abs(value) < 100_000 else f"{value:.0f}"


def _said(look: dict[str, object]) -> str:
    return "".join(f" {name.replace('_', '-')}={quoteattr(str(value))}" for name, value in look.items())
