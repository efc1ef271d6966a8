"""What one cell of the survey form may hold: a cell in, a value out, or `Wrong` with what to do about it.

An optional cell may be left empty or hold one of the signs people write for "none"; both read as None.
"""

import datetime
import re
import unicodedata
from collections.abc import Collection
from decimal import ROUND_HALF_UP, Decimal
from difflib import get_close_matches
from typing import Final

from kit.workbooks.reading import Cell

#: What people write into a cell that has nothing to say.
NOTHING: Final = frozenset({"", "/", "\\", "-", "--", "—", "——", "无", "暂无"})
#: Words that point to another row.
DITTO: Final = frozenset({"同上", "〃", '"', "″", "同前", "同左"})
#: Ways of managing a compound without a company, as P-2.4.2 names them, in the words that surveys use.
SELF_MANAGED: Final = frozenset(
    {
        "自管",
        "自治",
        "业主自治",
        "业主自管",
        "业主自管自治",
        "居民自治",
        "居民自管",
        "社区托管",
        "社区代管",
        "社区自管",
    }
    | {
        "社区居委会托管",
        "社区居委会代管",
        "社区居民委员会托管",
        "居委会托管",
        "社会组织代管",
        "开发商代管",
        "单位自管",
    }
)
#: What stands where a company's name should, and names none.
NO_COMPANY: Final = SELF_MANAGED | {
    "没有",
    "没",
    "0",
    "待定",
    "未定",
    "不详",
    "未知",
    "无企业",
    "无物业",
    "无物业公司",
}
FIRST_YEAR: Final = 1949
LONGEST_NAME: Final = 100
LONGEST_TEXT: Final = 1_000
RATE_PLACES: Final = 4

_INVISIBLE: Final = ("Cc", "Cf", "Cs")
_NUMBER: Final = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d*)?", re.ASCII)
_YEAR: Final = re.compile(
    r"(\d{4})(年?|年(\d{1,2})月(\d{1,2}日)?|[-./](\d{1,2})([-./]\d{1,2})?(T?\d{1,2}:\d{2}(:\d{2})?(\.\d+)?)?|(?P<part>年?[初底末中]|年?[上下]半年))",
    re.ASCII,
)
#: Letters that mean something only where they were typed (private use), or nothing any more (a replacement).
_STRANGE: Final = re.compile("[\ue000-\uf8ff\ufffd\U000f0000-\U0010ffff]")
_BETWEEN: Final = re.compile(r"[\r\n、;；,，/]+")
_COMPANY_ENDINGS: Final = ("公司", "物业", "服务中心")
_DIVISION_ENDINGS: Final = ("街道办事处", "街道办", "街道", "镇人民政府", "镇")


class Wrong(ValueError):
    """A cell that cannot be taken; the message says in Chinese what is expected."""


class Missing(Wrong):
    """An empty cell where something has to stand."""


class NotAFigure(Wrong):
    """A text where a number or a year belongs; the message is what is written."""


def text(cell: Cell) -> str:
    """The cell as one line of text: no control or zero-width characters, no doubled or outer spaces."""
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, datetime.datetime):
        return cell.strftime("%Y-%m-%d %H:%M")
    if isinstance(cell, datetime.date):
        return cell.isoformat()
    if cell.isprintable() and cell == cell.strip() and "  " not in cell:
        return cell
    visible = "".join(
        " " if letter.isspace() else letter
        for letter in cell
        if letter.isspace() or unicodedata.category(letter) not in _INVISIBLE
    )
    return " ".join(visible.split())


def name(cell: Cell) -> str:
    """A name, empty when there is none; at most 100 characters.

    Raises:
        Wrong: too long, a date or truth value, a word that points to another row, or a letter that others cannot read.
    """
    if isinstance(cell, datetime.date):
        raise Wrong("被识别为日期，请把单元格格式设为“文本”后重新填写")
    if isinstance(cell, bool):
        raise Wrong("应为文字，请把单元格格式设为“文本”后重新填写")
    found = text(cell)
    if found in DITTO:
        raise Wrong(f"请写出完整名称，不写“{found}”")
    if found in NOTHING:
        return ""
    if strange := _STRANGE.search(found):
        raise Wrong(
            f"有其他电脑不能识别的字（编码 U+{ord(strange[0]):04X}，多为造字或乱码），请改用规范汉字，打不出的用同音字"
        )
    if len(found) > LONGEST_NAME:
        raise Wrong(f"内容超过 {LONGEST_NAME} 个字，请缩短")
    return found


def company(cell: Cell) -> str:
    """One company's name, empty when there is none.

    Raises:
        Wrong: as `name`, or more than one company.
    """
    found = name(cell)
    if found in NO_COMPANY or found.replace(" ", "") in NO_COMPANY:
        return ""
    parts = [part.strip() for part in _BETWEEN.split(cell)] if isinstance(cell, str) else []
    if sum(part.endswith(_COMPANY_ENDINGS) for part in parts) > 1:
        raise Wrong("一格只能填写一家企业，请保留签订物业服务合同的一家")
    return found


def needed(cell: Cell) -> str:
    """A name that has to be there.

    Raises:
        Missing: it is not. Wrong: as `name`.
    """
    if found := name(cell):
        return found
    raise Missing("不能为空，请填写")


def division(cell: Cell, divisions: Collection[str]) -> str:
    """The full name of a street or town, also when written short (天骄) or as its office (天骄街道办事处)."""
    found = needed(cell).replace(" ", "").removeprefix("东胜区")
    by_short = {_short(full): full for full in sorted(divisions)}
    short = _short(found)
    full = by_short.get(short)
    if full and (found == short or found.startswith(full)):
        return full
    close = get_close_matches(short, by_short, n=1, cutoff=0.5)
    hint = f"是否应为“{by_short[close[0]]}”" if close else f"应为{'、'.join(by_short.values())}之一"
    raise Wrong(f"“{found}”不是东胜区的街道或镇，{hint}")


def divisions_in(line: str, divisions: Collection[str]) -> set[str]:
    """The full names of the streets and towns that a unit is of, by its name: 天骄街道办事处团结社区."""
    return {
        full
        for full in divisions
        if re.search(rf"{_short(full)}(街道|镇)", line) or line.removeprefix("东胜区") == _short(full)
    }


def _short(full: str) -> str:
    for ending in _DIVISION_ENDINGS:
        if full.endswith(ending) and full != ending:
            return full.removesuffix(ending)
    return full


def number(cell: Cell) -> Decimal | None:
    """A number, also when typed as text with thousands separators or full-width digits."""
    if isinstance(cell, Decimal):
        return cell
    if isinstance(cell, bool | datetime.date):
        raise Wrong("应为数字，请把单元格格式改为“常规”后重新填写")
    found = unicodedata.normalize("NFKC", text(cell)).replace(" ", "")
    if found in NOTHING:
        return None
    if not _NUMBER.fullmatch(found):
        raise NotAFigure(text(cell))
    return Decimal(found.replace(",", ""))


def whole(cell: Cell, most: int) -> int | None:
    """A count from 0 to `most`."""
    found = number(cell)
    if found is None:
        return None
    if found < 0:
        raise Wrong("不能是负数，请填写 0 或正整数")
    if found > most:
        raise Wrong(f"大于 {most}，请核对")
    if found != found.to_integral_value():
        raise Wrong("应为整数，不能有小数")
    return int(found)


def decimal(cell: Cell, places: int, most: int) -> Decimal | None:
    """A number from 0 to `most`, rounded half up to `places` decimal places."""
    found = number(cell)
    if found is None:
        return None
    if found < 0:
        raise Wrong("不能是负数")
    if found > most:
        raise Wrong(f"大于 {most}，请核对数值和单位")
    return _rounded(found, places)


def year(cell: Cell, last: int) -> int | None:
    """The year a compound was built, from 1949 to `last`: a year, a month or day in it, or a date cell."""
    if isinstance(cell, datetime.date):
        found = cell.year
        if found < FIRST_YEAR:
            raise Wrong("单元格设成了日期格式，请改为“常规”后填写四位年份，例如 2005")
    else:
        shown = unicodedata.normalize("NFKC", text(cell)).replace(" ", "")
        if shown in NOTHING:
            return None
        matched = _YEAR.fullmatch(shown)
        if not matched or not 1 <= int(matched[3] or matched[5] or 1) <= 12:
            raise NotAFigure(text(cell))
        found = int(matched[1])
    if not FIRST_YEAR <= found <= last:
        raise Wrong(f"年份应在 {FIRST_YEAR} 至 {last} 之间")
    return found


def is_part_of_a_year(cell: Cell) -> bool:
    """Whether a year is written with a part of it that is not a month (2005年底)."""
    shown = unicodedata.normalize("NFKC", text(cell)).replace(" ", "")
    return bool((matched := _YEAR.fullmatch(shown)) and matched["part"])


def rate(cell: Cell) -> Decimal | None:
    """A collection rate as a fraction from 0 to 1, to 4 places.

    Text with a percent sign is per cent. A bare number up to 1 is a fraction, so a bare 1 is 100%; from 2 to
    100 it is per cent; between 1 and 2 it could be either and is refused.
    """
    shown = unicodedata.normalize("NFKC", text(cell)).replace(" ", "")
    if _NUMBER.fullmatch(shown.removesuffix("%")) and shown.endswith("%"):
        percent = Decimal(shown.removesuffix("%").replace(",", ""))
        if not 0 <= percent <= 100:
            raise Wrong("收费率应在 0% 至 100% 之间")
        return _rounded(percent / 100, RATE_PLACES)
    found = number(cell)
    if found is None:
        return None
    if not 0 <= found <= 100:
        raise Wrong("收费率应在 0% 至 100% 之间，例如 85%")
    if 1 < found < 2:
        raise Wrong(f"无法判断“{shown}”是比例还是百分数，请带百分号填写，例如 85%")
    return _rounded(found if found <= 1 else found / 100, RATE_PLACES)


def bare(cell: Cell) -> Decimal | None:
    """The number of a rate that was written without a percent sign; None for any other cell."""
    try:
        return number(cell)
    except Wrong:
        return None


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
