"""/warnings and /warnings/{id}: which hold, and what the office does: issue, adjust, lift."""

import pytest

from services.emergency.app import service as emergency
from tests.console.conftest import Desk, Person
from tests.console.crowd import faults

WARNING = {
    "accident_type": "危险化学品泄漏",
    "expected_grade": "larger",
    "expires_at": "2024-06-25T10:00",
    "starts_at": "2024-06-24T09:30",
    "areas": "罕台镇、天骄街道",
    "departments": "区应急管理局",
    "measures": "关闭门窗，远离园区。",
    "channels": "sms",
}


@pytest.fixture
def officer(desk: Desk, behind) -> Person:
    behind(emergency)
    return desk.officer()


def issue(officer: Person, **other: str) -> str:
    """Issue a warning by the form; its page."""
    issued = officer.do("/warnings/issue", **({"once": "w"} | WARNING | other))
    assert issued.status == 303, issued.words
    return issued.goes_to


@pytest.mark.clause("E-3.3b")
def test_a_warning_is_issued_by_the_form_and_stands_among_those_that_hold(officer: Person) -> None:
    page = issue(officer)
    words = officer.see("/warnings").words
    assert "黄色预警" in words
    assert "罕台镇、天骄街道" in words
    assert "还剩 1 天" in words
    assert "没有已解除或过期的预警。" in words
    assert "区应急管理局" in officer.see(page).words
    assert "黄色预警，罕台镇、天骄街道" in officer.see("/").words, "and on the page of today"


@pytest.mark.parametrize("field", ["accident_type", "measures", "expires_at"])
def test_what_lacks_is_asked_for_at_its_field(officer: Person, field: str) -> None:
    shown = officer.do("/warnings/issue", once="w", **(WARNING | {field: ""}))
    assert (shown.status, "没有生效中的预警。" in shown.words) == (422, True)
    assert f'href="#f-issue-{field}"' in shown.text


@pytest.mark.parametrize(
    ("field", "typed", "why"),
    [
        ("expires_at", "明天", "请写成"),
        ("areas", "康巴什区", "康巴什区"),
        ("departments", "没有的单位", "没有的单位"),
    ],
)
def test_what_the_service_does_not_take_is_said(officer: Person, field: str, typed: str, why: str) -> None:
    shown = officer.do("/warnings/issue", once="w", **(WARNING | {field: typed}))
    assert (shown.status, why in shown.words or why in shown.text) == (422, True)


@pytest.mark.clause("E-3.3d")
def test_a_warning_is_adjusted_with_a_reason_and_lifted_with_one(officer: Person) -> None:
    page = issue(officer)
    assert "请填写调整原因。" in officer.do(f"{page}/adjust", expected_grade="major").words
    adjusted = officer.do(f"{page}/adjust", expected_grade="major", reason="泄漏量增大")
    assert "橙色预警" in officer.see(adjusted.goes_to).words
    lifted = officer.do(f"{page}/lift", reason="泄漏已封堵")
    assert "预警已解除。" in officer.see(lifted.goes_to).words
    assert "没有生效中的预警。" in officer.see("/warnings").words
    assert "泄漏已封堵" in officer.see(page).words
    assert officer.do(f"{page}/lift", reason="再次").status == 422, "once is enough"


def test_who_may_not_warn_sees_no_form(desk: Desk, officer: Person) -> None:
    page = issue(officer)
    leader = desk.sit("leader", "boss", unit="district-government")
    for address in ("/warnings", page):
        assert "<form" not in leader.see(address).text.partition("<main")[2]


@pytest.mark.parametrize("id", ["x", "00000000-0000-0000-0000-000000000000"])
def test_a_warning_that_is_not_there(officer: Person, id: str) -> None:
    assert officer.see(f"/warnings/{id}").status == 404


def test_without_the_service_the_page_says_so(desk: Desk) -> None:
    assert desk.officer().see("/warnings").words.count("应急管理服务暂时连接不上") == 2


def test_without_a_street_a_warning_is_for_the_whole_district(officer: Person) -> None:
    shown = officer.see(issue(officer, areas="", starts_at="")).words
    assert "范围 全区" in shown
    assert "时间 2024-06-24 09:30 至 2024-06-25 10:00" in shown, "from now on, where no time was given"
    assert "黄色预警，全区" in officer.see("/").words


def test_of_many_warnings_the_first_are_shown_and_drawn_and_each_kind_leads_on(
    desk: Desk, officer: Person
) -> None:
    page = issue(officer)
    desk.crowd()
    shown, one = officer.see("/warnings"), officer.see(page)
    assert 'href="/warnings?active=and-so-on"' in shown.text
    assert "这里列出 15 条，后面还有 285 条，" in one.words
    assert faults(shown) + faults(one) == []


def test_what_is_past_stands_with_the_newest_first(officer: Person) -> None:
    for once, name in (("a", "甲险"), ("b", "乙险")):
        officer.do(f"{issue(officer, accident_type=name, once=once)}/lift", reason="已处置")
    past = officer.see("/warnings").words.partition("已经过去的")[2]
    assert 0 <= past.index("乙险") < past.index("甲险")
