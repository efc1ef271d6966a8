"""By what a thing is found that has a name: any part of it, in letters, in pinyin, or in the initials of its pinyin.

A name is kept with all the places where looking for it may begin, so that whatever is typed is the beginning of one of
them: an index of words answers, and nothing has to be compared afterwards.
"""

import unicodedata
from typing import Final

from kit.district.names import name_key
from kit.district.pinyin import readings

#: Letters that are compared; who types more finds what begins so.
LONGEST: Final = 32


def found_by(name: str) -> list[str]:
    """All that one may begin to type to find a name; the first is its normal form."""
    key = name_key(name)
    bare = _bare(key)
    starts = [bare[at:] for at in range(len(bare))]
    for syllables in readings(bare):
        initials = "".join(syllable[0] for syllable in syllables)
        starts += ["".join(syllables[at:]) for at in range(len(bare))]
        starts += [initials[at:] for at in range(len(bare))]
    return list(dict.fromkeys(start[:LONGEST] for start in (key, *starts)))


def sought(typed: str) -> str:
    """What somebody typed to find something: without blanks, signs and tones; empty where nothing is left.

    Pinyin may be typed with tones or without, in syllables or in one, ü as v.
    """
    parts = unicodedata.normalize("NFD", name_key(typed)).replace("u\u0308", "v")
    plain = "".join(letter for letter in parts if unicodedata.category(letter) != "Mn")
    return _bare(unicodedata.normalize("NFC", plain))[:LONGEST]


def _bare(key: str) -> str:
    return "".join(letter for letter in key if letter.isalnum())
