"""Who owns what of an entry that the smart-property platform states too (P-2.2.6): no side overwrites the other silently.

What is not taken stays as it is and is listed as a difference, and so is what people had written where the platform's
was taken instead.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final


class Owns(Enum):
    """Who owns a field (归属方), with its Chinese and what that means when the platform states another value."""

    PLATFORM = ("platform", "平台", "以平台为准，写入登记；人工填写过的原值列入差异")
    PEOPLE = ("people", "人工", "以人工登记和摸底为准，平台所报不同的只列入差异")
    FIRST = ("first", "先填者", "登记为空、或仍是平台上次所报时写入；人工填写或改动过的不覆盖，只列入差异")

    def __init__(self, code: str, zh: str, means: str) -> None:
        self.code, self.zh, self.means = code, zh, means


@dataclass(frozen=True, slots=True)
class Owned:
    """A field that the platform states, its Chinese, and who owns it."""

    field: str
    zh: str
    owner: Owns


#: By kind of entry. What stands in none of these the platform does not state: it is people's.
OWNED: Final[dict[str, tuple[Owned, ...]]] = {
    "companies": (
        Owned("name", "企业名称", Owns.FIRST),
        Owned("uscc", "统一社会信用代码", Owns.FIRST),
        Owned("deleted", "是否在册", Owns.FIRST),
    ),
    "projects": (
        Owned("name", "项目名称", Owns.PEOPLE),
        Owned("kind", "项目类别", Owns.PEOPLE),
        Owned("street", "街道（镇）", Owns.PEOPLE),
        Owned("begins_on", "开始日期", Owns.PEOPLE),
        Owned("ends_on", "结束日期", Owns.PEOPLE),
        Owned("deleted", "是否在册", Owns.PEOPLE),
    ),
    "compounds": (
        Owned("street", "街道（镇）", Owns.PEOPLE),
        Owned("community", "社区", Owns.PEOPLE),
        Owned("name", "小区名称", Owns.FIRST),
        Owned("households", "户数", Owns.PEOPLE),
        Owned("area", "建筑面积", Owns.PEOPLE),
        Owned("deleted", "是否在册", Owns.FIRST),
    ),
    "contracts": (
        Owned("signed_on", "签订日期", Owns.FIRST),
        Owned("starts_on", "服务开始日期", Owns.PLATFORM),
        Owned("ends_on", "服务结束日期", Owns.PLATFORM),
        Owned("deleted", "是否在册", Owns.PEOPLE),
    ),
}


def owner_of(kind: str, field: str) -> Owned:
    """Who owns a field of a kind of entry."""
    return next(each for each in OWNED[kind] if each.field == field)
