"""Requests found by words of their texts: by pairs of letters, which an index answers, since Chinese has no blanks."""

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func

from kit.dispatch.tables import DispatchRequest
from kit.web.problems import FieldError, Invalid


def grams(text: str) -> set[str]:
    """The pairs of letters that stand side by side in a text: what a search in texts without blanks goes by."""
    words = re.split(r"[\W_]+", text.lower())
    return {word[at : at + 2] for word in words for at in range(len(word) - 1)}


def holds(sought: str) -> ColumnElement[bool]:
    """Whether the text of a request holds what is sought, all of its words. Raises: Invalid for less than two letters."""
    request = DispatchRequest
    texts = (request.number, request.summary, request.description, request.address)
    return held_by(texts, request.grams, sought)


def held_by(texts: Sequence[Any], indexed: Any, sought: str) -> ColumnElement[bool]:
    """Whether some columns hold what is sought, all of its words. indexed: the column of their grams.

    Raises: Invalid for less than two letters.
    """
    words = [word for word in re.split(r"[\W_]+", sought.lower()) if word]
    if not words or min(len(word) for word in words) < 2:
        raise Invalid(
            "sought-too-short",
            "查找的词至少要有两个字，多个词用空格分开。",
            errors=[FieldError(pointer="?q", reason="每个词至少两个字")],
        )
    whole = func.lower(func.concat_ws(" ", *texts))
    found: ColumnElement[bool] = indexed.contains(sorted(grams(sought)))
    for word in words:
        found &= whole.contains(word, autoescape=True)
    return found
