"""What the platform has is handed in once, and it is told once how each order stands, whatever gets lost between."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.adapter.platform import order

HAND_IN = "/dispatch/v1/requests"


@pytest.mark.clause("P-2.2.2b")
def test_an_order_becomes_a_request_with_all_that_it_says(platform, gateway, start):
    platform.add(
        order(
            "G1",
            SXBM="020103",
            JJCD="2",
            SFBM="1",
            LDDH="13800001234(本人)，0477-8580000",
            FJ="https://city.example/1.jpg, https://city.example/2.jpg,",
            JD="109.97",
            WD="39.82",
        )
    )
    assert start().make_pass().taken == 1
    (sent,) = gateway.sent
    assert sent == {
        "matter": "property-fee",
        "summary": "楼道灯不亮",
        "description": "3号楼2单元楼道灯坏了一周",
        "division": "天骄街道",
        "address": "天骄路1号",
        "urgency": "urgent",
        "coordinates": {"longitude": 109.97, "latitude": 39.82, "datum": "GCJ-02"},
        "citizen": {"name": "张先生", "phone": "13800001234"},
        "attachments": ["https://city.example/1.jpg", "https://city.example/2.jpg"],
        "source": "12345",
        "external_number": "G1",
        "received_at": "2024-06-24T09:00:00+08:00",
        "secret": True,
        "source_fields": sent["source_fields"],
    }
    # Its other fields go along as they came; what is personal goes where it is sealed, and nowhere else.
    assert sent["source_fields"]["KSDM"] == "03"
    assert not {"LDRXM", "LDDH"} & sent["source_fields"].keys()


def test_an_order_of_a_clock_that_is_ahead_of_ours_is_received_now(platform, gateway, start):
    platform.add(order("G1", at="2024-06-24 09:50:00"))
    start().make_pass()
    assert gateway.of("G1")["received_at"] == "2024-06-24T09:30:00+08:00"


def test_what_is_there_is_neither_handed_in_nor_asked_for_again(platform, gateway, start):
    platform.add(order("G1"))
    adapter = start()
    for _ in range(3):
        assert adapter.make_pass().whole
    assert gateway.asked[f"POST {HAND_IN}"] == 1
    assert platform.asked["/order/replies"] == 1


@pytest.mark.parametrize("how", ["lost", "unheard", 503, 429])
def test_a_hand_in_that_gets_no_answer_is_made_again_and_is_one_request(platform, gateway, start, how):
    platform.add(order("G1"), order("G2"))
    gateway.fail(HAND_IN, how)
    adapter = start()
    assert not adapter.make_pass().whole
    assert adapter.make_pass().whole
    assert sorted(row["external_number"] for row in gateway.requests.values()) == ["G1", "G2"]


@pytest.mark.clause("P-2.2.2b")
def test_the_platform_is_told_each_state_once(platform, gateway, start):
    platform.add(order("G1"))
    adapter = start()
    adapter.make_pass()
    for state, answer in (("accepted", None), ("answered", "已更换。"), ("closed", "已更换。")):
        gateway.move("G1", state, answer)
        for _ in range(2):
            adapter.make_pass()
    assert platform.told("G1") == [("20", ""), ("30", "已更换。"), ("40", "已更换。")]


@pytest.mark.parametrize("how", ["lost", "unheard", "busy", "html", "expired"])
def test_a_telling_that_gets_no_answer_is_told_once(platform, gateway, start, how):
    platform.add(order("G1"))
    adapter = start()
    adapter.make_pass()
    gateway.move("G1", "accepted")
    platform.fail("/order/reply", how)
    adapter.make_pass()
    assert adapter.make_pass().whole
    assert platform.told("G1") == [("20", "")]


def test_an_adapter_that_begins_anew_does_nothing_twice(platform, gateway, start):
    platform.add(order("G1"))
    start().make_pass()
    gateway.move("G1", "answered", "已更换。")
    start().make_pass()
    start().make_pass()
    assert len(gateway.requests) == 1
    assert platform.told("G1") == [("30", "已更换。")]


def test_what_came_while_a_side_was_away_for_days_is_done_when_it_is_back(platform, gateway, start):
    adapter = start()
    adapter.make_pass()
    platform.add(order("G1", at="2024-06-24 10:00:00"))
    for _ in range(200):  # five days of a pass each 36 minutes
        gateway.now += timedelta(minutes=36)
        platform.fail("/order/list", "busy")
        assert not adapter.make_pass().whole
    assert adapter.make_pass().taken == 1


def test_a_service_that_is_away_does_not_hold_up_the_others_and_is_read_when_it_is_back(
    platform, gateway, start
):
    platform.add(order("G1"), order("G2"))
    adapter = start()
    adapter.make_pass()
    gateway.move("G1", "accepted")
    gateway.unavailable = ["credit"]
    assert not adapter.make_pass().whole
    assert platform.told("G1") == [("20", "")]
    gateway.unavailable = []
    assert adapter.make_pass().whole


def test_three_in_a_row_that_get_no_answer_end_the_pass(platform, gateway, start):
    platform.add(*(order(f"G{number}") for number in range(20)))
    gateway.fail(HAND_IN, *["unheard"] * 20)
    assert not start().make_pass().whole
    assert gateway.asked[f"POST {HAND_IN}"] == 3


def test_what_is_refused_is_said_and_holds_nobody_up(platform, gateway, start):
    platform.add(order("G1"), order("G2"))
    gateway.refusals["G1"] = ["/summary"]
    outcome = start().make_pass()
    assert (outcome.taken, outcome.refused, outcome.whole) == (1, {"G1": "invalid-request"}, True)


def test_what_a_request_can_do_without_is_dropped_where_it_is_not_taken(platform, gateway, start):
    platform.add(order("G1", JD="10.5", WD="39.8"))
    gateway.refusals["G1"] = ["/coordinates/longitude", "/citizen/phone"]
    assert start().make_pass().taken == 1
    assert not {"coordinates", "citizen"} & gateway.of("G1").keys()


ITEM = {"matter": "lift-maintenance", "score": 4}


class TestAnUnknownCode:
    def made(self, platform, gateway, start, *items, alarm=(), **settings):
        platform.add(order("G1", SXBM="9901"))
        gateway.proposals = {"items": list(items), "alarm": list(alarm)}
        return start(**settings).make_pass()

    def test_gets_the_matter_that_the_words_clearly_propose(self, platform, gateway, start):
        self.made(platform, gateway, start, ITEM, {"matter": "falling-objects", "score": 2})
        assert gateway.of("G1")["matter"] == "lift-maintenance"

    def test_is_a_possible_accident_where_the_words_say_so(self, platform, gateway, start):
        self.made(platform, gateway, start, alarm=["爆炸"])
        assert gateway.of("G1")["matter"] == "possible-accident"

    def test_is_listed_where_two_matters_are_as_likely(self, platform, gateway, start):
        outcome = self.made(platform, gateway, start, ITEM, ITEM | {"matter": "falling-objects"})
        assert outcome.refused == {"G1": "no matter for code 9901"}

    def test_is_listed_where_words_shall_not_choose(self, platform, gateway, start):
        assert self.made(platform, gateway, start, ITEM, by_words=False).refused.keys() == {"G1"}


def test_a_redo_is_told_as_work_that_has_begun_again(platform, gateway, start):
    platform.add(order("G1"))
    adapter = start()
    adapter.make_pass()
    for state, answer in (("answered", "已修。"), ("accepted", None), ("answered", "已修。")):
        gateway.move("G1", state, answer)
        adapter.make_pass()
    assert [state for state, _ in platform.told("G1")] == ["30", "20", "30"]


def test_of_what_is_not_taken_up_the_reason_is_told(platform, gateway, start):
    platform.add(order("G1"))
    adapter = start()
    adapter.make_pass()
    gateway.move("G1", "declined", steps=[{"action": "decline", "note": "已进入诉讼程序"}])
    adapter.make_pass()
    assert platform.told("G1") == [("50", "已进入诉讼程序")]


def test_of_an_order_that_was_merged_the_answer_of_the_other_is_told(platform, gateway, start):
    platform.add(order("G1"), order("G2"))
    adapter = start()
    adapter.make_pass()
    gateway.move("G2", "merged", merged_into=gateway.of("G1")["number"])
    gateway.move("G1", "answered", "已修。")
    adapter.make_pass()
    assert platform.told("G1") == platform.told("G2") == [("30", "已修。")]


def test_an_order_that_was_transferred_is_told_of_by_who_has_it(platform, gateway, start):
    platform.add(order("G1"))
    adapter = start()
    adapter.make_pass()
    gateway.requests["DS-CQ-0001"] = gateway.of("G1") | {
        "number": "DS-CQ-0001",
        "state": "answered",
        "answer": "已更正。",
    }
    gateway.requests["DS-PQ-0001"] |= {"state": "transferred"}
    adapter.make_pass()
    assert platform.told("G1") == [("30", "已更正。")]


def test_a_platform_that_keeps_something_else_is_not_filled_up(platform, gateway, start):
    platform.add(order("G1"))
    adapter = start()
    adapter.make_pass()
    gateway.move("G1", "answered", "已更换★")
    platform.instead["/order/reply"] = lambda form: platform.reply(
        form | {"NR": form["NR"].replace("★", "?")}
    )
    for _ in range(6):
        start().make_pass()
    assert platform.told("G1") == [("30", "已更换?")] * 3


def test_an_answer_longer_than_the_platform_keeps_is_cut_and_told_once(platform, gateway, start):
    platform.add(order("G1"))
    adapter = start()
    adapter.make_pass()
    gateway.move("G1", "answered", "修\r\n" * 900)
    adapter.make_pass()
    start().make_pass()
    ((_, text),) = platform.told("G1")
    assert text.endswith("……") and len(text) <= 1000


_FAULTS = st.lists(st.sampled_from(["lost", "unheard", "busy", "html", "expired", None]), max_size=6)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    listing=_FAULTS,
    reading=_FAULTS,
    telling=_FAULTS,
    taking=st.lists(st.sampled_from(["lost", "unheard", 503, None]), max_size=6),
)
def test_whatever_gets_lost_all_is_taken_and_told_once(
    platform, gateway, start, tmp_path, listing, reading, telling, taking
):
    (tmp_path / "mark.json").unlink(missing_ok=True)
    for each in (platform.orders, platform.replies, platform.faults, gateway.requests, gateway.faults):
        each.clear()
    platform.add(*(order(f"G{number}") for number in range(4)))
    for path, faults in (("/order/list", listing), ("/order/replies", reading), ("/order/reply", telling)):
        platform.fail(path, *faults)
    gateway.fail(HAND_IN, *taking)
    adapter = start()
    for number in range(30):
        if adapter.make_pass().whole and number > 12:
            break
        for each in gateway.requests.values():
            if each["state"] == "received":
                gateway.move(each["external_number"], "accepted")
    assert sorted(row["external_number"] for row in gateway.requests.values()) == ["G0", "G1", "G2", "G3"]
    assert {number: platform.told(number) for number in platform.replies} == {
        f"G{number}": [("20", "")] for number in range(4)
    }
