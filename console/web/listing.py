"""Lists on pages: as much of one as keeps a page light, whatever there is; the rest is one address further."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from console.web.gateway import Told, segment
from console.web.view import View

Each = TypeVar("Each")
#: What an entry weighs beside its words: its marks, its time, its link; in characters of three bytes.
_MARKS: Final = 50
#: How many entries a file has of a list that comes page by page.
_OF_A_FILE: Final = 200


@dataclass(frozen=True)
class Way:
    """How one gets through a list. on: where it goes on, empty at its end; back: where it begins, empty there; left: how many
    more there are, None where nobody counts them.
    """

    on: str = ""
    back: str = ""
    left: int | None = None


def part(view: View, path: str, name: str, most: int) -> str:
    """What to ask for the part of a list that an address asks for by a cursor under this name: `?late=…`."""
    limit = _OF_A_FILE if view.filed else most
    cursor = f"&cursor={segment(view.query(name))}" if view.query(name) else ""
    return f"{path}{'&' if '?' in path else '?'}limit={limit}{cursor}"


def way(view: View, told: Told, name: str) -> Way:
    """The way through a list of which `part` was asked for."""
    return _way(view, name, told.body["next"] if told else None)


def portion(view: View, items: Sequence[Any], name: str, most: int) -> tuple[Sequence[Any], Way]:
    """(the part of a list that an address asks for by how many come before: `?lines=25`; the way through it)."""
    if view.filed:
        return items, Way()
    past = after(view, name)
    left = len(items) - past - most
    return items[past : past + most], _way(view, name, past + most if left > 0 else None, max(left, 0))


def after(view: View, name: str = "after") -> int:
    """How many entries an address leaves out, as those before had them: `?after=20`; none for what is no number."""
    asked = view.query(name)
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 0


def fitting(items: Sequence[Each], words: Callable[[Each], str], room: int) -> Sequence[Each]:
    """The first entries whose words together take a room of so many characters, but one at least. Pure."""
    taken = 0
    for at, each in enumerate(items):
        taken += len(words(each)) + _MARKS
        if taken > room and at:
            return items[:at]
    return items


def _way(view: View, name: str, following: object, left: int | None = None) -> Way:
    asked = {key: value for key, value in view.request.query_params.items() if key not in (name, "done")}
    on = f"{view.here}?{urlencode(asked | {name: following})}" if following is not None else ""
    back = f"{view.here}{'?' if asked else ''}{urlencode(asked)}" if view.query(name) else ""
    return Way(on, back, left)
