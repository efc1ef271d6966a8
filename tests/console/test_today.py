"""/: what needs this person now."""

from datetime import datetime, timedelta

import pytest

from console.pages.today import sections, wanted
from console.people.roles import role_of
from console.people.sessions import Seat
from console.web.gateway import Told
from kit.storage.db import new_id
from kit.testing import START
from services.emergency.app import service as emergency
from tests.console.conftest import Desk


def seat(role: str, unit: str | None = None) -> Seat:
    return Seat(
        b"", new_id(), "x", "某某", role_of(role), role, unit, None, None, False, START, START, "127.0.0.1"
    )


def clock(due: datetime, **more: object) -> dict[str, object]:
    told = {
        "number": "DS-E-1",
        "asks": "上报市级应急管理部门",
        "owner_name": "区应急管理局",
        "due": due.isoformat(),
    }
    return told | {"window": False, "exercise": False, "basis": []} | more


@pytest.mark.parametrize(
    ("late", "over", "soon"),
    [
        (timedelta(seconds=1), 1, 0),
        (timedelta(0), 0, 1),
        (timedelta(hours=-24), 0, 1),
        (timedelta(hours=-24, seconds=-1), 0, 0),
    ],
)
def test_a_deadline_is_over_once_its_time_has_passed_and_due_soon_for_24_hours_before(
    late: timedelta, over: int, soon: int
) -> None:
    found = sections({"deadlines": Told(200, {"items": [clock(START - late)]})}, START)
    assert [len(each.sentences) for each in found] == [over, soon]


@pytest.mark.parametrize("more", [{"window": True}, {"exercise": True}])
def test_a_window_for_later_reports_and_an_exercise_need_nobody(more: dict[str, object]) -> None:
    found = sections({"deadlines": Told(200, {"items": [clock(START - timedelta(hours=1), **more)]})}, START)
    assert not found[0].sentences


def test_what_many_units_owe_alike_is_one_sentence() -> None:
    owed = [
        {"title": "书面报告", "occasion": "6 月", "due_on": "2024-06-30", "unit": {"name": name}, "basis": []}
        for name in ("区审计局", "区民政局", "区商务局")
    ]
    [over, _] = sections({"owed": Told(200, {"items": owed})}, START)
    assert [(each.text, each.whose) for each in over.sentences] == [
        ("书面报告（6 月）", "区审计局等 3 个单位")
    ]


def test_beyond_eight_of_a_kind_is_said_how_many_more() -> None:
    items = [clock(START - timedelta(hours=1)) for _ in range(11)]
    over = sections({"deadlines": Told(200, {"items": items})}, START)[0]
    assert (len(over.sentences), over.more) == (8, 3)


def test_who_overlooks_all_is_asked_of_all_units_and_who_does_not_of_the_own() -> None:
    assert "&unit=" not in wanted(seat("leader", "district-government"))["owed"]
    assert wanted(seat("handler", "audit-bureau"))["owed"].endswith("&unit=audit-bureau")
    assert set(wanted(seat("handler", "audit-bureau"))) == {"requests", "today", "owed", "soon"}
    assert wanted(seat("auditor")) == {}


def test_the_page_says_what_is_empty_and_what_is_away_in_words(desk: Desk, behind) -> None:
    behind(emergency)
    words = desk.officer().see("/").words
    assert "没有正在处置的事故。" in words
    assert "没有生效中的预警。" in words
    assert "这一班没有排人，请立即安排。" in words
    assert "政府办公室服务暂时连接不上，这一部分稍后再看。" in words, "the rest of the page stands"


def test_an_accident_is_there_with_the_deadline_that_has_passed(desk: Desk, behind) -> None:
    running = behind(emergency)
    report = {"unit": "示例煤业公司", "place": "2 号井", "occurred_at": "now", "deaths": 1}
    running.client("emergency:read", "emergency:write").post("/incidents", json=report)
    officer = desk.officer()
    assert "还剩 1 小时 59 分" in officer.see("/").words or "还剩 2 小时" in officer.see("/").words
    desk.clock.advance(hours=3)
    officer = desk.sit("duty-officer", "later", unit="emergency-bureau")
    shown = officer.see("/")
    assert "上报市级应急管理部门" in shown.words
    assert "已超时 1 小时" in shown.words
    assert "东政办发〔2024〕31号" in shown.words, "what it rests on"


def test_who_has_no_role_yet_is_told_whom_to_ask(desk: Desk) -> None:
    assert "请联系安全管理员授予岗位" in desk.sit(None).see("/").words
