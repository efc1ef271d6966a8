"""How late requests are told to whoever watches the services (P-2.2.2b)."""

import pytest

from kit.gauges.overdue import parts, requests
from tests.figures import figures, of, overdue, plan
from tests.kit.dispatch.conftest import NOTE

pytestmark = pytest.mark.clause("P-2.2.2b")
HOUR = 3600


def test_a_part_is_late_by_each_of_its_clocks(desk):
    number = desk.sent()
    clock = desk.running.clock
    clock.advance(hours=6.5)  # 16:00, the term to sign
    assert overdue(desk.running) == {}
    clock.advance(hours=1)
    assert overdue(desk.running) == {("request-sign", "government-office"): (1, HOUR)}
    desk.act(desk.office, number, "accept")
    assert overdue(desk.running) == {}
    clock.advance(days=20)
    assert overdue(desk.running).keys() == {
        ("request-contact", "government-office"),
        ("request-answer", "government-office"),
    }
    desk.act(desk.office, number, "answer", **NOTE)
    assert overdue(desk.running) == {}


def test_a_clock_that_is_stopped_makes_nothing_late(desk):
    number = desk.sent()
    desk.act(desk.office, number, "accept")
    desk.act(desk.office, number, "contact", note="已联系")
    desk.act(desk.hotline, number, "pause", note="等待材料")
    desk.running.clock.advance(days=30)
    assert overdue(desk.running) == {}
    assert of(figures(desk.running), "dispatch_requests_overdue") == 0


def test_what_ended_is_late_no_more(desk):
    number = desk.sent()
    desk.running.clock.advance(days=30)
    assert overdue(desk.running)
    desk.act(desk.hotline, number, "decline", note="不属受理范围")
    assert overdue(desk.running) == {}


def test_the_figures_are_those_of_the_screen(desk):
    assert of(figures(desk.running), "dispatch_requests_open") == 0
    assert of(figures(desk.running), "dispatch_requests_overdue") == 0
    desk.sent()
    desk.running.clock.advance(days=30)
    answered = desk.sent()
    desk.act(desk.office, answered, "accept")
    shown = desk.hotline.get("/dispatch/counts").json()["total"]
    found = figures(desk.running)
    assert of(found, "dispatch_requests_open") == shown["open"] == 2
    assert of(found, "dispatch_requests_overdue") == shown["overdue"] == 1


def test_late_ones_are_found_without_reading_what_was_closed(desk):
    number = desk.sent(external_number="W-1")
    desk.running.sql(
        "INSERT INTO dispatch_requests SELECT made.* FROM dispatch_requests r, generate_series(2, 20000) n,"
        " jsonb_populate_record(r, jsonb_build_object("
        "'id', gen_random_uuid(), 'number', 'N' || n, 'external_number', 'W-' || n, 'state', 'closed',"
        "'answered_at', r.received_at, 'closed_at', r.received_at)) made WHERE r.number = %s",
        number,
    )
    desk.running.sql(
        "INSERT INTO dispatch_legs SELECT made.* FROM dispatch_legs l, dispatch_requests r,"
        " jsonb_populate_record(l, jsonb_build_object("
        "'id', gen_random_uuid(), 'request_id', r.id, 'state', 'audited', 'answered_at', r.answered_at)) made"
        " WHERE r.state = 'closed'"
    )
    desk.running.sql("ANALYZE dispatch_requests, dispatch_legs")
    for asked in (parts, requests):
        said = plan(desk.running, asked(desk.running.clock.now))
        assert "Seq Scan" not in said, said
    desk.running.clock.advance(days=30)
    assert overdue(desk.running, "request-answer")["request-answer", "government-office"][0] == 1
