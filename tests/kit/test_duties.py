"""Duties that come again: due at the end of each period, the same in Python and in SQL."""

import os
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Date, create_engine, literal, select

from kit.district.cycles import Cycle
from kit.duties.duty import Duty, Subject
from kit.duties.owing import due_on

BEGINS = date(2024, 4, 19)
DAYS = st.dates(date(2024, 1, 1), date(2031, 12, 31))


def duty(cycle: Cycle | None = Cycle.QUARTER, by: date | None = None) -> Duty:
    return Duty("one", "P-2.2.3a", "联合执法检查", Subject.COMPOUND, BEGINS, cycle=cycle, by=by)


@pytest.mark.parametrize(
    ("cycle", "day", "first", "last", "following"),
    [
        (Cycle.MONTH, "2024-02-29", "2024-02-01", "2024-02-29", "2024-03-31"),
        (Cycle.MONTH, "2024-12-01", "2024-12-01", "2024-12-31", "2025-01-31"),
        (Cycle.QUARTER, "2024-03-31", "2024-01-01", "2024-03-31", "2024-06-30"),
        (Cycle.QUARTER, "2024-04-01", "2024-04-01", "2024-06-30", "2024-09-30"),
        (Cycle.QUARTER, "2024-11-15", "2024-10-01", "2024-12-31", "2025-03-31"),
        (Cycle.YEAR, "2024-02-29", "2024-01-01", "2024-12-31", "2025-12-31"),
    ],
)
def test_a_period_has_a_first_and_a_last_day_and_one_after_it(cycle, day, first, last, following):
    asked = date.fromisoformat(day)
    found = (cycle.first_day(asked), cycle.last_day(asked), cycle.next_last_day(asked))
    assert found == tuple(map(date.fromisoformat, (first, last, following)))


@pytest.mark.parametrize(
    ("since", "last_done", "due"),
    [
        ("2024-01-05", None, "2024-06-30"),  # owed before the plan: since the plan
        ("2024-07-01", None, "2024-09-30"),
        ("2024-05-01", "2024-06-30", "2024-09-30"),
        ("2024-05-01", "2024-07-01", "2024-12-31"),
        ("2024-11-01", "2024-05-01", "2024-12-31"),  # done before it was owed
    ],
)
def test_what_comes_every_quarter_is_due_at_the_end_of_the_quarter_after_it_was_done(since, last_done, due):
    done = date.fromisoformat(last_done) if last_done else None
    assert duty().due_on(date.fromisoformat(since), done) == date.fromisoformat(due)


def test_what_has_to_stand_is_due_when_it_is_owed_and_not_before_the_day_the_document_gives():
    assert duty(None).due_on(date(2025, 3, 1)) == date(2025, 3, 1)
    assert duty(None, by=date(2024, 12, 31)).due_on(date(2024, 5, 1)) == date(2024, 12, 31)
    assert duty(None, by=date(2024, 12, 31)).due_on(date(2025, 5, 1)) == date(2025, 5, 1)


@given(st.sampled_from(Cycle), DAYS, DAYS, st.integers(0, 400))
def test_doing_it_later_never_brings_the_next_time_forward(cycle, since, done, later):
    owed = duty(cycle)
    assert owed.due_on(since, done) <= owed.due_on(since, done + timedelta(days=later))
    assert owed.due_on(since, done) > done


def test_sql_says_the_same_as_the_rule():
    days = [None, *(BEGINS + timedelta(days=13 * number) for number in range(-12, 90))]
    duties = [*map(duty, Cycle), duty(None), duty(None, by=date(2025, 6, 30))]
    asked = [
        (each, since, done)
        for each in duties
        for since in days[1::5]
        for done in (days[::3] if each.cycle else [None])
    ]
    columns = [due_on(each, literal(since, Date), literal(done, Date)) for each, since, done in asked]
    engine = create_engine(os.environ["TEST_POSTGRES_URL"].replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        found = [
            value
            for at in range(0, len(columns), 500)
            for value in connection.execute(
                select(*(c.label(f"c{i}") for i, c in enumerate(columns[at : at + 500])))
            ).one()
        ]
    engine.dispose()
    assert found == [each.due_on(since, done) for each, since, done in asked]
