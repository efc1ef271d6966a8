"""The way of a session, its chair and when its text is due, by the rules alone (L-4a, L-4c, L-7c, N-2.1)."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.district.clock import SHANGHAI
from kit.district.workdays import Due, add_workdays, is_workday
from services.lawstudy.plan.lead_times import Standing, standing, text_due
from services.lawstudy.plan.roles import DEPARTMENT, JUSTICE, OFFICE
from services.lawstudy.plan.sessions import OPEN, SESSION, Chair, chair_of

DUE = datetime(2024, 7, 10, 23, 59, 59, tzinfo=SHANGHAI)
SECOND = timedelta(seconds=1)


# --------------------------------------------------------------------------------------------------------- the moves
@pytest.mark.clause("L-7c")
def test_nothing_is_ready_that_did_not_pass_and_nothing_is_held_that_was_not_ready():
    assert [(row.state, row.role) for row in SESSION.of("ready")] == [("passed", OFFICE)]
    assert [(row.state, row.role) for row in SESSION.of("pass")] == [("under_review", JUSTICE)]
    assert [(row.state, row.role) for row in SESSION.of("hold")] == [("ready", OFFICE)]


@pytest.mark.clause("L-4c")
def test_the_office_alone_schedules_and_closes():
    for action in ("schedule", "postpone", "cancel", "hold", "reopen", "reinstate", "ready"):
        assert SESSION.roles(action) == (OFFICE,)


@pytest.mark.clause("L-7c")
def test_a_new_text_always_has_to_be_reviewed():
    assert {(row.target, row.role) for row in SESSION.of("submit")} == {("text_submitted", DEPARTMENT)}
    assert {row.state for row in SESSION.of("submit")} == set(OPEN) - {"planned", "postponed"}


def test_every_state_can_be_reached_and_left_or_is_an_end():
    reached, frontier = {"planned"}, ["planned"]
    while frontier:
        state = frontier.pop()
        for row in SESSION:
            if row.state == state and row.target not in reached:
                reached.add(row.target)
                frontier.append(row.target)
    assert reached == set(SESSION.states)


# --------------------------------------------------------------------------------------------------------- the chair
@pytest.mark.clause("L-4a")
@pytest.mark.parametrize(
    ("post", "chair"),
    [
        ("区长", Chair.HEAD),
        ("head", Chair.HEAD),
        ("区人民政府区长", Chair.HEAD),
        ("常务副区长", Chair.EXECUTIVE_DEPUTY),
        ("executive_deputy", Chair.EXECUTIVE_DEPUTY),
        ("副区长", None),
        ("区委书记", None),
        ("区司法局局长", None),
        ("代区长", None),
    ],
)
def test_the_head_or_the_executive_deputy_may_chair_and_nobody_else(post, chair):
    assert chair_of(post) is chair


# ----------------------------------------------------------------------------------------------------------- the text
@pytest.mark.clause("N-2.1")
@pytest.mark.parametrize(
    ("passed", "now", "found"),
    [
        (None, DUE, Standing.OPEN),
        (None, DUE + SECOND, Standing.MISSING),
        (DUE, DUE + SECOND, Standing.IN_TIME),
        (DUE + SECOND, DUE + SECOND, Standing.LATE),
    ],
)
def test_a_text_is_in_time_up_to_the_last_second_of_its_day(passed, now, found):
    assert standing(DUE, passed, now) is found


@given(st.dates(date(2024, 1, 15), date(2026, 11, 30)), st.integers(0, 10))
def test_so_many_working_days_lie_between_the_due_day_and_the_session(day, workdays):
    due, provisional = text_due(day, workdays, add_workdays)
    assert not provisional
    first, between = due.date(), 0
    while first < day:
        between += is_workday(first).workday
        first += timedelta(days=1)
    assert between == workdays


def test_an_unsettled_year_makes_the_due_time_provisional():
    assert text_due(date(2024, 7, 15), 3, lambda day, _: Due(day, True)) == (
        datetime(2024, 7, 15, 23, 59, 59, tzinfo=SHANGHAI),
        True,
    )
