"""Documents to print: the page of GB/T 9704-2012, read back by python-docx and as XML."""

import io
import zipfile
from datetime import UTC, date, datetime

import pytest
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from kit.district.citations import cite
from kit.district.clock import SHANGHAI
from kit.documents.official import About, OfficialDocument, day_in_words
from kit.documents.reports import Report

MADE = datetime(2024, 5, 30, 9, 30, tzinfo=SHANGHAI)


def content(made: datetime = MADE) -> bytes:
    document = OfficialDocument(About("关于印发计划的通知", "区人民政府办公室", made))
    document.number("东政办发〔2024〕26号")
    document.title("关于印发计划的通知")
    document.addressees("各镇人民政府：")
    document.text("现印发给你们。")
    document.signed("区人民政府办公室", date(2024, 5, 30))
    document.new_page()
    document.heading(1, "一、学法内容")
    document.heading(2, "（一）会前学法")
    return document.content()


@pytest.fixture(scope="module")
def document():
    return Document(io.BytesIO(content()))


def paragraph(document, text: str):
    [found] = [each for each in document.paragraphs if each.text == text][:1]
    return found


def fonts(run) -> set[str]:
    named = run._r.rPr.rFonts
    return {named.get(qn(f"w:{letters}")) for letters in ("ascii", "hAnsi", "eastAsia")}


def test_the_page_is_a4_with_the_margins_of_the_standard(document):
    [section] = document.sections
    near = Mm(0.1)
    for found, wanted in (
        (section.page_width, 210),
        (section.page_height, 297),
        (section.top_margin, 37),
        (section.left_margin, 28),
        (section.right_margin, 26),
        (section.bottom_margin, 35),
    ):
        assert abs(found - Mm(wanted)) < near


def test_a_page_is_twenty_two_lines_of_twenty_eight_characters(document):
    [section] = document.sections
    grid = section._sectPr.find(qn("w:docGrid"))
    pitch, wider = int(grid.get(qn("w:linePitch"))) / 20, int(grid.get(qn("w:charSpace"))) / 4096
    height = section.page_height - section.top_margin - section.bottom_margin
    width = section.page_width - section.left_margin - section.right_margin
    assert grid.get(qn("w:type")) == "linesAndChars"
    assert height / Pt(1) / pitch == pytest.approx(22, abs=0.05)
    assert width / Pt(1) / (16 + wider) == pytest.approx(28, abs=0.05)
    form = document.styles["Normal"].paragraph_format
    assert (form.line_spacing_rule, form.line_spacing) == (WD_LINE_SPACING.EXACTLY, Pt(28.95))


def test_body_title_and_headings_have_their_fonts_for_chinese_letters_too(document):
    normal = document.styles["Normal"]
    assert normal.font.size == Pt(16)
    assert normal.element.rPr.rFonts.get(qn("w:eastAsia")) == "仿宋"
    assert not [key for key in normal.element.rPr.rFonts.attrib if key.endswith("Theme")]
    title = paragraph(document, "关于印发计划的通知")
    assert (fonts(title.runs[0]), title.runs[0].font.size) == ({"方正小标宋简体"}, Pt(22))
    assert title.alignment == WD_ALIGN_PARAGRAPH.CENTER
    assert fonts(paragraph(document, "一、学法内容").runs[0]) == {"黑体"}
    assert fonts(paragraph(document, "（一）会前学法").runs[0]) == {"楷体"}


def test_a_paragraph_begins_two_characters_in_and_an_addressee_does_not(document):
    def indent(text: str):
        found = paragraph(document, text)._p.pPr.find(qn("w:ind"))
        return found is not None and found.get(qn("w:firstLineChars"))

    assert indent("现印发给你们。") == "200"
    assert not indent("各镇人民政府：")


def test_who_signs_and_the_day_stand_at_the_right(document):
    office, day = paragraph(document, "区人民政府办公室"), paragraph(document, "2024年5月30日")
    assert {office.alignment, day.alignment} == {WD_ALIGN_PARAGRAPH.RIGHT}


@pytest.mark.parametrize(
    ("footer", "alignment"),
    [("footer", WD_ALIGN_PARAGRAPH.RIGHT), ("even_page_footer", WD_ALIGN_PARAGRAPH.LEFT)],
)
def test_page_numbers_stand_between_dashes_odd_ones_right_and_even_ones_left(document, footer, alignment):
    assert document.settings.odd_and_even_pages_header_footer
    [line] = getattr(document.sections[0], footer).paragraphs
    assert line.alignment == alignment
    assert [run.text for run in line.runs if run.text] == ["— ", " —"]
    assert [code.text for code in line._p.iter(qn("w:instrText"))] == ["PAGE"]
    assert {run.font.size for run in line.runs} == {Pt(14)}


def test_the_same_document_is_the_same_bytes_whenever_it_is_made():
    assert content() == content()
    assert content(MADE.astimezone(UTC)) == content()
    assert content(MADE.replace(hour=10)) != content()


def test_the_file_says_when_and_by_whom_and_brings_no_picture(document):
    core = document.core_properties
    assert (core.title, core.author, core.language) == ("关于印发计划的通知", "区人民政府办公室", "zh-CN")
    assert core.created == MADE
    with zipfile.ZipFile(io.BytesIO(content())) as parts:
        assert {part.date_time for part in parts.infolist()} == {(2024, 5, 30, 9, 30, 0)}
        assert not [name for name in parts.namelist() if "thumbnail" in name]


def test_a_day_is_written_without_zeros():
    assert day_in_words(date(2024, 6, 7)) == "2024年6月7日"


def test_a_report_has_its_table_with_headings_on_every_page_and_what_it_rests_on():
    report = Report(
        "覆盖情况", "某单位", ["截至今天。"], ("区划", "覆盖率"), [["天骄街道", "78.12%"]], cite("P-1.1")
    )
    made = Document(io.BytesIO(report.content(MADE)))
    [table] = made.tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["区划", "覆盖率"],
        ["天骄街道", "78.12%"],
    ]
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert {run.font.size for row in table.rows for cell in row.cells for run in cell.paragraphs[0].runs} == {
        Pt(12)
    }
    said = [each.text for each in made.paragraphs]
    assert said[0] == "覆盖情况"
    assert any(each.startswith("依据：P-1.1 《") for each in said)
    empty = Report("覆盖情况", "某单位", [], ("区划",), [], [])
    assert "没有内容。" in [each.text for each in Document(io.BytesIO(empty.content(MADE))).paragraphs]
