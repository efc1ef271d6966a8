"""Pydantic's validation errors as pointers and Chinese sentences."""

from collections.abc import Mapping, Sequence
from typing import Any

_DATE = "应当是日期，例如 2024-06-24。"
_DATETIME = "应当是带时区的时间，例如 2024-06-24T09:30:00+08:00。"
_TIME = "应当是时刻，例如 09:30。"
_LIST = "应当是列表。"
_OBJECT = "应当是对象。"
_URL = "应当是网址。"

_SENTENCES = {
    "missing": "缺少这一项，请填写。",
    "extra_forbidden": "没有这一项，请删除。",
    "json_invalid": "不是合法的 JSON，请检查格式，编码应为 UTF-8。",
    "none_required": "应当为空。",
    "string_type": "应当是文字。",
    "string_unicode": "含有不允许的字符，请改正。",
    "control_character": "含有不能显示的控制字符 U+{code}，请删去。",
    "blank": "只有空白，请填写内容。",
    "string_too_short": "太短，至少 {min_length} 个字。",
    "string_too_long": "太长，最多 {max_length} 个字。",
    "string_pattern_mismatch": "格式不对，应符合 {pattern}。",
    "int_type": "应当是整数。",
    "int_parsing": "应当是整数。",
    "int_parsing_size": "这个整数太大。",
    "int_from_float": "应当是整数。",
    "float_type": "应当是数字。",
    "float_parsing": "应当是数字。",
    "decimal_type": "应当是数字。",
    "decimal_parsing": "应当是数字。",
    "decimal_max_places": "最多 {decimal_places} 位小数。",
    "decimal_max_digits": "最多 {max_digits} 位数字。",
    "decimal_whole_digits": "整数部分最多 {whole_digits} 位。",
    "finite_number": "应当是有限的数字。",
    "multiple_of": "应当是 {multiple_of} 的倍数。",
    "bool_parsing": "应当是 true 或 false。",
    "bool_type": "应当是 true 或 false。",
    "greater_than": "应当大于 {gt}。",
    "greater_than_equal": "不能小于 {ge}。",
    "less_than": "应当小于 {lt}。",
    "less_than_equal": "不能大于 {le}。",
    "enum": "只能是 {expected} 之一。",
    "literal_error": "只能是 {expected} 之一。",
    "uuid_parsing": "应当是 UUID。",
    "uuid_type": "应当是 UUID。",
    "date_type": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
    "datetime_type": _DATETIME,
    "datetime_parsing": _DATETIME,
    "datetime_from_date_parsing": _DATETIME,
    "timezone_aware": "时间要带时区，例如 2024-06-24T09:30:00+08:00。",
    "time_type": _TIME,
    "time_parsing": _TIME,
    "list_type": _LIST,
    "tuple_type": _LIST,
    "set_type": _LIST,
    "frozen_set_type": _LIST,
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": "应当是 JSON 对象，并注明 Content-Type: application/json。",
    "too_short": "至少要有 {min_length} 项。",
    "too_long": "最多 {max_length} 项。",
    "union_tag_invalid": "{tag} 不在可选的 {expected_tags} 之中。",
    "union_tag_not_found": "缺少 {discriminator}，请填写。",
    "url_type": _URL,
    "url_parsing": _URL,
    "url_too_long": "网址太长，最多 {max_length} 个字符。",
    "url_scheme": "网址应当以 http:// 或 https:// 开头。",
}
_UNKNOWN = "不符合要求，请按接口文档改正。"
_PLACES = {"query": "?", "header": "header:", "path": "path:", "cookie": "cookie:"}


def field_errors(errors: Sequence[Any], given: Any = None) -> list[tuple[str, str]]:
    """(pointer, Chinese sentence) of each thing that pydantic finds wrong; bodies as RFC 6901 pointers.

    given: what was looked at, by which names of places are told from names of pydantic's validators. Of several
    errors at one place, which are one mistake seen by several validators, the first is told.
    """
    found: dict[str, str] = {}
    for error in errors:
        found.setdefault(_pointer(error, given), _sentence(error))
    return list(found.items())


def _pointer(error: Any, given: Any) -> str:
    if error["type"] == "json_invalid":
        return "/"  # pydantic gives the position in the text here, which is no place in a document
    place, *rest = error["loc"] or ("body",)
    if place in _PLACES:
        return f"{_PLACES[str(place)]}{rest[0] if rest else ''}"
    parts = _places(error, rest if place == "body" else error["loc"], given)
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts) or "/"


def _places(error: Any, parts: Sequence[str | int], given: Any) -> list[str | int]:
    """Those of the parts that are places in what was given; the others name a validator, or a member of a union."""
    if given is None:
        return [part for part in parts if not set("[(") & set(str(part))]
    found: list[str | int] = []
    for number, part in enumerate(parts):
        inner = _inside(given, part)
        if inner is not _NOTHING:
            given = inner
        elif error["type"] != "missing" or number < len(parts) - 1:
            continue
        found.append(part)
    return found


_NOTHING = object()


def _inside(given: Any, part: str | int) -> Any:
    if isinstance(given, Mapping):
        return given.get(part, _NOTHING)
    if isinstance(given, list) and isinstance(part, int) and part < len(given):
        return given[part]
    return _NOTHING


def _sentence(error: Any) -> str:
    context = error.get("ctx") or {}
    if error["type"] == "value_error":
        said = str(context.get("error", ""))
        # Our own validators raise ValueError with a Chinese sentence; a library's English is not for users.
        return _UNKNOWN if said.isascii() else said
    sentence = _SENTENCES.get(error["type"], _UNKNOWN)
    return sentence.format_map({name: _listed(value) for name, value in context.items()})


def _listed(value: Any) -> Any:
    # Pydantic lists choices in English: 'a', 'b' or 'c'.
    return value.replace("' or '", "、").replace("', '", "、").strip("'") if isinstance(value, str) else value
