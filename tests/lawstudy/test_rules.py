"""What the study system asks of a yearly plan, without a database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.district.periods import Month
from services.lawstudy.plan.law_study import CATEGORIES, FORMS, balance, months_without, objections


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
