"""/accidents and /accidents/{number}: the board, one accident, and what a duty officer does there."""

import re
from typing import Any

import pytest

from console.pages.accident import by_owner
from console.pages.accidents import board
from console.web.gateway import Told
from kit.testing import Running
from services.emergency.app import service as emergency
from services.emergency.plan import roles
from tests.console.conftest import Desk, Person
from tests.console.crowd import MANY, PAGE, faults, walked

REPORT = {"unit": "示例煤业公司", "place": "2 号井", "division": "铜川镇", "deaths": "1"}


@pytest.fixture
def running(behind) -> Running:
    return behind(emergency)


@pytest.fixture
def officer(desk: Desk, running: Running) -> Person:
    return desk.officer("值班员甲")


def take(officer: Person, **told: str) -> str:
    """Take a report by the form; the accident's page."""
    taken = officer.do("/accidents/report", **({"once": "once-1"} | REPORT | told))
    assert taken.status == 303, taken.words
    return taken.goes_to


def test_a_report_is_taken_and_the_accident_stands_on_the_board(officer: Person) -> None:
    assert "没有正在处置的事故。" in officer.see("/accidents").words
    page = take(officer)
    words = officer.see("/accidents").words
    assert "示例煤业公司" in words
    assert "一般 四级" in words
    shown = officer.see(page).words
    assert "1 / 不详" in shown, "deaths, and what nobody knows yet"
    assert "核实接报的情况" in shown, "what to do now"


def test_a_form_that_is_sent_twice_counts_once(officer: Person) -> None:
    assert take(officer) == take(officer)


def test_what_cannot_be_taken_is_said_at_its_field_and_nothing_typed_is_lost(officer: Person) -> None:
    shown = officer.do("/accidents/report", once="x", **(REPORT | {"scene": "罐区起火", "deaths": "三"}))
    assert (shown.status, "死亡人数请填数字" in shown.words) == (422, True)
    assert "罐区起火" in shown.text
    assert 'aria-invalid="true"' in shown.text
    assert "没有正在处置的事故。" in officer.see("/accidents").words


def test_what_the_service_could_not_read_is_taken_all_the_same_and_asked_for(officer: Person) -> None:
    shown = officer.see(take(officer, division="康巴什区")).words
    assert "街道（镇）“康巴什区”" in shown
    assert "初报还缺：" in shown


def test_a_follow_up_changes_the_grade_and_stands_in_the_timeline(officer: Person) -> None:
    page = take(officer)
    done = officer.do(f"{page}/follow-up", once="f", deaths="3", course="顶板垮落")
    assert done.goes_to == f"{page}?done=accident.follow-up"
    shown = officer.see(done.goes_to).words
    assert "续报已登记，已重新研判。" in shown
    assert "较大" in shown
    assert "顶板垮落" in shown


def test_an_empty_follow_up_is_refused(officer: Person) -> None:
    assert "请至少填一项新情况。" in officer.do(f"{take(officer)}/follow-up", once="f").words


def test_tasks_are_acknowledged_and_finished(officer: Person, running: Running) -> None:
    page = take(officer)
    number = page.rpartition("/")[2]
    caller = running.client("emergency:read", "emergency:write", roles.OFFICE, unit="emergency-bureau")
    task = next(each for each in _tasks(caller, number) if "acknowledge" in each["allowed"])
    officer.do(f"{page}/acknowledge", task=task["id"])
    officer.do(f"{page}/finish", task=task["id"], note="已到位")
    [done] = [each for each in _tasks(caller, number) if each["id"] == task["id"]]
    assert (done["state"], done["result"]) == ("done", "已到位")


def test_the_office_acknowledges_for_an_owner_that_says_so_by_telephone(
    officer: Person, running: Running
) -> None:
    page = take(officer)
    caller = running.client("emergency:read", roles.OFFICE, unit="emergency-bureau")
    assert "代签收（7 项）" in officer.see(page).words
    for _ in range(2):  # pressed twice it is no fault
        done = officer.do(f"{page}/acknowledge", owner="示例煤业公司")
        assert done.goes_to == f"{page}?done=accident.acknowledge"
    told = [(each["owner_name"], each["state"]) for each in _tasks(caller, page.rpartition("/")[2])]
    assert {state for owner, state in told if owner == "示例煤业公司"} == {"acknowledged"}
    assert {state for owner, state in told if owner != "示例煤业公司"} == {"open"}


def test_who_is_at_the_tasks_of_an_owner_stays_there(officer: Person) -> None:
    page = take(officer)
    shown = officer.see(f"{page}?owner=铜川镇")
    assert "/acknowledge?owner=%E9%93%9C%E5%B7%9D%E9%95%87" in shown.text
    assert shown.text.index("<summary>铜川镇") < shown.text.index("<summary>区应急管理局")
    done = officer.do(f"{page}/acknowledge?owner=铜川镇", owner="铜川镇")
    assert done.goes_to.endswith("?owner=%E9%93%9C%E5%B7%9D%E9%95%87&done=accident.acknowledge")
    assert "任务已签收。" in officer.see(done.goes_to).words


def test_a_street_acknowledges_its_own_tasks_and_no_others(desk: Desk, officer: Person) -> None:
    page = take(officer)
    shown = desk.sit("street-clerk", "street", unit="tongchuan-town", division="铜川镇").see(page)
    assert shown.text.count(">签收</button>") == shown.text.count(">办结</button>") == 5
    assert "代签收" not in shown.words


def _tasks(caller: Any, number: str) -> list[dict[str, Any]]:
    return caller.get(f"/incidents/{number}/tasks").json()


def test_a_withdrawal_needs_a_reason_and_shows_who_has_not_answered(
    officer: Person, running: Running
) -> None:
    page = take(officer)
    assert "请写明为什么撤离" in officer.do(f"{page}/withdraw", once="w").words


def test_a_call_that_repeats_an_open_accident_is_offered_to_be_joined_to_it(officer: Person) -> None:
    first = take(officer)
    second = officer.do("/accidents/report", once="again", **REPORT).goes_to
    shown = officer.see(second)
    assert "可能是同一起事故" in shown.words
    joined = officer.do(f"{second}/join", once="j", into=first.rpartition("/")[2])
    assert joined.goes_to == f"{first}?done=accident.join"


def test_a_long_accident_stays_light_and_leads_to_all_that_happened(desk: Desk, officer: Person) -> None:
    page = take(officer, deaths="31", endangered="4", place="长" * 60)
    take(officer, once="again", deaths="31", place="长" * 60)
    desk.crowd()
    shown = officer.see(page)
    assert faults(shown) == []
    assert f"全部 {MANY} 条" in shown.words
    assert len(re.findall(r"[?]owner=", shown.text)) > 3, "owners whose tasks have no room lead to them"
    seen, heaviest = walked(officer.see, f"{page}/timeline", "<li><time")
    assert (seen, heaviest <= PAGE) == (MANY, True)


def test_what_happened_is_of_an_accident_that_is_there(officer: Person) -> None:
    assert officer.see("/accidents/DS-E-20240624-9999/timeline").status == 404


def test_the_tasks_of_whoever_is_asked_for_stand_first_and_in_full_and_what_has_no_room_is_counted() -> None:
    tasks = [
        {"owner_name": name, "unit": unit, "state": state, "allowed": []}
        for name, unit, states in (("甲", "a", "dooo"), ("乙", "b", "oo"), ("丙", None, "ooo"))
        for state in ({"o": "open", "d": "done"}[letter] for letter in states)
    ]
    found = by_owner(tasks, ["", "b"], most=5)
    assert [(each.name, each.left, each.listed) for each in found] == [
        ("乙", 2, True),
        ("甲", 3, False),
        ("丙", 3, False),
    ]
    assert [each["state"] for each in by_owner(tasks, ["甲", "b"], most=1)[0].tasks] == ["open"] * 3 + [
        "done"
    ]


def test_what_happened_names_the_person_who_took_the_report(officer: Person, running: Running) -> None:
    take(officer)
    assert ("值班员甲",) in running.sql("SELECT person_name FROM audit WHERE action LIKE '%reported'")


def test_an_accident_that_is_not_there(officer: Person) -> None:
    shown = officer.see("/accidents/DS-E-20240624-9999")
    assert (shown.status, "没有事故 DS-E-20240624-9999" in shown.words) == (404, True)


def test_who_only_reads_sees_no_form(desk: Desk, officer: Person) -> None:
    page = take(officer)
    leader = desk.sit("leader", "boss", unit="district-government")
    assert "<form" not in leader.see(page).text.partition("<main")[2]
    assert leader.do("/accidents/report", once="x", **REPORT).status == 422, "and the service takes none"


def test_whatever_is_typed_is_shown_as_it_was_typed_and_nothing_else(officer: Person) -> None:
    nasty = "<script>alert(1)</script>\"'&{{7*7}}ᠮᠣᠩᠭᠣᠯ\u202eabc"
    page = take(officer, unit=nasty)
    for address in (page, "/accidents", "/"):
        text = officer.see(address).text
        assert "<script>alert" not in text
        assert "49ᠮ" not in text
        assert "&lt;script&gt;alert(1)" in text


@pytest.mark.parametrize("address", ["/accidents", "/wall?turn=accidents"])
def test_the_board_asks_as_often_for_three_accidents_as_for_one(
    desk: Desk, officer: Person, running: Running, address: str
) -> None:
    take(officer)
    assert "示例煤业公司" in officer.see(address).words
    desk.door.asked.clear()
    officer.see(address)
    for_one = len(desk.door.asked)
    for number in range(2):
        take(officer, unit=f"第 {number} 家公司", once=f"of-{number}")
    desk.door.asked.clear()
    shown = officer.see(address).words
    assert "第 1 家公司" in shown
    assert len(desk.door.asked) == for_one


def test_of_many_accidents_the_first_stand_on_the_board_which_leads_to_the_others(
    desk: Desk, officer: Person
) -> None:
    take(officer)
    desk.crowd()
    for address in ("/accidents", "/"):
        assert faults(officer.see(address)) == []
    assert "这里列出 40 起，后面还有更多，" in officer.see("/accidents").words
    assert 'href="/accidents?after=and-so-on"' in officer.see("/accidents").text
    assert "另有 12 项以上。 全部见事故看板" in officer.see("/").words


def test_without_the_service_the_page_says_so(desk: Desk) -> None:
    assert "应急管理服务暂时连接不上，这一部分稍后再看。" in desk.officer().see("/accidents").words


def test_the_most_pressing_accident_stands_first_and_one_without_clocks_last() -> None:
    incidents = [{"number": name} for name in ("late", "calm", "soon")]
    clocks = [
        {"number": "soon", "due": "2024-06-24T12:00:00+08:00", "window": False, "done_at": None},
        {"number": "late", "due": "2024-06-24T10:00:00+08:00", "window": False, "done_at": None},
        {"number": "late", "due": "2024-06-24T09:00:00+08:00", "window": False, "done_at": None},
        {
            "number": "calm",
            "due": "2024-06-24T08:00:00+08:00",
            "window": False,
            "done_at": "2024-06-24T07:00:00+08:00",
        },
        {"number": "calm", "due": "2024-06-24T08:00:00+08:00", "window": True, "done_at": None},
    ]
    rows = board(Told(200, {"items": incidents}), Told(200, {"items": clocks}))
    assert [row["incident"]["number"] for row in rows] == ["late", "soon", "calm"]
    assert rows[0]["next"]["due"] == "2024-06-24T09:00:00+08:00"
