"""A district in which there is a great deal of everything: answers of services in which each list has grown, and what pages may weigh then."""

import json
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
    {"items", "entries", "tasks", "lines", "steps", "messages", "persons", "groups", "by_unit", "to_make_up"}
)
_TEXTS: Final = frozenset({"text", "note", "result", "summary", "reason", "words", "answer"})


def grown(request: Request, response: Response) -> Response:
    """An answer in which what there was one of is there many times, as a service would say it."""
    if (
        request.method != "GET"
        or response.headers.get("content-type", "").split(";")[0] != "application/json"
    ):
        return response
    asked = int(request.url.params.get("limit", MANY))
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
        if name in _LISTS and isinstance(value, list):
            grown[name] = _many(value, most)
        elif name in _TEXTS and isinstance(value, str):
            grown[name] = (value + "长" * WORDS)[:WORDS]
    return grown


def _many(found: list[Any], most: int) -> list[Any]:
    return [found[at % len(found)] for at in range(most)] if found else []
