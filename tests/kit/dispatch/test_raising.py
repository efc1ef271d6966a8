"""Late requests are raised, each rung of the ladder once, however often and by however many it is looked (P-2.2.2b)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import psycopg
import pytest

from kit.dispatch import raising
from tests.kit.dispatch import sending
from tests.kit.dispatch.conftest import NOTE, Desk

pytestmark = pytest.mark.clause("P-2.2.2b")

HOUR = timedelta(hours=1)


def test_the_ladder_is_climbed_as_the_terms_pass(desk):
    number = desk.sent()
    for hours, levels in (
        (6.4, []),  # 15:54, the term to sign is 16:00
        (0.2, ["remind"]),
        (31, ["remind"]),
        (6, ["remind", "remind"]),  # nobody was contacted by the end of the 25th
        (40, ["remind", "remind", "remind"]),  # four hours before the term to answer
        (6, ["remind", "remind", "remind", "urge"]),
    ):
        desk.running.clock.advance(hours=hours)
        desk.climb()
        assert desk.raised(number) == levels
    desk.running.clock.advance(days=20)
    desk.climb()
    assert desk.raised(number)[-2:] == ["supervise", "escalate"], (
        "what was missed meanwhile is made up for, in order"
    )
    assert desk.read(number)["raised"] == "escalate"


def test_nothing_is_raised_twice_by_several_workers_at_once(desk):
    numbers = [desk.sent() for _ in range(5)]
    desk.running.clock.advance(days=30)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: desk.running.run(raising.climb), range(8)))
    for number in numbers:
        assert len(desk.raised(number)) == 6
    told = "SELECT count(*) FROM events WHERE type = 'dispatch.request.raised'"
    assert desk.running.sql(told) == [(30,)]


def test_the_database_too_holds_a_rung_once_in_a_round(desk):
    desk.sent()
    desk.running.clock.advance(days=1)
    desk.climb()
    with pytest.raises(psycopg.errors.UniqueViolation):
        desk.running.sql(
            "INSERT INTO dispatch_steps SELECT request_id, at, action, client, unit, note, gen_random_uuid(), state,"
            " leg_id, unit_of_leg, leg_state, due_at, round, rung, seen FROM dispatch_steps WHERE rung IS NOT NULL"
        )


@pytest.mark.parametrize("ended", ["answered", "paused", "declined"])
def test_what_is_answered_stopped_or_over_is_not_raised(desk, ended):
    number = desk.sent()
    desk.act(desk.office, number, "accept")
    desk.act(desk.office, number, "contact", **NOTE)
    who, action = {
        "answered": (desk.office, "answer"),
        "paused": (desk.hotline, "pause"),
        "declined": (desk.hotline, "decline"),
    }[ended]
    desk.act(who, number, action, **NOTE)
    desk.running.clock.advance(days=30)
    desk.climb()
    assert desk.raised(number) == []


def test_a_redone_request_is_raised_anew(desk):
    number = desk.sent()
    desk.act(desk.office, number, "answer", **NOTE)
    desk.act(desk.hotline, number, "redo", **NOTE)
    desk.running.clock.advance(days=4)
    desk.climb()
    assert desk.raised(number) == ["remind", "urge"], "the first contact was of the first round"


def test_each_further_term_is_raised_anew(desk):
    number = desk.sent()
    desk.act(desk.office, number, "accept")
    desk.act(desk.office, number, "contact", **NOTE)
    expected = []
    for until in ("2024-07-05T18:00:00+08:00", "2024-07-19T18:00:00+08:00"):
        due = datetime.fromisoformat(desk.read(number)["due_at"])
        desk.act(desk.office, number, "ask-extension", note="配件", until=until)
        for moment, level in ((due - HOUR, "remind"), (due + HOUR, "urge")):
            expected.append(level)
            desk.running.clock.now = moment
            desk.climb()
            assert desk.raised(number) == expected
        desk.act(desk.hotline, number, "grant-extension")
        desk.climb()
        assert desk.raised(number) == expected


def test_the_term_of_another_matter_is_raised_anew(serve):
    desk = Desk(serve(sending.service))
    number = desk.sent(matter="case")  # two hours
    desk.climb()
    assert desk.raised(number) == ["remind"]
    desk.act(desk.hotline, number, "transfer", matter="street-lamp", **NOTE)  # the same street, the same day
    desk.climb()
    assert desk.raised(number) == ["remind"]
    desk.running.clock.advance(hours=12)
    desk.climb()
    assert desk.raised(number) == ["remind", "remind", "remind"], "to sign, and of the new term"


def test_a_part_that_cannot_be_raised_holds_up_no_other(desk):
    stuck, other = desk.sent(), desk.sent()
    desk.running.sql(
        "INSERT INTO dispatch_steps (id, request_id, at, action, client, state, leg_id, round, term, rung, seen)"
        " SELECT gen_random_uuid(), r.id, r.received_at, 'raise', 'x', r.state, l.id, 1, 1, 'sign', '{\"level\": \"x\"}'"
        " FROM dispatch_requests r JOIN dispatch_legs l ON l.request_id = r.id WHERE number = %s",
        stuck,
    )
    desk.running.clock.advance(hours=8)
    desk.climb()
    assert desk.raised(other) == ["remind"]
    assert desk.raised(stuck) == ["x"]
    told = "SELECT subject FROM events WHERE type = 'dispatch.request.raised'"
    assert desk.running.sql(told) == [(other,)], "of what was not raised nobody is told"


def test_the_hotline_raises_by_hand_too(desk):
    number = desk.sent()
    assert desk.act(desk.hotline, number, "urge", level="supervise", **NOTE)["raised"] == "supervise"
    assert desk.listed(raised="supervise") == [number]
    assert desk.act(desk.hotline, number, "urge", level="urge", **NOTE)["raised"] == "supervise"
