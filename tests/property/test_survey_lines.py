"""Lines that people put between and below the compounds: totals, column numbers, units, signatures, samples."""

from dataclasses import replace
from decimal import Decimal

import pytest

from kit.workbooks.reading import Cell, Sheet
from services.property.divisions import street_names
from services.property.surveys.form import Survey, parse
from tests.property.sheets import (
    ABOVE,
    COLUMN,
    FIRST,
    LOWER,
    UPPER,
    cells,
    form,
    only_error,
    only_warning,
    survey,
)

NUMBERS = [Decimal(number) for number in range(1, 15)]
UNITS = ["", "", "", "", "栋", "户", "㎡", "年", "", "", "人", "人", "元/㎡/月", "%"]


def line(**filled: Cell) -> list[Cell]:
    """A row with nothing in it but the cells that are given."""
    return [filled.get(name, "") for name in COLUMN]


def names(found: Survey) -> list[str]:
    return [row.compound for row in found.rows]


def with_line(*between: list[Cell]) -> Survey:
    """Two compounds with lines between them."""
    return survey(cells(), *between, cells(小区="康乐家园"))


@pytest.mark.clause("P-A1a")
@pytest.mark.parametrize(
    "total",
    [
        line(街道="天骄街道", 社区="团结社区", 小区="小计", 户数=Decimal(300)),
        line(社区="团结社区小计", 户数=Decimal(300)),
        line(序号="小 计", 户数=Decimal(300)),
        line(序号="天骄街道合计", 户数=Decimal(300)),
        line(街道="天骄街道合计（1个）"),
        line(序号="本页合计：1个小区"),
    ],
)
def test_a_total_of_a_part_is_read_as_one_and_what_follows_is_read_on(total):
    found = with_line(total)

    assert (names(found), found.errors, found.warnings) == (["和谐家园", "康乐家园"], (), ())


@pytest.mark.clause("P-A1a")
@pytest.mark.parametrize(
    "label", ["合计", "合 计（1个）", "合计：1个小区", "总计", "共计", "共1个小区", "累计", "合计数", "汇总"]
)
@pytest.mark.parametrize("place", ["序号", "街道", "社区", "小区"])
def test_a_total_is_known_by_any_word_in_any_place(label, place):
    assert survey(cells(), line(**{place: label, "户数": Decimal(300)})).warnings == ()
    assert only_warning(survey(cells(), line(**{place: label, "户数": Decimal(301)}))).heading == "户数"


@pytest.mark.clause("P-A1a")
def test_totals_of_communities_pages_and_everything_stand_in_each_other():
    found = survey(
        cells(),
        cells(小区="康乐家园"),
        line(小区="小计", 户数=Decimal(600)),
        cells(小区="安居小区"),
        line(小区="小计", 户数=Decimal(300)),
        line(序号="天骄街道合计", 户数=Decimal(900)),
        line(序号="合计", 户数=Decimal(900)),
    )

    assert (len(found.rows), found.errors, found.warnings) == (3, (), ())


@pytest.mark.clause("P-A1a")
def test_a_total_of_a_part_that_is_not_its_sum_is_doubtful():
    found = survey(
        cells(),
        line(小区="小计", 户数=Decimal(300)),
        cells(小区="康乐家园"),
        line(小区="小计", 户数=Decimal(301)),
    )

    assert (only_warning(found).row, "相加为 300" in only_warning(found).reason) == (FIRST + 3, True)


@pytest.mark.clause("P-A1b")
def test_a_compound_below_a_label_that_reads_as_a_total_is_a_compound_all_the_same():
    assert names(survey(cells(序号="合计"))) == ["和谐家园"]


@pytest.mark.clause("P-A1a")
@pytest.mark.parametrize(
    ("between", "word"),
    [
        (NUMBERS, "栏次"),
        ([f"（{number}）" for number in range(1, 15)], "栏次"),
        ([*"甲乙丙丁戊己庚辛壬癸"], "栏次"),
        ([*"甲乙丙丁", *NUMBERS[:10]], "栏次"),
        ([*"一二三四五六七八九"], "栏次"),
        (UNITS, "计量单位"),
        (line(户数="（户）"), "计量单位"),
        (line(序号="主任签字：", 面积="日期：2024年6月20日"), "签字"),
        (line(序号="主任签字", 现状="日期"), "签字"),
        (line(序号="主任签字：", 街道="王某", 小区="审核人", 楼栋数="李某"), "签字"),
        (line(序号="填表人：张三丰  审核人：李四"), "签字"),
        (line(序号="审核：", 街道="李某", 小区="制表：", 楼栋数="王某"), "签字"),
        (line(序号="天骄街道办事处（公章）"), "签字"),
        (line(党员="2024年6月20日"), "签字"),
        (["例", *cells(小区="安居小区")[1:]], "示例"),
        (["填写示例", *cells(小区="安居小区")[1:]], "示例"),
        (cells(小区="某某小区"), "示例"),
        (cells(社区="××社区", 小区="××小区"), "示例"),
        (line(序号="以下小区另报"), "没有作为小区收录"),
    ],
)
def test_a_line_that_is_no_compound_is_passed_over_and_named(between, word):
    found = with_line(between)

    assert names(found) == ["和谐家园", "康乐家园"]
    assert (only_warning(found).row, word in only_warning(found).reason) == (FIRST + 1, True)


@pytest.mark.clause("P-A1a")
@pytest.mark.parametrize("name", ["XX小区", "ＸＸ花园", "示例家园"])
def test_a_name_that_may_be_a_samples_is_taken_and_doubted(name):
    found = survey(cells(小区=name))

    assert (names(found), "示例" in only_warning(found).reason) == ([name], True)


def test_what_signatures_say_is_not_repeated():
    assert "张三丰" not in str(with_line(line(序号="填表人：张三丰", 街道="13912345678")).warnings)


@pytest.mark.clause("P-A1a")
@pytest.mark.parametrize(
    "broken", [line(户数=Decimal(300)), line(小区="安居小区"), cells(街道="", 社区="", 小区="")]
)
def test_a_row_with_figures_or_a_name_is_no_such_line_and_is_refused(broken):
    assert with_line(broken).errors


@pytest.mark.clause("P-A1a")
@pytest.mark.parametrize(
    ("place", "unit"), [("面积", "万㎡"), ("面积", "公顷"), ("物业费", "元/户/月"), ("户数", "百户")]
)
def test_a_row_of_units_with_one_that_is_not_the_forms_is_refused(place, unit):
    error = only_error(
        with_line([unit if name == place else cell for name, cell in zip(COLUMN, UNITS, strict=True)])
    )

    assert (error.row, unit in error.reason) == (FIRST + 1, True)


def test_a_title_that_was_changed_is_no_compound():
    assert names(with_line(line(小区="天骄街道2024年物业管理基本情况统计表（续）"))) == [
        "和谐家园",
        "康乐家园",
    ]


@pytest.mark.clause("P-A1a")
@pytest.mark.parametrize("said", ["单位：万平方米", "单位：栋、户、万㎡", "面积单位（公顷）"])
def test_a_head_that_says_another_unit_for_the_area_is_refused(said):
    error = only_error(survey(cells(), above=[*ABOVE, [said]]))

    assert (error.row, "平方米" in error.reason) == (len(ABOVE) + 1, True)


@pytest.mark.clause("P-A1a")
@pytest.mark.parametrize("name", ["填写示例", "填表说明", "Sheet2"])
def test_an_empty_form_or_an_example_beside_the_form_is_passed_over_and_named(name):
    rows = [cells(小区="示范家园")] if name == "填写示例" else []
    sheets = [replace(form(*rows)[0], name=name), *form(cells())]

    found = parse(sheets, streets=street_names(), year=2024)

    assert names(found) == ["和谐家园"]
    assert name in only_warning(found).reason


def test_a_sheet_that_is_no_form_is_named():
    found = parse([*form(cells()), Sheet("续表", [["安居小区"]])], streets=street_names(), year=2024)

    assert "续表" in only_warning(found).reason


@pytest.mark.clause("P-A1a")
def test_a_workbook_with_nothing_but_empty_forms_is_refused():
    sheets = [replace(form()[0], name=name) for name in ("甲", "乙")]

    assert "没有小区" in parse(sheets, streets=street_names(), year=2024).errors[0].reason


@pytest.mark.clause("P-A1a")
def test_places_in_the_first_row_alone_are_refused_with_one_sentence():
    others = [cells(街道="", 社区="", 小区=f"小区{number}") for number in range(9)]

    error = only_error(survey(cells(), *others))

    assert (error.row, error.column) == (FIRST + 1, "B")
    assert "等 9 行没有填写所在街道、所在社区" in error.reason
    assert "请逐行填写，或合并单元格" in error.reason


@pytest.mark.clause("P-A1c")
@pytest.mark.parametrize(
    ("place", "heading"),
    [
        ("序号", "编号"),
        ("街道", "所属街道"),
        ("社区", "所属社区居委会"),
        ("小区", "小区名"),
        ("小区", "项目名称"),
        ("楼栋数", "楼栋数量"),
        ("户数", "总户数"),
        ("面积", "总建筑面积"),
        ("面积", "面积（万㎡）"),
        ("建成年限", "竣工年份"),
        ("现状", "物业管理模式"),
        ("企业", "物业公司名称"),
        ("委员", "委员数"),
        ("党员", "党员数"),
        ("物业费", "收费标准"),
        ("收费率", "收缴率"),
    ],
)
def test_a_heading_that_looks_like_one_of_the_forms_is_named_and_not_taken_for_it(place, heading):
    upper = [below or above for above, below in zip(UPPER, LOWER, strict=True)]
    lacking, upper[COLUMN[place]] = upper[COLUMN[place]], heading

    found = survey(cells(), upper=upper, lower=[])

    error = only_error(found)
    assert (error.column, error.heading, found.rows) == ("ABCDEFGHIJKLMN"[COLUMN[place]], lacking, ())
    assert f"第 {COLUMN[place] + 1} 列“{heading}”像是“{lacking}”" in error.reason
    assert ("换算成平方米" in error.reason) is (heading == "面积（万㎡）")


@pytest.mark.clause("P-A1c")
def test_a_header_in_words_of_ones_own_is_found_and_every_column_of_it_is_named():
    upper = ["编号", "街道名称", "社区名称", "项目名称", "小区基本情况", "", "", "", "管理模式", "物业公司", "业委会情况", "", "收费标准", "收缴率"]  # fmt: skip
    lower = ["", "", "", "", "栋数", "总户数", "总面积", "竣工时间", "", "", "委员", "党员", "", ""]

    found = survey(cells(), upper=upper, lower=lower)

    assert (len(found.errors), found.rows) == (14, ())
    assert all("像是" in error.reason for error in found.errors)
    assert [error.column for error in found.errors] == [*"ABCDEFGHIJKLMN"]


@pytest.mark.clause("P-A1a")
def test_a_number_by_a_formula_in_a_row_where_nothing_else_stands_is_passed_over():
    (sheet,) = form(cells(), line(), line(楼栋数=""))
    broken = {(FIRST, 0): "公式没有结果", (FIRST + 90, 0): "公式没有结果"}

    assert parse([replace(sheet, broken=broken)], streets=street_names(), year=2024).errors == ()
    broken |= {(FIRST + 91, 4): "公式没有结果"}
    assert len(parse([replace(sheet, broken=broken)], streets=street_names(), year=2024).errors) == 1
