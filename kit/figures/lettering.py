"""How much room words take, and where their lines end: an upper bound for every font that an office has."""

import unicodedata
from functools import lru_cache
from itertools import accumulate
from typing import Final

#: What turns the direction of what follows, or has no place in XML or in a line.
_UNWANTED: Final = {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
_TURNING: Final = {*"\u200e\u200f\u061c", *map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}
#: What never begins a line.
_CLOSING: Final = frozenset("，。；：、！？）》〉」』】”’…·%,.;:!?)]}")
_WIDE, _NARROW = frozenset("mwMWQO@%&—…"), frozenset("iljtfr.,:;'|!()[]- /")
_BOLD: Final = 1.08


def clean(words: object) -> str:
    """Words as one line without what XML or a picture cannot hold: controls, and marks that turn the direction."""
    kept = (" " if each.isspace() else each for each in str(words) if _is_kept(each))
    return " ".join("".join(kept).split())


def _is_kept(letter: str) -> bool:
    return letter.isspace() or (letter not in _TURNING and unicodedata.category(letter) not in _UNWANTED)


@lru_cache(maxsize=4096)
def _ems(letter: str) -> float:
    """The width of a letter in ems: a Chinese one 1, one that is set upon another 0."""
    category = unicodedata.category(letter)
    if category in ("Mn", "Me", "Cf"):
        return 0.0
    if unicodedata.east_asian_width(letter) in "WFA":
        return 1.0 if ord(letter) < 0x10000 else 1.4
    if letter in _NARROW:
        return 0.42
    if letter in _WIDE or ord(letter) > 0x24F:
        return 1.0
    return 0.78 if letter.isupper() else 0.62


def measured(words: str, size: float, *, bold: bool = False) -> float:
    """The most room that words take in a line of this size."""
    return sum(map(_ems, words)) * size * (_BOLD if bold else 1.0)


def wrapped(words: object, width: float, size: float, *, bold: bool = False) -> list[str]:
    """Words in lines no wider than the width, broken at blanks or between Chinese letters; nothing is cut off.

    At least one line; a letter that is wider than the width has a line to itself.
    """
    lines, rest = [], clean(words)
    while measured(rest, size, bold=bold) > width and len(rest) > 1:
        at = _break(rest, width, size * (_BOLD if bold else 1.0))
        lines.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return [*lines, rest] if rest or not lines else lines


def _break(words: str, width: float, size: float) -> int:
    """Where a line that is too wide ends: after at least one letter."""
    reached = accumulate(_ems(letter) * size for letter in words)
    at = max(1, next((place for place, end in enumerate(reached) if end > width), len(words) - 1))
    blank = words.rfind(" ", 1, at + 1)
    if blank > 0 and words[at].isascii() and words[at - 1].isascii():
        return blank
    moved = at
    while moved > max(1, at - 4) and (words[moved] in _CLOSING or not _ems(words[moved])):
        moved -= 1
    return moved if moved > 1 or at == 1 else at
