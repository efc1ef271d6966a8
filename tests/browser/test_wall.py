"""A screen on a wall: it goes on by itself, and each turn fits without anybody scrolling."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.browser import checks
from tests.browser.visits import WEIGHT, visit

TURNS = ("today", "targets", "accidents", "hotline")


@pytest.fixture
def screen(shown, window):
    with visit(window) as visited:
        shown.seat(window, "wall")
        yield visited.page
        assert visited.faults(weight=len(TURNS) * WEIGHT) == []
    window.clear_cookies()


def test_it_goes_on_to_the_next_page_until_somebody_pauses_it(shown, screen):
    screen.clock.install()
    screen.goto(f"{shown.pages}/wall")
    for title in ("目标达成", "事故看板"):
        screen.clock.run_for(21_000)
        expect(screen.locator("h1")).to_have_text(title)
        expect(screen).to_have_title(f"{title} · 大屏 · 东胜区工作台")
    assert screen.url.endswith("/wall?turn=accidents")
    screen.get_by_role("button", name="暂停更新").click()
    screen.clock.run_for(60_000)
    expect(screen.locator("h1")).to_have_text("事故看板")
    said = screen.locator("[data-clock]").inner_text()
    assert said in {f"{shown.now + timedelta(seconds=60 + late):%H:%M}" for late in (-5, 0, 5)}


def test_it_says_when_the_server_is_lost_or_does_not_answer_and_goes_on_when_it_is_back(shown, screen):
    screen.clock.install()
    screen.goto(f"{shown.pages}/wall")
    since = screen.locator("[data-clock]").inner_text()
    screen.route("**/wall**", lambda _: None)  # asked, and never answered
    screen.clock.run_for(32_000)
    lost = screen.locator(".lost .live")
    expect(lost).to_contain_text(f"连不上服务器，页面上还是 {since} 的情况。")
    expect(lost).to_be_in_viewport()
    expect(screen.locator("h1")).to_have_text("今日要事")
    assert checks.faults(screen, (checks.nothing_is_cut, checks.contrast)) == []
    screen.unroute("**/wall**")
    screen.clock.run_for(10_000)  # until it asks again, and not as long as it waits
    expect(screen.locator("h1")).to_have_text("目标达成")
    expect(lost).to_have_count(0)


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (3840, 2160)], ids=lambda size: f"{size[1]}p")
def test_every_turn_fits_the_screen(shown, screen, size):
    screen.set_viewport_size({"width": size[0], "height": size[1]})
    too_long = []
    for turn in TURNS:
        screen.goto(f"{shown.pages}/wall?turn={turn}")
        height = screen.evaluate("document.documentElement.scrollHeight")
        if height > size[1]:
            too_long.append(f"{turn}: {height} of {size[1]} px")
    assert not too_long
