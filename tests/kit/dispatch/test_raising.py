"""Late requests are raised, each rung of the ladder once, however often and by however many it is looked (P-2.2.2b)."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from kit.dispatch import raising
from tests.kit.dispatch.conftest import NOTE

pytestmark = pytest.mark.clause("P-2.2.2b")


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


def test_the_hotline_raises_by_hand_too(desk):
    number = desk.sent()
    assert desk.act(desk.hotline, number, "urge", level="supervise", **NOTE)["raised"] == "supervise"
    assert desk.listed(raised="supervise") == [number]
