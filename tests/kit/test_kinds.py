"""Strict kinds: what a caller writes is what it is, in a body as in an address."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Annotated, Any

import pytest
from fastapi import Query
from fastapi.testclient import TestClient
from pydantic import Field, ValidationError

from kit.district.clock import Day, LocalTime
from kit.district.money import Yuan
from kit.web.checks import Checked
from kit.web.middleware import Application, Metrics
from kit.web.shapes import Body, Text


class Inner(Body, title="内层"):
    number: int


class Everything(Body, title="各种"):
    whole: int | None = None
    share: float | None = None
    size: Decimal | None = None
    flag: bool | None = None
    day: Day | None = None
    moment: LocalTime | None = None
    clock: time | None = None
    money: Yuan | None = None
    days: list[date] = Field(default=[])
    by_name: dict[str, bool] = Field(default={})
    inner: list[Inner] = Field(default=[])


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("whole", ["1", 1.0, 1.5, True, "", [1]]),
        ("share", ["1.5", True]),
        ("size", [True, "x", "NaN"]),
        ("flag", [0, 1, "true", "yes", "on", 1.0, ""]),
        (
            "day",
            [
                0,
                86400,
                "0",
                "86400",
                "2024-06-24T00:00:00",
                "2024-6-24",
                "20240624",
                "２０２４-06-24",
                1.5,
                True,
            ],
        ),
        (
            "moment",
            [
                0,
                "0",
                1719192600,
                "1719192600",
                1.5,
                "2024-06-24",
                "2024-06-24T09:30:00",
                "2024-06-24T09:30+08:00",
                "2024-06-24 09:30:00+08:00",
                "2024-06-24T09:30:00+0800",
                "2024-06-24T09:30:00.+08:00",
                "2024-06-24T09:30:00+08:00\n",
            ],
        ),
        ("clock", [0, "0", 34200, "34200", "9:30"]),
        ("money", [1, 1.5, True, "1e3", "１", " 1", "1_000", "", "-1", "1.234"]),
        ("days", [[0], ["0"], "2024-06-24"]),
        ("by_name", [{"a": 1}, {"a": "yes"}]),
        ("inner", [[{"number": "1"}], [{"number": 1.0}]]),
    ],
)
def test_a_value_of_another_kind_is_refused(field, values):
    for value in values:
        with pytest.raises(ValidationError):
            Everything.model_validate({field: value})
            pytest.fail(f"{field}={value!r} was taken")


@pytest.mark.parametrize(
    ("field", "given", "taken"),
    [
        ("whole", -7, -7),
        ("share", 1, 1.0),
        ("size", 1.25, Decimal("1.25")),
        ("size", "1.25", Decimal("1.25")),
        ("flag", False, False),
        ("day", "2024-06-24", date(2024, 6, 24)),
        ("day", date(2024, 6, 24), date(2024, 6, 24)),
        ("moment", "2024-06-24T01:30:00Z", datetime(2024, 6, 24, 1, 30, tzinfo=UTC)),
        ("moment", "2024-06-24t09:30:00.5+08:00", datetime(2024, 6, 24, 1, 30, 0, 500_000, tzinfo=UTC)),
        ("moment", datetime(2024, 6, 24, tzinfo=UTC), datetime(2024, 6, 24, tzinfo=UTC)),
        ("clock", "09:30", time(9, 30)),
        ("money", "12.5", Decimal("12.50")),
        ("money", Decimal(3), Decimal("3.00")),
    ],
)
def test_a_value_of_the_kind_is_taken(field, given, taken):
    assert getattr(Everything.model_validate({field: given}), field) == taken


def test_money_is_a_text_in_the_document():
    [money, _] = Everything.model_json_schema()["properties"]["money"]["anyOf"]
    assert money["type"] == "string"
    assert not {"ge", "max_digits", "decimal_places"} & money.keys()


@pytest.fixture
def http():
    app = Application(metrics=Metrics(), max_body=1000)
    app.router.route_class = Checked

    @app.get("/{number}")
    async def read(
        number: int,
        on: date | None = None,
        at: LocalTime | None = None,
        flag: bool | None = None,
        limit: Annotated[int, Query(ge=1)] = 1,
        days: Annotated[list[date], Query()] = [],  # noqa: B006
    ) -> list[object]:
        return [number, on, at, flag, limit, days]

    return TestClient(app)


@pytest.mark.parametrize(
    "query",
    [
        *("on=0", "on=86400", "on=2024-06-24T00:00:00", "on="),
        *("at=0", "at=1719192600", "at=2024-06-24"),
        *("flag=1", "flag=0", "flag=yes", "flag=True", "flag=on", "flag="),
        *("limit=1.0", "limit=+1", "limit= 1", "limit=1_0", "limit=１", "limit=", "limit=0"),
        "days=2024-06-24&days=0",
    ],
)
def test_a_parameter_of_another_kind_is_refused_by_its_name(http, query):
    answer = http.get(f"/1?{query}")
    assert answer.status_code == 422, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"?{query.partition('=')[0]}"]


@pytest.mark.parametrize("number", ["1.0", "x", "+1", "1_0"])
def test_a_part_of_the_path_of_another_kind_is_refused(http, number):
    assert http.get(f"/{number}").json()["errors"][0]["pointer"] == "path:number"


def test_a_parameter_of_the_kind_is_taken(http):
    query = "on=2024-06-24&at=2024-06-24T09:30:00%2B08:00&flag=true&limit=10&days=2024-06-24&days=2024-06-25"
    assert http.get(f"/1?{query}").json() == [
        1,
        "2024-06-24",
        "2024-06-24T09:30:00+08:00",
        True,
        10,
        ["2024-06-24", "2024-06-25"],
    ]


class Written(Body, title="文字"):
    text: str
    free: dict[str, Any] = Field(default={})


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("\u202e彩云\u202c小区", "彩云小区"),
        ("天\u200b骄\u2060街\ufeff道\u00ad", "天骄街道"),
        ("一\u200d二", "一二"),
        ("\u182a\u200d\u1820 \u180e", "\u182a\u200d\u1820 \u180e"),  # Mongolian letters need their joiners
        ("第一行\r\n\t第二行", "第一行\r\n\t第二行"),
    ],
)
def test_letters_that_nobody_sees_are_left_out_of_every_text(typed, taken):
    written = Written.model_validate({"text": typed, "free": {typed: [typed]}})
    assert (written.text, written.free) == (taken, {taken: [taken]})


@pytest.mark.parametrize("typed", ["\x00", "灯\x1b泡", "\x7f", "\x85", "\ud800"])
@pytest.mark.parametrize("where", ["text", "free"])
def test_control_characters_are_refused_where_they_stand(typed, where):
    given = {"text": "灯", where: typed if where == "text" else {"a": typed}}
    with pytest.raises(ValidationError) as refused:
        Written.model_validate(given)
    assert [error["type"] for error in refused.value.errors()] == ["control_character"]
    assert refused.value.errors()[0]["loc"][0] == where


class Words(Body, title="话"):
    text: Text


@pytest.mark.parametrize("blank", [" ", "　", "\n\t "])
def test_text_of_blanks_alone_says_nothing_and_is_refused(blank):
    with pytest.raises(ValidationError, match="blank"):
        Words(text=blank)


def test_text_is_taken_as_it_was_written():
    assert Words(text="　　第一段\n　　第二段\n").text == "　　第一段\n　　第二段\n"
