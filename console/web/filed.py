"""A page as a file: what stands on it, read from the page itself, as a workbook or a document that people go on with."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html.parser import HTMLParser
from typing import Final

from kit.web.downloads import DOCX, XLSX

#: What is of no use in a file: the elements, classes and ids of what people press, choose, or look at as a figure.
_LEFT_OUT: Final = frozenset({"form", "nav", "figure", "svg", "script", "button", "select"})
_CLASSES: Final = frozenset({"files", "acts", "picks", "summary", "done"})
_VOID: Final = frozenset({"br", "hr", "img", "input", "link", "meta"})
#: Elements whose words are one thing in a file.
_WORDS: Final = frozenset({"h1", "h2", "h3", "summary", "p", "li", "caption", "th", "td", "dt", "dd"})
_WIDEST, _NARROWEST = 60, 12
TYPES: Final = {"docx": DOCX, "xlsx": XLSX}


@dataclass
class Grid:
    """A table, a list of sentences with their clocks, or facts with what they are called."""

    caption: str
    headings: list[str]
    rows: list[list[str]] = field(default_factory=list)


@dataclass
class Section:
    """What stands below a heading, in its order; level 0 is the page's own."""

    level: int
    heading: str
    parts: list[str | Grid] = field(default_factory=list)

    @property
    def grids(self) -> list[Grid]:
        """Its tables that have rows."""
        return [part for part in self.parts if isinstance(part, Grid) and part.rows]

    @property
    def lines(self) -> list[str]:
        """Its sentences."""
        return [part for part in self.parts if isinstance(part, str)]


def read(page: str) -> list[Section]:
    """The sections of a page of ours, the first of them its own heading. page: HTML."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return [each for each in reader.sections if each.level == 0 or each.parts]


class _Reader(HTMLParser):
    """Goes through a page once: words are collected for the innermost element that is one thing."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.sections = [Section(0, "")]
        self._open: list[tuple[str, frozenset[str]]] = []
        self._out_from: int | None = None
        self._in_main = False
        self._said: list[list[str]] = []
        self._clock: list[str] | None = None
        self._row: list[str] = []
        self._times: list[str] = []

    # ------------------------------------------------------------------------------ events
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        given = dict(attrs)
        self._in_main = self._in_main or tag == "main"
        if not self._in_main or tag in _VOID:
            return
        classes = frozenset((given.get("class") or "").split())
        self._open.append((tag, classes))
        if self._out_from is None and (tag in _LEFT_OUT or classes & _CLASSES or given.get("id") == "report"):
            self._out_from = len(self._open)
        if self._out_from is None:
            self._begin(tag, classes)

    def handle_endtag(self, tag: str) -> None:
        """An element ends."""
        if not self._in_main or tag in _VOID or not self._open:
            return
        if self._out_from is None:
            self._end(tag)
        _, classes = self._open.pop()
        if self._out_from is not None and len(self._open) < self._out_from:
            self._out_from = None
        if "clock" in classes and self._clock is not None and self._said:
            self._clock, ended = None, self._said.pop()
            self._times.append(_clean(ended))
        self._in_main = tag != "main"

    def handle_data(self, data: str) -> None:
        """Words."""
        if self._out_from is None and self._said:
            self._said[-1].append(data)

    # ------------------------------------------------------------------------------ what they come to
    def _begin(self, tag: str, classes: frozenset[str]) -> None:
        section = self.sections[-1]
        if tag == "table":
            section.parts.append(Grid("", []))
        elif tag in ("ul", "ol") and not self._within("li"):
            section.parts.append(Grid("", ["事项", "时限"]))
        elif tag == "dl":
            section.parts.append(Grid("", ["项目", "内容"]))
        elif tag == "tr":
            self._row = []
        elif tag == "small" or (tag == "p" and self._within("li")):
            if self._said:
                self._said[-1].append("\n")
        elif tag in _WORDS:
            self._said.append([])
            if tag == "li":
                self._times = []
        if "clock" in classes and self._within("li"):
            self._clock = []
            self._said.append(self._clock)

    def _end(self, tag: str) -> None:
        if tag == "tr":
            self._ended_row()
        if tag not in _WORDS or (tag == "p" and self._within("li")) or not self._said:
            return
        words = _clean(self._said.pop())
        if tag in ("th", "td"):
            self._row.append(words)
        elif tag in ("dt", "dd"):
            self._fact(tag, words)
        elif tag == "li" and (grid := self._grid()) is not None:
            grid.rows.append([words, "\n".join(self._times)])
        elif tag == "caption" and (grid := self._grid()) is not None:
            grid.caption = words
        else:
            self._heading_or_line(tag, words)

    def _heading_or_line(self, tag: str, words: str) -> None:
        if tag == "h1":
            heading, _, rest = words.partition("\n")
            self.sections[0].heading = heading
            self.sections[0].parts += [rest] if rest else []
        elif tag in ("h2", "h3") or (tag == "summary" and not self._within("", "basis")):
            self.sections.append(Section(1 if tag == "h2" else 2, words.replace("\n", " ")))
        elif words and "asof" in self._open[-1][1]:
            self.sections[0].parts.append(words)
        elif words and tag == "p":
            folded = self._within("", "basis") and not words.startswith("依据")
            self.sections[-1].parts.append(f"依据：{words}" if folded else words)

    def _ended_row(self) -> None:
        grid = self._grid()
        if grid is None:
            return
        if self._within("thead"):
            grid.headings = self._row
        elif self._row:
            grid.rows.append(self._row)

    def _fact(self, tag: str, words: str) -> None:
        grid = self._grid()
        if grid is None:
            return
        if tag == "dt":
            grid.rows.append([words, ""])
        elif grid.rows:
            grid.rows[-1][1] = words

    def _grid(self) -> Grid | None:
        """The table or list that is being read: the last that began."""
        return next((part for part in reversed(self.sections[-1].parts) if isinstance(part, Grid)), None)

    def _within(self, tag: str, kind: str = "") -> bool:
        """Whether an element of a name, or of a class, is open around what is read."""
        return any(name == tag or (kind and kind in classes) for name, classes in self._open[:-1])


def _clean(pieces: list[str]) -> str:
    """Words on as many lines as they have parts, without blanks around."""
    lines = (re.sub(r"\s+", " ", line).strip() for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)


# ---------------------------------------------------------------------------------- the files
@dataclass(frozen=True)
class Filed:
    """A file that was made of a page, with what the page is called."""

    title: str
    content: bytes


def of(kind: str, page: str, author: str, made: datetime) -> Filed:
    """A page as a file. kind: docx or xlsx; page: HTML; author: who asked for it."""
    sections = read(page)
    content = as_document(sections, author, made) if kind == "docx" else as_workbook(sections, made)
    return Filed(sections[0].heading, content)


def as_document(sections: Sequence[Section], author: str, made: datetime) -> bytes:
    """A .docx file in the page that offices print (GB/T 9704-2012): headings, sentences, tables."""
    from kit.documents.official import About, OfficialDocument  # here, since its library takes its time

    document = OfficialDocument(About(sections[0].heading, author, made))
    document.title(sections[0].heading)
    for section in sections:
        if section.level:
            document.heading(section.level, section.heading)
        for part in section.parts:
            if isinstance(part, str):
                document.text(part.replace("\n", "，"))
            elif part.rows:
                headings, rows = _even(part)
                document.table(headings, rows)
    return document.content()


def as_workbook(sections: Sequence[Section], made: datetime) -> bytes:
    """An .xlsx file with a worksheet a table; what is said around it stands above it."""
    from kit.workbooks.writing import Column, Layout, Part, book

    title, parts, taken = sections[0].heading, [], set[str]()
    for section, grid in _grids(sections):
        headings, rows = _even(grid)
        widths = [_width([heading, *(row[at] for row in rows)]) for at, heading in enumerate(headings)]
        columns = [Column(heading, width=width) for heading, width in zip(headings, widths, strict=True)]
        heading = section.heading if section.level else title
        above = [line.replace("\n", "，") for line in (grid.caption, *section.lines) if line]
        layout = Layout(_sheet(heading, taken), title=heading, above=above, created=made)
        parts.append(Part(columns, rows, layout))
    return book(parts)


def _grids(sections: Sequence[Section]) -> Iterator[tuple[Section, Grid]]:
    """The tables with whose they are; where a section has only sentences, these as one."""
    for section in sections:
        for grid in section.grids:
            yield section, grid
        if not section.grids and section.lines:
            yield (
                Section(section.level, section.heading),
                Grid("", ["说明"], [[each] for each in section.lines]),
            )


def _even(grid: Grid) -> tuple[list[str], list[list[str]]]:
    """Headings and rows of one length, without columns in which nothing stands."""
    wide = max(len(row) for row in grid.rows)
    headings = [*grid.headings, *[""] * wide][:wide]
    rows = [[*row, *[""] * wide][:wide] for row in grid.rows]
    kept = [at for at in range(wide) if any(row[at] for row in rows)] or [0]
    return [headings[at] for at in kept], [[row[at] for at in kept] for row in rows]


def _width(cells: Sequence[str]) -> float:
    """The width of a column in half-width characters, for the longest line in it."""
    longest = max(
        (len(line.encode("gb18030", "replace")) for cell in cells for line in cell.split("\n")), default=0
    )
    return float(min(max(longest + 2, _NARROWEST), _WIDEST))


def _sheet(heading: str, taken: set[str]) -> str:
    """A name for a worksheet that no other has and that Excel takes."""
    name = base = re.sub(r"[\[\]:*?/\\']", " ", heading).strip()[:24] or "数据"
    while name in taken:
        name = f"{base} {len(taken) + 1}"
    taken.add(name)
    return name
