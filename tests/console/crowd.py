"""A district in which there is a great deal of everything, and everybody has an odd name; and what pages must be like even then."""

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any, Final

from httpx2 import Request, Response

from console.web.serving import STATIC

#: Bytes that a page has for itself: what is allowed for all together, less what every page asks for.
PAGE: Final = 60_000 - sum(
    path.stat().st_size for path in STATIC.iterdir() if path.suffix != ".css" or path.stem == "console"
)
#: How many of everything there are, where nobody asks for fewer; and characters of what people wrote.
MANY, WORDS = 300, 300
#: The lists that grow with what happens, and the texts that people write.
_LISTS: Final = frozenset(
    {"items", "entries", "tasks", "lines", "steps", "messages", "persons", "groups", "by_unit", "compounds"}
)
_TEXTS: Final = frozenset({"text", "note", "result", "summary", "reason", "words", "answer"})
_NAMES: Final = frozenset(
    {"name", "unit_name", "owner_name", "unit", "place", "accident_type", "measures", "headline", "officer"}
    | {"citizen_name", "community", "title", "asks", "does", "matter_name", "client", "leader", "sentence"}
)
_ID: Final = re.compile(r"[\w-]+", re.ASCII)
#: Markup, quotes, Mongolian, and a mark that turns the direction of whatever follows it.
ODD: Final = "<i>\"'&ᠮ\u202e"


def faults(shown: Any, *, clause: bool = True) -> list[str]:
    """What is wrong with a page in such a district. clause: whether it says what it rests on."""
    found = {
        f"{len(shown.text.encode())} bytes where {PAGE} are enough": len(shown.text.encode()) > PAGE,
        "a name is taken for markup": "<i>" in shown.text,
        "a name turns the direction": "\u202e" in shown.text,
        "no name is there as it is written": "&lt;i&gt;&#34;&#39;&amp;ᠮ" not in shown.text,
        "it does not say as of when": "截至" not in shown.words,
        "it does not say by which clause": clause and "依据" not in shown.words,
    }
    return [fault for fault, there in found.items() if there]


def walked(see: Callable[[str], Any], address: str, entry: str, most: int = 25) -> tuple[int, int]:
    """(entries of a list that are seen by going on from page to page, bytes of the heaviest of these).

    entry: a pattern of one; most: pages, after which nobody goes on.
    """
    seen = heaviest = 0
    for _ in range(most):
        text = see(address).text
        heaviest = max(heaviest, len(text.encode()))
        seen += len(re.findall(entry, text))
        following = re.search(r'href="([^"]+)">接着看', text)
        if following is None:
            break
        address = unescape(following[1])
    return seen, heaviest


def grown(request: Request, response: Response) -> Response:
    """An answer in which what there was one of is there many times, as a service would say it."""
    if (
        request.method != "GET"
        or response.headers.get("content-type", "").split(";")[0] != "application/json"
    ):
        return response
    asked = int(request.url.params.get("limit") or request.url.params.get("each", MANY))
    body = _grown(json.loads(response.content), asked)
    if isinstance(body, dict) and body.get("items") and "next" in body:
        body["next"] = "and-so-on"
    if isinstance(body, list):
        body = _many(body, asked)
    return Response(response.status_code, json=body, request=request)


def _grown(found: Any, most: int) -> Any:
    if isinstance(found, list):
        return [_grown(each, most) for each in found]
    if not isinstance(found, dict):
        return found
    grown = {name: _grown(value, most) for name, value in found.items()}
    for name, value in grown.items():
        if name in _LISTS and isinstance(value, list) and (name != "items" or "next" in grown):
            grown[name] = _many(value, most)
        elif name in _NAMES and isinstance(value, str) and not _ID.fullmatch(value):
            grown[name] = f"{ODD}{value}"
        elif name in _TEXTS and isinstance(value, str):
            grown[name] = (value + "长" * WORDS)[:WORDS]
    return grown


def _many(found: list[Any], most: int) -> list[Any]:
    """As many of what there is; what goes by a key has one of its own."""
    made = [found[at % len(found)] for at in range(most if found else 0)]
    return [{**each, "key": f"{each['key']}-{at}"} if "key" in each else each for at, each in enumerate(made)]
