"""Strict kinds: JSON has numbers, texts and truth values, and none is taken for another; times are texts of RFC 3339.

In every text that comes in, letters that nobody sees are left out and control characters are refused at their place.

Pydantic alone takes 0 and "86400" for 1970, "yes" for true, 1.0 for 1. Here a core schema is gone through once, when
a shape or an operation is made, and costs a request nothing but the texts that are looked at.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

from pydantic import GetCoreSchemaHandler
from pydantic.config import JsonDict
from pydantic_core import CoreSchema, PydanticCustomError, PydanticKnownError, core_schema

_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_SECONDS = r":[0-9]{2}(\.[0-9]{1,9})?"
_CLOCK = "[0-9]{2}:[0-9]{2}"
#: Kinds that are written as texts: how, and what they are in Python. The zone is asked for by the kind itself.
_WRITTEN = {
    "date": (re.compile(_DATE), date, "date_type"),
    "datetime": (
        re.compile(f"{_DATE}[Tt]{_CLOCK}{_SECONDS}([Zz]|[+-]{_CLOCK})?"),
        datetime,
        "datetime_type",
    ),
    "time": (re.compile(f"{_CLOCK}({_SECONDS})?"), time, "time_type"),
}
#: Kinds that JSON has itself: how they are written in an address, where there are only texts.
_IN_TEXT = {
    "int": (re.compile("-?[0-9]+"), "int_parsing"),
    "float": (re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?"), "float_parsing"),
    "decimal": (re.compile(r"-?[0-9]+(\.[0-9]+)?"), "decimal_parsing"),
    "bool": (re.compile("true|false"), "bool_parsing"),
}
#: Blanks of no width, marks and overrides of direction. Joiners stay beside Mongolian letters, which they shape.
_UNSEEN = re.compile(
    "[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0001-\U000e007f]"
    "|(?<![\u1800-\u18af])[\u200c\u200d](?![\u1800-\u18af])"
)
#: What is no text: control characters but tabs and ends of lines, and half a character.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
#: What of a core schema holds no other schema.
_LEAVES = frozenset(("cls", "config", "default", "expected", "function", "metadata", "ref", "serialization"))


@dataclass(frozen=True, slots=True)
class Strictly:
    """In an annotation: what is inside is taken strictly; in_text: as an address writes it."""

    in_text: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        made: CoreSchema = strict(handler(source), in_text=self.in_text)
        return made


def strict(schema: Any, *, in_text: bool = False) -> Any:
    """The core schema with all kinds in it made strict."""
    if isinstance(schema, list | tuple):
        return type(schema)(strict(each, in_text=in_text) for each in schema)
    if not isinstance(schema, dict):
        return schema
    kind = schema.get("type")
    if kind in ("str", "url", "any"):
        return core_schema.no_info_before_validator_function(_legible, schema)
    if kind in _WRITTEN:
        return core_schema.no_info_before_validator_function(_written(*_WRITTEN[kind]), schema)
    if kind in _IN_TEXT and in_text:
        return core_schema.no_info_before_validator_function(_in_text(*_IN_TEXT[kind]), schema)
    if kind == "decimal":
        return core_schema.no_info_before_validator_function(_number, schema)
    if kind in _IN_TEXT:
        return {**schema, "strict": True}
    return {
        name: inner if name in _LEAVES else strict(inner, in_text=in_text) for name, inner in schema.items()
    }


def legible(text: str) -> str:
    """A text without what nobody sees, and without control characters."""
    return _CONTROL.sub("", _UNSEEN.sub("", text))


#: What the schema of a text that must say something has.
SOMETHING: Final[JsonDict] = {"pattern": r"\S"}


def written(text: str) -> str:
    """A text that says something, as it was written. Raises: PydanticCustomError for one of blanks alone."""
    if not text.strip():
        raise PydanticCustomError("blank", "blank")
    return text


def _legible(value: Any) -> Any:
    """What was sent, without unseen letters; lists and objects of no particular kind are gone through."""
    if isinstance(value, str):
        if found := _CONTROL.search(value):
            raise PydanticCustomError("control_character", "U+{code}", {"code": f"{ord(found[0]):04X}"})
        return _UNSEEN.sub("", value)
    if isinstance(value, list):
        return [_legible(each) for each in value]
    if isinstance(value, dict):
        return {_legible(name): _legible(inner) for name, inner in value.items()}
    return value


def _written(pattern: re.Pattern[str], kind: type, refused: Any) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        # What Python code gives is of the kind already; a datetime is no day.
        if type(value) is kind or (isinstance(value, str) and pattern.fullmatch(value)):
            return value
        raise PydanticKnownError(refused)

    return check


def _in_text(pattern: re.Pattern[str], refused: Any) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if isinstance(value, str) and not pattern.fullmatch(value):
            raise PydanticKnownError(refused)
        return value

    return check


def _number(value: Any) -> Any:
    if isinstance(value, bool):
        raise PydanticKnownError("decimal_type")
    return value
