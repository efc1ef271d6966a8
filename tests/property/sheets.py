"""Sheets of the survey form as rows of cells, and what the reader makes of them."""

from collections.abc import Sequence
from decimal import Decimal

from kit.workbooks.reading import Cell, Sheet
from services.property.divisions import street_names
from services.property.surveys.form import CellError, Survey, parse

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
