"""A page as a file: what stands on it, read from the page itself, as a workbook or a document that people go on with."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from kit.web.downloads import DOCX, XLSX


def _of_class(name: str) -> str:
    return f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')"


#: What is of no use in a file: what people press, choose, or look at as a figure.
_LEFT_OUT: Final = "|".join(
    [f".//{tag}" for tag in ("form", "nav", "figure", "svg", "button", "select")]
    + [f".//*[{_of_class(name)}]" for name in ("files", "acts", "picks", "goes", "summary", "done")]
    + [".//*[@id='report']"]
)
#: What begins on a line of its own within what is one thing otherwise.
_ON_A_LINE: Final = ".//small|.//li//p"
_BREAK: Final = "\ue000"  # which nobody writes; the ends of lines in a template mean nothing
_CLOCKS: Final = f".//*[{_of_class('clock')}]"
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
    from lxml import html  # here, since few pages are asked for as files

    main = html.document_fromstring(page).find(".//main")
    for each in list(main.iter("figure")):
        _tell(each)
    for each in main.xpath(_LEFT_OUT):
        each.drop_tree()
    for each in main.xpath(_ON_A_LINE):
        each.text = f"{_BREAK}{each.text or ''}"
    sections = [Section(0, "")]
    for each in main.iter("h1", "h2", "h3", "summary", "table", "ul", "ol", "dl", "p"):
        _take(sections, each)
    return [each for each in sections if each.level == 0 or each.parts]


def _tell(figure: Any) -> None:
    """Say what a figure shows, where no table beside it does."""
    told = figure.find(".//desc")
    around = next((each for each in figure.iterancestors("section", "main")), None)
    if told is None or around is None or around.find(".//table") is not None:
        return
    said = figure.makeelement("p")
    said.text = told.text_content()
    figure.addprevious(said)


def _take(sections: list[Section], element: Any) -> None:
    """Put an element where it belongs: a new section, or a part of the last one."""
    folded = bool(element.xpath(f"ancestor::details[{_of_class('basis')}]"))
    within = bool(element.xpath("ancestor::li|ancestor::td|ancestor::dd"))
    match element.tag:
        case "h1":
            sections[0].heading, _, rest = _words(element).partition("\n")
            sections[0].parts += [rest] if rest else []
        case "h2" | "h3":
            sections.append(Section(1 if element.tag == "h2" else 2, _words(element).replace("\n", " ")))
        case "summary" if not folded:
            sections.append(Section(2, _words(element).replace("\n", " ")))
        case "p" if not within and (words := _words(element)):
            whose = sections[0] if element.get("class") == "asof" else sections[-1]
            whose.parts.append(f"依据：{words}" if folded else words)
        case "table":
            sections[-1].parts.append(_table(element))
        case "ul" | "ol" if not within:
            rows = [_sentence(each) for each in element.iterchildren("li")]
            sections[-1].parts.append(Grid("", ["事项", "时限"], rows))
        case "dl":
            facts = zip(element.iter("dt"), element.iter("dd"), strict=True)
            rows = [[_words(name), _words(said)] for name, said in facts]
            sections[-1].parts.append(Grid("", ["项目", "内容"], rows))


def _table(element: Any) -> Grid:
    """A table of the page."""
    caption = element.find("caption")
    rows = [[_words(cell) for cell in row.iterchildren("th", "td")] for row in element.iter("tr")]
    headings = rows.pop(0) if element.find("thead") is not None else []
    return Grid(_words(caption) if caption is not None else "", headings, rows)


def _sentence(element: Any) -> list[str]:
    """(what a sentence of a list says, its clocks)."""
    clocks = element.xpath(_CLOCKS)
    times = "\n".join(map(_words, clocks))
    for each in clocks:
        each.drop_tree()
    return [_words(element), times]


def _words(element: Any) -> str:
    """Words on as many lines as they have parts, without blanks around."""
    lines = (re.sub(r"\s+", " ", line).strip() for line in element.text_content().split(_BREAK))
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
