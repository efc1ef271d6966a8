"""Progress month by month over the plan's course, each month against the target of its year."""

import io
from datetime import datetime

import pytest
from python_calamine import load_workbook

from kit.district.clock import SHANGHAI
from services.property.surveys.form import Status
from tests.property.conftest import row


@pytest.fixture(autouse=True)
def after_the_plan(clock):
    clock.now = datetime(2026, 11, 26, 9, 30, tzinfo=SHANGHAI)


def measures(client, measure="coverage_rate", **asked):
    answer = client.get("/coverage/series", params=asked)
    assert answer.status_code == 200, answer.text
    return {
        month["month"]: next(
            one["value"] for one in month["items"][0]["standings"] if one["measure"] == measure
        )
        for month in answer.json()["months"]
    }


@pytest.mark.clause("P-3.2")
def test_the_course_of_the_plan_is_told_month_by_month_from_april_2024_to_april_2026(centre, submit):
    submit(row("甲小区"), row("乙小区", Status.NONE), as_of="2024-06-30")
    submit(row("乙小区"), as_of="2025-01-01")
    told = measures(centre)
    first, *_, last = told
    assert (first, last, len(told)) == ("2024-04", "2026-04", 25)
    assert [told[month] for month in ("2024-05", "2024-06", "2024-12", "2025-01")] == [
        None,
        "0.5000",
        "0.5000",
        "1.0000",
    ]


@pytest.mark.clause("P-3.2")
def test_each_month_is_what_coverage_answers_for_its_last_day(centre, submit):
    submit(row("甲小区"), row("乙小区", Status.NONE), as_of="2024-06-20")
    submit(row("乙小区"), as_of="2024-08-31")
    series = centre.get(
        "/coverage/series", params={"level": "street", "since": "2024-06", "until": "2024-09"}
    )
    for month in series.json()["months"]:
        on = {"on": month["on"], "level": "street"}
        assert month["items"] == centre.get("/coverage", params=on).json()["items"]
        assert [each["whose"] for each in month["items"][0]["standings"]][:2] == ["2024 年底的目标"] * 2


def test_the_month_that_runs_is_told_as_of_today_and_none_that_is_to_come(centre, running):
    months = centre.get("/coverage/series", params={"since": "2026-10", "until": "2027-03"}).json()["months"]
    today = running.clock().date().isoformat()
    assert [(each["month"], each["on"]) for each in months][-1] == (today[:7], today)


@pytest.mark.parametrize(
    ("since", "until", "status"),
    [("2025-01", "2024-12", 422), ("2024-01", "2028-12", 200), ("2024-01", "2029-01", 422)],
)
def test_months_in_the_wrong_order_or_more_than_sixty_are_refused(centre, since, until, status):
    asked = centre.get("/coverage/series", params={"since": since, "until": until})
    assert asked.status_code == status


def test_the_series_comes_as_a_workbook_too(centre, submit):
    submit(row("甲小区"))
    asked = {"since": "2024-06", "until": "2024-07", "format": "xlsx"}
    data = centre.get("/coverage/series", params=asked).content
    rows = load_workbook(io.BytesIO(data)).get_sheet_by_name("逐月进展").to_python()
    assert [line[:5] for line in rows[2:]] == [
        ["2024-06", "东胜区", "已报送", 1.0, 1.0],
        ["2024-07", "东胜区", "已报送", 1.0, 1.0],
    ]
