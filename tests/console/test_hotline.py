"""/hotline and /hotline/{number}: who answers late, and one request with what is done about it."""

from datetime import timedelta

import pytest

from console.pages.hotline import by_lateness
from console.web.requests import ACTS
from kit.dispatch.actions import ACTIONS
from kit.dispatch.shapes import Figure, SupervisionLevel
from kit.dispatch.working import WORDLESS
from kit.testing import Client, Running
from services.property.app import service as property_service
from tests.console.conftest import Desk, Person
from tests.console.crowd import MANY, faults

pytestmark = pytest.mark.clause("P-2.2.2b")
CALL = {
    "matter": "property-service",
    "summary": "<b>楼道\"灯'不亮</b>",
    "division": "天骄街道",
    "citizen": {"name": "张先生", "phone": "13800000000"},
}


@pytest.fixture
def properties(behind) -> Running:
    return behind(property_service)


@pytest.fixture
def line(properties: Running) -> Client:
    return properties.client("dispatch:write", "dispatch:read", name="12345")


@pytest.fixture
def taken(line: Client) -> dict[str, str]:
    """A request, as it was taken."""
    answer = line.post("/dispatch/requests", json=CALL)
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture
def handler(desk: Desk, taken: dict[str, str]) -> Person:
    """Somebody of the unit that has it."""
    return desk.sit("handler", unit=taken["unit"])


def test_a_request_over_term_counts_against_its_unit_though_it_is_still_open(
    desk: Desk, taken: dict[str, str]
) -> None:
    desk.clock.now += timedelta(days=5)
    shown = desk.sit("leader", unit="district-government").see("/hotline")
    assert f"{taken['unit_name']} 1 1 1 0 / 1 0.00% — —" in shown.words
    assert (
        "按期答复率 = 在答复时限内答复的承办件 ÷（已答复的承办件，加超过答复时限仍未答复的承办件）"
        in shown.words
    )
    assert f'href="/hotline/{taken["number"]}"' in shown.text
    assert CALL["summary"] in shown.words
    assert CALL["summary"] not in shown.text
    assert "没有应答的服务不计在内：信用评价、常务会议学法、应急管理、政府办公室。" in shown.words


def test_of_hundreds_over_term_the_first_are_listed_and_all_are_counted(
    desk: Desk, taken: dict[str, str]
) -> None:
    desk.clock.now += timedelta(days=5)
    leader = desk.sit("leader", unit="district-government")
    desk.crowd()
    shown = leader.see("/hotline?month=2024-06")
    assert "这里列出 15 件，后面还有更多，" in shown.words
    assert 'href="/hotline?month=2024-06&amp;late=and-so-on"' in shown.text
    assert f"超期未办结的诉求 {MANY} " in shown.words
    one = desk.sit("hotline", "answers").see(f"/hotline/{taken['number']}")
    assert "后面还有" in one.words
    assert faults(shown) + faults(one) == []


def test_a_month_without_requests_is_said_in_words(desk: Desk, properties: Running) -> None:
    words = desk.sit("leader", unit="district-government").see("/hotline").words
    assert "这个月没有诉求，也没有未结的诉求。" in words
    assert "没有超期未办结的诉求。" in words


@pytest.mark.parametrize(
    ("asked", "month"), [("2024-05", "2024-05"), ("2099-01", "2024-06"), ("x", "2024-06")]
)
def test_another_month_is_asked_for_by_its_number(
    desk: Desk, properties: Running, asked: str, month: str
) -> None:
    words = desk.sit("leader", unit="district-government").see(f"/hotline?month={asked}").words
    assert words.startswith(f"热线办理 {month}，")


@pytest.mark.parametrize(
    ("kind", "is_a"), [("xlsx", "spreadsheetml"), ("docx", "wordprocessingml"), ("svg", "svg")]
)
def test_the_same_is_had_as_a_file(desk: Desk, properties: Running, kind: str, is_a: str) -> None:
    answer = desk.sit("leader", unit="district-government").http.get(f"/hotline.{kind}")
    assert answer.status_code == 200
    assert is_a in answer.headers["content-type"]


def test_without_any_service_the_pages_say_so(desk: Desk, taken: dict[str, str]) -> None:
    desk.door.forget()
    person = desk.sit("leader", unit="district-government")
    page, one = person.see("/hotline"), person.see(f"/hotline/{taken['number']}")
    assert (page.status, "没有应答的服务不计在内" in page.words) == (200, True)
    assert (one.status, "暂时不能回答" in one.words) == (200, True)


def test_it_is_not_for_who_sees_no_requests_and_a_number_must_be_one(
    desk: Desk, taken: dict[str, str]
) -> None:
    assert desk.sit("auditor", "a").see("/hotline").status == 403
    assert desk.sit("leader", "b", unit="district-government").see("/hotline/DS-PQ-x").status == 404


def test_one_request_is_shown_with_its_steps_and_who_called_stays_hidden(
    handler: Person, taken: dict[str, str]
) -> None:
    shown = handler.see(f"/hotline/{taken['number']}")
    assert "张先生" not in shown.text
    assert "13800000000" not in shown.text
    assert "138****0000" in shown.words
    assert f"下一步：{taken['unit_name']} 签收。" in shown.words
    assert "受理" in shown.words.partition("办理过程")[2]


def test_its_unit_signs_and_answers_and_the_hotline_calls_back(
    desk: Desk, handler: Person, taken: dict[str, str], properties: Running
) -> None:
    here = f"/hotline/{taken['number']}"
    assert handler.do(f"{here}/accept", once="a-key-of-a-form").goes_to == f"{here}?done=request.accept"
    assert "已签收。" in handler.see(f"{here}?done=request.accept").words
    assert handler.do(f"{here}/answer", note="已更换灯泡", once="a-key-of-another").status == 303
    line = desk.sit("hotline", "line", unit="government-service-bureau")
    given = {"reached": "yes", "solved": "yes", "satisfied": "no", "note": "太慢"}
    assert line.do(f"{here}/call-back", once="a-key-of-a-third", **given).status == 303
    said = properties.sql("SELECT state, reached, solved, satisfied FROM dispatch_requests")
    assert said == [("answered", True, True, False)]
    assert "已更换灯泡" in line.see(here).words


def test_a_unit_asks_for_time_and_the_hotline_grants_it(
    desk: Desk, handler: Person, taken: dict[str, str], properties: Running
) -> None:
    here = f"/hotline/{taken['number']}"
    assert handler.do(f"{here}/accept", once="a-key-of-a-form").status == 303
    asked = {"until": "2024-07-31T18:00", "note": "配件需订购"}
    assert handler.do(f"{here}/ask-extension", once="a-key-of-another", **asked).status == 303
    line = desk.sit("hotline", "line", unit="government-service-bureau")
    assert "<summary>同意延期</summary>" in line.see(here).text
    assert line.do(f"{here}/grant-extension", once="a-key-of-a-third").goes_to.endswith("grant-extension")
    assert "已同意延期。" in line.see(f"{here}?done=request.grant-extension").words
    assert "07-31 18:00" in line.see(here).words


def test_the_hotline_calls_in_a_further_unit_and_says_whose_part_it_means(
    desk: Desk, taken: dict[str, str], properties: Running
) -> None:
    here, line = f"/hotline/{taken['number']}", desk.sit("hotline", "line", unit="government-service-bureau")
    assert "哪个单位承办的部分" not in line.see(here).words
    joined = {"unit": "区城市管理综合行政执法局", "note": "占道需其处理"}
    assert line.do(f"{here}/join", once="a-key-of-a-form", **joined).status == 303
    assert "哪个单位承办的部分" in line.see(here).words
    released = {"unit": "urban-management-bureau", "note": "已经清走"}
    assert line.do(f"{here}/release", once="a-key-of-another", **released).status == 303
    assert ("released",) in properties.sql("SELECT state FROM dispatch_legs")


@pytest.mark.parametrize("action", ACTS)
def test_a_form_asks_what_the_dispatch_must_be_told_and_nothing_that_it_does_not_know(action: str) -> None:
    takes = ACTIONS[action].body.model_fields
    asked = {each.name: each for each in ACTS[action]}
    assert set(asked) <= set(takes)
    assert {name for name, field in takes.items() if field.is_required()} <= set(asked)
    assert not (action not in WORDLESS and "note" in takes and not asked.get("note"))
    for name, kind in (("figure", Figure), ("level", SupervisionLevel)):
        assert name not in asked or asked[name].options == tuple((each.value, each.zh) for each in kind)


def test_every_action_has_a_form() -> None:
    assert set(ACTS) == set(ACTIONS)


def test_what_is_not_taken_says_why_at_its_field(handler: Person, taken: dict[str, str]) -> None:
    refused = handler.do(f"/hotline/{taken['number']}/answer", note="", once="a-key-of-a-form")
    assert refused.status == 422
    assert 'id="f-answer-note-error"' in refused.text
    assert f'action="/hotline/{taken["number"]}/answer"' in refused.text


def test_what_systems_are_told_by_pointers_people_find_at_the_fields(
    handler: Person, taken: dict[str, str]
) -> None:
    refused = handler.do(f"/hotline/{taken['number']}/ask-return", note="不归我们", once="a-key-of-a-form")
    assert "有 2 处不符合要求，请改正后重新提交。" in refused.words
    assert "/to_unit" not in refused.words
    assert 'id="f-ask-return-to_unit-error"' in refused.text


def test_who_may_not_act_has_no_form_and_is_refused(desk: Desk, taken: dict[str, str]) -> None:
    here, leader = f"/hotline/{taken['number']}", desk.sit("leader", unit="district-government")
    assert "/accept" not in leader.see(here).text
    assert leader.do(f"{here}/accept", once="a-key-of-a-form").status == 422
    assert "DS-" in leader.see(here).words


def test_who_answers_late_most_often_stands_first_and_who_had_nothing_to_answer_last() -> None:
    groups = [
        {"key": name, "name": name, "figures": [{"figure": "answer", "rate": rate}]}
        for name, rate in (("none", None), ("good", "1.0000"), ("bad", "0.5000"))
    ]
    counts = [{"key": "late", "name": "late", "overdue": 3}, {"key": "good", "name": "good", "overdue": 1}]
    rows = by_lateness(groups, counts)
    assert [row["name"] for row in rows] == ["bad", "good", "late", "none"]
    assert [bool(row["counts"]) for row in rows] == [False, True, True, False]
