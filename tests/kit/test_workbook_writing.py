"""Workbooks are written so that text stays text, and what is written is read as the same."""

import io
import re
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.workbooks.reading import read
from kit.workbooks.writing import Column, Layout, table

NAMES = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def part(data: bytes, name: str) -> ElementTree.Element:
    return ElementTree.fromstring(zipfile.ZipFile(io.BytesIO(data)).read(name))


def sheet_xml(data: bytes) -> ElementTree.Element:
    return part(data, "xl/worksheets/sheet1.xml")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|'/c calc'!A0", "{=1}", "http://a.b"])
def test_text_stays_text_whatever_it_begins_with(text):
    data = table([Column("名称")], [[text]])

    assert read(data)[0].rows[1] == [text]
    assert sheet_xml(data).find(".//m:f", NAMES) is None
    assert sheet_xml(data).find(".//m:hyperlink", NAMES) is None


def test_a_form_has_two_header_rows_a_total_and_notes():
    data = table(
        [
            Column("小区"),
            Column("户数", "情况", total=True),
            Column("面积", "情况", total=True),
            Column("备注栏"),
        ],
        [["甲", 3, Decimal("0.1"), ""], ["乙", 4, Decimal("0.2"), "x"]],
        Layout(
            label="附件1",
            title="统计表",
            above=("单位：甲", "电话：乙"),
            total="合计",
            notes=("备注：一", "二"),
        ),
    )

    (sheet,) = read(data)
    assert [list(row) for row in sheet.rows] == [
        ["附件1", "", "", ""],
        ["统计表", "", "", ""],
        ["单位：甲", "", "电话：乙", ""],
        ["小区", "情况", "", "备注栏"],
        ["", "户数", "面积", ""],
        ["甲", 3, Decimal("0.1"), ""],
        ["乙", 4, Decimal("0.2"), "x"],
        ["合计", 7, Decimal("0.3"), ""],
        ["备注：一", "", "", ""],
        ["二", "", "", ""],
    ]
    assert [found.text for found in sheet_xml(data).iterfind(".//m:f", NAMES)] == ["SUM(B6:B7)", "SUM(C6:C7)"]


def test_a_plain_table_is_only_header_and_rows():
    assert read(table([Column("甲"), Column("乙")], [["x", 1], [None, 2]]))[0].rows == [
        ["甲", "乙"],
        ["x", 1],
        ["", 2],
    ]


def test_a_table_without_rows_still_has_its_header_and_total():
    data = table([Column("甲"), Column("乙", total=True)], [], Layout(total="合计"))

    assert read(data)[0].rows == [["甲", "乙"], ["合计", ""]]


@pytest.mark.parametrize(
    ("value", "read_as"),
    [
        (True, "是"),
        (False, "否"),
        (None, ""),
        (12345678901234567890, "12345678901234567890"),
        (Decimal("1234567890123.45"), Decimal("1234567890123.45")),
        (Decimal("12345678901234.567"), "12345678901234.567"),
        (float("nan"), "NaN"),
        (0.5, Decimal("0.5")),
        (datetime(2024, 6, 30, 16, 0, tzinfo=UTC), date(2024, 7, 1)),
        ("a\ufffeb", "ab"),
    ],
)
def test_each_kind_of_value_has_its_form(value, read_as):
    assert read(table([Column("甲"), Column("乙")], [[value, "x"]]))[0].rows[1][0] == read_as


def test_a_time_without_its_zone_is_not_written():
    with pytest.raises(ValueError, match="zone"):
        table([Column("甲")], [[datetime(2024, 6, 30)]])  # noqa: DTZ001


def test_text_too_long_for_a_cell_is_cut_with_a_word():
    written = read(table([Column("甲")], [["长" * 40_000]]))[0].rows[1][0]

    assert len(written) == 32_767
    assert written.endswith("已截断）")


def test_it_prints_on_landscape_a4_with_its_header_on_every_page():
    data = table([Column("甲", "组"), Column("乙", "组")], [[1, 2]], Layout(title="表"))

    page = sheet_xml(data).find("m:pageSetup", NAMES)
    assert (page.get("orientation"), page.get("paperSize"), page.get("fitToHeight")) == (
        "landscape",
        "9",
        "0",
    )
    titles = part(data, "xl/workbook.xml").find(".//m:definedName", NAMES)
    assert (titles.get("name"), titles.text) == ("_xlnm.Print_Titles", "数据!$2:$3")


def test_choices_are_offered_in_every_row():
    data = table([Column("现状", choices=("有", "无"))], [["有"], ["无"]])

    rule = sheet_xml(data).find(".//m:dataValidation", NAMES)
    assert (rule.get("sqref"), rule.find("m:formula1", NAMES).text) == ("A2:A3", '"有,无"')


def test_equal_input_with_a_time_of_creation_gives_equal_bytes():
    made = [
        table([Column("甲")], [["x"]], Layout(created=datetime(2024, 6, 30, tzinfo=UTC))) for _ in range(2)
    ]

    assert made[0] == made[1]
    created = zipfile.ZipFile(io.BytesIO(made[0])).read("docProps/core.xml").decode()
    assert re.search(r"created[^>]*>2024-06-30T", created)


TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30).filter(
    lambda text: "\ufffe" not in text and "\uffff" not in text
)
NUMBER = st.decimals(-(10**9), 10**9, places=4).map(lambda number: number.normalize())


@pytest.mark.usefixtures("reads_here")
@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(TEXT, NUMBER), max_size=20))
def test_what_is_written_is_read_again(rows):
    (sheet,) = read(table([Column("文"), Column("数")], rows))

    assert [tuple(row) for row in sheet.rows[1:]] == rows
