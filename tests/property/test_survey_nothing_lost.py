"""What stands in a survey's workbook is used, refused with its place, or named as not used."""

import datetime
from dataclasses import replace

import pytest

from services.property.divisions import street_names
from services.property.surveys.form import Survey, parse
from tests.property.sheets import (
    ABOVE,
    FIRST,
    LOWER,
    UPPER,
    cells,
    form,
    only_error,
    only_warning,
    survey,
)


def names(found: Survey) -> list[str]:
    return [row.compound for row in found.rows]


@pytest.mark.clause("P-A1a")
def test_a_second_printed_page_in_the_sheet_is_read_like_the_first():
    notes = [
        ["备注：1.物业管理现状填写专业化物业管理、准物业管理、无物业；"],
        ["2.各旗区可根据实际情况增加内容。"],
    ]
    found = survey(
        cells(), *notes, *ABOVE, UPPER, LOWER, cells(小区="安居小区"), cells(小区="丁小区"), *notes
    )

    assert (found.errors, found.warnings) == ((), ())
    assert names(found) == ["和谐家园", "安居小区", "丁小区"]


@pytest.mark.clause("P-A1a")
@pytest.mark.parametrize("line", ["注：以下为本月新增小区", "说明：以下为无物业小区", "备注：略"])
def test_compounds_below_a_line_of_notes_are_read(line):
    assert names(survey(cells(), [line], cells(小区="安居小区"))) == ["和谐家园", "安居小区"]


@pytest.mark.clause("P-A1c")
def test_a_note_in_an_added_first_column_ends_nothing():
    found = survey(
        ["备注：待核实", *cells()],
        ["", *cells(小区="安居小区")],
        upper=["核对情况", *UPPER],
        lower=["", *LOWER],
    )

    assert names(found) == ["和谐家园", "安居小区"]


@pytest.mark.parametrize("before", [[], [["合计"]]], ids=["among-the-rows", "below-the-total"])
def test_a_line_that_is_neither_note_nor_compound_is_named_as_not_used(before):
    found = survey(cells(), *before, ["以下小区另报"])

    told = only_warning(found)
    assert (told.row, "没有作为小区收录" in told.reason) == (FIRST + 1 + len(before), True)


@pytest.mark.clause("P-A1a")
@pytest.mark.parametrize("place", [0, 1, 3, 5, 9, 10, 13])
def test_a_cell_that_only_looks_empty_is_refused_with_its_place(place):
    (sheet,) = form(cells())
    broken = {(FIRST - 1, place): "单元格是错误值 #REF!"}
    found = parse([replace(sheet, broken=broken)], streets=street_names(), year=2024)

    error = only_error(found)
    assert (error.row, error.column, error.reason) == (
        FIRST,
        "ABCDEFGHIJKLMN"[place],
        "单元格是错误值 #REF!。",
    )
    assert found.rows == ()


@pytest.mark.clause("P-A1a")
@pytest.mark.parametrize("place", ["社区", "小区", "企业"])
@pytest.mark.parametrize("cell", [datetime.date(2024, 3, 2), datetime.datetime(2024, 3, 2, 1, 2), True])  # noqa: DTZ001
def test_a_name_that_the_workbook_made_a_date_or_a_truth_value_of_is_refused(place, cell):
    assert "设为“文本”" in only_error(survey(cells(**{place: cell}))).reason


@pytest.mark.clause("P-2.4.2", "P-A1b")
@pytest.mark.parametrize(
    "written", ["社区居委会托管", "社区托管", "业主自治", "自管", "开发商代管", "没有", "待定", "0"]
)
def test_a_word_that_names_no_company_makes_none_and_is_told(written):
    found = survey(cells(现状="准物业管理", 企业=written))

    assert found.rows[0].company == ""
    assert (only_warning(found).column, written in only_warning(found).reason) == ("J", True)


@pytest.mark.clause("P-A1b")
def test_professional_service_needs_a_company_and_not_a_word_for_none():
    assert only_error(survey(cells(企业="业主自治"))).column == "J"


@pytest.mark.parametrize("place", ["社区", "小区", "企业"])
@pytest.mark.parametrize("written", ["同上", "〃"])
def test_a_word_that_points_to_another_row_is_refused(place, written):
    assert "完整名称" in only_error(survey(cells(**{place: written}))).reason


@pytest.mark.parametrize("written", ["甲物业\n乙物业", "甲物业有限公司、乙物业有限公司"])
def test_two_companies_in_one_cell_are_refused(written):
    assert "一家" in only_error(survey(cells(企业=written))).reason


def test_a_company_whose_name_is_broken_over_two_lines_is_one():
    assert survey(cells(企业="示例物业服务\n有限公司")).rows[0].company == "示例物业服务 有限公司"


@pytest.mark.clause("P-A1a")
@pytest.mark.parametrize(
    ("line", "unit", "contact", "phone", "unused"),
    [
        ("填报单位：罕台镇人民政府   填表人：张三丰 13912345678   审核人：李四", "罕台镇人民政府", "", "", ["填表人", "审核人"]),
        ("填报单位：罕台镇人民政府填表人：张三丰", "罕台镇人民政府", "", "", ["填表人"]),
        ("填报单位：天骄街道办事处 填报日期：2024年6月20日", "天骄街道办事处", "", "", ["填报日期"]),
        ("填报 单位：天骄街道 联 系 人：王某 联系方式：0477-8000000", "天骄街道", "王某", "0477-8000000", []),
        ("填报单位：天骄街道 联系人及电话：王某 13800000000", "天骄街道", "王某", "13800000000", []),
        ("联系人 王某 手机：13800000000 单位：栋、户", "", "王某", "13800000000", ["单位"]),
    ],
)  # fmt: skip
def test_the_head_is_cut_at_every_label_and_what_it_does_not_know_is_named_without_its_value(
    line, unit, contact, phone, unused
):
    found = survey(cells(), above=[[line]])

    assert (found.errors, found.unit, found.contact, found.phone) == ((), unit, contact, phone)
    told = [warning for warning in found.warnings if "没有收录" in warning.reason]
    assert [warning.heading for warning in told] == unused
    assert "张三丰" not in str(found.warnings)


def test_a_number_beside_the_unit_is_refused_without_being_repeated():
    error = only_error(survey(cells(), above=[["填报单位：天骄街道 13800000000"]]))

    assert ("号码" in error.reason, "138" in str(error)) == (True, False)


def test_doubts_are_told_in_the_order_of_the_rows_and_never_of_row_0():
    found = survey(cells(楼栋数=""), cells(小区="安居小区", 户数=""), above=[])

    rows = [warning.row for warning in found.warnings]
    assert rows == sorted(rows)
    assert rows[0] == 1


def test_a_compound_called_like_a_heading_does_not_make_its_row_a_header():
    one_row = [lower or upper for upper, lower in zip(UPPER, LOWER, strict=True)]
    (sheet,) = form(cells(小区="面积"), upper=one_row, lower=cells(小区="安居小区"))
    found = parse([sheet], streets=street_names(), year=2024)

    assert sorted(names(found)) == ["安居小区", "面积"]
    assert names(parse(form(upper=one_row, lower=cells(小区="面积")), streets=street_names(), year=2024)) == [
        "面积"
    ]


def test_a_street_is_known_with_the_district_before_it():
    assert survey(cells(街道="东胜区天骄街道办事处")).rows[0].street == "天骄街道"
