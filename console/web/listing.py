"""Lists on pages: as much of one as keeps a page light, whatever there is; the rest has an address."""

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from console.web.view import View

Each = TypeVar("Each")
#: What an entry weighs beside its words: its marks, its time, its link; in characters of three bytes.
_MARKS: Final = 50


def fitting(items: Sequence[Each], words: Callable[[Each], str], room: int) -> Sequence[Each]:
    """The first entries whose words together take a room of so many characters, but one at least. Pure."""
    taken = 0
    for at, each in enumerate(items):
        taken += len(words(each)) + _MARKS
        if taken > room and at:
            return items[:at]
    return items


def after(view: View) -> int:
    """How many entries an address leaves out, as those before had them: `?after=20`; none for what is no number."""
    asked = view.query("after")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 0
