"""Early warning: what comes in more often than its own past leads to expect is told once, with its numbers."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from kit.dispatch import patterns
from kit.dispatch.early_warning import at_least, signal, window, windows_since
from tests.kit.dispatch.sending import fill
from tests.kit.dispatch.test_bulletin import Desk
from tests.kit.dispatch.test_requests import service

LIFT, QUIET = (str(UUID(int=number)) for number in (1, 2))


@pytest.mark.parametrize(
    ("count", "past", "windows", "noticed"),
    [
        (2, 0, 12, False),  # fewer than three are no pattern
        (3, 0, 12, True),  # none in a year, then three
        (3, 12, 12, False),  # one each time: three or more come by chance in 8 of 100
        (4, 12, 12, False),  # 1.9 of 100
        (5, 12, 12, True),  # 0.4 of 100
        (9, 0, 2, False),  # two windows are no past
        (9, 3, 3, True),
    ],
)
def test_what_is_noticed(count, past, windows, noticed):
    assert signal(count, past, windows).noticed is noticed


def test_the_chance_is_that_of_a_poisson_distribution():
    # With one expected: 1 - e^-1 (1 + 1 + 1/2) = 0.0803014; with a half and 5: 0.00017212.
    assert at_least(0, 1) == 1
    assert at_least(3, 1) == pytest.approx(0.0803013970714)
    assert at_least(5, 0.5) == pytest.approx(0.000172115629956)


@given(st.integers(0, 60), st.integers(0, 200), st.integers(3, 12))
def test_more_requests_never_lower_the_signal(count, past, windows):
    fewer, more = signal(count, past, windows), signal(count + 1, past, windows)
    assert more.probability <= fewer.probability
    assert more.noticed or not fewer.noticed


def test_windows_are_whole_and_at_most_twelve():
    _, begins, last = window(date(2024, 6, 28))
    assert (begins, last) == (date(2024, 6, 1), date(2024, 6, 28))
    days = (date(2024, 6, 1), date(2024, 5, 5), date(2024, 5, 4), date(2020, 1, 1))
    assert [windows_since(day, begins) for day in days] == [0, 0, 1, 12]


@pytest.mark.clause("P-2.2.2b")
def test_a_pattern_is_told_once_with_the_requests_behind_it(serve):
    office = serve(service)
    desk = Desk(office)
    desk.at(1, 2).take(compound=QUIET)
    taken = [desk.at(6, day).take(compound=LIFT) for day in (3, 10, 17)]
    desk.at(6, 11).take(compound=QUIET)
    for _ in range(3):  # what is secret is not told of by its place
        desk.take(compound=QUIET, secret=True)
    desk.at(6, 24)
    for _ in range(2):
        office.tick("notice-patterns")
        office.clock.advance(days=1)
    [found] = desk.hotline.get("/dispatch/patterns").json()["items"]
    assert (found["matter"], found["kind"], found["place"]) == ("government-affairs", "compound", LIFT)
    assert (found["count"], found["past"], found["windows"], found["requests"]) == (3, 0, 5, taken)
    assert found["words"].startswith("最近 28 天有 3 件；此前 5 个 28 天一件也没有")
    assert "0.1148%" in found["words"], "0.2 expected: 1 - e^-0.2 (1 + 0.2 + 0.02)"
    [event] = desk.office.client().told("dispatch.pattern.noticed")
    assert event["data"]["requests"] == taken
    other = office.client("dispatch:read", name="street", division="巴音门克街道")
    assert other.get("/dispatch/patterns").json()["items"] == []


@pytest.mark.clause("P-2.2.2b")
@pytest.mark.parametrize("fresh", [True, False], ids=["fresh statistics", "no statistics"])
def test_what_was_closed_long_ago_is_not_read_again(serve, fresh):
    office = serve(service)
    # An analysis of the server's own, at an unlucky moment, would make the two cases one.
    office.sql("ALTER TABLE dispatch_requests SET (autovacuum_enabled = false)")
    fill(office, since="2015-05-01", state="closed")
    if fresh:
        office.sql("ANALYZE dispatch_requests, dispatch_patterns")
    plan = office.run(_plan)
    assert "Seq Scan on dispatch_requests" not in plan, plan
    assert "ix_dispatch_requests_received_at_id" in plan, plan
    desk = Desk(office)
    taken = [desk.at(6, day).take(compound=LIFT) for day in (3, 10, 17)]
    desk.at(6, 24)
    office.tick("notice-patterns")
    [found] = desk.hotline.get("/dispatch/patterns").json()["items"]
    assert (found["windows"], found["requests"]) == (12, taken)


async def _plan(context):
    """The plan of the query as the job sends it."""
    query, values = patterns.asked(context.today, service.company)
    return "\n".join(await context.session.scalars(text(f"EXPLAIN {query.text}"), values))
