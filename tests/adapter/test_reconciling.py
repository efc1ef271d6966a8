"""Once a day both sides are counted and summed; what differs is set right, and what cannot be is listed."""

from datetime import date, datetime, timedelta

import pytest

from adapter import metrics
from adapter.port import Away
from kit.district.clock import SHANGHAI
from tests.adapter.platform import order

DAY = date(2024, 6, 24)


@pytest.fixture
def joined(platform, gateway, start):
    """An adapter after its first pass over three orders of the day."""
    platform.add(*(order(f"G{number}") for number in range(3)))
    adapter = start()
    adapter.make_pass()
    return adapter


def _numbers(differences):
    return [each["number"] for each in differences]


@pytest.mark.clause("P-2.2.2b")
def test_two_sides_that_are_the_same_have_one_count_and_one_sum(joined):
    found = joined.reconcile(DAY)
    assert found["here"] == found["there"]
    assert (found["here"]["count"], found["found"], found["left"]) == (3, [], [])


def test_an_order_that_never_came_is_handed_in(joined, platform, gateway):
    platform.add(order("lost", at="2024-06-24 00:00:00"))
    found = joined.reconcile(DAY)
    assert (_numbers(found["found"]), found["left"]) == (["lost"], [])
    assert gateway.of("lost")["state"] == "received"


def test_an_answer_that_the_platform_lost_is_told_again(joined, platform, gateway):
    gateway.move("G1", "answered", "已修。")
    joined.make_pass()
    platform.replies.clear()
    found = joined.reconcile(DAY)
    assert (_numbers(found["found"]), found["left"]) == (["G1"], [])
    assert platform.told("G1") == [("30", "已修。")]


def test_an_order_that_only_we_have_is_listed(joined, platform, gateway):
    platform.orders.pop(0)
    found = joined.reconcile(DAY)
    assert _numbers(found["left"]) == ["G0"]
    assert found["left"][0]["there"] is None
    assert found["here"]["count"] == found["there"]["count"] + 1


def test_an_order_that_is_refused_is_listed_with_the_reason(joined, platform, gateway):
    platform.add(order("G9"))
    gateway.refusals["G9"] = ["/summary"]
    (left,) = joined.reconcile(DAY)["left"]
    assert (left["number"], left["here"], left["why"]) == ("G9", None, "invalid-request")


def test_an_answer_that_the_platform_refuses_is_listed_with_the_reason(joined, platform, gateway):
    gateway.move("G1", "answered", "已修。")
    platform.instead["/order/reply"] = lambda _: ("4013", None)
    (left,) = joined.reconcile(DAY)["left"]
    assert (left["number"], left["why"]) == ("G1", "4013")


def test_what_a_platform_changed_by_itself_is_listed_where_it_stays(joined, platform, gateway):
    platform.replies["G1"] = [{"ZT": "40", "NR": "平台办结"}] * 3
    platform.instead["/order/reply"] = lambda form: platform.reply(form | {"ZT": "40", "NR": "平台办结"})
    gateway.move("G1", "answered", "已修。")
    (left,) = joined.reconcile(DAY)["left"]
    assert (left["here"]["state"], left["there"]["state"]) == ("answered", "closed")


@pytest.mark.parametrize("received", ["2024-06-23T23:59:59+08:00", "2024-06-25T00:00:01+08:00"])
def test_an_order_that_was_received_on_the_other_side_of_midnight_is_no_difference(joined, gateway, received):
    gateway.of("G1")["received_at"] = received
    assert joined.reconcile(DAY)["found"] == []


def test_orders_of_other_days_do_not_count(joined, platform):
    platform.add(order("G7", at="2024-06-23 23:59:59"), order("G8", at="2024-06-25 00:00:00"))
    assert joined.reconcile(DAY)["there"]["count"] == 3


def test_a_side_that_is_away_is_not_taken_for_one_that_has_nothing(joined, platform, gateway):
    gateway.unavailable = ["credit"]
    with pytest.raises(Away):
        joined.reconcile(DAY)
    gateway.unavailable = []
    platform.fail("/order/standings", "busy")
    with pytest.raises(Away):
        joined.reconcile(DAY)


class TestEachDay:
    """Serving, each day that is over is reconciled once, also those that nobody was there for."""

    def kept(self, tmp_path):
        return sorted(file.stem for file in tmp_path.glob("2024-*.json"))

    def test_is_reconciled_from_the_hour_set(self, joined, gateway, tmp_path):
        gateway.now = gateway.now.replace(day=25, hour=6, minute=29)
        joined.turn()
        assert "2024-06-24" not in self.kept(tmp_path)
        gateway.now += timedelta(minutes=1)
        joined.turn()
        assert "2024-06-24" in self.kept(tmp_path)

    def test_is_reconciled_once(self, joined, gateway, platform):
        gateway.now += timedelta(days=1)
        joined.turn()
        asked = platform.asked["/order/standings"]
        joined.turn()
        assert platform.asked["/order/standings"] == asked

    def test_is_made_up_for_where_a_side_was_away(self, joined, gateway, platform, tmp_path):
        gateway.now += timedelta(days=1)
        platform.fail("/order/standings", "busy")
        joined.turn()
        assert self.kept(tmp_path) == []
        gateway.now += timedelta(days=1)
        joined.turn()
        assert self.kept(tmp_path) == ["2024-06-23", "2024-06-24", "2024-06-25"]

    def test_whatever_goes_wrong_the_next_turn_comes(self, joined, gateway, platform):
        platform.instead["/order/list"] = lambda _: 1 / 0
        joined.turn()
        platform.instead.clear()
        platform.add(order("G9", at="2024-06-24 09:29:00"))
        joined.turn()
        assert gateway.of("G9")["state"] == "received"

    def test_a_new_process_shows_the_last_day_that_an_earlier_one_reconciled(self, joined, gateway, start):
        gateway.now += timedelta(days=1)
        joined.turn()
        metrics._DAY.set(0)
        gateway.now += timedelta(days=1)
        start().show_last_day()
        end = datetime(2024, 6, 24, 23, 59, 59, 999999, tzinfo=SHANGHAI)
        assert metrics._DAY._value.get() == end.timestamp()
