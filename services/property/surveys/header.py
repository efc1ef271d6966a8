"""The header of the survey form (附件1): its headings in order, and where they stand in a given sheet."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, NamedTuple

from kit.workbooks.reading import Cell
from services.property.surveys.cells import text

#: The header is looked for in this many rows from the top.
SEARCHED_ROWS: Final = 30
#: So many known headings in one row make it a header.
_LEAST_KNOWN: Final = 4
_LEAST_LIKE: Final = 6
LONGEST_HEADING: Final = 100


class Heading(NamedTuple):
    """One column of the official form: its name here, its heading, the merged heading above it.

    `also` are other spellings that are understood, `units` what may stand in brackets or bare behind either,
    `like` headings that are not understood and most likely mean it.
    """

    key: str
    heading: str
    group: str = ""
    also: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    like: str = ""


_BASICS: Final = "小区基本情况"
_COMMITTEE: Final = "业委会（物管会）情况"
_FEE_UNITS: Final = (
    "元/平方米/月",
    "元/平方米·月",
    "元/m2/月",
    "元/m2·月",
    "元/平米/月",
    "元/月/平方米",
    "元",
)

#: The columns of 附件1 in their order. A survey may add to them and leave none out (附件1备注2).
OFFICIAL: Final = (
    Heading("number", "序号", like=r"编号|序列号?|行号|no\.?"),
    Heading(
        "street",
        "所在街道",
        also=("所在街道(镇)", "所在镇(街道)", "街道", "街道(镇)"),
        like=".*(街道|镇街|街镇|乡镇).*|镇",
    ),
    Heading("community", "所在社区", also=("所在社区(村)", "社区"), like=".*(社区|居委会).*|.*村"),
    Heading("compound", "小区名称", like=".*(小区|项目|楼盘).*名.*|(住宅)?(小区|项目|楼盘)|名称"),
    Heading(
        "buildings",
        "楼栋数",
        _BASICS,
        units=("栋", "幢", "座", "个"),
        like=".*(楼栋|栋数|幢数|楼数|楼幢|楼宇).*",
    ),
    Heading("households", "户数", _BASICS, units=("户", "家"), like=".*户数?"),
    Heading("area", "面积", _BASICS, also=("建筑面积",), units=("平方米", "m2", "平米"), like=".*面积.*"),
    Heading(
        "built",
        "建成年限",
        _BASICS,
        also=("建成年份", "建成时间"),
        units=("年", "年份"),
        like=".*(建成|竣工|交付|建造|建筑年|年代|年限|年份).*",
    ),
    Heading("status", "物业管理现状", like=".*(现状|(物业|管理)(类型|模式|方式|情况|形式))"),
    Heading(
        "company",
        "物业服务企业名称",
        also=("物业企业名称", "物业服务企业"),
        like=".*(物业|服务)(公司|企业|单位)(名称?)?|(企业|公司|物业)名称",
    ),
    Heading(
        "members",
        "业委会（物管会）委员人数",
        _COMMITTEE,
        also=("委员人数",),
        units=("人", "名"),
        like=".*委员.*",
    ),
    Heading(
        "party_members",
        "业委会（物管会）党员人数",
        _COMMITTEE,
        also=("党员人数",),
        units=("人", "名"),
        like=".*党员.*",
    ),
    Heading(
        "fee",
        "物业费标准（元/平方米/月）",
        also=("物业费标准",),
        units=_FEE_UNITS,
        like=".*(物业费|服务费|收费标准|费标准|单价).*",
    ),
    Heading("collection_rate", "收费率", units=("%", "百分比"), like=".*(收费|收缴|缴费|收取|缴纳)率"),
)
#: Merged headings that are the form's own, however shortened.
_OWN_GROUP: Final = re.compile(r"(小区)?(基本)?情况|.*(业委会|物管会|业主委员会).*")


def plain(cell: Cell) -> str:
    """A heading for comparison: half-width, without spaces or line breaks, ㎡ as m2."""
    return unicodedata.normalize("NFKC", text(cell)).replace(" ", "")


#: A unit of measure, also one that the form does not use.
_UNIT: Final = re.compile(
    r"[百千万亿]?(m2|平方米|平米|平方公里|公顷|亩|户|栋|幢|座|个|家|人|名|年|年份|元|%|百分比)"
    r"([/·.每](月|季度?|年|日|天|户|人|m2|平方米|平米))*"
)
#: A heading and the unit in brackets behind it.
_WITH_UNIT: Final = re.compile(r"(?P<name>[^(]*)/?\((单位:?)?(?P<unit>[^()]*)\)")


def unit_of(cell: str) -> str | None:
    """The unit that a cell made plain names, empty for a dash; None for anything else."""
    bare = cell.removeprefix("计量").removeprefix("单位").strip(":()")
    if not bare.strip("-—/"):
        return ""
    return bare if _UNIT.fullmatch(bare) else None


def is_other_unit(key: str, unit: str) -> bool:
    """Whether a unit is not the one in which the form has a column; columns without one have none to compare."""
    units = {_parts(each) for known in OFFICIAL if known.key == key for each in known.units}
    return bool(unit and units) and _parts(unit) not in units


def _parts(unit: str) -> tuple[str, ...]:
    """A unit however it is written: 元/㎡·月 as 元/月/平方米."""
    whole = plain(unit).replace("m2", "平方米").replace("平米", "平方米")
    return tuple(sorted(re.split("[/·.每]", whole)))


def resembling(known: Heading, added: Iterable[str]) -> tuple[str, str]:
    """The added heading that most likely stands for an official one that is lacking, and what to do; empty if none."""
    bare, units = {}, {}
    for heading in added:
        shown = plain(heading)
        parted = _WITH_UNIT.fullmatch(shown)
        name, units[heading] = (parted["name"].rstrip("/"), parted["unit"]) if parted else (shown, "")
        bare[heading] = name.rpartition("/")[2]
    like = [
        heading
        for heading, name in bare.items()
        if _is_like(known, name) or name in map(plain, (known.heading, *known.also))
    ]
    if not like:
        return "", ""
    closest = max(
        like, key=lambda heading: SequenceMatcher(None, plain(known.heading), bare[heading]).ratio()
    )
    renamed, unit = f"把列名改为“{known.heading}”", units[closest]
    if unit_of(unit) and is_other_unit(known.key, unit):
        return closest, f"但单位是“{unit.replace('m2', '㎡')}”，请换算成{known.units[0]}，并{renamed}"
    return closest, f"请{renamed}"


def _spellings(heading: Heading) -> Iterator[str]:
    for name in (heading.heading, *heading.also):
        bare = plain(name)
        yield bare
        for unit in heading.units:
            yield f"{bare}({unit})"
            yield f"{bare}{unit}"


_BY_SPELLING: Final = {spelling: known for known in OFFICIAL for spelling in _spellings(known)}
_LOWER: Final = frozenset(spelling for spelling, known in _BY_SPELLING.items() if known.group)
_UPPER: Final = frozenset(_BY_SPELLING) - _LOWER


@dataclass(frozen=True, slots=True)
class Header:
    """Where the header of a sheet stands; rows and columns are counted from 0.

    first, last: its rows. columns: official key to column. added: heading to column, in order.
    lacking: official headings that are not there. doubled: columns whose heading stood before.
    unnamed: columns without a heading.
    """

    first: int
    last: int
    columns: dict[str, int]
    added: dict[str, int]
    lacking: tuple[Heading, ...]
    doubled: dict[int, str]
    unnamed: tuple[int, ...]


def is_header(shown: Sequence[str], *, like: bool = False) -> bool:
    """Whether the cells of a row, made plain, are headings of the form: those of its upper or lower row.

    like: headings that only look like the form's are counted as well, of which more are needed.
    """
    known = {_BY_SPELLING[cell].key for cell in shown if cell in _BY_SPELLING}
    if not like:
        return len(known) >= _LEAST_KNOWN
    alike = [each for each in OFFICIAL if each.key in known or any(_is_like(each, cell) for cell in shown)]
    return len(alike) >= _LEAST_LIKE


def locate(rows: Sequence[Sequence[Cell]], *, like: bool = False) -> Header | None:
    """Find the header wherever it starts, in two rows with merged cells or in one; None if there is none.

    like: also one whose headings mostly only look like the form's, so that each can be named.
    """
    for first, row in enumerate(rows[:SEARCHED_ROWS]):
        if not is_header([plain(cell) for cell in row], like=like):
            continue
        below = rows[first + 1] if first + 1 < len(rows) else ()
        second = _is_lower(row, below)
        width = max(map(len, rows))
        return _columns(first, first + second, _headings(width, row, below if second else ()))
    return None


def _is_lower(upper: Sequence[Cell], below: Sequence[Cell]) -> bool:
    """Whether a row is the lower one of a header: it has headings that stand in groups, or such as look like them."""
    shown = [cell for cell in map(plain, below) if cell]
    if len(_LOWER.intersection(shown)) > 1:
        return True
    like = [known for known in OFFICIAL if known.group and any(_is_like(known, cell) for cell in shown)]
    return len(like) > 1 and any(map(_OWN_GROUP.fullmatch, map(plain, upper)))


def _is_like(known: Heading, cell: str) -> bool:
    # The patterns take time that grows faster than the text.
    return len(cell) <= LONGEST_HEADING and re.fullmatch(known.like, cell, re.IGNORECASE) is not None


def _headings(width: int, upper: Sequence[Cell], lower: Sequence[Cell]) -> list[str]:
    """One heading for each column: the lower one, led by its group where that is not one of the form's own.

    So 党员人数 under an added 物业企业情况 is not taken for the committee's. A merged group has its text in
    its first column only.
    """
    headings = []
    group = ""
    for index in range(width):
        above = text(upper[index]) if index < len(upper) else ""
        below = text(lower[index]) if index < len(lower) else ""
        if above:
            group = above if below and plain(below) != plain(above) else ""
        if not below or not group:
            headings.append(below or above)
        elif _OWN_GROUP.fullmatch(plain(group)) or plain(below) in _UPPER:
            headings.append(below)
        else:
            headings.append(f"{group}/{below}")
    return headings


def _columns(first: int, last: int, headings: Iterable[str]) -> Header:
    columns: dict[str, int] = {}
    added: dict[str, int] = {}
    doubled: dict[int, str] = {}
    unnamed = []
    for index, heading in enumerate(headings):
        known = _BY_SPELLING.get(plain(heading))
        if not heading:
            unnamed.append(index)
        elif known and known.key not in columns:
            columns[known.key] = index
        elif known or heading in added:
            doubled[index] = heading
        else:
            added[heading] = index
    lacking = tuple(known for known in OFFICIAL if known.key not in columns)
    return Header(first, last, columns, added, lacking, doubled, tuple(unnamed))
