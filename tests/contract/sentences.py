"""What people read in an answer: Chinese sentences call units, clients and fields by their names, not by English ids."""

import re
from collections.abc import Iterator
from typing import Any

from httpx2 import Response

from tests.contract.documents import CHINESE

#: `emergency-headquarters`, `occurred_at`: not within an address, nor a scope.
_ID = re.compile(r"(?<![\w./:{-])[a-z][a-z0-9]*(?:[-_][a-z0-9]+)+(?![\w./}:-])")
#: What a caller is to type stands with its Chinese, `place（事故地点）` or `编号（unit_id）`; what one typed, in quotes.
_EXPLAINED = re.compile("“smart-platform”|[a-z0-9_-]+（[一-鿿、]+）|(?<=[一-鿿])（[a-z0-9_-]+）")


def reads_as_chinese(what: str, answer: Response) -> None:
    """No sentence of an answer holds an English id."""
    if answer.content and "json" in answer.headers["content-type"]:
        found = [f"{place}: {text}" for place, text in _texts(answer.json()) if _holds_an_id(text)]
        assert not found, f"{what}: {found}"


def _holds_an_id(text: str) -> bool:
    return CHINESE.search(text) is not None and _ID.search(_EXPLAINED.sub("", text)) is not None


def _texts(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts(inner, f"{place}/{name}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _texts(inner, f"{place}/{number}")
