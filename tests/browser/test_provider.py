"""Signing in by an identity provider, as a browser goes there and back, which a form of ours could not."""

import re

from playwright.sync_api import expect

from tests import identity_provider
from tests.browser.visits import visit


def test_somebody_is_tied_to_the_provider_signs_in_by_it_and_signs_out_of_both(shown, window):
    shown.seat(window, "admin")
    with visit(window) as visited:
        page = visited.to(f"{shown.pages}/people/{shown.ids['zhaomin']}")
        page.get_by_label("统一身份认证的身份标识").fill("150602-0017")
        page.get_by_role("button", name="更改关联").click()
        expect(page.locator("p.done")).to_contain_text("关联已更改")
        window.clear_cookies()
        # By the clock of the set, since it says when its tokens end.
        with identity_provider.running(shown.provider_port, shown.environment):
            page.goto(f"{shown.pages}/targets")
            page.get_by_role("link", name="用统一身份认证登录").click()
            page.locator("input[name=sub]").fill("150602-0017")
            page.get_by_role("button", name="Authorize").click()
            expect(page).to_have_url(f"{shown.pages}/targets")
            expect(page.locator("details.who")).to_contain_text("赵敏")
            page.locator("details.who summary").click()
            page.get_by_role("button", name="退出登录").click()
            expect(page).to_have_url(re.compile("/oauth2/end_session"))
            page.locator("form button").first.click()
            expect(page).to_have_url(f"{shown.pages}/sign-out")
            expect(page.locator("h1")).to_have_text("已退出登录")
        assert [line for line in visited.said if "Content Security" in line] == []
