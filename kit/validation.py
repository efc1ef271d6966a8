"""Pydantic's validation errors as pointers and Chinese sentences."""

from collections.abc import Sequence
from typing import Any

_SENTENCES = {
    "missing": "缺少这一项，请填写。",
    "extra_forbidden": "没有这一项，请删除。",
    "json_invalid": "不是合法的 JSON，请检查格式。",
    "string_type": "应当是文字。",
    "string_too_short": "太短，至少 {min_length} 个字。",
    "string_too_long": "太长，最多 {max_length} 个字。",
    "string_pattern_mismatch": "格式不对，应符合 {pattern}。",
    "int_type": "应当是整数。",
    "int_parsing": "应当是整数。",
    "int_from_float": "应当是整数。",
    "float_parsing": "应当是数字。",
    "decimal_type": "应当是数字。",
    "decimal_parsing": "应当是数字。",
    "decimal_max_places": "最多 {decimal_places} 位小数。",
    "decimal_max_digits": "最多 {max_digits} 位数字。",
    "decimal_whole_digits": "整数部分最多 {whole_digits} 位。",
    "finite_number": "应当是有限的数字。",
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
    "date_from_datetime_parsing": "应当是日期，例如 2024-06-24。",
    "date_parsing": "应当是日期，例如 2024-06-24。",
    "date_type": "应当是日期，例如 2024-06-24。",
    "datetime_parsing": "应当是带时区的时间，例如 2024-06-24T09:30:00+08:00。",
    "datetime_from_date_parsing": "应当是带时区的时间，例如 2024-06-24T09:30:00+08:00。",
    "datetime_type": "应当是带时区的时间，例如 2024-06-24T09:30:00+08:00。",
    "timezone_aware": "时间要带时区，例如 2024-06-24T09:30:00+08:00。",
    "list_type": "应当是列表。",
    "dict_type": "应当是对象。",
    "model_type": "应当是对象。",
    "model_attributes_type": "应当是 JSON 对象，并注明 Content-Type: application/json。",
    "too_short": "至少要有 {min_length} 项。",
    "too_long": "最多 {max_length} 项。",
    "url_parsing": "应当是网址。",
    "url_scheme": "网址应当以 http:// 或 https:// 开头。",
}
_PLACES = {"query": "?", "header": "header:", "path": "path:", "cookie": "cookie:"}


def field_errors(errors: Sequence[Any]) -> list[tuple[str, str]]:
    """(pointer, Chinese sentence) of each of pydantic's errors; bodies as RFC 6901 pointers."""
    return [(_pointer(error["loc"]), _sentence(error)) for error in errors]


def _pointer(loc: Sequence[str | int]) -> str:
    place, *rest = loc or ("body",)
    if place in _PLACES:
        return _PLACES[str(place)] + ".".join(str(part) for part in rest)
    parts = rest if place == "body" else loc
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts) or "/"


def _sentence(error: Any) -> str:
    if error["type"] == "value_error":
        # Our own validators raise ValueError with a Chinese sentence.
        return str(error["ctx"]["error"]) if "ctx" in error else str(error["msg"])
    sentence = _SENTENCES.get(error["type"])
    if sentence is None:
        return f"不符合要求（{error['type']}）。"
    return sentence.format_map(error.get("ctx") or {})
