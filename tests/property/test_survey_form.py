import io
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.workbooks.reading import Cell, Sheet, read
from services.property.divisions import street_names
from services.property.surveys.form import CellError, Status, Survey, SurveyRow, parse, write

UPPER = ["序号", "所在街道", "所在社区", "小区名称", "小区基本情况", "", "", "", "物业管理现状", "物业服务企业名称", "业委会（物管会）情况", "", "物业费标准（元/平方米/月）", "收费率"]  # fmt: skip
LOWER = ["", "", "", "", "楼栋数", "户数", "面积", "建成年限", "", "", "业委会（物管会）委员人数", "业委会（物管会）党员人数", "", ""]  # fmt: skip
SOUND = [1, "天骄街道", "团结社区", "和谐家园", 6, 300, Decimal("25000.5"), 2005, "专业化物业管理", "示例物业公司", 5, 2, Decimal("1.2"), Decimal("0.85")]  # fmt: skip
ABOVE = [
    ["附件1"],
    ["东胜区物业管理基本情况统计表"],
    ["填报单位：天骄街道办事处", "", "联系人：王某", "", "电话：0477-0000001"],
]
#: The first row of compounds in a sheet that `form` makes, as the workbook counts.
FIRST = len(ABOVE) + 3
COLUMN = {name: index for index, name in enumerate(
    ["序号", "街道", "社区", "小区", "楼栋数", "户数", "面积", "建成年限", "现状", "企业", "委员", "党员", "物业费", "收费率"]
)}  # fmt: skip


def cells(**changed: Cell) -> list[Cell]:
    """A sound row with some cells changed; names of compounds are numbered by whoever needs several."""
    row = [Decimal(cell) if isinstance(cell, int) else cell for cell in SOUND]
    for name, cell in changed.items():
        row[COLUMN[name]] = cell
    return row


def form(*rows: Sequence[Cell], upper=UPPER, lower=LOWER, above=ABOVE, merged=()) -> list[Sheet]:
    return [Sheet("统计表", [*above, upper, lower, *rows], merged)]


def survey(*rows: Sequence[Cell], **layout) -> Survey:
    return parse(form(*rows, **layout), streets=street_names(), year=2024)


def only_error(found: Survey) -> CellError:
    (error,) = found.errors
    return error


def only_warning(found: Survey) -> CellError:
    assert found.errors == ()
    (warning,) = found.warnings
    return warning


# ------------------------------------------------------------------------------------------- what is read
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


# --------------------------------------------------------------------------------------------- single cells
@pytest.mark.clause("P-A1a")
@pytest.mark.parametrize("written", ["天骄街道", "天骄", " 天骄 街道", "天骄街道办事处", "天骄街道办"])
def test_a_street_is_known_with_and_without_its_ending(written):
    assert survey(cells(街道=written)).rows[0].street == "天骄街道"


@pytest.mark.clause("P-A1a")
@pytest.mark.parametrize("street", sorted(street_names()))
def test_every_street_and_town_is_known_by_its_short_name(street):
    short = street.removesuffix("街道").removesuffix("镇")

    assert survey(cells(街道=short)).rows[0].street == street


@pytest.mark.clause("P-A1a")
@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("天娇街道", "天骄街道"),
        ("天骄镇", "天骄街道"),
        ("康巴什", "幸福街道"),
        ("", "填写"),
        (Decimal(3), "街道"),
    ],
)
def test_any_other_street_is_an_error_that_helps(written, hint):
    error = only_error(survey(cells(街道=written)))

    assert (error.row, error.column, error.heading, error.clause) == (FIRST, "B", "所在街道", "P-A1a")
    assert hint in error.reason


@pytest.mark.clause("P-A1b")
@pytest.mark.parametrize("status", list(Status))
def test_the_three_statuses_are_taken_with_spaces_around(status):
    company = "" if status is Status.NONE else "示例物业公司"

    found = survey(cells(现状=f" {status}　", 企业=company))

    assert (found.errors, found.rows[0].status) == ((), status)


@pytest.mark.clause("P-A1b")
@pytest.mark.parametrize(
    "written",
    ["有物业", "专业化", "专业化物业", "准物业", "无", "", "专业化物业管理、准物业管理", Decimal(1)],
)
def test_any_other_status_is_an_error_with_row_and_column(written):
    error = only_error(survey(cells(), cells(小区="康乐家园", 现状=written)))

    assert (error.row, error.column, error.heading, error.clause) == (FIRST + 1, "I", "物业管理现状", "P-A1b")
    assert all(status in error.reason for status in Status)


FIELD = {
    "楼栋数": "buildings",
    "户数": "households",
    "面积": "area",
    "建成年限": "built",
    "委员": "members",
    "党员": "party_members",
    "物业费": "fee",
    "收费率": "collection_rate",
}


@pytest.mark.clause("P-A1a")
@pytest.mark.parametrize(
    ("place", "written", "value"),
    [
        ("户数", Decimal(300), 300),
        ("户数", "300", 300),
        ("户数", "１，２００", 1200),
        ("户数", Decimal(0), 0),
        ("户数", Decimal(99_999), 99_999),
        ("面积", "12,345.678", Decimal("12345.68")),
        ("面积", Decimal("0.005"), Decimal("0.01")),
        ("物业费", Decimal("0.375"), Decimal("0.375")),
        ("物业费", Decimal(0), Decimal(0)),
        ("建成年限", Decimal(1949), 1949),
        ("建成年限", Decimal(2024), 2024),
        ("建成年限", "2005年", 2005),
        ("建成年限", "2005年10月", 2005),
        ("建成年限", Decimal("2005.1"), 2005),
        ("建成年限", "2005-10-01", 2005),
        ("建成年限", date(2005, 10, 1), 2005),
        ("建成年限", datetime(2005, 10, 1, 8, tzinfo=UTC), 2005),
        ("收费率", Decimal("0.85"), Decimal("0.85")),
        ("收费率", "85%", Decimal("0.85")),
        ("收费率", "８５．５％", Decimal("0.855")),
        ("收费率", Decimal(85), Decimal("0.85")),
        ("收费率", Decimal(1), Decimal(1)),
        ("收费率", "1%", Decimal("0.01")),
        ("收费率", Decimal(2), Decimal("0.02")),
        ("收费率", Decimal(100), Decimal(1)),
        ("收费率", Decimal(0), Decimal(0)),
        ("收费率", Decimal("0.867256637168142"), Decimal("0.8673")),
    ],
)
def test_numbers_are_read_exactly_in_every_usual_spelling(place, written, value):
    found = survey(cells(**{place: written}))

    assert found.errors == ()
    assert getattr(found.rows[0], FIELD[place]) == value


@pytest.mark.clause("P-A1a")
@pytest.mark.parametrize(
    ("place", "written", "word"),
    [
        ("楼栋数", "3栋", "只填数字"),
        ("楼栋数", Decimal(10_000), "大于"),
        ("户数", "约300户", "只填数字"),
        ("户数", Decimal("300.5"), "整数"),
        ("户数", Decimal(-1), "负数"),
        ("户数", Decimal("1E+300"), "大于"),
        ("户数", date(2024, 3, 5), "格式"),
        ("户数", True, "格式"),
        ("委员", "五", "只填数字"),
        ("面积", "2.5万", "只填数字"),
        ("面积", Decimal("-0.01"), "负数"),
        ("面积", Decimal(100_000_000), "单位"),
        ("物业费", "1.2元", "只填数字"),
        ("物业费", Decimal(1000), "单位"),
        ("建成年限", Decimal(1948), "1949 至 2024"),
        ("建成年限", Decimal(2025), "1949 至 2024"),
        ("建成年限", Decimal(20), "四位年份"),
        ("建成年限", "90年代", "四位年份"),
        ("建成年限", "2005.13", "四位年份"),
        ("建成年限", Decimal(38626), "四位年份"),
        ("建成年限", date(1905, 6, 27), "日期格式"),
        ("收费率", Decimal("1.05"), "百分号"),
        ("收费率", Decimal("100.1"), "100%"),
        ("收费率", "120%", "100%"),
        ("收费率", Decimal("-0.1"), "100%"),
        ("收费率", "较高", "只填数字"),
        ("社区", "", "不能为空"),
        ("小区", " / ", "不能为空"),
        ("小区", "长" * 101, "100 个字"),
        ("企业", "长" * 101, "100 个字"),
    ],
)
def test_a_wrong_cell_is_an_error_that_says_what_to_do(place, written, word):
    error = only_error(survey(cells(), cells(**({"小区": "康乐家园"} | {place: written}))))

    assert (error.row, error.column) == (FIRST + 1, "ABCDEFGHIJKLMN"[COLUMN[place]])
    assert word in error.reason
    assert error.reason.endswith("。")


@pytest.mark.clause("P-A1a")
@pytest.mark.parametrize("nothing", ["", "/", "—", "无", " - "])
@pytest.mark.parametrize("place", FIELD)
def test_a_number_may_be_left_out(place, nothing):
    without_members = {"党员": ""} if place == "委员" else {}

    found = survey(cells(**without_members, **{place: nothing}))

    assert found.errors == ()
    assert getattr(found.rows[0], FIELD[place]) is None


@pytest.mark.clause("P-A1a")
@pytest.mark.parametrize("place", ["楼栋数", "户数", "面积", "建成年限", "党员", "物业费", "收费率"])
def test_a_figure_that_should_be_known_is_asked_for_without_refusing(place):
    warning = only_warning(survey(cells(**{place: ""})))

    assert (warning.row, warning.column) == (FIRST, "ABCDEFGHIJKLMN"[COLUMN[place]])


@pytest.mark.clause("P-A1a")
def test_nobody_is_asked_for_the_fee_of_a_compound_without_services():
    assert survey(cells(现状="无物业", 企业="", 物业费="", 收费率="", 委员="", 党员="")).warnings == ()


@pytest.mark.clause("P-A1a")
def test_invisible_characters_do_not_make_another_name():
    assert survey(cells(小区="和谐\u200b家园\x07 ")).rows[0].compound == "和谐家园"


@pytest.mark.clause("P-A1a")
def test_a_bare_one_is_doubtful_where_the_column_is_in_per_cent():
    warning = only_warning(survey(cells(收费率=Decimal(1)), cells(小区="康乐家园", 收费率=Decimal(85))))

    assert (warning.row, "1%" in warning.reason) == (FIRST, True)


@pytest.mark.clause("P-A1a")
@pytest.mark.parametrize(
    ("area", "doubtful"), [(2_999, True), (3_000, False), (300_000, False), (300_001, True)]
)
def test_an_area_out_of_proportion_is_doubtful(area, doubtful):
    assert bool(survey(cells(面积=Decimal(area))).warnings) is doubtful


# --------------------------------------------------------------------------------------- cells taken together
@pytest.mark.clause("P-A1a")
@pytest.mark.parametrize(
    ("status", "company", "refused"),
    [
        ("专业化物业管理", "示例物业公司", False),
        ("专业化物业管理", "", True),
        ("专业化物业管理", "无", True),
        ("准物业管理", "示例物业公司", False),
        ("准物业管理", "", False),
        ("无物业", "示例物业公司", True),
        ("无物业", "/", False),
    ],
)
def test_a_company_is_named_exactly_where_there_is_one(status, company, refused):
    found = survey(cells(现状=status, 企业=company))

    assert [error.column for error in found.errors] == ["J"] * refused


@pytest.mark.clause("P-A1a")
@pytest.mark.parametrize(
    ("members", "party_members", "column"),
    [(5, 5, ""), (5, 0, ""), (0, 0, ""), (5, 6, "L"), (0, 1, "L"), ("", 1, "K"), ("", 0, ""), ("", "", "")],
)
def test_party_members_are_members(members, party_members, column):
    changed = {"委员": members, "党员": party_members}

    found = survey(cells(**{place: Decimal(n) if n != "" else "" for place, n in changed.items()}))

    assert [error.column for error in found.errors] == [*column]


@pytest.mark.clause("P-A1a")
def test_the_same_compound_twice_is_an_error_that_names_both_rows():
    error = only_error(survey(cells(), cells(小区="康乐家园"), cells(街道="天骄", 小区="和谐 家园")))

    assert (error.row, error.column) == (FIRST + 2, "D")
    assert f"第 {FIRST}、{FIRST + 2} 行" in error.reason


@pytest.mark.clause("P-A1a")
@pytest.mark.parametrize("other", [{"街道": "交通街道"}, {"社区": "友谊社区"}, {"小区": "康乐家园"}])
def test_equal_names_elsewhere_are_other_compounds(other):
    assert len(survey(cells(), cells(**other)).rows) == 2


@pytest.mark.clause("P-A1a")
@pytest.mark.parametrize(
    ("place", "stated", "doubtful"),
    [
        ("户数", Decimal(600), False),
        ("户数", Decimal(599), True),
        ("户数", "", False),
        ("户数", "共600户", False),
        ("楼栋数", Decimal(13), True),
        ("面积", Decimal("50001.01"), False),
        ("面积", Decimal("50001.02"), True),
        ("委员", "10", False),
        ("党员", Decimal(5), True),
    ],
)
def test_a_total_that_is_not_the_sum_is_doubtful(place, stated, doubtful):
    total: list[Cell] = ["合  计", *[""] * 13]
    total[COLUMN[place]] = stated

    found = survey(cells(), cells(小区="康乐家园"), total)

    assert found.errors == ()
    assert [warning.row for warning in found.warnings] == [FIRST + 2] * doubtful


@pytest.mark.clause("P-A1a", "P-A1b")
def test_all_that_is_wrong_is_told_at_once_and_sound_rows_are_kept():
    found = survey(
        cells(街道="天娇街道", 户数="约300户", 现状="有物业"),
        cells(小区="康乐家园"),
        cells(小区="安居小区", 建成年限=Decimal(2030), 党员=Decimal(9)),
    )

    where = [(error.row, error.column) for error in found.errors]
    assert where == [(FIRST, "B"), (FIRST, "F"), (FIRST, "I"), (FIRST + 2, "H"), (FIRST + 2, "L")]
    assert [row.compound for row in found.rows] == ["康乐家园"]


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


# ------------------------------------------------------------------------------------------------ the law
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
    return Survey(draw(NAME), draw(NAME), draw(NAME), tuple(rows), added)


@pytest.mark.clause("P-A1a", "P-A1c")
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
    assert rows[8][0].startswith("备注：1.")
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
