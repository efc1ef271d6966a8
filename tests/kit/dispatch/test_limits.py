"""Limits in natural time, office hours and working days, at their bounds, and what a pause leaves of them."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.dispatch.limits import LEVELS, Limit, clocks, worked_between
from kit.district.workdays import SHANGHAI

pytestmark = pytest.mark.clause("P-2.2.2b")


#: Of the time whose holidays are known; local, since the district's zone is put to them.
FIRST, LAST = (datetime.fromisoformat(day) for day in ("2024-01-01", "2025-10-01"))


def moment(text):
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("limit", "start", "due"),
    [
        (Limit(minutes=15), "2024-06-24 23:50", "2024-06-25 00:05:00"),
        (Limit(hours=1), "2024-06-24 09:30", "2024-06-24 10:30:00"),
        (Limit(same_day=True), "2024-06-24 23:59", "2024-06-24 23:59:59"),
        (Limit(workdays=3), "2024-06-07 16:30", "2024-06-13 23:59:59"),  # over 端午
        (Limit(working_hours=4), "2024-06-24 09:30", "2024-06-24 16:00:00"),  # over noon
        (Limit(working_hours=4), "2024-06-24 08:00", "2024-06-24 15:00:00"),  # before the office opens
        (Limit(working_hours=4), "2024-06-24 17:30", "2024-06-25 15:00:00"),  # as it closes
        (Limit(working_hours=4), "2024-06-28 16:00", "2024-07-01 11:00:00"),  # over a weekend
        (Limit(working_hours=13), "2024-06-24 08:30", "2024-06-25 17:30:00"),  # two days to their very end
    ],
)
def test_a_limit_ends(limit, start, due):
    assert limit.due(moment(start)).at == moment(due)


def test_a_saturday_that_is_worked_counts():
    assert Limit(working_hours=1).due(moment("2024-05-11 16:00")).at == moment("2024-05-11 17:00")


@given(
    start=st.datetimes(FIRST, LAST),
    hours=st.integers(1, 40),
    paused=st.floats(0, 1),
    pause=st.timedeltas(timedelta(0), timedelta(days=20)),
)
def test_a_pause_leaves_what_was_left(start, hours, paused, pause):
    limit, start = Limit(working_hours=hours), start.replace(tzinfo=SHANGHAI)
    due = limit.due(start).at
    stopped = start + (due - start) * paused
    again = limit.resumed(due, stopped, stopped + pause)
    assert worked_between(start, stopped) + worked_between(stopped + pause, again) == timedelta(hours=hours)


@given(
    start=st.datetimes(FIRST, LAST),
    days=st.integers(0, 20),
    pauses=st.timedeltas(timedelta(0), timedelta(days=20)),
)
def test_no_pause_makes_a_term_end_earlier(start, days, pauses):
    start = start.replace(tzinfo=SHANGHAI)
    for limit in (Limit(workdays=days), Limit(hours=days), Limit(same_day=True)):
        due = limit.due(start).at
        assert limit.resumed(due, start, start + pauses) >= due
        assert limit.resumed(due, start, start) == due


def test_a_term_that_was_over_stays_over():
    due = moment("2024-06-24 10:00")
    assert Limit(hours=1).resumed(due, moment("2024-06-24 10:00"), moment("2024-06-30 10:00")) == due


def test_the_ladder_goes_up():
    levels = [LEVELS.index(rung.level) for rung in clocks().ladder if rung.clock == "answer"]
    assert levels == sorted(levels)
    due = moment("2024-06-24 10:00")
    times = [rung.at(due) for rung in clocks().ladder if rung.clock == "answer"]
    assert times == sorted(times)


def test_every_clock_says_where_its_limits_come_from():
    for urgency in ("normal", "urgent", "emergency"):
        sign, contact, source = clocks().on(date(2024, 6, 24), urgency)
        start = moment("2024-06-24 09:30")
        assert sign.due(start).at < contact.due(start).at
        assert source
