"""What people write instead of a figure is refused with what to enter; what is doubtful is told and taken."""

from dataclasses import replace
from decimal import Decimal

import pytest

from services.property.divisions import street_names
from services.property.surveys.form import parse
from tests.property.sheets import ABOVE, COLUMN, FIRST, UPPER, cells, form, only_error, only_warning, survey


@pytest.mark.clause("P-A1a")
@pytest.mark.parametrize(
    ("places", "written", "words"),
    [
        (["委员", "党员"], "未成立", ["填 0"]),
        (["委员"], "筹备中", ["填 0"]),
        (["委员"], "正在筹建", ["填 0"]),
        (["委员"], "无业委会", ["填 0"]),
        (["委员", "党员"], "5人", ["只填数字 5，"]),
        (["委员"], "有", ["有几人填几"]),
        (["委员"], "已成立", ["有几人填几"]),
        (["楼栋数", "户数", "面积", "建成年限", "委员", "物业费", "收费率"], "不详", ["不清楚的请留空"]),
        (["户数", "建成年限", "收费率"], "未知", ["不清楚的请留空"]),
        (["户数"], "？", ["不清楚的请留空"]),
        (["物业费"], "不收费", ["不收费的请填 0"]),
        (["物业费"], "免费", ["不收费的请填 0"]),
        (["收费率"], "不收费", ["不收费的请留空"]),
        (["户数"], "1,200户", ["只填数字 1200，"]),
        (["户数"], "约300户左右", ["只填数字 300，"]),
        (["楼栋数"], "没有", ["填 0", "留空"]),
        (["面积"], "2.5万㎡", ["只填数字 25000，"]),
        (["物业费"], "1.2元", ["只填数字 1.2，"]),
        (["物业费"], "1.2元/㎡/月", ["只填数字 1.2，"]),
        (["户数"], "3百", ["只填数字 300，"]),
        (["户数"], "900人", ["“人”不是这一列的单位"]),
        (["物业费"], "15元/㎡/年", ["不是这一列的单位", "换算"]),
        (["面积"], "12公顷", ["不是这一列的单位", "换算"]),
        (["户数"], "300-310", ["只填一个"]),
        (["建成年限"], "2005-2008", ["首期", "四位年份"]),
        (["建成年限"], "2005年至2008年", ["首期"]),
        (["建成年限"], "一期2005年，二期2008年", ["首期"]),
        (["建成年限"], "一九九八年 前后", ["“一九九八年 前后”", "四位年份"]),
        (["物业费"], "0.6（多层） 1.2（高层）", ["几种标准", "自行增加的列"]),
        (["物业费"], "0.6/1.2", ["几种标准"]),
        (["物业费"], "多层0.6元，高层1.2元", ["几种标准"]),
    ],
)
def test_words_for_a_figure_are_refused_with_what_to_enter(places, written, words):
    for place in places:
        blank = {"党员": ""} if place == "委员" else {}
        error = only_error(survey(cells(**blank, **{place: written})))

        assert (error.column, error.value) == ("ABCDEFGHIJKLMN"[COLUMN[place]], " ".join(written.split()))
        assert all(word in error.reason for word in words), error.reason


@pytest.mark.clause("P-A1a")
@pytest.mark.parametrize("written", ["2005年底", "2005年初", "2005下半年"])
def test_a_part_of_a_year_is_read_as_the_year_and_told(written):
    found = survey(cells(建成年限=written))

    assert (found.rows[0].built, "已按 2005 年读取" in only_warning(found).reason) == (2005, True)


@pytest.mark.clause("P-A1a")
def test_a_year_as_a_day_with_its_time_is_read():
    found = survey(cells(建成年限="2005-10-01 00:00:00"))

    assert (found.rows[0].built, found.errors, found.warnings) == (2005, (), ())


@pytest.mark.clause("P-A1a")
@pytest.mark.parametrize("place", ["社区", "小区", "企业"])
@pytest.mark.parametrize("letter", ["\ue000", "\uf8ff", "\U000f0000", "\ufffd"])
def test_a_letter_that_no_other_computer_can_read_is_refused_in_a_name(place, letter):
    error = only_error(survey(cells(**{place: f"和{letter}家园"})))

    assert (error.column, f"U+{ord(letter):04X}" in error.reason) == ("ABCDEFGHIJKLMN"[COLUMN[place]], True)
    assert letter in error.value


def test_such_a_letter_is_refused_in_the_head_and_kept_in_an_added_column():
    error = only_error(survey(cells(), above=[["填报单位：天骄街道 联系人：王\ue000 电话：0477-0000001"]]))
    assert error.heading == "联系人"
    found = survey([*cells(), "赵\ue000"], upper=[*UPPER, "楼长"])
    assert found.rows[0].added["楼长"] == "赵\ue000"


@pytest.mark.parametrize("place", ["户数", "物业费", "建成年限", "委员", "收费率"])
@pytest.mark.parametrize("text", ["1元", "约", "2005年", "小区", "1.", ":", "(", "合计", "签字"])
def test_a_cell_as_long_as_a_workbook_allows_is_refused_without_ado(place, text):
    """A pattern that takes more than one look at each letter would not come to an end here."""
    long = (text * 32_767)[:32_766] + "/"

    assert (
        "只填数字" in (reason := only_error(survey(cells(党员="", **{place: long}))).reason)
        or "四位年份" in reason
    )


@pytest.mark.parametrize("text", ["小区", "户", "面积(", "物业公司", "合计", "签字:", "(", "1"])
def test_a_row_as_long_as_a_workbook_allows_is_read_without_ado(text):
    long = (text * 32_767)[:32_767]

    assert survey([long] * 14, cells()).errors
    assert survey(cells(), upper=[long] * 14, lower=[long] * 14, above=[[long] * 4] * 4).errors


# ------------------------------------------------------------------------------------------------ doubts
@pytest.mark.clause("P-A1a")
@pytest.mark.parametrize(
    ("place", "figure", "doubtful"),
    [
        ("物业费", "0.09", True),
        ("物业费", "0.1", False),
        ("物业费", "10", False),
        ("物业费", "10.01", True),
        ("物业费", "0", False),
        ("楼栋数", "300", False),
        ("楼栋数", "301", True),
    ],
)
def test_a_figure_outside_what_is_plausible_is_doubtful_and_taken(place, figure, doubtful):
    found = survey(cells(**{place: Decimal(figure)}))

    assert (len(found.rows), bool(found.warnings)) == (1, doubtful)


@pytest.mark.clause("P-A1b")
@pytest.mark.parametrize(
    ("fee", "rate", "columns"),
    [("1.2", "0.85", "MN"), ("1.2", "0", "M"), ("0", "0.85", "N"), ("0", "0", "")],
)
def test_a_compound_without_services_that_pays_for_them_is_doubtful(fee, rate, columns):
    found = survey(cells(现状="无物业", 企业="", 物业费=Decimal(fee), 收费率=Decimal(rate)))

    assert (found.errors, [warning.column for warning in found.warnings]) == ((), [*columns])


@pytest.mark.clause("P-3.1")
@pytest.mark.parametrize(
    ("unit", "doubtful"),
    [
        ("天骄街道办事处", False),
        ("东胜区天骄", False),
        ("天骄街道团结社区", False),
        ("交通街道办事处", True),
        ("罕台镇人民政府", True),
        ("区住房保障综合服务中心", False),
        ("", False),
    ],
)
def test_a_unit_of_one_street_with_compounds_of_another_is_doubtful(unit, doubtful):
    found = survey(cells(), above=[[f"填报单位：{unit}", "联系人：王某", "电话：0477-0000001"]])

    told = [warning for warning in found.warnings if "请核对" in warning.reason]
    assert (len(found.rows), len(told)) == (1, doubtful)
    assert all("天骄街道" in warning.reason for warning in told)


@pytest.mark.clause("P-A1a")
def test_rows_that_do_not_show_are_taken_in_and_told():
    (sheet,) = form(cells(), cells(小区="康乐家园"), cells(小区="安居小区"))
    hidden = replace(sheet, hidden=frozenset({0, FIRST, FIRST + 1, 9_999}))

    found = parse([hidden], streets=street_names(), year=2024)

    assert len(found.rows) == 3
    assert f"第 {FIRST + 1}、{FIRST + 2} 行" in only_warning(found).reason


def test_no_value_of_an_entry_of_the_head_that_is_not_the_forms_is_told():
    found = survey(cells(), above=[*ABOVE, ["经办：赵六", "驻村干部：孙七 13912345678", "银行账号：6222"]])

    assert [warning.heading for warning in found.warnings] == ["经办", "驻村干部", "银行账号"]
    assert not [value for value in ("赵六", "孙七", "13912345678", "6222") if value in str(found)]
