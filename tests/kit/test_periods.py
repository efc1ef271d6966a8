from datetime import date, timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from kit.district.periods import Month
from kit.web.validation import field_errors

months = st.builds(Month, st.integers(1000, 9999), st.integers(1, 12))
MAY = Month(2024, 5)


class Topic(BaseModel):
    month: Month


def test_a_month_is_read_and_written_as_year_and_month():
    assert Month.parse("2024-05") == MAY
    assert str(MAY) == "2024-05"


@pytest.mark.parametrize(
    ("month", "first", "last"),
    [
        ("2024-05", "2024-05-01", "2024-05-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2023-02", "2023-02-01", "2023-02-28"),
        ("1900-02", "1900-02-01", "1900-02-28"),
        ("2024-12", "2024-12-01", "2024-12-31"),
        ("9999-12", "9999-12-01", "9999-12-31"),
    ],
)
def test_a_month_knows_its_first_and_last_day(month, first, last):
    assert Month.parse(month).first == date.fromisoformat(first)
    assert Month.parse(month).last == date.fromisoformat(last)


@pytest.mark.parametrize(
    "text",
    [
        "2024-5",
        "2024-00",
        "2024-13",
        "202405",
        "2024-05-01",
        "24-05",
        "0999-05",
        " 2024-05",
        "2024-05\n",
        "２０２４-05",
        "五月",
        "",
    ],
)
def test_anything_else_is_refused_in_chinese(text):
    with pytest.raises(ValueError, match=r"应当是年月，例如 2024-05。"):
        Month.parse(text)


@pytest.mark.parametrize(("year", "month"), [(2024, 0), (2024, 13), (999, 1), (10000, 1)])
def test_a_month_that_does_not_exist_cannot_be_made(year, month):
    with pytest.raises(ValueError, match=rf"没有 {year} 年 {month} 月"):
        Month(year, month)


@pytest.mark.parametrize(
    ("months", "result"),
    [(0, "2024-05"), (7, "2024-12"), (8, "2025-01"), (-4, "2024-01"), (-5, "2023-12"), (24, "2026-05")],
)
def test_months_are_added_across_years(months, result):
    assert str(MAY + months) == result


def test_a_day_is_in_its_month_only():
    assert date(2024, 5, 1) in MAY
    assert date(2024, 5, 31) in MAY
    assert date(2024, 4, 30) not in MAY
    assert date(2023, 5, 1) not in MAY


@given(months)
def test_writing_and_reading_gives_the_same_month(month):
    assert Month.parse(str(month)) == month
    assert Month.of(month.first) == Month.of(month.last) == month


@given(months, months)
def test_months_are_ordered_as_their_days_and_as_their_text(one, other):
    assert (one < other) == (one.last < other.first) == (str(one) < str(other))


@given(st.builds(Month, st.integers(1000, 9998), st.integers(1, 12)))
def test_the_next_month_begins_the_day_after_the_last(month):
    assert (month + 1).first == month.last + timedelta(days=1)
    assert month + 1 + -1 == month


def test_a_month_is_a_value():
    assert len({MAY, Month.parse("2024-05"), Month(2024, 6)}) == 2
    assert repr(MAY) == "Month(2024, 5)"
    assert MAY != "2024-05"
    with pytest.raises(AttributeError):
        MAY.month = 6
    with pytest.raises(TypeError):
        assert MAY < "2024-06"


def test_a_field_takes_text_or_a_month_and_gives_text():
    assert Topic(month="2024-05").month == Topic(month=MAY).month == MAY
    assert Topic.model_validate_json('{"month": "2024-05"}').month == MAY
    assert Topic(month=MAY).model_dump_json() == '{"month":"2024-05"}'
    assert Topic(month=MAY).model_dump() == {"month": MAY}


@pytest.mark.parametrize("value", ["2024-13", 202405, None, date(2024, 5, 1), ["2024-05"]])
def test_a_wrong_field_is_named_with_a_chinese_sentence(value):
    with pytest.raises(ValidationError) as refused:
        Topic.model_validate({"month": value})
    assert field_errors(refused.value.errors()) == [("/month", "应当是年月，例如 2024-05。")]


def test_a_month_can_be_a_key_in_json():
    counts = TypeAdapter(dict[Month, int])
    assert counts.dump_json({MAY: 3}) == b'{"2024-05":3}'
    assert counts.validate_json('{"2024-05": 3}') == {MAY: 3}


def test_a_query_parameter_is_a_month_and_the_api_description_shows_its_pattern():
    app = FastAPI()

    @app.post("/topics")
    def topics(topic: Topic, since: Month) -> bool:
        return since <= topic.month

    with TestClient(app) as client:
        assert client.post("/topics?since=2024-05", json={"month": "2024-06"}).json() is True
        assert client.post("/topics?since=2024-07", json={"month": "2024-06"}).json() is False
        assert client.post("/topics?since=2024-5", json={"month": "2024-06"}).status_code == 422
    shown = {"type": "string", "pattern": r"^[1-9][0-9]{3}-(0[1-9]|1[0-2])$", "examples": ["2024-05"]}
    described = app.openapi()
    assert shown.items() <= described["components"]["schemas"]["Topic"]["properties"]["month"].items()
    assert shown.items() <= described["paths"]["/topics"]["post"]["parameters"][0]["schema"].items()
