"""The clocks of an accident (E-4.1a, E-4.1c, E-4.1e, E-5.4), in natural time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.district.clock import SHANGHAI
from services.emergency.plan.accidents.deadlines import (
    AccidentKind,
    DeadlineRule,
    Since,
    Standing,
    Times,
    deadlines,
    late_by,
    late_minutes,
    standing,
)
from services.emergency.plan.accidents.grading import Grade
from services.emergency.plan.catalogue import catalogue

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


CALL = at("2024-07-05T10:20:00")  # a Friday
OCCURRED = at("2024-07-05T10:00:00")
TOLD = at("2024-07-05T10:05:00")


def clocks(grade=Grade.GENERAL, kind=AccidentKind.OTHER, **times):
    running = deadlines(catalogue().deadlines, Times(**({"first_known_at": CALL} | times)), grade, kind)
    return {deadline.id: deadline for deadline in running}


def test_phone_and_written_reports_run_from_when_the_head_of_the_unit_was_told():
    found = clocks(occurred_at=OCCURRED, unit_informed_at=TOLD)

    assert found["phone-report"].due == TOLD + 30 * MINUTE
    assert found["written-report"].due == TOLD + 60 * MINUTE
    assert found["phone-report"].since is Since.UNIT_INFORMED_AT
    assert not found["phone-report"].provisional


@pytest.mark.parametrize(
    ("times", "since", "started"),
    [
        ({"occurred_at": OCCURRED}, Since.OCCURRED_AT, OCCURRED),
        ({}, Since.FIRST_KNOWN_AT, CALL),
        ({"occurred_at": CALL}, Since.OCCURRED_AT, CALL),
        ({"occurred_at": CALL + MINUTE}, Since.FIRST_KNOWN_AT, CALL),
    ],
)
def test_until_the_head_was_told_the_earliest_time_stands_in_and_is_named(times, since, started):
    phone = clocks(**times)["phone-report"]

    assert (phone.since, phone.started_at, phone.due) == (since, started, started + 30 * MINUTE)
    assert phone.provisional


def test_the_clocks_run_through_weekends_and_holidays():
    night_before_national_day = at("2024-09-30T23:50:00")
    found = clocks(first_known_at=night_before_national_day, unit_informed_at=night_before_national_day)

    assert found["written-report"].due == at("2024-10-01T00:50:00")


@pytest.mark.parametrize(
    ("grade", "steps"),
    [
        (Grade.GENERAL, ["upward-city"]),
        (Grade.LARGER, ["upward-city", "upward-region"]),
        (Grade.MAJOR, ["upward-city", "upward-region", "upward-state"]),
        (Grade.ESPECIALLY_MAJOR, ["upward-city", "upward-region", "upward-state"]),
    ],
)
def test_the_report_goes_up_as_far_as_the_grade_asks_two_hours_a_step(grade, steps):
    found = clocks(grade)

    assert [id for id in found if id.startswith("upward")] == steps
    assert [found[id].due for id in steps] == [
        CALL + timedelta(hours=2 * n) for n in range(1, len(steps) + 1)
    ]


def test_a_step_upward_runs_from_when_the_one_before_was_really_done():
    found = clocks(Grade.MAJOR, done={"upward-city": CALL + 15 * MINUTE})

    assert found["upward-region"].due == CALL + 135 * MINUTE
    assert (found["upward-region"].since, found["upward-region"].provisional) == (
        Since.PREVIOUS_STEP_DONE,
        False,
    )
    assert found["upward-state"].due == CALL + 255 * MINUTE
    assert (found["upward-state"].since, found["upward-state"].provisional) == (Since.PREVIOUS_STEP_DUE, True)


@pytest.mark.parametrize(
    ("kind", "id", "last"),
    [
        (AccidentKind.OTHER, "casualty-change", "2024-08-04T23:59:59"),
        (AccidentKind.ROAD_TRAFFIC, "casualty-change-traffic-fire", "2024-07-12T23:59:59"),
        (AccidentKind.FIRE, "casualty-change-traffic-fire", "2024-07-12T23:59:59"),
    ],
)
def test_changed_casualties_are_reported_within_30_days_or_7_on_the_road_and_in_fires(kind, id, last):
    found = clocks(kind=kind, occurred_at=OCCURRED)

    assert [name for name in found if name.startswith("casualty")] == [id]
    assert found[id].due == at(last)
    assert found[id].window


def test_days_are_counted_by_the_district_calendar_whatever_zone_a_time_came_in():
    # 17:00 UTC is already the next morning in the district.
    found = clocks(occurred_at=datetime(2024, 7, 4, 17, 0, tzinfo=UTC))

    assert found["casualty-change"].due == at("2024-08-04T23:59:59")


def test_the_investigation_reports_within_60_days():
    assert clocks(occurred_at=OCCURRED)["investigation-report"].due == at("2024-09-03T23:59:59")


@pytest.mark.parametrize(("granted", "days"), [(30, 90), (60, 120), (61, 120)])
def test_the_investigation_is_extended_by_60_days_at_the_most(granted, days):
    found = clocks(occurred_at=OCCURRED, extended_days={"investigation-report": granted})

    assert found["investigation-report"].due == at("2024-07-05T23:59:59") + timedelta(days=days)


def test_days_of_technical_appraisal_do_not_count_for_the_investigation():
    found = clocks(occurred_at=OCCURRED, appraisal_days=20)

    assert found["investigation-report"].due == at("2024-07-05T23:59:59") + timedelta(days=80)
    assert found["casualty-change"].due == at("2024-08-04T23:59:59")


@pytest.mark.parametrize(
    ("grade", "id", "owner", "days"),
    [
        (Grade.GENERAL, "investigation-approval", "district-government", 15),
        (Grade.LARGER, "investigation-approval-higher", "higher-government", 15),
        (Grade.MAJOR, "investigation-approval-higher", "higher-government", 15),
        (Grade.ESPECIALLY_MAJOR, "investigation-approval-state", "higher-government", 30),
    ],
)
def test_the_investigation_report_is_approved_15_days_after_receipt_30_for_the_gravest(
    grade, id, owner, days
):
    found = clocks(grade, investigation_received_at=at("2024-09-01T09:00:00"))

    assert [name for name in found if name.startswith("investigation-approval")] == [id]
    assert (found[id].owner, found[id].due) == (owner, at("2024-09-01T23:59:59") + timedelta(days=days))


@pytest.mark.parametrize(
    ("approved", "due"),
    [("2024-09-10T15:00:00", "2025-09-10T23:59:59"), ("2024-02-29T15:00:00", "2025-02-28T23:59:59")],
)
def test_rectification_is_evaluated_within_a_year_of_the_approval(approved, due):
    assert clocks(investigation_approved_at=at(approved))["rectification-evaluation"].due == at(due)


def test_a_clock_that_has_not_started_shows_no_deadline():
    assert not {"investigation-approval", "rectification-evaluation"} & set(clocks())


def test_every_deadline_names_its_clause_and_the_national_ones_their_article():
    found = clocks(Grade.MAJOR, investigation_received_at=CALL, investigation_approved_at=CALL)

    assert all(deadline.clause.startswith("E-") for deadline in found.values())
    local = {id for id, deadline in found.items() if deadline.law is None}
    assert local == {"phone-report", "written-report"}
    assert found["casualty-change"].article == "第十三条"
    assert catalogue().laws[found["rectification-evaluation-higher"].law].title == "中华人民共和国安全生产法"


@pytest.mark.parametrize(
    ("done_at", "now", "stands", "late"),
    [
        (None, TOLD, Standing.RUNNING, timedelta(0)),
        (None, TOLD + 20 * MINUTE - SECOND, Standing.RUNNING, timedelta(0)),
        (None, TOLD + 20 * MINUTE, Standing.APPROACHING, timedelta(0)),
        (None, TOLD + 30 * MINUTE, Standing.APPROACHING, timedelta(0)),
        (None, TOLD + 30 * MINUTE + SECOND, Standing.OVERDUE, SECOND),
        (TOLD + 30 * MINUTE, TOLD + 300 * MINUTE, Standing.MET, timedelta(0)),
        (TOLD + 31 * MINUTE, TOLD + 300 * MINUTE, Standing.MET_LATE, MINUTE),
    ],
)
def test_lateness_is_told_to_the_second_and_stays_after_the_report_came(done_at, now, stands, late):
    phone = clocks(unit_informed_at=TOLD)["phone-report"]

    assert standing(phone, done_at, now) is stands
    assert late_by(phone, done_at, now) == late


@pytest.mark.clause("E-4.1a")
@pytest.mark.parametrize(
    ("late", "minutes"), [(0 * SECOND, 0), (SECOND, 1), (MINUTE, 1), (MINUTE + SECOND, 2)]
)
def test_a_minute_begun_counts_whole(late, minutes):
    phone = clocks(unit_informed_at=TOLD)["phone-report"]
    assert late_minutes(phone, None, phone.due + late) == minutes


def test_a_window_closes_without_a_breach():
    window = clocks(occurred_at=OCCURRED)["casualty-change"]

    assert standing(window, None, window.due) is Standing.RUNNING
    assert standing(window, None, window.due + SECOND) is Standing.CLOSED
    assert late_by(window, None, window.due + timedelta(days=9)) == timedelta(0)


moments = st.timedeltas(timedelta(0), timedelta(days=3650)).map(
    lambda since: at("2020-01-01T00:00:00") + since
)


@given(moments, moments, st.none() | moments, st.sampled_from(Grade), st.sampled_from(AccidentKind))
def test_the_deadlines_keep_their_order(call, occurred, told, grade, kind):
    found = clocks(grade, kind, first_known_at=call, occurred_at=occurred, unit_informed_at=told)
    steps = [deadline.due for id, deadline in found.items() if id.startswith("upward")]
    casualty = next(deadline for id, deadline in found.items() if id.startswith("casualty"))

    assert found["phone-report"].due < found["written-report"].due
    assert steps == sorted(set(steps))
    assert casualty.due < found["investigation-report"].due
    assert all(deadline.started_at < deadline.due for deadline in found.values())
    assert all(deadline.remind_at <= deadline.due for deadline in found.values())


@given(moments, st.timedeltas(timedelta(0), timedelta(days=400)))
def test_a_later_start_never_gives_an_earlier_deadline(call, later):
    early = clocks(Grade.MAJOR, first_known_at=call, investigation_approved_at=call)
    late = clocks(Grade.MAJOR, first_known_at=call + later, investigation_approved_at=call + later)

    assert all(early[id].due <= late[id].due for id in early)


@pytest.mark.parametrize(
    "wrong",
    [
        {"minutes": 5},
        {"minutes": 5, "clock": "occurred", "after": "other"},
        {"clock": "occurred"},
        {"clock": "occurred", "minutes": 5, "days": 1},
        {"clock": "occurred", "minutes": 5, "law": "493"},
    ],
)
def test_a_rule_that_means_nothing_is_refused(wrong):
    with pytest.raises(ValueError, match="deadline x"):
        DeadlineRule(id="x", asks="…", owner="emergency", clause="E-4.1a", **wrong)
