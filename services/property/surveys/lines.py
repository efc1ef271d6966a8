"""What a row below the header is: a compound, or one of the lines that people put between and below them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise
from typing import Final

from services.property.surveys.header import is_header, unit_of
from services.property.surveys.survey import Status

TITLE: Final = "东胜区物业管理基本情况统计表"
#: Columns that say which compound a row is of; a row with two of them is one, wherever it stands.
TELLING: Final = ("street", "community", "compound", "status")


class Kind(Enum):
    """What a row is. PAGE: what a printed page has besides its rows: title, head, header, notes."""

    COMPOUND = auto()
    EMPTY = auto()
    PAGE = auto()
    TOTAL = auto()
    SUBTOTAL = auto()
    NUMBERS = auto()
    UNITS = auto()
    SIGNED = auto()
    SAMPLE = auto()
    OTHER = auto()


#: What is said of a row that is not read as a compound; of the other kinds nothing has to be said.
UNUSED: Final = {
    Kind.NUMBERS: "栏次行没有作为小区收录",
    Kind.UNITS: "计量单位行没有作为小区收录",
    Kind.SIGNED: "签字、日期等内容没有收录",
    Kind.SAMPLE: "示例行没有作为小区收录；如是小区，请填写实际名称",
    Kind.OTHER: "这一行没有作为小区收录；如是小区，请补全各列",
}

_NOTE: Final = re.compile(r"(备注|填表说明|说明|注)([\d:.、]|$)|\d+[.、]\D")
_DAY: Final = r"\d{2,4}[年./-]\d{1,2}[月./-](\d{1,2}日?)?[\d:]*|年月日"
#: What a table is called, also by whoever changed the form's title.
_TITLED: Final = r".{0,30}(统计|情况|一览|汇总|调查|摸底|登记)表(\(.*\))?"
#: Lines of a page's head or foot: a title, a day, a label with what belongs to it.
_LINE: Final = re.compile(rf"附件\d*|{_TITLED}|{_DAY}|[^:]{{1,20}}:.*")
#: Labels of the head, which a second page repeats.
_HEAD: Final = re.compile(rf"附件\d*|{_TITLED}|(填报单位|联系人(及电话)?|联系电话|电话)(\(盖?章?\))?(:.*)?")
#: Labels of those who sign, at the left of their line, whatever stands behind them.
_SIGNED: Final = re.compile(
    r".{0,12}(签字|签名|签章|盖章|公章)[^:]{0,6}(:.*)?"
    r"|(填报|填表|制表|审核|复核|校对|审批|批准|经办|负责|报送|联系)(人|单位|电话|日期|时间)?(\(.*\))?(:.*)?"
    r"|(社区|街道|单位|分管)?(主任|书记|领导|负责人|日期|时间|年月日)(:.*)?"
)
_TOTAL: Final = re.compile(
    r"(?P<of>.{0,20}?)(?P<word>小计|合计|总计|共计|累计|汇总|总数)(数|户数|小区数)?([(:\d].*)?"
    r"|共\d+个?(小区|栋|户).*"
)
_NUMBERING: Final = re.compile(
    r"\(?(\d{1,2}|[甲乙丙丁戊己庚辛壬癸子丑]|[一二三四五六七八九十]{1,3}|[A-Z]|[栏列]次|[-—/])\)?(=.*)?"
)
_LEAST_NUMBERED: Final = 4
_SAMPLE_MARK: Final = re.compile(r"\(?((填写|填报|填表)?(示例|样例|举例|范例)|例|例如)\)?\d*:?")
_SAMPLE_NAME: Final = re.compile(r".*某某.*|([×✕○〇*]{2,4}|某|示例|样例)(小区|社区|街道|镇)?")
#: A name that may be one of a sample, and may be real.
_SAMPLE_LIKE: Final = re.compile(r"[xX]{2,4}(小区|花园|家园)?|.*(示例|样例).*")


@dataclass(frozen=True, slots=True)
class Line:
    """A row made plain: its cells that hold anything, and those of the official columns by key.

    added: whether a column of the street's own holds anything.
    """

    shown: tuple[str, ...]
    at: Mapping[str, str]
    added: bool

    @property
    def telling(self) -> int:
        """How much it says of which compound it is of."""
        return sum(bool(self.at.get(key)) for key in TELLING)

    @property
    def is_sure(self) -> bool:
        """Whether it has a compound's status and a name, so that it can be nothing else."""
        return self.at.get("status") in tuple(Status) and bool(self.at.get("compound"))

    @property
    def labels(self) -> tuple[str, ...]:
        """The cells where a total or a sample is called so."""
        return (
            self.shown[0],
            *(self.at.get(key, "") for key in ("number", "street", "community", "compound")),
        )


def kind_of(line: Line) -> Kind:
    """What the row is."""
    if not line.shown:
        return Kind.EMPTY
    if is_header(line.shown):
        return Kind.PAGE
    if _is_sample(line):
        return Kind.SAMPLE
    if total := _total(line):
        return total
    if line.is_sure:
        return Kind.COMPOUND
    if _is_numbering(line.shown):
        return Kind.NUMBERS
    units = [unit_of(cell) for cell in line.shown]
    if None not in units and any(units):
        return Kind.UNITS
    if text := _text(line):
        return text
    own = any(cell for key, cell in line.at.items() if key != "number")
    if own or line.added:
        return Kind.COMPOUND
    return Kind.EMPTY if all(cell.isdecimal() for cell in line.shown) else Kind.OTHER


def is_sample_like(name: str) -> bool:
    """Whether a compound's name made plain may be that of a sample, though nothing says so for sure."""
    return _SAMPLE_LIKE.fullmatch(name) is not None


def _is_sample(line: Line) -> bool:
    marked = any(_SAMPLE_MARK.fullmatch(cell) for cell in (line.shown[0], line.at.get("number", "")))
    return marked or any(
        _SAMPLE_NAME.fullmatch(line.at.get(key, "")) for key in ("street", "community", "compound")
    )


def _total(line: Line) -> Kind | None:
    if line.is_sure and not _TOTAL.fullmatch(line.at["compound"]):
        return None
    found = next(filter(None, map(_TOTAL.fullmatch, line.labels)), None)
    if found is None:
        return None
    return Kind.SUBTOTAL if found["of"] or found["word"] == "小计" else Kind.TOTAL


def _is_numbering(shown: tuple[str, ...]) -> bool:
    """Whether the cells number the columns: 1 2 3, (1) (2) (3), 甲 乙 丙, or letters and then figures."""
    found = [_NUMBERING.fullmatch(cell) for cell in shown]
    numbers = [int(each[1]) for each in found if each and each[1].isdecimal()]
    successive = all(after == before + 1 for before, after in pairwise(numbers))
    return len(shown) >= _LEAST_NUMBERED and all(found) and successive


def _text(line: Line) -> Kind | None:
    """Whether the row is text: notes, a page's head, signatures. One that tells of a compound is none."""
    first = line.shown[0]
    if line.telling < len(TELLING) and line.at.get("status") not in tuple(Status):
        if _HEAD.fullmatch(first):
            return Kind.PAGE
        if _SIGNED.fullmatch(first):
            return Kind.SIGNED
    if line.telling > 1:
        return None
    if _NOTE.match(first):
        return Kind.PAGE
    if all(map(_LINE.fullmatch, line.shown)):
        return Kind.PAGE if any(map(_HEAD.fullmatch, line.shown)) else Kind.SIGNED
    return None
