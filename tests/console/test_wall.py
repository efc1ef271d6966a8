"""/wall: pages in turn, for a screen that nobody touches."""

import re

import pytest

from services.emergency.app import service as emergency
from tests.console.conftest import Desk


def turns_of(person, turn: str) -> list[tuple[str, str]]:
    """What a screen shows from a turn on until it is back there, with the address that follows each."""
    seen = []
    while turn not in [seen_turn for seen_turn, _ in seen]:
        shown = person.see(f"/wall?turn={turn}")
        title = re.search(r"<h1>(.*?)</h1>", shown.text)
        follows = re.search(r'data-turn="/wall\?turn=([a-z]+)"', shown.text)
        assert shown.status == 200
        assert title and follows
        seen.append((turn, title[1]))
        turn = follows[1]
    return seen


def test_the_four_pages_follow_one_another(desk: Desk) -> None:
    assert turns_of(desk.sit("wall", "screen", "大屏"), "today") == [
        ("today", "今日要事"),
        ("targets", "目标达成"),
        ("accidents", "事故看板"),
        ("hotline", "热线办理"),
    ]


def test_who_may_not_see_a_page_has_one_turn_less(desk: Desk) -> None:
    assert [turn for turn, _ in turns_of(desk.sit("field", "field", "现场"), "today")] == [
        "today",
        "accidents",
    ]


@pytest.mark.parametrize("turn", ["", "nothing", "people"])
def test_it_begins_with_today(desk: Desk, turn: str) -> None:
    assert "<h1>今日要事</h1>" in desk.sit("wall", "screen", "大屏").see(f"/wall?turn={turn}").text


def test_nothing_can_be_changed_there(desk: Desk, behind) -> None:
    behind(emergency)
    officer = desk.officer()
    assert "<form" in officer.see("/accidents").text
    for turn in ("today", "accidents"):
        assert "<form" not in officer.see(f"/wall?turn={turn}").text


def test_a_turn_whose_service_is_away_says_so_and_the_screen_goes_on(desk: Desk) -> None:
    shown = desk.sit("wall", "screen", "大屏").see("/wall?turn=targets")
    assert "物业服务暂时连接不上" in shown.words
    assert "/wall?turn=accidents" in shown.text


def test_of_many_matters_the_first_are_shown_and_the_rest_counted(desk: Desk, behind) -> None:
    running = behind(emergency)
    caller = running.client("emergency:read", "emergency:write", "emergency:office")
    for place in "甲乙丙丁戊":
        assert (
            caller.post("/incidents", json={"place": f"{place}地", "occurred_at": "now"}).status_code == 201
        )
    words = desk.officer().see("/wall").words
    assert "正在处置的事故 5" in words
    assert len(re.findall("单位不详，.地：", words)) == 2
    assert "另有 3 项。" in words
