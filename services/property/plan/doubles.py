"""When two compounds, or two companies, are likely one: pure.

The documents want full and accurate figures (P-3.1) and give no rule; these are ours. They only propose: people decide.
"""

from dataclasses import dataclass
from typing import Final

#: Where a credit code holds the code of the organisation, which stays when the rest of it is given anew (GB 32100-2015).
ORGANISATION: Final = slice(8, 17)


@dataclass(frozen=True)
class Facts:
    """What is known of a compound or company.

    like, community_like: names without what is nothing to them (`kit.district.names.likeness`); figures: company,
    buildings, households and area of the newest survey, empty where one of them is not known; called: the keys of its
    aliases and former names.
    """

    name: str
    key: str
    like: str
    street: str | None = None
    community: str | None = None
    community_like: str | None = None
    figures: tuple[object, ...] = ()
    uscc: str | None = None
    called: frozenset[str] = frozenset()


def reasons(one: Facts, other: Facts) -> tuple[str, ...]:
    """Why two are likely one, in Chinese; empty where nothing speaks for it."""
    found = (_by_name(one, other), _by_other_name(one, other), _by_figures(one, other), _by_code(one, other))
    return tuple(reason for reason in found if reason)


def _by_name(one: Facts, other: Facts) -> str:
    if one.like != other.like:
        return ""
    if one.street is None:
        return "名称只差括号、空格，或“有限公司”与“有限责任公司”"
    if one.street != other.street:
        same = one.community_like == other.community_like
        return (
            f"名称相同，所在社区同名，社区可能已划归另一街道（{one.street}、{other.street}）" if same else ""
        )
    if one.community != other.community:
        return f"同一街道名称相同，所在社区不同，可能改属了社区（{one.community}、{other.community}）"
    return "同一社区，名称只差括号、空格，或“小区”“社区”等后缀"


def _by_other_name(one: Facts, other: Facts) -> str:
    if one.street != other.street:
        return ""
    for each, called in ((one, other), (other, one)):
        if each.key in called.called:
            return f"“{each.name}”是“{called.name}”的别名或原名称"
    return ""


def _by_figures(one: Facts, other: Facts) -> str:
    same = bool(one.figures) and one.figures == other.figures and one.street == other.street
    return "同一街道，物业企业、楼栋数、户数和面积都相同" if same else ""


def _by_code(one: Facts, other: Facts) -> str:
    same = one.uscc and other.uscc and one.uscc[ORGANISATION] == other.uscc[ORGANISATION]
    return "统一社会信用代码中的组织机构代码相同" if same else ""
