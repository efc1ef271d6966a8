"""/law-study: the months of a year, deadlines, who owes a text, who attended, the calendar."""

from collections.abc import Callable

import pytest

from kit.testing import Client, Running
from services.lawstudy.app import service as lawstudy_service
from services.lawstudy.plan.roles import DEPARTMENT, JUSTICE, OFFICE
from tests.console.conftest import Desk, Person
from tests.console.crowd import faults
from tests.lawstudy.conftest import done
from tests.lawstudy.documents import letter

NAME = "<b>\"某某'&</b>ᠮᠣᠩᠭᠣᠯ"


@pytest.fixture
def lawstudy(behind) -> Running:
    return behind(lawstudy_service)


@pytest.fixture
def leader(desk: Desk, lawstudy: Running) -> Person:
    return desk.sit("leader", unit="district-government")


@pytest.fixture
def office(lawstudy: Running) -> Client:
    scopes = ("lawstudy:read", "lawstudy:write", OFFICE, JUSTICE)
    return lawstudy.client(*scopes, name="government-office", unit="government-office")


@pytest.fixture
def on(office: Client) -> Callable[[str, str], str]:
    """`on("2024-P3", "2024-07-15")` gives a topic's session its day."""

    def schedule(topic: str, day: str) -> str:
        meeting = done(office.post("/meetings", json={"year": int(day[:4]), "held_on": day}), 201)["id"]
        rows = done(office.get("/sessions", params={"year": 2024, "limit": 100}))["items"]
        [id] = [row["id"] for row in rows if topic in [each["topic_id"] for each in row["topics"]]]
        said = {"meeting": meeting, "reason": "会议改期"}
        done(office.post(f"/sessions/{id}/schedule", json=said))
        return id

    return schedule


@pytest.mark.clause("L-3a", "N-1.1")
def test_twelve_months_stand_with_what_is_planned_and_whether_it_was_studied(leader: Person) -> None:
    words = leader.see("/law-study").words
    assert [f"2024-{month:02} " in words for month in range(1, 13)] == [True] * 12
    assert "2024-06 尚可安排 0 1 2024-06-30" in words
    assert "煤矿安全生产条例" in words
    assert "东政办发" in words
    assert "没有逾期未报的学法材料。" in words
    assert words.count("尚可安排") >= 3, "in the table, and in the figure for a phone and for a desk"
    assert "2024 年还没有登记举行过学法。" in words
    assert "网关的 /lawstudy/v1/calendar.ics" in words


@pytest.mark.clause("N-2.1")
def test_who_owes_a_text_is_named_with_its_term_and_the_next_term_stands_first(leader: Person, on) -> None:
    on("2024-P2", "2024-06-25")
    on("2024-P3", "2024-07-15")
    words = leader.see("/law-study").words
    assert "谁还欠材料 1 " in words
    owed = words.partition("谁还欠材料")[2].partition("逐月情况")[0]
    assert "区应急管理局：煤矿安全生产条例" in owed
    assert "已超时" in owed
    due = words.partition("下一个材料时限")[2].partition("专题讲座")[0]
    assert "还剩" in due
    assert "2024-06-25（星期二）" in words.partition("下一次学法")[2][:60]


@pytest.mark.clause("L-4b")
def test_who_attended_is_counted_and_names_are_shown_as_they_are(
    leader: Person, lawstudy: Running, office: Client, on
) -> None:
    member = {"kind": "member", "name": NAME, "post": "副区长", "begins_on": "2024-01-01"}
    who = done(office.post("/members", json=member), 201)["id"]
    id = on("2024-P2", "2024-06-24")
    files, said = {"file": ("讲稿.docx", letter("2024-P2"))}, {"local": "已开展检查"}
    scopes = ("lawstudy:read", "lawstudy:write", DEPARTMENT)
    department = lawstudy.client(*scopes, name="emergency-bureau", unit="emergency-bureau")
    text = done(department.post(f"/sessions/{id}/texts", files=files, data=said), 201)
    done(office.post(f"/sessions/{id}/review"))
    done(office.post(f"/sessions/{id}/pass", json={"sha256": text["sha256"]}))
    done(office.post(f"/sessions/{id}/ready"))
    done(office.post(f"/sessions/{id}/hold", json={"chair": "区长"}))
    absent = {"member": who, "status": "leave", "reason": "参加市里会议"}
    done(office.post(f"/sessions/{id}/attendance", json={"attendees": [absent]}))
    shown = leader.see("/law-study")
    assert f"还没有补学：{NAME}。" in shown.words
    assert f"{NAME} 副区长 组成人员 1 0 1 0 0 0.0%" in shown.words
    assert '<b>"某某' not in shown.text
    assert "2024-06 已学习" in shown.words


@pytest.mark.parametrize(
    ("year", "shown"), [("2031", "2031 年"), ("x", "2024 年"), ("１９９９", "2024 年"), ("9999", "2024 年")]
)
def test_another_year_is_asked_for_by_its_number(leader: Person, year: str, shown: str) -> None:
    page = leader.see(f"/law-study?year={year}")
    assert (page.status, page.words.startswith(f"常务会议学法 {shown}")) == (200, True)


def test_a_year_without_a_plan_is_said(leader: Person) -> None:
    assert "2031 年没有已印发的学法计划。" in leader.see("/law-study?year=2031").words


@pytest.mark.parametrize(
    ("kind", "is_a"), [("xlsx", "spreadsheetml"), ("docx", "wordprocessingml"), ("svg", "svg")]
)
def test_the_ledger_and_the_report_and_the_figure_are_had_as_files(
    leader: Person, kind: str, is_a: str
) -> None:
    answer = leader.http.get(f"/law-study.{kind}?year=2024")
    assert answer.status_code == 200
    assert is_a in answer.headers["content-type"]


def test_without_the_service_each_part_says_so_and_the_page_stands(desk: Desk) -> None:
    shown = desk.sit("leader", unit="district-government").see("/law-study")
    assert shown.status == 200
    assert shown.words.count("常务会议学法服务暂时连接不上") == 6


def test_it_is_not_for_who_may_not_see_law_study(desk: Desk) -> None:
    assert desk.officer().see("/law-study").status == 403


def test_a_year_with_many_persons_and_texts_owed_stays_light(
    desk: Desk, leader: Person, office: Client, on: Callable[[str, str], str]
) -> None:
    on("2024-P2", "2024-06-25")
    desk.crowd()
    shown = leader.see("/law-study")
    assert faults(shown) == []
    assert "这里列出 10 份，后面还有更多，" in shown.words


def test_the_sentence_of_today_leads_here(leader: Person, on) -> None:
    on("2024-P3", "2024-07-15")
    assert 'href="/law-study"' in leader.see("/").text.partition("<main")[2]
