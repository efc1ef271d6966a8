"""A warning from its issue to its end, as the office on duty does it."""

from datetime import timedelta

from playwright.sync_api import expect

from tests.browser.telling import refused, saved


def test_a_warning_is_issued_adjusted_and_lifted(shown, at_work):
    page = at_work("liuyang")
    page.goto(f"{shown.pages}/warnings")
    page.get_by_label("可能引发什么事故").fill("尾矿库溃坝")
    page.get_by_label("预计等级").select_option(label="一般事故（蓝色）")
    page.get_by_label("到什么时候").fill(f"{shown.now + timedelta(days=1):%Y-%m-%dT%H:%M}")
    page.get_by_label("影响范围").fill("泊尔江海子镇")
    page.get_by_label("相关单位").fill("区应急管理局")
    page.get_by_label("短信").check()
    page.get_by_role("button", name="发布预警").click()
    refused(page, "防范措施", {"issue-accident_type": "尾矿库溃坝", "issue-expected_grade": "general"})
    expect(page.get_by_label("短信")).to_be_checked()
    page.get_by_label("防范措施").fill("停止排放，下游人员撤至高处。")
    page.get_by_role("button", name="发布预警").click()
    expect(page.locator("h1")).to_contain_text("尾矿库溃坝蓝色预警")

    page.locator("summary", has_text="调整预警").click()
    page.get_by_label("预计等级").select_option(label="较大事故（黄色）")
    page.get_by_role("button", name="调整预警").click()
    refused(page, "调整原因", {"adjust-expected_grade": "larger"})
    page.get_by_label("调整原因").fill("库水位继续上涨")
    page.get_by_role("button", name="调整预警").click()
    saved(page, "预警已调整")
    expect(page.locator("h1")).to_contain_text("黄色预警")

    page.locator("summary", has_text="解除预警").click()
    page.get_by_label("解除原因").fill("水位已降至警戒线以下")
    page.get_by_role("button", name="解除预警").click()
    saved(page, "预警已解除")
    expect(page.locator("summary", has_text="解除预警")).to_have_count(0)
