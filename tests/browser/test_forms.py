"""What people do on the pages of accidents, as it is done with a mouse and a keyboard; signing in and out; and clocks that go on."""

from datetime import datetime

import pytest
from playwright.sync_api import expect

from tests.browser import checks
from tests.browser.running import PASSWORD
from tests.browser.telling import saved
from tests.browser.visits import visit


@pytest.fixture
def officer(at_work):
    return at_work("liuyang")


def test_somebody_signs_in_and_signs_out(shown, window):
    with visit(window) as visited:
        page = visited.to(f"{shown.pages}/accidents")
        page.get_by_label("账号").fill("hexin")
        page.get_by_label("密码").fill("不是这个")
        page.get_by_role("button", name="登录").click()
        expect(page.locator("#errors")).to_be_focused()
        assert (
            checks.faults(page, (*checks.OF_ONE_WINDOW, checks.structure, checks.labels, checks.fits)) == []
        )
        page.get_by_label("密码").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text("没有权限")
        page.locator("details.who summary").click()
        page.get_by_role("button", name="退出登录").click()
        expect(page.locator("h1")).to_have_text("已退出登录")
        page.goto(f"{shown.pages}/accidents")
        expect(page.get_by_label("账号")).to_be_visible()


def test_a_report_is_taken_in_and_followed_up(shown, officer):
    officer.goto(f"{shown.pages}/accidents")
    officer.get_by_label("地点").fill("示例大街 7 号")
    officer.get_by_label("街道（镇）").fill("兴胜街道")
    officer.get_by_label("被困").fill("3")
    officer.get_by_role("button", name="接报").click()
    expect(officer.locator("h1")).to_contain_text("示例大街 7 号")
    officer.locator("summary", has_text="续报").click()
    officer.get_by_label("死亡").fill("两个")
    officer.get_by_role("button", name="登记续报").click()
    expect(officer.locator(".error").first).to_be_visible()
    assert checks.faults(officer, (checks.nothing_is_cut, checks.labels, checks.axe)) == []
    officer.get_by_label("死亡").fill("1")
    officer.get_by_role("button", name="登记续报").click()
    saved(officer, "续报已登记")


def test_tasks_are_taken_and_done(shown, officer):
    officer.goto(f"{shown.pages}/accidents/{shown.ids['mine']}")
    officer.get_by_role("button", name="签收").first.click()
    saved(officer, "任务已签收")
    officer.get_by_role("button", name="办结").first.click()
    saved(officer, "任务已办结")


def test_a_withdrawal_is_ordered(shown, at_work):
    commander = at_work("tangtao")
    commander.goto(f"{shown.pages}/accidents/{shown.ids['mine']}")
    commander.locator("summary", has_text="下达撤离命令").click()
    commander.get_by_label("为什么撤离").fill("顶板有二次垮落征兆")
    commander.get_by_role("button", name="下达撤离命令").click()
    saved(commander, "撤离命令已下达")
    expect(commander.get_by_text("未回复")).to_be_visible()


def test_a_second_call_about_the_same_accident_is_joined_to_it(shown, officer):
    officer.goto(f"{shown.pages}/accidents/{shown.ids['second-call']}")
    officer.get_by_role("button", name=f"并入 {shown.ids['crane']}").click()
    saved(officer, "已并入")


def test_a_clock_goes_on_by_the_servers_time_and_says_when_it_is_over(shown, officer):
    officer.clock.install()
    officer.goto(f"{shown.pages}/accidents/{shown.ids['mine']}")
    left = officer.locator(".clock:not(.over) [data-left]").first
    expect(left).to_contain_text("还剩")
    until = left.locator("xpath=preceding-sibling::time").get_attribute("datetime")
    officer.route(
        "**/*", lambda route: route.abort()
    )  # what the server says now is what the page has to go on with
    officer.clock.run_for((datetime.fromisoformat(until) - shown.now).total_seconds() * 1000 + 61_000)
    expect(officer.locator(f".clock [datetime='{until}'] + [data-left]").first).to_have_text("已超时 1 分")
    expect(officer.locator(".lost .live")).to_contain_text("连不上服务器")
    expect(officer.locator(".lost .live")).to_be_in_viewport()


def test_a_board_says_that_it_waits_for_whoever_is_filling_in_a_form(shown, officer):
    officer.clock.install()
    officer.goto(f"{shown.pages}/accidents")
    officer.get_by_label("地点").fill("某处")
    officer.clock.run_for(21_000)
    expect(officer.locator("[data-said]")).to_contain_text("您正在操作，先不更新")
    expect(officer.get_by_label("地点")).to_have_value("某处")
