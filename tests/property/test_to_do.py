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
from tests.property.test_coverage import _committee, _contract

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


def _since(client, measure, **asked):
    [item] = client.get("/coverage/to-do", params={"target": measure, "street": "天骄街道"} | asked).json()[
        "items"
    ]
    return {each["name"]: each["since"] for each in item["compounds"]}


@pytest.mark.clause("P-1.1")
def test_a_compound_is_uncovered_since_the_first_survey_that_says_so_after_it_was_covered(centre, submit):
    for day, *uncovered in (
        ("2024-03-01", "甲", "乙"),
        ("2024-04-01", "乙"),
        ("2024-05-01", "甲", "乙"),
        ("2024-06-01", "甲", "乙"),
    ):
        submit(
            *(
                row(name, Status.NONE if name in uncovered else Status.PROFESSIONAL)
                for name in ("甲", "乙", "丙")
            ),
            as_of=day,
        )
    assert _since(centre, "coverage_rate") == {"甲": "2024-05-01", "乙": "2024-03-01"}
    assert _since(centre, "coverage_rate", on="2024-03-31") == {"甲": "2024-03-01", "乙": "2024-03-01"}


@pytest.mark.clause("P-1.2")
def test_a_compound_has_no_committee_since_the_last_one_ended(centre, submit):
    for day, members in (("2024-03-01", 5), ("2024-05-01", 0), ("2024-06-01", 0)):
        submit(row("甲", members=members), row("乙"), row("丙"), as_of=day)
    ids = {each["name"]: each["id"] for each in centre.get("/compounds").json()["items"]}
    ended = _committee(ids["丙"], formed_on="2023-01-01") | {"dissolved_on": "2024-04-02"}
    assert centre.post("/committees", json=ended).status_code == 201
    assert _since(centre, "committee_rate") == {"甲": "2024-05-01", "乙": "2024-03-01", "丙": "2024-04-02"}


@pytest.mark.clause("P-2.2.5")
def test_a_contract_is_owed_since_the_company_came_or_the_last_one_that_was_filed_ran_out(centre, submit):
    submit(row("甲", company="旧物业"), row("乙"), row("丙"), as_of="2024-03-01")
    submit(row("甲"), row("乙"), row("丙"), as_of="2024-05-01")
    for compound, ends_on, filed in (("乙", "2024-06-10", True), ("丙", "2024-06-10", False)):
        [found] = [each for each in centre.get("/compounds").json()["items"] if each["name"] == compound]
        made = centre.post("/contracts", json=_contract(found) | {"ends_on": ends_on}).json()
        for action in ("submit", "accept") if filed else ():
            assert centre.post(f"/contracts/{made['id']}/{action}", json={}).status_code == 200
    running_out = {"甲": "2024-05-01", "乙": "2024-06-11", "丙": "2024-03-01"}
    assert _since(centre, "filed_rate") == running_out


@pytest.mark.clause("P-1.3")
def test_of_red_property_nobody_says_since_when_it_is_not(centre, four):
    told = centre.get("/coverage/to-do", params={"target": "red_compounds"}).json()
    assert {each["since"] for each in told["items"][0]["compounds"]} == {None}


def test_the_workbook_names_every_compound(centre, four):
    params = {"target": "coverage_rate", "format": "xlsx", "each": 1}
    [sheet] = read(centre.get("/coverage/to-do", params=params).content)
    assert {"丙小区", "丁小区"} <= {cell for line in sheet.rows for cell in line if isinstance(cell, str)}
