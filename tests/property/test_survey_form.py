"""The official form: what is written is read as the same, and it looks like the printed one."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.workbooks.reading import read
from services.property.divisions import street_names
from services.property.surveys.form import Status, Survey, SurveyRow, parse, write
from services.property.surveys.head import holds_phone
from tests.property.sheets import (
    LOWER,
    UPPER,
    cells,
    survey,
)

NAME = st.text("东胜天骄和谐家园小区(（）)·=+-@_x0041 abc1", min_size=2, max_size=12).map(lambda text: " ".join(text.split())).filter(
    lambda text: len(text) > 1 and text.strip("-") and text not in ("合计",)
)  # fmt: skip
COUNT = st.none() | st.integers(0, 999)
ADDED = st.dictionaries(
    st.sampled_from(["电梯数", "车位/地上", "=楼长"]),
    st.one_of(NAME, st.integers().map(str), st.decimals(-999, 999, places=3).map(str), st.just("007")),
)


@st.composite
def survey_rows(draw) -> SurveyRow:
    status = draw(st.sampled_from(Status))
    members = draw(COUNT)
    return SurveyRow(
        street=draw(st.sampled_from(sorted(street_names()))),
        community=draw(NAME),
        compound=draw(NAME),
        status=status,
        company="" if status is Status.NONE else draw(NAME),
        buildings=draw(COUNT),
        households=draw(COUNT),
        area=draw(st.none() | st.decimals(0, 99_999_999, places=2)),
        built=draw(st.none() | st.integers(1949, 2024)),
        members=members,
        party_members=None if members is None else draw(st.none() | st.integers(0, members)),
        fee=draw(st.none() | st.decimals(0, 999, places=4)),
        collection_rate=draw(st.none() | st.decimals(0, 1, places=4)),
        added=draw(ADDED),
    )


@st.composite
def surveys(draw) -> Survey:
    rows = draw(
        st.lists(
            survey_rows(),
            max_size=8,
            unique_by=lambda row: (row.street, row.community.replace(" ", ""), row.compound.replace(" ", "")),
        )
    )
    added = tuple(dict.fromkeys(heading for row in rows for heading in row.added))
    named = NAME.filter(lambda name: not holds_phone(name))  # a number stands beside its own label
    return Survey(draw(named), draw(named), draw(NAME), tuple(rows), added)


@pytest.mark.clause("P-A1a", "P-A1c")
@pytest.mark.usefixtures("reads_here")
@settings(max_examples=40, deadline=None)
@given(surveys())
def test_what_is_written_in_the_official_form_is_read_as_the_same_survey(original):
    found = parse(read(write(original)), streets=street_names(), year=2024)

    assert found == original
    assert not original.rows or found.errors == ()
    assert not any("合计" in warning.reason for warning in found.warnings)


# ------------------------------------------------------------------------------------------ the printed form
def xml(data: bytes, part: str) -> ElementTree.Element:
    return ElementTree.fromstring(zipfile.ZipFile(io.BytesIO(data)).read(part))


M = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
TWO = tuple(survey(cells(), cells(小区="康乐家园")).rows)


@pytest.mark.clause("P-A1a")
def test_the_written_form_is_laid_out_like_the_official_one():
    (sheet,) = read(write(Survey("天骄街道办事处", "王某", "0477-0000001", TWO)))
    rows = [[str(cell).replace("\n", "") for cell in row] for row in sheet.rows]

    assert rows[0][0] == "附件1"
    assert rows[1][0] == "东胜区物业管理基本情况统计表"
    assert [cell for cell in rows[2] if cell] == [
        "填报单位：天骄街道办事处",
        "联系人：王某",
        "电话：0477-0000001",
    ]
    assert rows[3:5] == [UPPER, LOWER]
    assert rows[7] == ["合计", "", "", "", "12", "600", "50001", "", "", "", "10", "4", "", ""]
    assert [row[0].strip() for row in rows[8:]] == [  # word for word
        "备注：1.物业管理现状填写专业化物业管理、准物业管理、无物业；",
        "2.各旗区可根据实际情况增加摸底调查内容，但不能减少内容。",
    ]
    assert {(3, 0, 4, 0), (3, 4, 3, 7), (3, 10, 3, 11), (7, 0, 7, 3)} <= set(sheet.merged)


@pytest.mark.clause("P-A1b")
def test_the_written_form_offers_the_three_statuses():
    (rule,) = xml(write(Survey(rows=TWO)), "xl/worksheets/sheet1.xml").iter(f"{M}dataValidation")

    assert (rule.get("type"), rule.get("sqref")) == ("list", "I6:I7")
    assert rule.findtext(f"{M}formula1") == '"专业化物业管理,准物业管理,无物业"'


@pytest.mark.clause("P-A1c")
def test_added_columns_come_back_behind_the_official_ones_as_numbers_or_text():
    rows = (replace(TWO[0], added={"电梯数": "12", "楼长": "=王某"}), replace(TWO[1], added={"编号": "007"}))

    (sheet,) = read(write(Survey(rows=rows, added=("楼长",))))

    assert [row[14:] for row in sheet.rows[3:7]] == [
        ["楼长", "电梯数", "编号"],
        [""] * 3,
        ["=王某", 12, ""],
        ["", "", "007"],
    ]


def test_it_was_read_by_another_program_and_kept_its_content():
    """The old-format workbook was converted by LibreOffice from a form that `write` made."""
    other = Path(__file__).parents[1] / "kit" / "workbooks" / "old-format.xls"

    found = parse(read(other.read_bytes()), streets=street_names(), year=2024)

    assert (found.unit, len(found.rows), found.errors, found.warnings) == ("罕台镇人民政府", 9, (), ())
