"""What single cells may hold, and what cells say taken together."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from kit.workbooks.reading import Cell
from services.property.divisions import street_names
from services.property.surveys.form import Status
from tests.property.sheets import (
    COLUMN,
    FIRST,
    cells,
    only_error,
    only_warning,
    survey,
)


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
