"""Every kind of mistake that pydantic finds is a Chinese sentence at a pointer."""

import re
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Annotated, Literal
from uuid import UUID

import pytest
from pydantic import (
    AfterValidator,
    AnyUrl,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    UrlConstraints,
    ValidationError,
)

from kit.district.clock import LocalTime
from kit.web.kinds import Strictly
from kit.web.shapes import Body, Text
from kit.web.validation import _SENTENCES, field_errors


class Colour(Enum):
    RED = "red"
    GREEN = "green"


class Cat(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["cat"] = "cat"
    name: str


class Dog(BaseModel):
    kind: Literal["dog"]


Pet = Annotated[Cat | Dog, Field(discriminator="kind")]
LongUrl = Annotated[AnyUrl, UrlConstraints(max_length=20)]
HttpUrl = Annotated[AnyUrl, UrlConstraints(allowed_schemes=["http", "https"])]
Money = Annotated[Decimal, Field(max_digits=6, decimal_places=2)]

#: (kind, type asked for, what is given, what the sentence must say)
CASES = [
    ("missing", Cat, {}, "缺少"),
    ("control_character", Annotated[str, Strictly()], "灯\x07泡", "U+0007"),
    ("extra_forbidden", Cat, {"name": "a", "x": 1}, "没有这一项"),
    ("none_required", None, 1, "为空"),
    ("string_type", str, 1, "文字"),
    ("string_unicode", str, b"\xff", "字符"),
    ("blank", Text, "　", "空白"),
    ("string_too_short", Annotated[str, Field(min_length=3)], "a", "至少 3"),
    ("string_too_long", Annotated[str, Field(max_length=3)], "abcd", "最多 3"),
    ("string_pattern_mismatch", Annotated[str, Field(pattern=r"^\d{6}$")], "a", r"^\d{6}$"),
    ("int_type", int, [], "整数"),
    ("int_parsing", int, "x", "整数"),
    ("int_parsing_size", int, "1" * 5000, "太大"),
    ("int_from_float", int, 1.5, "整数"),
    ("float_type", float, [], "数字"),
    ("float_parsing", float, "x", "数字"),
    ("decimal_type", Decimal, [], "数字"),
    ("decimal_parsing", Decimal, "x", "数字"),
    ("decimal_max_places", Money, "1.234", "2 位小数"),
    ("decimal_max_digits", Annotated[Decimal, Field(max_digits=3)], "1234", "最多 3 位"),
    ("decimal_whole_digits", Money, "12345.6", "最多 4 位"),
    ("finite_number", Decimal, "NaN", "有限"),
    ("multiple_of", Annotated[int, Field(multiple_of=5)], 6, "5 的倍数"),
    ("bool_type", bool, [], "true 或 false"),
    ("bool_parsing", bool, "x", "true 或 false"),
    ("greater_than", Annotated[int, Field(gt=3)], 3, "大于 3"),
    ("greater_than_equal", Annotated[int, Field(ge=3)], 2, "不能小于 3"),
    ("less_than", Annotated[int, Field(lt=3)], 3, "小于 3"),
    ("less_than_equal", Annotated[int, Field(le=3)], 4, "不能大于 3"),
    ("enum", Colour, "blue", "只能是 red、green 之一"),
    ("literal_error", Literal["a", "b", "c"], "d", "只能是 a、b、c 之一"),
    ("uuid_type", UUID, 1, "UUID"),
    ("uuid_parsing", UUID, "x", "UUID"),
    ("date_type", date, [], "2024-06-24"),
    ("date_from_datetime_parsing", date, "24/06/2024", "2024-06-24"),
    ("date_from_datetime_inexact", date, "2024-06-24T09:30:00", "2024-06-24"),
    ("datetime_type", datetime, [], "+08:00"),
    ("datetime_parsing", datetime, "0000-01-01T00:00:00Z", "+08:00"),
    ("datetime_from_date_parsing", datetime, "x", "+08:00"),
    ("timezone_aware", AwareDatetime, "2024-06-24T09:30:00", "时区"),
    ("time_type", time, [], "09:30"),
    ("time_parsing", time, "x", "09:30"),
    ("list_type", list[int], 1, "列表"),
    ("tuple_type", tuple[int, ...], 1, "列表"),
    ("set_type", set[int], 1, "列表"),
    ("frozen_set_type", frozenset[int], 1, "列表"),
    ("dict_type", dict[str, int], 1, "对象"),
    ("model_type", Cat, 1, "对象"),
    ("too_short", Annotated[list[int], Field(min_length=2)], [1], "至少要有 2"),
    ("too_long", Annotated[list[int], Field(max_length=2)], [1, 2, 3], "最多 2"),
    ("union_tag_invalid", Pet, {"kind": "cow"}, "cow 不在可选的 cat、dog 之中"),
    ("union_tag_not_found", Pet, {}, "缺少 kind"),
    ("url_type", AnyUrl, 1, "网址"),
    ("url_parsing", AnyUrl, "x", "网址"),
    ("url_scheme", HttpUrl, "ftp://x", "http"),
    ("url_too_long", LongUrl, "http://example.org/aaaaaaaaaa", "最多 20"),
]
#: Made by FastAPI, not by a type: shown in test_problems.py.
OF_THE_BODY = {"json_invalid", "model_attributes_type"}


def errors_of(kind, given):
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(given)
    return caught.value.errors()


@pytest.mark.parametrize(("name", "kind", "given", "says"), CASES, ids=[case[0] for case in CASES])
def test_each_kind_of_error_is_a_chinese_sentence(name, kind, given, says):
    errors = errors_of(kind, given)
    assert name in [error["type"] for error in errors]
    sentence = next(
        reason
        for (_, reason), error in zip(field_errors(errors), errors, strict=True)
        if error["type"] == name
    )
    assert says in sentence
    assert sentence.endswith("。")
    assert not re.search(r"\{[a-z_]+\}", sentence)


def test_every_sentence_of_the_table_is_tried():
    assert {case[0] for case in CASES} | OF_THE_BODY == set(_SENTENCES)


def test_our_own_validators_speak_for_themselves():
    def refuse(_: str) -> str:
        raise ValueError("楼栋号应为数字。")

    assert field_errors(errors_of(Annotated[str, AfterValidator(refuse)], "x"))[0][1] == "楼栋号应为数字。"


def test_a_librarys_english_is_not_for_users():
    def refuse(_: str) -> str:
        raise ValueError("Expected UploadFile")

    sentence = field_errors(errors_of(Annotated[str, AfterValidator(refuse)], "x"))[0][1]
    assert sentence == "不符合要求，请按接口文档改正。"


def test_an_unknown_kind_is_still_a_sentence():
    error = {"type": "something_new", "loc": ("body", "a"), "ctx": {}}
    assert field_errors([error]) == [("/a", "不符合要求，请按接口文档改正。")]


@pytest.mark.parametrize(
    ("loc", "pointer"),
    [
        (("body", "companies", 0, "name"), "/companies/0/name"),
        (("body", "a/b~c"), "/a~1b~0c"),
        (("body",), "/"),
        ((), "/"),
        (("query", "limit"), "?limit"),
        (("header", "If-Match"), "header:If-Match"),
        (("path", "id"), "path:id"),
        (("cookie", "x"), "cookie:x"),
        (("name",), "/name"),
    ],
)
def test_a_pointer_says_where(loc, pointer):
    assert field_errors([{"type": "missing", "loc": loc}])[0][0] == pointer


def refusals(kind, given):
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(given)
    return field_errors(caught.value.errors(), given)


class Report(Body, title="报告"):
    at: LocalTime | Literal["now"]
    pets: list[Cat | Dog] = Field(default=[])
    about: dict[str, Pet] = Field(default={})


@pytest.mark.parametrize(
    ("given", "pointers"),
    [
        ({"at": 0}, ["/at"]),
        ({"at": "soon"}, ["/at"]),
        ({}, ["/at"]),
        ({"at": "now", "pets": [{"kind": "cow"}]}, ["/pets/0/kind", "/pets/0/name"]),
        ({"at": "now", "about": {"mine": {"kind": "cat"}}}, ["/about/mine/name"]),
        ({"at": "now", "about": {"mine": {"kind": "cow"}}}, ["/about/mine"]),
        ({"at": "now", "at2": 1}, ["/at2"]),
    ],
)
def test_a_mistake_is_told_once_by_a_place_in_the_document_and_no_validator_s_name(given, pointers):
    assert [pointer for pointer, _ in refusals(Report, given)] == pointers


def test_a_mistake_in_a_document_that_is_none_is_told_of_all_of_it():
    assert [pointer for pointer, _ in refusals(Report, [1])] == ["/"]


def test_an_alternative_in_a_parameter_is_no_part_of_its_name():
    error = {"type": "datetime_type", "loc": ("query", "on", "function-after[_local(), datetime]")}
    assert field_errors([error])[0][0] == "?on"
