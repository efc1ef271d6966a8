"""Spans on an axis of time: what ran from when until when, what came when, and where now is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from kit.district.clock import SHANGHAI
from kit.figures.canvas import LABEL, MARGIN, NOTE, STRONG, UNIT, Canvas, Head, num
from kit.figures.lettering import clean, measured
from kit.figures.palette import FRAME, INK, TRACK, Tone
from kit.figures.rows import THICK, Columns, Entry, columns_of, grid, place, ticks
from kit.figures.scales import Times

#: How many times its longest span a track shows at most: one that is late by weeks does not squeeze the others.
_MOST: Final = 3
_NOW: Final = {"stroke": INK, "stroke_width": 1, "stroke_dasharray": "3 3"}


@dataclass(frozen=True, slots=True)
class Span:
    """A row: its words, from when until when it runs (None: no end is known), and when it was done."""

    entry: Entry
    start: datetime
    end: datetime | None
    done: datetime | None = None

    @property
    def tone(self) -> Tone:
        """How it stands."""
        return self.entry.tone or Tone.OPEN


@dataclass(frozen=True, slots=True)
class Track:
    """Spans that share an axis; the heading where a figure has more than one."""

    heading: str
    spans: Sequence[Span]


def axis(
    head: Head,
    tracks: Sequence[Track],
    now: datetime,
    legend: Sequence[tuple[Tone, str]] = (),
    empty: str = "",
) -> str:
    """Spans from their start to their end, and on to where what was late was done, or to now. empty: said of none."""
    canvas = Canvas(head)
    there = [track for track in tracks if track.spans]
    if not there:
        canvas.paragraph(empty or "没有数据。", LABEL)
    columns = columns_of(canvas, [span.entry for track in there for span in track.spans], apart=False)
    for track in there:
        _tracked(canvas, columns, track, now)
    if there and legend:
        canvas.legend(legend)
    told = ["；".join(span.entry.told() for span in track.spans) for track in there]
    return canvas.svg("。".join(told) or empty or "没有数据。")


def _tracked(canvas: Canvas, columns: Columns, track: Track, now: datetime) -> None:
    if clean(track.heading):
        canvas.y += UNIT / 2
        canvas.paragraph(track.heading, STRONG)
    times = _range(track.spans, now)
    shows_now = times.start <= now <= times.end
    top = canvas.y + (NOTE.line + 2 if shows_now else 0)
    # The grid lies below everything, so its height is found on a canvas that is thrown away.
    trial = Canvas(canvas.head)
    trial.y = top
    for span in track.spans:
        place(trial, columns, span.entry, lambda _: None)
    marks = [(columns.x(times.share(at)), words) for at, words in times.ticks(int(columns.width // 64))]
    if not columns.narrow:
        grid(canvas, [x for x, _ in marks], top, trial.y)
    if shows_now:
        _now(canvas, columns.x(times.share(now)), now, trial.y if not columns.narrow else top)
    canvas.y = top
    for span in track.spans:
        place(canvas, columns, span.entry, _Row(canvas, columns, times, span, now).draw)
    canvas.line(
        (columns.left, canvas.y), (columns.left + columns.width, canvas.y), stroke=FRAME, stroke_width=1
    )
    ticks(canvas, canvas.y, marks)
    canvas.y += NOTE.line + UNIT


def _range(spans: Sequence[Span], now: datetime) -> Times:
    start = min(span.start for span in spans)
    planned = max((span.end or span.start for span in spans), default=start)
    lasting = [span.done for span in spans if span.done]
    if any(not span.done for span in spans):
        lasting.append(now)
    longest = max(planned - start, timedelta(minutes=10))
    end = min(max([start + longest, *lasting]), start + longest * _MOST)
    return Times(start, end + (end - start) / 40)


@dataclass(frozen=True, slots=True)
class _Row:
    canvas: Canvas
    columns: Columns
    times: Times
    span: Span
    now: datetime

    def draw(self, middle: float) -> None:
        span, top = self.span, middle - THICK / 2
        start = self._x(span.start)
        end = self._x(span.end) if span.end else self._x(self.times.end)
        late = span.tone in (Tone.LATE, Tone.BAD)
        self.canvas.rect((self.columns.left, middle - 1), (self.columns.width, 2), fill=TRACK)
        if self.columns.narrow and self.times.start <= self.now <= self.times.end:
            at = self._x(self.now)
            self.canvas.line((at, top - 4), (at, top + THICK + 4), **_NOW)
        ran = Tone.OPEN if late and span.end else span.tone
        self.canvas.bar((start, top), (max(end - start, 2.0), THICK), ran)
        if late and span.end:
            until = self._x(span.done or self.now)
            self.canvas.bar((end, top), (until - end, THICK), span.tone)
            self.canvas.line((end, top - 3), (end, top + THICK + 3), stroke=INK, stroke_width=1.5)
        if not span.end:
            self._arrow(end, middle)
        if span.done:
            self.canvas.circle((self._x(span.done), middle), 8, fill="#ffffff")
            self.canvas.mark((self._x(span.done), middle), span.tone)

    def _x(self, at: datetime) -> float:
        return self.columns.x(self.times.share(at))

    def _arrow(self, x: float, y: float) -> None:
        """The end of a span that goes on."""
        self.canvas.path(
            f"M{num(x - 5)} {num(y - 9)}l9 9l-9 9", fill="none", stroke=self.span.tone.colour, stroke_width=2
        )


def _now(canvas: Canvas, x: float, now: datetime, bottom: float) -> None:
    """A dashed line where now is, with the time above it."""
    words = f"现在 {now.astimezone(SHANGHAI):%H:%M}"
    half = measured(words, NOTE.size) / 2
    centre = min(max(x, MARGIN + half), canvas.width - MARGIN - half)
    canvas.text((centre, canvas.y + NOTE.size), words, NOTE, "middle")
    canvas.line((x, canvas.y + NOTE.line), (x, bottom + 2), **_NOW)
