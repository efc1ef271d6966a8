"""The one normal form of typed names: what is left when width, brackets, blanks and line breaks no longer matter.

Companies, communities, compounds and places are compared, and kept as keys, by it; what was typed is kept for showing.
"""

import unicodedata

_BRACKETS = str.maketrans("[]【】〔〕〖〗{}", "()()()()()")
#: Blanks, line breaks, controls and marks without width or with a direction: none of them tells two names apart.
_NOTHING = {"Zs", "Zl", "Zp", "Cc", "Cf"}


def plain(name: str) -> str:
    """The normal form; twice is as once."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    kept = "".join(letter for letter in folded if unicodedata.category(letter) not in _NOTHING)
    return unicodedata.normalize("NFKC", kept.translate(_BRACKETS))
