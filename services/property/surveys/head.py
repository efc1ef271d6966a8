"""The lines above the survey form's header: who hands it in, and how to reach them."""

import re
from collections.abc import Iterator
from typing import Final

from services.property.surveys import cells
from services.property.surveys.findings import Findings
from services.property.surveys.survey import CellError

#: How each of the head's own entries is labelled; in the order in which they are tried, the longer first.
_OWN: Final = {
    "联系人及电话": ("联系人及联系电话", "联系人及联系方式", "联系人及电话", "联系人电话", "联系人和电话"),
    "填报单位": ("填报单位",),
    "电话": ("联系电话", "联系方式", "手机号码", "手机号", "手机", "电话"),
    "联系人": ("联系人",),
}
#: Labels that end the entry before them and are not taken in, also where no blank stands before them.
_OTHERS: Final = (
    *("填表人", "填报人", "制表人", "审核人", "负责人", "经办人", "分管领导", "主任", "身份证号"),
    *("填报日期", "填报时间", "填表日期", "上报时间", "报送日期", "日期", "时间", "单位", "地址"),
)
_STAMP: Final = r"(?:\s*[(（]\s*盖?\s*章?\s*[)）])?"
_PHONE: Final = re.compile(r"\+?[\d０-９][\d０-９\s－-]{5,}[\d０-９]")

#: A unit of the area that is not the form's.
_OTHER_UNIT: Final = re.compile(r"[百千万亿]\s*(?:平方米|平米|㎡|m2|m²)|平方公里|公顷")


def _spaced(label: str) -> str:
    """The label with blanks allowed between its letters (联 系 人)."""
    return r"\s*".join(label)


_KEYS: Final = {spelling: key for key, spellings in _OWN.items() for spelling in spellings}
_KNOWN: Final = "|".join(map(_spaced, sorted((*_KEYS, *_OTHERS), key=len, reverse=True)))
_OWN_LABELS: Final = "|".join(map(_spaced, sorted(_KEYS, key=len, reverse=True)))
_LABEL: Final = re.compile(
    rf"({_KNOWN}){_STAMP}\s*[:：]"  # a label that is known, wherever it stands
    rf"|(?<!\S)({_OWN_LABELS}){_STAMP}(?:\s+|$)"  # one of the head's own without a colon
    rf"|((?:(?!(?:{_KNOWN}){_STAMP}\s*[:：])[^\s:：\d]){{1,20}})[:：]"  # any other label
)


def read(found: Findings) -> dict[str, str]:
    """填报单位, 联系人, 电话 from the lines above the header, each in its own cell or several in one."""
    stated = {"填报单位": "", "联系人": "", "电话": ""}
    for index in range(found.header.first):
        line = "  ".join(filter(None, map(cells.text, found.sheet.rows[index])))
        if other := _OTHER_UNIT.search(line):
            reason = f"表头上方写的单位是“{other[0]}”，请按附件1换算成平方米填写，并删去这一说明。"
            found.errors.append(CellError(index + 1, "A", "单位", other[0], reason))
        for label, value in entries(line):
            _take(found, index, (label, value), stated)
    for label, value in stated.items():
        if not value:
            found.warnings.append(CellError(max(found.header.first, 1), "A", label, "", f"没有填写{label}。"))
    return stated


def _take(found: Findings, index: int, entry: tuple[str, str], stated: dict[str, str]) -> None:
    """Keep an entry of the head; one that is not the form's is named without its value, maybe personal."""
    label, value = entry
    if label not in stated:
        if value:
            reason = "表头上方的这一项不属于附件1，没有收录。"
            found.warnings.append(CellError(index + 1, "A", label, "", reason))
        return
    if not value or stated[label] == value:
        return
    try:
        taken = cells.name(value)
        if stated[label]:
            raise cells.Wrong(f"{label}填写了两次，请只留一处")
        if label != "电话" and holds_phone(value):
            raise cells.Wrong(f"{label}里有号码，请把号码填在“电话：”后面")
        stated[label] = taken
    except cells.Wrong as wrong:
        found.errors.append(CellError(index + 1, "A", label, "", f"{wrong}。"))


def entries(line: str) -> Iterator[tuple[str, str]]:
    """The entries of a line as (label, value): 填报单位, 联系人, 电话, or another label as it is written."""
    found = list(_LABEL.finditer(line))
    ends = [*(label.start() for label in found[1:]), len(line)]
    for label, end in zip(found, ends[: len(found)], strict=True):
        written = re.sub(r"\s", "", label[1] or label[2] or label[3])
        value = line[label.end() : end].strip()
        key = _KEYS.get(written, written)
        if key == "联系人及电话":
            phone = _PHONE.search(value)
            yield "电话", phone[0].strip() if phone else ""
            value = value[: phone.start()] + value[phone.end() :] if phone else value
            key, value = "联系人", value.strip(" ,，、;；/")
        yield key, value


def holds_phone(value: str) -> bool:
    """Whether a telephone or identity number stands in it."""
    return _PHONE.search(value) is not None
