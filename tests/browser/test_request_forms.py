"""A request of a citizen from its unit's signature to the call back, each by whose turn it is."""

import pytest
from playwright.sync_api import expect

from tests.browser.running import Person
from tests.browser.telling import refused, saved


@pytest.fixture
def request_number(shown):
    """A request that nobody has touched, and somebody of the unit that has it."""
    told = {"matter": "property-service", "summary": "单元门禁失灵", "division": "罕台镇"}
    citizen = {"citizen": {"name": "李女士", "phone": "13800000000"}}
    with shown.client("hotline") as line:
        answer = line.post("/dispatch/v1/requests", json=told | citizen).raise_for_status().json()
    shown.take_on(Person("its-unit", "承办", "handler", answer["unit_name"]))
    return answer["number"]


def test_a_request_is_signed_answered_called_back_and_added_to(shown, at_work, request_number):
    here = f"{shown.pages}/hotline/{request_number}"
    page = at_work("its-unit")
    page.goto(here)
    page.get_by_role("button", name="签收").click()
    saved(page, "已签收")
    page.locator("summary", has_text="申请延期").click()
    page.locator("details[open]").get_by_label("理由").fill("主板需订购")
    page.get_by_role("button", name="申请延期").click()
    refused(page, "缺少这一项", {"ask-extension-note": "主板需订购"})
    page.locator("summary", has_text="答复").click()
    page.get_by_label("怎样办理的，结果如何").fill("已更换门禁主板。")
    page.get_by_role("button", name="答复", exact=True).click()
    saved(page, "已答复")

    page = at_work("wangfang")
    page.goto(here)
    page.locator("summary", has_text="回访").click()
    page.get_by_label("联系上来电人没有").select_option(label="联系上了")
    page.get_by_label("来电人认为解决了吗").select_option(label="是")
    page.get_by_label("来电人满意吗").select_option(label="是")
    page.get_by_label("来电人说了什么").fill("第二天就修好了")
    page.get_by_role("button", name="回访").click()
    saved(page, "已回访")

    page.locator("summary", has_text="其他操作").click()
    page.locator("summary", has_text="补充情况").click()
    add = page.get_by_role("button", name="补充情况")
    add.click()
    refused(page, "缺少这一项")
    page.get_by_label("补充的情况").fill("来电人另致谢")
    add.click()
    saved(page, "已补充情况")
    expect(page.locator(".timeline")).to_contain_text("来电人另致谢")
