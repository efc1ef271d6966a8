"""What the study system asks of a yearly plan, without a database."""

from dataclasses import dataclass, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.district import units
from kit.district.periods import Month
from services.lawstudy.plan.law_study import (
    CATEGORIES,
    FORMS,
    Draft,
    balance,
    breaches,
    months_without,
    objections,
)
from services.lawstudy.plan.numbers import document_number
from services.lawstudy.plans.loading import DATA, read_plan


@pytest.mark.clause("L-3b")
@pytest.mark.parametrize(("lectures", "refused"), [(0, True), (1, True), (2, False), (3, False)])
def test_a_plan_with_fewer_than_two_lectures_is_objected_to(lectures, refused):
    found = objections(["pre_meeting"] * 12 + ["lecture"] * lectures)
    assert [objection.clause for objection in found] == (["L-3b"] if refused else [])


def test_an_objection_says_how_many_lectures_there_are():
    [objection] = objections(["lecture"])
    assert "只有 1 次" in objection.sentence


@given(st.sets(st.integers(1, 12)))
def test_a_month_is_either_planned_or_without(planned):
    without = months_without((Month(2024, number) for number in planned), 2024)
    assert sorted(month.month for month in without) == sorted(set(range(1, 13)) - planned)
    assert all(month.year == 2024 for month in without)


def test_the_same_month_of_another_year_does_not_count():
    assert Month(2024, 5) in months_without([Month(2023, 5)], 2024)


@pytest.mark.clause("L-5")
@given(st.lists(st.tuples(st.sampled_from(CATEGORIES), st.sampled_from(list(FORMS)))))
def test_every_topic_counts_once_and_all_seven_kinds_are_shown(topics):
    counted = balance(topics)
    assert list(counted) == [1, 2, 3, 4, 5, 6, 7]
    assert sum(forms.total() for forms in counted.values()) == len(topics)
    assert all(
        counted[number][form] == topics.count((number, form)) for number in CATEGORIES for form in FORMS
    )


# ------------------------------------------------------------------------------------------------------- approval
JANUARY = Month(2025, 1)


@dataclass(frozen=True)
class Topic:
    """A topic that nothing stands against, unless a test says otherwise."""

    form: str = "pre_meeting"
    title_key: str = "甲法"
    month: Month | None = JANUARY
    unit: str | None = "justice-bureau"
    category_number: int | None = 3
    category_reason: str | None = "常用"


LECTURES = [Topic("lecture", f"讲座{n}", None, None) for n in (1, 2)]


def a_year(*without: int) -> list[Topic]:
    months = [n for n in range(1, 13) if n not in without]
    return [Topic(title_key=f"法{n}", month=Month(2025, n)) for n in months] + LECTURES


def found(topics, approved_on=date(2024, 12, 20), exceptions=()) -> list[tuple[str, str]]:
    draft = Draft(2025, topics, dict.fromkeys(exceptions, "原因"))
    return [(each.clause, each.pointer) for each in breaches(draft, approved_on)]


def test_a_whole_year_with_two_lectures_may_be_approved():
    assert found(a_year()) == []


@pytest.mark.clause("L-3a")
@pytest.mark.parametrize(
    ("approved_on", "asked"),
    [
        (date(2024, 12, 31), 12),
        (date(2025, 1, 31), 12),
        (date(2025, 2, 1), 11),
        (date(2025, 12, 1), 1),
        (date(2025, 12, 31), 1),
        (date(2026, 1, 1), 0),
    ],
)
def test_months_are_asked_for_from_the_month_of_approval_on(approved_on, asked):
    assert found(LECTURES, approved_on) == [("L-3a", "/exceptions")] * asked


@pytest.mark.clause("L-3a")
def test_a_month_without_study_needs_a_reason_and_a_lecture_is_no_pre_meeting_study():
    assert found(a_year(2)) == [("L-3a", "/exceptions")]
    assert found(a_year(2), exceptions=[Month(2025, 2)]) == []
    assert found([*a_year(2), Topic("lecture", "讲座3", Month(2025, 2))]) == [("L-3a", "/exceptions")]
    of_another_year = [("L-3a", "/exceptions"), ("L-3a", "/exceptions/0/month")]
    assert found(a_year(2), exceptions=[Month(2024, 2)]) == of_another_year


@pytest.mark.clause("L-3a")
def test_a_month_that_is_studied_in_is_not_excused_as_well():
    assert found(a_year(), exceptions=[Month(2025, 3)]) == [("L-3a", "/exceptions/0/month")]


@pytest.mark.clause("L-7a")
@pytest.mark.parametrize(("unit", "stands"), [("justice-bureau", True), ("tianjiao-street", False)])
def test_a_department_answers_for_a_topic_and_no_street(unit, stands):
    topics = [*a_year(1), Topic(unit=unit)]
    assert found(topics) == ([] if stands else [("L-7a", f"/topics/{len(topics) - 1}/department")])


@pytest.mark.clause("L-7a")
def test_no_collective_answers_for_a_topic():
    [collective] = [unit.id for unit in units.units(units.Kind.COLLECTIVE) if unit.name == "各街道"]
    assert found([*a_year(1), Topic(unit=collective)]) == [("L-7a", "/topics/13/department")]


@pytest.mark.clause("L-3a")
def test_the_plan_of_2024_of_30_may_begins_with_may():
    plan = read_plan((DATA / "plan_2024.yaml").read_text(encoding="utf-8"))
    topics = [
        Topic(each.form, each.title, each.month, each.department, each.category, each.because)
        for each in plan.topics
    ]
    assert breaches(Draft(2024, topics, {}), plan.issued_on) == ()
    [missing] = breaches(Draft(2024, topics, {}), date(2024, 4, 30))
    assert (missing.clause, missing.sentence[:7]) == ("L-3a", "2024年4月")


@pytest.mark.clause("L-5")
@pytest.mark.parametrize(("number", "stands"), [(None, False), (0, False), (1, True), (7, True), (8, False)])
def test_every_topic_is_of_one_of_the_seven_kinds(number, stands):
    topics = [*a_year(), Topic("lecture", "讲座3", None, None, number)]
    assert found(topics) == ([] if stands else [("L-5", "/topics/14/category")])


@pytest.mark.clause("L-7a")
def test_pre_meeting_study_has_a_month_and_a_department_and_a_lecture_may_have_neither():
    assert found([*a_year(), replace(Topic(), month=None, unit=None)]) == [
        ("L-7a", "/topics/14/month"),
        ("L-7a", "/topics/14/department"),
    ]


@pytest.mark.clause("L-6")
def test_the_same_law_is_studied_once_in_each_form():
    twice = [*a_year(), Topic(title_key="法3", month=Month(2025, 9))]
    assert found(twice) == [("L-6", "/topics/14/title")]
    assert found([*a_year(), Topic("lecture", "法3", None, None)]) == []


@given(
    st.sets(st.integers(1, 12)), st.sets(st.integers(1, 12)), st.dates(date(2024, 1, 1), date(2026, 12, 31))
)
def test_a_month_stands_against_a_plan_exactly_where_nothing_speaks_for_it(studied, excused, approved_on):
    topics = [Topic(title_key=f"法{n}", month=Month(2025, n)) for n in sorted(studied)] + LECTURES
    clauses = found(topics, approved_on, [Month(2025, n) for n in excused])
    asked = {n for n in range(1, 13) if (2025, n) >= (approved_on.year, approved_on.month)}
    assert clauses.count(("L-3a", "/exceptions")) == len(asked - studied - excused)
    needless = [pointer for _, pointer in clauses if pointer.startswith("/exceptions/")]
    assert len(needless) == len(studied & excused)


# -------------------------------------------------------------------------------------------------- document numbers
@pytest.mark.parametrize(
    "typed",
    ["东政办发〔2024〕26号", "东政办发[2024]26 号", "东政办发（２０２４）２６号", " 东政办发【2024】 26号 "],
)
def test_a_document_number_has_one_form(typed):
    assert document_number(typed) == "东政办发〔2024〕26号"


@pytest.mark.parametrize(
    "typed", ["", "〔2024〕26号", "东政办发〔24〕26号", "东政办发〔2024〕026号", "东政办发〔2024〕26"]
)
def test_what_is_no_document_number_is_refused(typed):
    with pytest.raises(ValueError, match="发文字号"):
        document_number(typed)
