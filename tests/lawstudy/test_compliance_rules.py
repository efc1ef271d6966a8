"""How a year stands with the study system, by its rules alone (L-3a, L-3b, L-5)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.district.periods import Month
from services.lawstudy.plan.compliance import (
    MonthFacts,
    MonthStanding,
    judge_lectures,
    judge_month,
    judge_months,
    not_covered,
    sentence_of_lectures,
)

JUNE = Month(2024, 6)
DAYS = st.dates(date(2024, 1, 1), date(2025, 3, 31))


@pytest.mark.clause("L-3a")
@pytest.mark.parametrize(
    ("facts", "today", "standing", "until"),
    [
        (MonthFacts(JUNE), "2024-05-31", MonthStanding.OPEN, "2024-06-30"),
        (MonthFacts(JUNE), "2024-06-30", MonthStanding.OPEN, "2024-06-30"),
        (MonthFacts(JUNE), "2024-07-01", MonthStanding.MISSING, None),
        (MonthFacts(JUNE, to_come=1), "2024-07-01", MonthStanding.MISSING, None),
        (MonthFacts(JUNE, held=1), "2024-07-01", MonthStanding.HELD, None),
        (MonthFacts(JUNE, reason="本月无常务会议"), "2024-07-01", MonthStanding.EXCUSED, None),
        (MonthFacts(JUNE, held=1, reason="本月无常务会议"), "2024-07-01", MonthStanding.HELD, None),
        (MonthFacts(Month(2024, 4)), "2024-07-01", MonthStanding.NOT_ASKED, None),
        (MonthFacts(Month(2024, 5)), "2024-07-01", MonthStanding.MISSING, None),
        (MonthFacts(Month(2024, 4), held=1), "2024-07-01", MonthStanding.HELD, None),
    ],
)
def test_a_month_stands_by_what_was_held_in_it_and_what_is_still_possible(facts, today, standing, until):
    judged = judge_month(facts, date.fromisoformat(today))
    assert (judged.standing, judged.until and judged.until.isoformat()) == (standing, until)


@given(st.sets(st.integers(5, 12)), DAYS)
def test_as_time_goes_by_no_month_that_was_missed_comes_back(months, today):
    held = {Month(2024, month): 1 for month in months}
    missed = [
        {
            each.facts.month
            for each in judge_months(2024, held, {}, {}, day)
            if each.standing is MonthStanding.MISSING
        }
        for day in (today, today + timedelta(days=1))
    ]
    assert missed[0] <= missed[1]
    assert not missed[1] & held.keys()


@pytest.mark.clause("L-3b")
@pytest.mark.parametrize(
    ("held", "to_come", "today", "wanting", "until", "says"),
    [
        (0, 0, "2024-06-24", 2, "2024-12-31", "其中 2 次还没有安排"),
        (1, 0, "2024-12-31", 1, "2024-12-31", "其中 1 次还没有安排"),
        (1, 1, "2024-12-31", 1, "2024-12-31", "已安排 1 次"),
        (1, 1, "2025-01-01", 1, None, "本年度已结束"),
        (2, 0, "2024-06-24", 0, None, "符合"),
        (3, 0, "2025-01-01", 0, None, "符合"),
    ],
)
def test_lectures_are_counted_against_two_a_year(held, to_come, today, wanting, until, says):
    judged = judge_lectures(2024, held, to_come, date.fromisoformat(today))
    assert (judged.wanting, judged.enough, judged.until and judged.until.isoformat()) == (
        wanting,
        wanting == 0,
        until,
    )
    assert says in sentence_of_lectures(judged)


@pytest.mark.clause("L-5")
def test_the_kinds_of_content_that_nothing_was_studied_of_are_named():
    assert not_covered([4, 3, 4], range(1, 8)) == [1, 2, 5, 6, 7]
    assert not_covered(range(1, 8), range(1, 8)) == []
