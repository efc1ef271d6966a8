"""Accounts: what each office over the console does to another's, and what people do to their own."""

from playwright.sync_api import expect

from tests.browser.running import PASSWORD, Person
from tests.browser.telling import refused, saved

ANOTHER = "Kan-de-jian-2"


def test_an_account_is_made_tied_disabled_enabled_and_given_another_password(shown, at_work):
    page = at_work("admin")
    page.goto(f"{shown.pages}/people")
    page.get_by_label("账号", exact=True).fill("新 人")
    page.get_by_label("姓名").fill("王新")
    page.get_by_role("button", name="开设账号").click()
    refused(page, "小写字母", {"make-login": "新 人", "make-name": "王新"})
    page.get_by_label("账号", exact=True).fill("wangxin")
    page.get_by_role("button", name="开设账号").click()
    expect(page.locator(".told h2")).to_have_text("账号 wangxin 已开设")
    first = page.locator(".secret").inner_text()

    page.get_by_role("link", name="wangxin").click()
    page.get_by_label("统一身份认证的身份标识").fill("subject-of-wangxin")
    page.get_by_role("button", name="更改关联").click()
    saved(page, "关联已更改")
    expect(page.get_by_label("统一身份认证的身份标识")).to_have_value("subject-of-wangxin")
    page.get_by_role("button", name="停用账号").click()
    saved(page, "账号已停用")
    page.get_by_role("button", name="恢复使用").click()
    saved(page, "账号已恢复使用")
    page.get_by_role("button", name="重置密码").click()
    expect(page.locator(".told h2")).to_have_text("密码已重置")
    assert page.locator(".secret").inner_text() not in ("", first)


def test_an_account_of_another_cannot_be_tied_to_the_same_identity(shown, at_work):
    shown.take_on(Person("tied", "关一", "leader"), Person("untied", "关二", "leader"))
    page = at_work("admin")
    for login in ("tied", "untied"):
        page.goto(f"{shown.pages}/people/{shown.ids[login]}")
        page.get_by_label("统一身份认证的身份标识").fill("subject-of-both")
        page.get_by_role("button", name="更改关联").click()
    refused(page, "已经关联了账号 tied", {"tie-identity": "subject-of-both"})


def test_a_role_is_granted_with_what_it_asks_for_and_ends_where_somebody_is_signed_in(shown, at_work):
    shown.take_on(Person("promoted", "任新", "leader"))
    page = at_work("guard")
    page.goto(f"{shown.pages}/people/{shown.ids['promoted']}")
    page.get_by_label("岗位", exact=True).select_option(label="街道（镇）经办（须填街道或镇）")
    page.get_by_label("所属").fill("没有这个街道")
    page.get_by_role("button", name="授予岗位").click()
    refused(page, "街道或镇", {"grant-role": "street-clerk", "grant-limit": "没有这个街道"})
    page.get_by_label("所属").fill("罕台镇")
    page.get_by_role("button", name="授予岗位").click()
    saved(page, "岗位已授予")
    expect(page.locator(".facts")).to_contain_text("街道（镇）经办 · 罕台镇")


def test_an_account_that_was_tried_too_often_is_unlocked_and_its_sessions_are_ended(shown, window, at_work):
    shown.take_on(Person("forgetful", "忘词", "leader"))
    at_work("forgetful")  # and signed in somewhere
    window.clear_cookies()
    page = window.new_page()
    for _ in range(5):
        page.goto(f"{shown.pages}/sign-in")
        page.get_by_label("账号", exact=True).fill("forgetful")
        page.get_by_label("密码", exact=True).fill("记不清了")
        page.get_by_label("密码", exact=True).press("Enter")
        expect(page.locator("#errors")).to_be_focused()
    page.close()
    page = at_work("guard")
    page.goto(f"{shown.pages}/people/{shown.ids['forgetful']}")
    facts = page.locator(".facts")
    expect(facts).to_contain_text("已锁定")
    page.get_by_role("button", name="解除锁定").click()
    saved(page, "锁定已解除")
    expect(facts).to_contain_text("正常")
    expect(facts).to_contain_text("127.0.0.1")
    page.get_by_role("button", name="结束全部登录").click()
    saved(page, "登录已全部结束")
    expect(facts).not_to_contain_text("127.0.0.1")


def test_a_password_of_ones_own_is_changed_and_a_wrong_one_is_not_shown_again(shown, at_work):
    shown.take_on(Person("careful", "慎言", "leader"))
    page = at_work("careful")
    page.goto(f"{shown.pages}/password")
    for old in ("不是这个", PASSWORD):
        page.get_by_label("原密码").fill(old)
        page.get_by_label("新密码", exact=True).fill(ANOTHER)
        page.get_by_label("再输一遍新密码").fill(ANOTHER)
        page.get_by_role("button", name="修改密码").click()
        if old != PASSWORD:
            refused(page, "原密码不对", {"change-old": "", "change-new": "", "change-again": ""})
    expect(page.locator("h1")).not_to_have_text("修改密码")
    page.locator("details.who summary").click()
    page.get_by_role("button", name="退出登录").click()
    page.goto(f"{shown.pages}/sign-in")
    page.get_by_label("账号", exact=True).fill("careful")
    page.get_by_label("密码", exact=True).fill(ANOTHER)
    page.get_by_label("密码", exact=True).press("Enter")
    expect(page.locator("details.who")).to_contain_text("慎言")


def test_sessions_of_ones_own_are_ended_elsewhere_and_everywhere(shown, at_work):
    shown.take_on(Person("everywhere", "多处", "leader"))
    at_work("everywhere")
    page = at_work("everywhere")
    page.goto(f"{shown.pages}/sessions")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="退出其他浏览器").click()
    saved(page, "其他浏览器已退出")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("这一个")
    page.get_by_role("button", name="全部退出").click()
    expect(page.locator("h1")).to_have_text("已退出登录")
    page.goto(f"{shown.pages}/sessions")
    expect(page.get_by_label("密码", exact=True)).to_be_visible()


def test_the_auditor_verifies_the_records(shown, at_work):
    page = at_work("auditor2")
    page.goto(f"{shown.pages}/audit")
    page.get_by_role("button", name="核验记录是否完整").click()
    saved(page, "记录完整")
