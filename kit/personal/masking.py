"""The one masking of running text: telephone numbers, identity numbers and known names, however they are written.

What somebody types is masked where it comes in, so that no way out (answers, events, audit, feeds, archives, workbooks,
logs) holds what was typed; the original is sealed beside it (kit.personal.originals).
"""

import re
from collections.abc import Callable, Collection
from dataclasses import is_dataclass, replace
from datetime import date
from enum import Enum
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import BaseModel

from kit.personal.kept import marks_of

Value = TypeVar("Value")
#: How one text becomes another.
Mask = Callable[[str], str]

#: What people put between the digits of a number: up to two blanks, dashes or dots, never a line's end.
_GAP = r"[ \t\u00a0\u2000-\u200b\u3000.·•_\-\u2010-\u2015\u2212－]{0,2}"
_START, _END = r"(?<!\d)", r"(?!\d)"
#: Not in the middle of a code, and not an amount of money.
_NO_CODE = r"(?!(?<=[A-Za-z]\d{11})[A-Za-z])(?!\.\d\d(?!\d))"
#: China's country code.
_CHINA = rf"(?:[+＋]|[0０]{{2}})\s?[8８][6６]{_GAP}"
_MOBILE = rf"(?P<mobile>{_START}(?:{_CHINA}|[8８][6６]{_GAP}|[0０])?[1１]{_GAP}[3-9３-９](?:{_GAP}\d){{9}}{_END}{_NO_CODE})"
#: Area codes are 010, 02x and 03xx to 09xx.
_AREA = r"(?:[1１][0０]|[2２]\d|[3-9３-９]\d{2})"
_AREA_CODE = rf"(?:{_CHINA}[(（]?[0０]?|[(（]?[0０]){_AREA}\s?[)）]?"
_EXTENSION = rf"(?:\s?(?:转|分机|[Ee]xt\.?|#|＃|-|－|—)[:：]?\s?\d{{1,6}}{_END})?"
_FIXED = rf"(?P<fixed>{_START}{_AREA_CODE}{_GAP}(?:\d{_GAP}){{6,7}}\d{_END}{_EXTENSION})"
#: Seven or eight digits are a number where a word says so.
_CUE = r"(?:电话|手机|座机|联系方式|联系号码|致电|拨打|[Tt][Ee][Ll]\.?)(?:号码?)?(?:是|为)?[:： ]{0,2}"
_LOCAL = rf"(?P<local>{_CUE}[2-8２-８]{_GAP}(?:\d{_GAP}){{5,6}}\d{_END}{_EXTENSION})"
#: Keys of rows and hashes of files, in whose digits no number of a person is looked for.
_KEY = r"\b(?i:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,})\b"
_PHONE = re.compile("|".join((_KEY, _MOBILE, _FIXED, _LOCAL)))
#: 15 or 18 characters at each place where a number begins.
_IDENTITY = re.compile(
    rf"{_START}(?=([1-8１-８](?:{_GAP}\d){{14}}(?:(?:{_GAP}\d){{2}}{_GAP}[\dXxＸｘ])?)(?![0-9A-Za-z０-９]))"
)
#: What has fewer digits close together needs no second look.
_FEWEST = re.compile(r"\d(?:\D{0,4}\d){6}")

#: Weights of GB 11643 and the check characters by remainder.
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
#: The first two digits of an identity number: a province of GB/T 2260.
_PROVINCES = frozenset((*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55)))
_FURTHER_PROVINCES = frozenset((*range(61, 66), 71, 81, 82, 83))


def mask_phone(phone: str) -> str:
    """13812345678 as 138****5678; short numbers keep their last two digits."""
    if len(phone) >= 11:
        return phone[:3] + "*" * (len(phone) - 7) + phone[-4:]
    return "*" * max(len(phone) - 2, 1) + phone[-2:]


def mask_name(name: str) -> str:
    """张建国 as 张**."""
    return name[:1] + "*" * max(len(name) - 1, 1)


def masked(text: str, names: Collection[str] = ()) -> str:
    """A text that somebody typed, with the numbers of persons in it masked, and the given names.

    Masking what is masked changes nothing. names: of persons whom the text may speak of.
    """
    if _FEWEST.search(text):
        text = _PHONE.sub(_hidden, _without_identity_numbers(text))
    pattern = _named(tuple(sorted(names, key=len, reverse=True))) if names else None
    return pattern.sub(lambda name: mask_name(name[0]), text) if pattern else text


def within(value: Value, mask: Mask = masked) -> Value:
    """A value with every text in it masked: JSON's with its keys, a tuple's, a dataclass's, a shape's.

    Whatever is no text stays, and what a shape or a dataclass keeps otherwise (`Kept`).
    """
    made: Value = _within(value, mask)
    return made


def is_identity_number(text: str) -> bool:
    """Whether 15 or 18 characters are an identity number: province, day of birth and, of 18, the check character."""
    if len(text) == 18:
        total = sum(int(digit) * weight for digit, weight in zip(text, _WEIGHTS, strict=False))
        born = text[6:14]
        if text[17].upper() != _CHECKS[total % 11] or not "1850" <= born[:4] <= "2100":
            return False
    else:
        born = "19" + text[6:12]
    return int(text[:2]) in _PROVINCES | _FURTHER_PROVINCES and _is_day(born)


def _is_day(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return False
    return True


def _hidden(found: re.Match[str]) -> str:
    text = found[0]
    match found.lastgroup:
        case "mobile":
            return _starred(text, head=len(_digits(text)) - 8, tail=4)
        case "fixed":
            return _starred(text, head=4, tail=2)
        case "local":
            return _starred(text, head=0, tail=2)
    return text


def _without_identity_numbers(text: str) -> str:
    for found in reversed(list(_IDENTITY.finditer(text))):
        if is_identity_number(_digits(found[1])):
            start, end = found.span(1)
            text = text[:start] + _starred(found[1], head=2, tail=2) + text[end:]
    return text


def _digits(text: str) -> str:
    """The digits of a number, and the X that may end one, in ASCII."""
    found = (
        f"{int(each)}" if each.isdigit() else each for each in text if each.isdigit() or each in "XxＸｘ"
    )
    return "".join(found).translate(str.maketrans("Ｘｘ", "XX"))


def _starred(text: str, *, head: int, tail: int) -> str:
    """The text with its digits starred, but for so many at its head and its tail."""
    places = [place for place, each in enumerate(text) if each.isdigit() or each in "XxＸｘ"]
    hidden = set(places[head : len(places) - tail])
    return "".join("*" if place in hidden else each for place, each in enumerate(text))


@lru_cache(maxsize=64)  # bounded: these are names of persons
def _named(names: tuple[str, ...]) -> re.Pattern[str] | None:
    """Finds the names, also with blanks between their characters; one character is no name to look for."""
    known = [r"[ \u3000]?".join(map(re.escape, name.strip())) for name in names if len(name.strip()) > 1]
    return re.compile("|".join(known)) if known else None


def _within(value: Any, mask: Mask) -> Any:
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {_within(key, mask): _within(each, mask) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_within(each, mask) for each in value)
    if isinstance(value, BaseModel):
        return value.model_copy(update=_changed(value, mask))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **_changed(value, mask))
    return value


def _changed(value: Any, mask: Mask) -> dict[str, Any]:
    """The fields that masking changes, masked."""
    given = {name: getattr(value, name) for name, mark in marks_of(value).items() if mark is None}
    made = {name: _within(each, mask) for name, each in given.items()}
    return {name: each for name, each in made.items() if each != given[name]}
