"""What has to happen for each street and target, worst first, and at what pace."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.workbooks.reading import read
from services.property.plan import coverage as rules
from services.property.plan.pace import months_between, pace, worst_first
from services.property.surveys.form import Status
from tests.property.conftest import row

MEASURES = ("coverage_rate", "committee_rate", "red_compounds", "filed_rate")


@pytest.mark.clause("P-1.2")
@pytest.mark.parametrize(
    ("on", "months", "per_month"),
    [
        (date(2024, 6, 24), 7, 5),
        (date(2024, 12, 1), 1, 30),
        (date(2024, 12, 31), 1, 30),
    ],
)
def test_30_missing_committees_are_spread_over_the_months_up_to_the_date(on, months, per_month):
    needed = pace(rules.standing("committee_rate", 50, 100, on), on)
    assert (needed.months, needed.per_month) == (months, per_month)


@pytest.mark.clause("P-1.3")
def test_of_a_date_that_has_passed_there_is_no_pace_and_it_says_so():
    needed = pace(rules.standing("red_compounds", 299, 400, date(2027, 1, 1)), date(2027, 1, 1))
    assert (needed.per_month, needed.wording) == (
        None,
        "期限 2026-12-31 已过，没有可以达到的进度，应尽快补足 1 个",
    )


days = st.dates(date(2024, 4, 1), date(2027, 3, 1))


@given(st.sampled_from(MEASURES), st.integers(0, 500), st.integers(0, 500), days)
def test_the_pace_makes_the_date_and_one_less_a_month_does_not(measure, part, more, day):
    standing = rules.standing(measure, part, part + more, day)
    needed = pace(standing, day)
    if needed.per_month:
        assert needed.per_month * needed.months >= standing.missing > (needed.per_month - 1) * needed.months


@given(days, st.integers(0, 800))
def test_months_are_at_least_one_and_never_fewer_for_a_later_date(day, more):
    later = date.fromordinal(day.toordinal() + more)
    assert months_between(day, later) >= max(1, more // 31)


def test_what_is_overdue_comes_before_a_wider_gap_that_is_not():
    overdue = rules.standing("coverage_rate", 99, 100, date(2025, 1, 1))
    wide = rules.standing("committee_rate", 1, 100, date(2025, 1, 1))
    assert sorted((wide, overdue), key=worst_first) == [overdue, wide]


@pytest.fixture
def four(submit) -> None:
    """Four compounds: one covered with a committee, three of which two are unmanaged."""
    submit(
        row("甲小区", members=5, households=900),
        row("乙小区", households=100),
        row("丙小区", Status.NONE, households=50),
        row("丁小区", Status.NONE, households=300),
    )


@pytest.mark.clause("P-1.1", "P-1.2")
def test_each_street_and_target_names_how_many_and_which_are_missing(centre, four):
    told = centre.get("/coverage/to-do", params={"on": "2024-06-24", "street": "天骄街道"}).json()
    found = {item["measure"]: item for item in told["items"]}
    coverage, committee = found["coverage_rate"], found["committee_rate"]
    assert (coverage["missing"], [each["name"] for each in coverage["compounds"]]) == (
        2,
        ["丁小区", "丙小区"],
    )
    # 80% of four are 3.2, so all four.
    assert (committee["missing"], committee["lacking"]) == (3, 3)
    assert (committee["per_month"], committee["pace"]) == (1, "到 2024-12-31 还有 7 个月，每月至少 1 个")
    assert told["items"][0]["measure"] == "filed_rate"  # the widest gap: none is filed


@pytest.mark.clause("P-1.3")
def test_a_target_of_the_district_alone_is_told_once_without_a_street(centre, four):
    told = centre.get("/coverage/to-do", params={"target": "red_compounds", "each": 1}).json()
    [item] = told["items"]
    assert (item["street"], item["missing"], item["lacking"]) == (None, 100, 4)
    assert [each["name"] for each in item["compounds"]] == ["甲小区"]
    assert "交通街道" in told["unreported"] and "天骄街道" not in told["unreported"]


def test_the_workbook_names_every_compound(centre, four):
    params = {"target": "coverage_rate", "format": "xlsx", "each": 1}
    [sheet] = read(centre.get("/coverage/to-do", params=params).content)
    assert {"丙小区", "丁小区"} <= {cell for line in sheet.rows for cell in line if isinstance(cell, str)}
