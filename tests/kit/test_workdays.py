from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.district.workdays import FESTIVALS, add_workdays, end_of_day, is_workday

days = st.dates(date(2003, 1, 1), date(2032, 12, 31))
workdays = days.filter(lambda day: is_workday(day).workday)
counts = st.integers(0, 60)


def on(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    "day",
    [
        "2024-04-28",  # Sunday before Labour Day 2024
        "2024-05-11",  # Saturday after it
        "2026-01-04",
        "2026-02-14",
        "2026-02-28",
        "2026-05-09",
        "2026-09-20",
        "2026-10-10",
    ],
)
def test_a_weekend_worked_in_return_for_a_holiday_is_a_working_day(day):
    assert on(day).isoweekday() >= 6
    assert is_workday(on(day)) == (True, False)


@pytest.mark.parametrize(
    "day",
    [
        "2024-05-01",
        "2024-05-03",  # Friday given for the Saturday after
        "2024-06-10",  # 端午
        "2024-10-07",
        "2026-02-16",  # lunar new year's eve
        "2026-02-23",  # Monday given for 2026-02-28
        "2026-10-07",
    ],
)
def test_a_weekday_given_off_is_not_a_working_day(day):
    assert on(day).isoweekday() <= 5
    assert is_workday(on(day)) == (False, False)


@pytest.mark.parametrize(
    ("day", "worked"), [("2024-06-24", True), ("2024-06-22", False), ("2004-01-01", False)]
)
def test_a_year_with_a_notice_is_settled(day, worked):
    assert is_workday(on(day)) == (worked, False)


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2027-01-01", False),
        ("2027-01-04", True),
        ("2027-02-04", True),
        ("2027-02-05", False),  # lunar new year's eve, a Friday
        ("2027-02-08", False),  # third day, a Monday
        ("2027-02-09", True),
        ("2027-04-05", False),
        ("2027-05-01", False),
        ("2027-06-09", False),
        ("2027-09-15", False),
        ("2027-09-16", True),
        ("2027-10-01", False),
        ("2028-01-25", False),
        ("2028-01-28", False),
    ],
)
def test_a_year_without_a_notice_has_weekends_and_statutory_holidays_and_is_provisional(day, worked):
    assert is_workday(on(day)) == (worked, True)


@pytest.mark.parametrize(
    ("day", "worked"), [("2035-10-01", False), ("2035-03-01", True), ("1999-06-01", True)]
)
def test_a_year_beyond_the_tables_is_still_answered_and_provisional(day, worked):
    assert is_workday(on(day)) == (worked, True)


def test_the_last_week_before_a_missing_notice_is_provisional():
    assert is_workday(on("2026-12-24")) == (True, False)
    assert is_workday(on("2026-12-25")) == (True, True)
    assert is_workday(on("2026-12-31")) == (True, True)
    assert is_workday(on("2025-12-31")) == (True, False)


@pytest.mark.parametrize("year", FESTIVALS)
def test_a_year_without_a_notice_has_thirteen_statutory_days(year):
    first = date(year, 1, 1)
    weekdays_off = [
        day
        for day in (first + timedelta(days=n) for n in range(365))
        if day.isoweekday() <= 5 and not is_workday(day).workday
    ]
    new_year, *single = FESTIVALS[year]
    statutory = {new_year + timedelta(days=n) for n in (-1, 0, 1, 2)} | set(single)
    statutory |= {date(year, *fixed) for fixed in [(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)]}
    assert weekdays_off == sorted(day for day in statutory if day.isoweekday() <= 5)
    assert len(statutory) in (12, 13)  # 中秋 can fall on a National Day


@pytest.mark.parametrize(
    ("start", "count", "due"),
    [
        ("2024-06-24", 3, "2024-06-27"),  # a Monday: Tuesday, Wednesday, Thursday
        ("2024-04-30", 3, "2024-05-08"),  # 1 to 5 May off
        ("2024-04-26", 3, "2024-04-30"),  # Sunday 28 April worked
        ("2024-06-07", 1, "2024-06-11"),  # Friday before 端午
        ("2026-02-13", 13, "2026-03-10"),  # 14 and 28 February worked, 15 to 23 off
        ("2026-02-14", 1, "2026-02-24"),
        ("2024-06-22", 1, "2024-06-24"),  # taken on a Saturday
        ("2024-06-22", 0, "2024-06-22"),
        ("2024-06-24", -1, "2024-06-21"),
        ("2024-05-06", -2, "2024-04-29"),
    ],
)
def test_working_days_are_counted_from_the_day_after(start, count, due):
    assert add_workdays(on(start), count) == (on(due), False)


def test_a_due_day_is_provisional_once_the_count_passes_an_unsettled_day():
    assert add_workdays(on("2026-12-17"), 5) == (on("2026-12-24"), False)
    assert add_workdays(on("2026-12-17"), 6) == (on("2026-12-25"), True)
    assert add_workdays(on("2026-12-31"), 1) == (on("2027-01-04"), True)
    assert add_workdays(on("2027-01-04"), -8) == (on("2026-12-22"), True)


@given(workdays, counts, counts)
def test_adding_in_two_steps_is_adding_at_once(start, first, second):
    stop, rest = add_workdays(start, first), add_workdays(start, first + second)
    assert add_workdays(stop.day, second).day == rest.day
    assert rest.provisional == (stop.provisional or add_workdays(stop.day, second).provisional)


@given(workdays, counts)
def test_going_back_undoes_going_forward(start, count):
    assert add_workdays(add_workdays(start, count).day, -count).day == start


@given(days, days, counts)
def test_a_later_start_is_never_due_earlier(one, other, count):
    earlier, later = sorted((one, other))
    assert add_workdays(earlier, count).day <= add_workdays(later, count).day


@given(days, st.integers(1, 60))
def test_a_due_day_is_a_working_day_and_the_count_of_them_is_exact(start, count):
    due = add_workdays(start, count).day
    passed = [start + timedelta(days=n) for n in range(1, (due - start).days + 1)]
    assert sum(is_workday(day).workday for day in passed) == count
    assert is_workday(due).workday


def test_a_day_ends_in_its_last_second_in_the_districts_time():
    end = end_of_day(on("2024-06-24"))
    assert end.isoformat() == "2024-06-24T23:59:59+08:00"
    assert end == datetime(2024, 6, 24, 15, 59, 59, tzinfo=UTC)
