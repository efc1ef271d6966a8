"""Who must keep a rescue team (E-6.1), and when a drill is due (E-7.1)."""

from datetime import date

import pytest

from services.emergency.companies.team_duty import (
    CompanyKind,
    CompanyTeams,
    Size,
    TeamDuty,
    team_duty,
    team_standing,
)
from services.emergency.plan.drills import DrillState, drill_clock

EFFECTIVE = date(2024, 6, 24)
OWING = [kind for kind in CompanyKind if kind is not CompanyKind.OTHER]


@pytest.mark.parametrize("kind", OWING)
@pytest.mark.parametrize(
    ("size", "duty"),
    [
        (Size.LARGE, TeamDuty.TEAM),
        (Size.MEDIUM, TeamDuty.TEAM),
        (Size.SMALL, TeamDuty.PART_TIME_RESCUER),
        (Size.MICRO, TeamDuty.PART_TIME_RESCUER),
    ],
)
def test_a_company_of_the_listed_kinds_keeps_a_team_and_a_small_one_a_rescuer(kind, size, duty):
    assert team_duty(kind, size) is duty


@pytest.mark.parametrize("size", Size)
def test_any_other_company_owes_nothing(size):
    assert team_duty(CompanyKind.OTHER, size) is TeamDuty.NOTHING


@pytest.mark.parametrize(
    ("has", "fulfilled"),
    [
        ({}, False),
        ({"own_team": True}, True),
        ({"joint_team": True, "in_park": True}, True),
        ({"joint_team": True}, False),
        ({"part_time_rescuer": True, "team_agreement": True}, False),
    ],
)
def test_a_large_mine_needs_a_team_of_its_own_or_a_joint_one_in_a_park(has, fulfilled):
    assert team_standing(CompanyTeams(kind=CompanyKind.MINING, size=Size.LARGE, **has)).fulfilled is fulfilled


@pytest.mark.parametrize(
    ("has", "fulfilled", "advised"),
    [
        ({}, False, True),
        ({"team_agreement": True}, False, False),
        ({"part_time_rescuer": True}, True, True),
        ({"part_time_rescuer": True, "team_agreement": True}, True, False),
        ({"own_team": True}, True, False),
    ],
)
def test_a_small_hotel_needs_a_part_time_rescuer_and_is_advised_to_sign_an_agreement(has, fulfilled, advised):
    found = team_standing(CompanyTeams(kind=CompanyKind.HOTEL, size=Size.SMALL, **has))

    assert (found.fulfilled, found.advised) == (fulfilled, advised)


@pytest.mark.parametrize(
    ("last", "today", "due", "state"),
    [
        (None, date(2024, 6, 24), date(2026, 6, 24), DrillState.KEPT),
        (None, date(2026, 6, 24), date(2026, 6, 24), DrillState.DUE),
        (None, date(2026, 6, 25), date(2026, 6, 24), DrillState.OVERDUE),
        (date(2025, 5, 10), date(2027, 2, 8), date(2027, 5, 10), DrillState.KEPT),
        (date(2025, 5, 10), date(2027, 2, 9), date(2027, 5, 10), DrillState.DUE),
        (date(2025, 5, 10), date(2027, 5, 11), date(2027, 5, 10), DrillState.OVERDUE),
        (date(2024, 2, 29), date(2024, 3, 1), date(2026, 2, 28), DrillState.KEPT),
    ],
)
def test_a_drill_is_due_two_years_after_the_last_or_after_the_plan(last, today, due, state):
    clock = drill_clock(last, EFFECTIVE, today)

    assert (clock.due, clock.state, clock.clause) == (due, state, "E-7.1")
