"""Documents in the page that offices print (GB/T 9704-2012), as .docx: the body of a letter, to be edited and sealed by hand.

A4, 22 lines of 28 characters: margins 37 mm above, 28 left, 26 right, 35 below. 仿宋 of 16 pt, the title 小标宋 of 22 pt,
headings 黑体 and 楷体, page numbers between dashes, odd ones right and even ones left. Fonts are named, not carried. No
red head and no seal: those are the office's to put on. The same content at the same time is the same bytes.
"""

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK, WD_LINE_SPACING
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from kit.district.clock import SHANGHAI

#: 225 mm of text in 22 lines.
LINE: Final = Pt(28.95)
#: 156 mm of text in 28 characters, against the 16 pt of the body, in 4096ths of a point as the grid counts.
_NARROWER: Final = round((156 / 25.4 * 72 / 28 - 16) * 4096)
BODY: Final = "仿宋"
TITLE: Final = "方正小标宋简体"
#: Fonts of 一、 and （一）; the levels below are of the body's font.
HEADINGS: Final = {1: "黑体", 2: "楷体"}
_PAGE_NUMBERS: Final = "宋体"
#: From line to line within a table, whose letters are of 12 pt.
_IN_TABLES: Final = Pt(18)


@dataclass(frozen=True, slots=True)
class About:
    """What the file says of itself: its title, whose it is, and when it was made."""

    title: str
    author: str
    made: datetime


class OfficialDocument:
    """A document that is written from its beginning to its end, part by part, and then asked for its bytes."""

    def __init__(self, about: About) -> None:
        self._about = about
        self._document = Document()
        self._styles()
        self._page()
        self._page_numbers()
        self._properties()

    def number(self, text: str) -> None:
        """The document number, in the middle above the title."""
        self._paragraph(text, WD_ALIGN_PARAGRAPH.CENTER)
        self.blank()

    def title(self, text: str) -> None:
        """The title, in the middle, with a blank line below it."""
        paragraph = self._paragraph("", WD_ALIGN_PARAGRAPH.CENTER)
        paragraph.paragraph_format.keep_with_next = True
        _run(paragraph, text, TITLE, Pt(22))
        self.blank()

    def addressees(self, text: str) -> None:
        """Whom it is sent to, from the left edge on."""
        self._paragraph(text, WD_ALIGN_PARAGRAPH.LEFT)

    def heading(self, level: int, text: str) -> None:
        """A heading of level 1 (一、) or 2 (（一）)."""
        paragraph = self._indented("")
        paragraph.paragraph_format.keep_with_next = True
        _run(paragraph, text, HEADINGS[level])

    def text(self, text: str) -> None:
        """A paragraph, its first line two characters in."""
        self._indented(text)

    def table(self, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """A table over the whole width, ruled, its headings on every page; no row is broken by a page's end."""
        table = self._document.add_table(rows=1, cols=len(headings), style="Table Grid")
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        self._row(table.rows[0], headings, HEADINGS[1])
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        for row in rows:
            self._row(table.add_row(), row, BODY)

    def _row(self, row: Any, cells: Sequence[str], font: str) -> None:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, words in zip(row.cells, cells, strict=True):
            [paragraph] = cell.paragraphs
            paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT
            paragraph.paragraph_format.line_spacing = _IN_TABLES
            _run(paragraph, words, font, Pt(12))

    def blank(self) -> None:
        """A blank line."""
        self._paragraph("", WD_ALIGN_PARAGRAPH.LEFT)

    def signed(self, office: str, on: date | None) -> None:
        """Who issues it and on which day, at the right; the day stands four characters in, where the seal goes."""
        self.blank()
        for words in (office, day_in_words(on) if on else None):
            if words is not None:
                paragraph = self._paragraph(words, WD_ALIGN_PARAGRAPH.RIGHT)
                _indent(paragraph, right=4 if words[0].isdigit() else 2)

    def new_page(self) -> None:
        """What follows begins on a page of its own."""
        self._paragraph("", WD_ALIGN_PARAGRAPH.LEFT).add_run().add_break(WD_BREAK.PAGE)

    def content(self) -> bytes:
        """The .docx file."""
        written = io.BytesIO()
        self._document.save(written)
        return _dated(written.getvalue(), self._about.made)

    def _paragraph(self, text: str, alignment: WD_ALIGN_PARAGRAPH) -> Paragraph:
        paragraph = self._document.add_paragraph(text)
        paragraph.alignment = alignment
        return paragraph

    def _indented(self, text: str) -> Paragraph:
        paragraph = self._paragraph(text, WD_ALIGN_PARAGRAPH.JUSTIFY)
        _indent(paragraph, first=2)
        return paragraph

    def _styles(self) -> None:
        normal = self._document.styles["Normal"]
        _name_fonts(normal.element.get_or_add_rPr(), BODY)
        normal.font.name, normal.font.size = BODY, Pt(16)
        normal.font.color.rgb = RGBColor(0, 0, 0)
        language = OxmlElement("w:lang")
        language.set(qn("w:eastAsia"), "zh-CN")
        normal.element.get_or_add_rPr().append(language)
        form = normal.paragraph_format
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, LINE
        form.space_before = form.space_after = Pt(0)

    def _page(self) -> None:
        [section] = self._document.sections
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.bottom_margin = Mm(37), Mm(35)
        section.left_margin, section.right_margin = Mm(28), Mm(26)
        # The line of the page number begins 7 mm below the text and is 14 pt high.
        section.header_distance, section.footer_distance = Mm(15), Mm(35 - 7 - 5)
        properties = section._sectPr
        for found in properties.findall(qn("w:docGrid")):
            properties.remove(found)
        grid = OxmlElement("w:docGrid")
        grid.set(qn("w:type"), "linesAndChars")
        grid.set(qn("w:linePitch"), str(round(LINE.pt * 20)))
        grid.set(qn("w:charSpace"), str(_NARROWER))
        properties.append(grid)

    def _page_numbers(self) -> None:
        self._document.settings.odd_and_even_pages_header_footer = True
        [section] = self._document.sections
        for footer, alignment, indent in (
            (section.footer, WD_ALIGN_PARAGRAPH.RIGHT, {"right": 1}),
            (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT, {"left": 1}),
        ):
            footer.is_linked_to_previous = False
            paragraph = footer.paragraphs[0]
            paragraph.alignment = alignment
            _indent(paragraph, **indent)
            _run(paragraph, "— ", _PAGE_NUMBERS, Pt(14))
            _field(_run(paragraph, "", _PAGE_NUMBERS, Pt(14)), "PAGE")
            _run(paragraph, " —", _PAGE_NUMBERS, Pt(14))

    def _properties(self) -> None:
        about, core = self._about, self._document.core_properties
        core.title, core.author, core.last_modified_by = about.title, about.author, about.author
        core.created = core.modified = about.made.astimezone(UTC).replace(tzinfo=None, microsecond=0)
        core.language, core.comments, core.revision = "zh-CN", "", 1
        relations = self._document.part.package.rels
        for key in [key for key, each in relations.items() if each.reltype == RELATIONSHIP_TYPE.THUMBNAIL]:
            del relations[key]  # the picture of an empty page that python-docx brings along


def day_in_words(day: date) -> str:
    """A day as documents write it: 2024年5月30日."""
    return f"{day.year}年{day.month}月{day.day}日"


def _run(paragraph: Paragraph, text: str, font: str, size: Pt | None = None) -> Run:
    run = paragraph.add_run(text)
    run.font.name = font
    if size is not None:
        run.font.size = size
    _name_fonts(run._r.get_or_add_rPr(), font)
    return run


def _name_fonts(properties: Any, font: str) -> None:
    """Name the font for Chinese letters too; a theme's font would go before it."""
    fonts = properties.get_or_add_rFonts()
    for letters in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{letters}"), None)
    for letters in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{letters}"), font)


def _indent(paragraph: Paragraph, *, first: int = 0, left: int = 0, right: int = 0) -> None:
    """Set in by so many characters; in twips as well, for readers that do not count characters."""
    indent = paragraph._p.get_or_add_pPr().get_or_add_ind()
    for side, characters in (("firstLine", first), ("left", left), ("right", right)):
        if characters:
            indent.set(qn(f"w:{side}Chars"), str(characters * 100))
            indent.set(qn(f"w:{side}"), str(characters * 320))


def _field(run: Run, code: str) -> None:
    """A field that the reader's program fills in."""
    for kind in ("begin", None, "separate", "end"):
        if kind is None:
            part = OxmlElement("w:instrText")
            part.text = code
        else:
            part = OxmlElement("w:fldChar")
            part.set(qn("w:fldCharType"), kind)
        run._r.append(part)


def _dated(content: bytes, made: datetime) -> bytes:
    """The same parts, each dated as the document is, so that the same document is the same bytes."""
    stamp = made.astimezone(SHANGHAI)
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as parts, zipfile.ZipFile(written, "w") as packed:
        for name in parts.namelist():
            part = zipfile.ZipInfo(name, stamp.timetuple()[:6])
            part.compress_type = zipfile.ZIP_DEFLATED
            part.external_attr = 0o600 << 16
            packed.writestr(part, parts.read(name))
    return written.getvalue()
