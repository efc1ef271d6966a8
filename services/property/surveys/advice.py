"""What people write where a number belongs, and what they should enter instead."""

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import Final, NamedTuple

from services.property.surveys.header import is_other_unit, unit_of

_NUMBER: Final = r"\d+(?:,\d{3})*(?:\.\d+)?"
_UNCLEAR: Final = r"不详|未知|不清楚?|不明|不知道?|待定|未定|待(统计|核实|核|补|查|填)|未(统计|填|核实)|(暂缺|缺失?|空)|[?？]+"
_NO_COMMITTEE: Final = (
    r".*(未|没有?|待|拟|正在?|暂?不)(正式|具备)?(成立|组建|筹备|筹建|选举|换届|条件).*"
    r"|(筹备|筹建).*|(组建|成立)中|没有?|未|无.+"
)
_FREE: Final = r"(暂|暂时)?(不|未|没|没有|无)(收|收取|收费|收物业费|缴费)|免费?|免收|减免"
_YEAR: Final = r"(?:19|20)\d{2}"

_TIMES: Final = {"": 1, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}
#: A longer text is no figure in words; the patterns take time that grows faster than the text.
_LONGEST: Final = 60
_COUNTED: Final = ("buildings", "households", "area", "members", "party_members")


class Advice(NamedTuple):
    """What is written, as a pattern, in which columns (in any where none is named), and what to enter instead."""

    written: str
    keys: tuple[str, ...]
    enter: str | Callable[[str, re.Match[str]], str]


def _without_unit(key: str, found: re.Match[str]) -> str:
    unit = unit_of(found["rest"])
    if unit and is_other_unit(key, unit):
        return f"“{unit}”不是这一列的单位，请按附件1的单位换算后只填数字"
    number = Decimal(found["number"].replace(",", "")) * _TIMES[found["times"]]
    return f"请只填数字 {number.normalize():f}，不写单位和文字"


#: The first that fits counts.
ADVICE: Final = (
    Advice(rf".*{_YEAR}.*{_YEAR}.*", ("built",), "分期建成的填写首期建成的四位年份"),
    Advice(_UNCLEAR, (), "不清楚的请留空，查明后只填数字"),
    Advice(_NO_COMMITTEE, ("members", "party_members"), "没有成立的请填 0，成立后只填数字"),
    Advice(r"[有是√]|已.*|成立", ("members", "party_members"), "请只填数字，有几人填几"),
    Advice(_FREE, ("fee",), "不收费的请填 0，收费的只填数字"),
    Advice(_FREE, ("collection_rate",), "不收费的请留空，收费的只填数字"),
    Advice(
        rf"\D*{_NUMBER}.*[^\d.]+.*{_NUMBER}.*",
        ("fee",),
        "一个小区有几种标准的，这一格只填数字，填写主要的一种，其余写在自行增加的列中",
    ),
    Advice(
        rf"[^\d-]{{0,4}}(?P<number>{_NUMBER})(?P<times>[百千万亿]?)(?P<rest>[^\d]{{0,14}})",
        (*_COUNTED, "fee"),
        _without_unit,
    ),
    Advice(r"没有?|零", (), "没有的请填 0，不清楚的请留空，其余只填数字"),
    Advice(rf".*{_NUMBER}.*[^\d.,].*{_NUMBER}.*", _COUNTED, "请只填数字，一格只填一个"),
)


def instead(key: str, written: str) -> str:
    """What to enter in a column instead of what is written there."""
    shown = unicodedata.normalize("NFKC", written).replace(" ", "").replace("m2", "平方米")
    noun, usual = "数字", "请只填数字，不写单位和文字"
    if key == "built":
        noun, usual = "年份", "请填写建成的四位年份，例如 2005"
    for advice in ADVICE if len(shown) <= _LONGEST else ():
        found = re.fullmatch(advice.written, shown) if key in (advice.keys or (key,)) else None
        if found is not None:
            enter = advice.enter if isinstance(advice.enter, str) else advice.enter(key, found)
            return f"“{written}”不是{noun}，{enter}"
    return f"“{written}”不是{noun}，{usual}"
