"""The form is found and read however it is laid out; columns may be added and none left out."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from kit.workbooks.reading import Sheet
from services.property.divisions import street_names
from services.property.surveys.form import Status, Survey, SurveyRow, parse
from tests.property.sheets import (
    COLUMN,
    FIRST,
    LOWER,
    UPPER,
    cells,
    form,
    only_error,
    survey,
)


@pytest.mark.clause("P-A1a")
def test_a_filled_in_form_is_read_with_its_head_and_every_column():
    found = survey(cells(), ["合计"], ["备注：1.物业管理现状填写……"])

    assert found == Survey(
        unit="天骄街道办事处",
        contact="王某",
        phone="0477-0000001",
        rows=(
            SurveyRow(
                street="天骄街道",
                community="团结社区",
                compound="和谐家园",
                status=Status.PROFESSIONAL,
                company="示例物业公司",
                buildings=6,
                households=300,
                area=Decimal("25000.50"),
                built=2005,
                members=5,
                party_members=2,
                fee=Decimal("1.2"),
                collection_rate=Decimal("0.85"),
            ),
        ),
    )
    assert (found.errors, found.warnings, found.rows[0].row) == ((), (), FIRST)


@pytest.mark.clause("P-A1a")
@pytest.mark.parametrize(
    "above",
    [
        [["填报单位：天骄街道办事处（盖章）  联系人：王某  电话：0477-0000001"]],
        [["填报单位", "天骄街道办事处（盖章）", "", "联系人", "王某", "联系电话", "0477-0000001"]],
        [["填报单位(盖章):天骄街道办事处（盖章）"], ["联系人:", "王某"], ["电话:", "0477-0000001"], [], []],
    ],
    ids=["one-cell", "label-and-value", "one-a-row"],
)
def test_the_head_is_found_however_it_is_laid_out(above):
    found = survey(cells(), above=above)

    assert (found.unit, found.contact, found.phone) == ("天骄街道办事处（盖章）", "王某", "0477-0000001")
    assert found.errors == found.warnings == ()


@pytest.mark.clause("P-A1a")
def test_a_head_left_empty_is_only_doubtful():
    found = survey(cells(), above=[["填报单位：", "联系人：", "电话："]])

    assert found.errors == ()
    assert [warning.heading for warning in found.warnings] == ["填报单位", "联系人", "电话"]


@pytest.mark.clause("P-A1a")
@pytest.mark.parametrize(
    ("place", "heading"),
    [
        ("序号", "序 号"),
        ("街道", " 所在\n街道 "),
        ("街道", "所在街道（镇）"),
        ("企业", "物业服务企业\r\n名称"),
        ("物业费", "物业费标准\n元/平方米/月"),
        ("物业费", "物业费标准(元/㎡/月)"),
        ("物业费", "物业费标准（元／平方米·月）"),
        ("收费率", "收费率（%）"),
    ],
)
def test_headings_are_known_by_any_usual_spelling(place, heading):
    upper = list(UPPER)
    upper[COLUMN[place]] = heading

    assert survey(cells(), upper=upper).rows == survey(cells()).rows


@pytest.mark.clause("P-A1a")
@pytest.mark.parametrize(
    ("place", "heading"),
    [
        ("面积", "面积（㎡）"),
        ("面积", "面积(平方米)"),
        ("户数", "户数（户）"),
        ("委员", "业委会(物管\n会)委员人数"),
        ("党员", "党员人数"),
    ],
)
def test_lower_headings_are_known_by_any_usual_spelling(place, heading):
    lower = list(LOWER)
    lower[COLUMN[place]] = heading

    assert survey(cells(), lower=lower).rows == survey(cells()).rows


@pytest.mark.clause("P-A1a")
def test_a_header_in_one_row_and_columns_in_another_order_are_read():
    headings = [below or above for above, below in zip(UPPER, LOWER, strict=True)]

    found = survey(cells()[::-1], upper=headings[::-1], lower=[])

    assert found.rows == survey(cells()).rows
    assert found.errors == ()


@pytest.mark.clause("P-A1a")
def test_the_sheet_with_the_form_is_found_among_others():
    sheets = [Sheet("填表说明", [["请认真填写"]]), *form(cells())]

    assert parse(sheets, streets=street_names(), year=2024).rows == survey(cells()).rows


@pytest.mark.clause("P-A1a")
def test_several_sheets_with_the_form_are_refused_by_name():
    sheets = [replace(form(cells())[0], name=name) for name in ("甲社区", "乙社区")]

    error = only_error(parse(sheets, streets=street_names(), year=2024))
    assert error.value == "甲社区、乙社区"


@pytest.mark.clause("P-A1c")
def test_a_sheet_without_the_header_is_refused():
    error = only_error(parse([Sheet("表", [["姓名", "电话"]])], streets=street_names(), year=2024))

    assert "附件1" in error.reason


@pytest.mark.clause("P-A1a")
def test_empty_and_merely_numbered_rows_are_passed_over():
    found = survey([""] * 14, cells(), [Decimal(2), *[""] * 13], cells(小区="康乐家园"), [])

    assert [row.row for row in found.rows] == [FIRST + 1, FIRST + 3]


@pytest.mark.clause("P-A1a")
def test_a_form_without_a_compound_is_refused():
    assert "没有小区" in only_error(survey(["合计"])).reason


@pytest.mark.clause("P-A1a")
def test_compounds_below_the_total_are_not_lost_in_silence():
    error = only_error(survey(cells(), ["合计"], cells(小区="康乐家园")))

    assert (error.row, "移到合计行以上" in error.reason) == (FIRST + 2, True)


@pytest.mark.clause("P-A1a")
def test_a_cell_merged_over_rows_speaks_for_each_of_them():
    rows = [cells(), cells(街道="", 社区="", 小区="康乐家园")]
    merged = [(FIRST - 1, column, FIRST, column) for column in (1, 2)]

    found = survey(*rows, merged=merged)

    assert [(row.street, row.community) for row in found.rows] == [("天骄街道", "团结社区")] * 2


@pytest.mark.clause("P-A1a")
def test_a_count_merged_over_rows_would_count_twice_and_is_refused():
    rows = [cells(), cells(小区="康乐家园", 户数="")]

    found = survey(*rows, merged=[(FIRST - 1, 5, FIRST, 5)])

    assert {(error.row, error.column) for error in found.errors} == {(FIRST, "F"), (FIRST + 1, "F")}


# ----------------------------------------------------------------------------------- added and missing columns
@pytest.mark.clause("P-A1c")
@pytest.mark.parametrize("place", COLUMN)
def test_a_missing_column_is_an_error_that_names_it_and_nothing_is_taken(place):
    at = COLUMN[place]
    headings = [below or above for above, below in zip(UPPER, LOWER, strict=True)]
    row = cells()
    del row[at]

    found = survey(row, upper=headings[:at] + headings[at + 1 :], lower=[])

    error = only_error(found)
    assert (error.row, error.column, error.heading, error.clause) == (FIRST - 2, "", headings[at], "P-A1c")
    assert (headings[at] in error.reason, found.rows) == (True, ())


@pytest.mark.clause("P-A1c")
def test_added_columns_are_kept_by_heading_wherever_they_stand():
    found = survey(
        ["有", *cells(), Decimal(12), date(2023, 5, 1), ""],
        upper=["电子门禁", *UPPER, "车位情况", "", "备注"],
        lower=["", *LOWER, "地上", "改造日期", ""],
    )

    assert found.errors == ()
    assert found.added == ("电子门禁", "车位情况/地上", "车位情况/改造日期", "备注")
    assert found.rows[0].added == {"电子门禁": "有", "车位情况/地上": "12", "车位情况/改造日期": "2023-05-01"}


@pytest.mark.clause("P-A1c")
def test_a_column_added_under_a_group_of_the_form_goes_by_its_own_name():
    at = COLUMN["建成年限"] + 1

    found = survey(
        [*cells()[:at], Decimal(4), *cells()[at:]],
        upper=[*UPPER[:at], "", *UPPER[at:]],
        lower=[*LOWER[:at], "电梯数", *LOWER[at:]],
    )

    assert (found.errors, found.rows[0].added, found.rows[0].built) == ((), {"电梯数": "4"}, 2005)


@pytest.mark.clause("P-A1c")
def test_party_members_of_the_company_are_not_taken_for_the_committees():
    found = survey([*cells(), Decimal(7)], upper=[*UPPER, "物业企业情况"], lower=[*LOWER, "党员人数"])

    assert (found.rows[0].party_members, found.rows[0].added) == (2, {"物业企业情况/党员人数": "7"})


@pytest.mark.clause("P-A1c")
@pytest.mark.parametrize("heading", ["户数", "备注"])
def test_two_columns_of_one_name_are_an_error(heading):
    found = survey([*cells(), "x", "y"], upper=[*UPPER, heading, "备注"], lower=[*LOWER, "", ""])

    error = only_error(found)
    assert (error.column, "重复" in error.reason) == ("O" if heading == "户数" else "P", True)


@pytest.mark.clause("P-A1c")
def test_a_filled_column_without_a_heading_is_not_lost_in_silence():
    error = only_error(survey(cells(), [*cells(小区="康乐家园"), "x"]))

    assert (error.row, error.column, "列名" in error.reason) == (FIRST - 1, "O", True)
