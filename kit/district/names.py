"""Names that people type: one normal form by which they are the same, whatever the keyboard, width or line break.

What was typed is kept for showing; the normal form is the key. Names whose normal forms differ are never taken for
one another: `likeness` says which of them a person should compare.
"""

import re
import unicodedata
from typing import Annotated, Final

from pydantic import AfterValidator

#: Letters that nobody sees besides those of the categories below: joiners, fillers, variation selectors.
_UNSEEN: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_UNSEEN_CATEGORIES: Final = ("Cc", "Cf", "Cs", "Zl", "Zp", "Zs")
_SIGNS: Final = str.maketrans(
    {"\u2212": "-"}
    | dict.fromkeys("[{【〔〖〘〚", "(")
    | dict.fromkeys("]}】〕〗〙〛", ")")
    | dict.fromkeys("•・‧∙⋅⸱", "·")
    | dict.fromkeys("“”„‟«»〝〞", '"')
    | dict.fromkeys("‘’‚‛", "'")
)
#: What is its own normal form whatever surrounds it: most names, told at a glance.
_PLAIN: Final = re.compile("[0-9a-z()一-鿿-]*")
#: What a name may end with and mean the same: 己, 己社区, 己社区居委会; 团结, 团结小区.
_ENDINGS: Final = re.compile(
    "(?<=.)(社区|小区|村)?(居民委员会|居委会|村民委员会|村委会)$|(?<=.)(社区|小区|村)$"
)


def name_key(text: str) -> str:
    """The normal form of a name: width, brackets, dashes, letter case, blanks, line breaks and unseen letters are nothing to it.

    What it gives is its own normal form.
    """
    if _PLAIN.fullmatch(text):
        return text
    found = text
    while (once := _folded(found)) != found:
        found = once
    return found


def likeness(text: str) -> str:
    """What two names share that are likely one: brackets, signs, 有限责任公司 and what divisions end with left out.

    Only for proposing: 有限公司 and 有限责任公司 may be two companies.
    """
    bare = "".join(letter for letter in name_key(text) if letter.isalnum())
    bare = bare.replace("有限责任公司", "有限公司")
    return _ENDINGS.sub("", bare) or bare


def one_line(text: str) -> str:
    """A name as it is shown: as it was typed, in one line, without doubled, outer or unseen letters."""
    seen = "".join(
        " " if letter.isspace() else letter
        for letter in _UNSEEN.sub("", text)
        if letter.isspace() or unicodedata.category(letter) not in _UNSEEN_CATEGORIES
    )
    return " ".join(seen.split())


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    seen = (
        "-" if unicodedata.category(letter) == "Pd" else letter
        for letter in _UNSEEN.sub("", plain)
        if not letter.isspace() and unicodedata.category(letter) not in _UNSEEN_CATEGORIES
    )
    return unicodedata.normalize("NFKC", "".join(seen).translate(_SIGNS))


def _needed(text: str) -> str:
    shown = one_line(text)
    if not name_key(shown):
        raise ValueError("名称不能为空，请填写。")
    return shown


#: A name in a request, in one line.
TypedName = Annotated[str, AfterValidator(_needed)]
