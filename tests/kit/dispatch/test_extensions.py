"""More time is given so often, and exactly as much as was asked for, however the clock is stopped meanwhile (P-2.2.2b)."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit.dispatch.limits import Limit, clocks
from tests.kit.dispatch import sending
from tests.kit.dispatch.conftest import NOTE, Desk

pytestmark = pytest.mark.clause("P-2.2.2b")

HOUR = timedelta(hours=1)


def extend(desk, number, until):
    desk.act(desk.office, number, "ask-extension", note="配件", until=until.isoformat())
    return due(desk.act(desk.hotline, number, "grant-extension"))


def due(request):
    return datetime.fromisoformat(request["due_at"])


def test_a_part_is_given_more_time_so_often_in_each_round(desk):
    number = desk.sent()
    desk.act(desk.office, number, "accept")
    until = due(desk.read(number))
    for _ in range(clocks().extensions):
        until += timedelta(days=1)
        assert extend(desk, number, until) == until
    more = {"note": "配件", "until": (until + timedelta(days=1)).isoformat()}
    assert "ask-extension" not in desk.read(number, desk.office)["allowed"]
    refusal = desk.office.post(f"/dispatch/requests/{number}/ask-extension", json=more)
    assert (refusal.status_code, refusal.json()["type"]) == (409, "urn:dongsheng:problem:extended-too-often")
    assert "已同意延期 2 次" in refusal.json()["detail"]
    desk.act(desk.office, number, "answer", **NOTE)
    redone = due(desk.act(desk.hotline, number, "redo", **NOTE))
    assert extend(desk, number, redone + timedelta(days=1)) == redone + timedelta(days=1)


def test_what_is_refused_does_not_count_and_what_another_unit_is_given_neither(desk):
    number = desk.sent()
    desk.act(desk.hotline, number, "join", unit="housing-centre", **NOTE)
    asked = {"note": "配件", "until": "2024-07-19T18:00:00+08:00"}
    for who in (desk.office, desk.housing):
        desk.act(who, number, "accept")
    for _ in range(clocks().extensions + 1):
        desk.act(desk.office, number, "ask-extension", **asked)
        desk.act(desk.hotline, number, "refuse-extension", **NOTE)
    for until in ("2024-07-19T18:00:00+08:00", "2024-07-20T18:00:00+08:00"):
        desk.act(desk.housing, number, "ask-extension", **asked | {"until": until})
        desk.act(desk.hotline, number, "grant-extension", unit="housing-centre")
    assert desk.refused(desk.housing, number, "ask-extension", **asked) == (409, "extended-too-often")
    desk.act(desk.office, number, "ask-extension", **asked)


def test_more_time_than_there_is_when_the_clock_goes_on_has_to_be_asked_for(desk):
    number = desk.sent()
    desk.act(desk.office, number, "accept")
    desk.act(desk.hotline, number, "pause", **NOTE)
    desk.running.clock.advance(days=7)
    asked = {"note": "配件", "until": "2024-07-03T18:00:00+08:00"}
    answer = desk.office.post(f"/dispatch/requests/{number}/ask-extension", json=asked)
    assert (answer.status_code, answer.json()["errors"][0]["reason"]) == (
        422,
        "应晚于 2024-07-04T23:59:59+08:00",
    )
    assert desk.read(number)["due_at"] == "2024-06-27T23:59:59+08:00", "what is refused changes nothing"


def test_working_days_asked_for_while_the_clock_is_stopped_count_from_then(desk):
    number = desk.sent()
    desk.act(desk.office, number, "accept")
    desk.act(desk.hotline, number, "pause", **NOTE)
    desk.running.clock.advance(days=7)
    until = datetime.fromisoformat("2024-07-09T23:59:59+08:00")
    assert extend(desk, number, until) == until
    desk.running.clock.advance(days=1)
    assert desk.act(desk.hotline, number, "resume")["due_at"] == "2024-07-10T23:59:59+08:00"


LONG = replace(sending.CASE_MATTER, code="long", limit=Limit(hours=500), taken=None)
STEP = st.one_of(st.sampled_from(["pause", "resume", "grant", "refuse"]), st.integers(1, 60))


@pytest.fixture
def long_desk(serve):
    return Desk(serve(replace(sending.service, matters=(*sending.service.matters, LONG))))


@given(walk=st.lists(st.tuples(STEP, st.integers(0, 20)), min_size=4, max_size=14))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_term_is_moved_by_what_was_granted_and_once_by_each_pause(long_desk, walk):
    """Numbers of a walk are hours of more time than there is at that moment, which are asked for."""
    desk, clock = long_desk, long_desk.running.clock
    anybody = desk.running.client("dispatch:read", "office:write", "dispatch:any-unit", name="anybody")
    number = desk.sent(matter="long")
    desk.act(anybody, number, "accept")
    stopped, asked, expected = None, None, due(desk.read(number))
    for what, hours in walk:
        clock.advance(hours=hours)
        now = clock.now
        allowed = desk.read(number, anybody)["allowed"] + desk.read(number)["allowed"]
        if isinstance(what, int) and "ask-extension" in allowed:
            until = expected + (now - stopped if stopped else timedelta(0)) + what * HOUR
            desk.act(anybody, number, "ask-extension", note="配件", until=until.isoformat())
            asked = what * HOUR
        elif what == "pause" and what in allowed:
            stopped = now
            desk.act(desk.hotline, number, "pause", **NOTE)
        elif what == "resume" and what in allowed:
            expected, stopped = expected + (now - stopped), None
            assert due(desk.act(desk.hotline, number, "resume")) == expected
        elif what in ("grant", "refuse") and asked is not None:
            desk.act(desk.hotline, number, f"{what}-extension", **NOTE)
            expected, asked = expected + (asked if what == "grant" else timedelta(0)), None
    told = desk.read(number) if stopped is None else desk.act(desk.hotline, number, "resume")
    assert due(told) == expected + (clock.now - stopped if stopped else timedelta(0))
