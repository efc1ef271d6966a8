"""The year 2024 as it went or might have gone, through HTTP: from the draft of the plan to the ledger of the year."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import pytest

from kit.district.clock import SHANGHAI
from kit.testing import Client, Running
from services.lawstudy.plan.roles import DEPARTMENT, GOVERNMENT, JUSTICE, OFFICE
from tests.lawstudy.conftest import done, refused
from tests.lawstudy.documents import letter
from tests.lawstudy.drafts import as_draft
from tests.lawstudy.test_ledger import rows_of
from tests.lawstudy.test_plans import LECTURES, PRE_MEETING

#: Who does what, each with its unit.
DESKS = {
    "justice": ("justice-bureau", JUSTICE, DEPARTMENT),
    "government": ("district-government", GOVERNMENT),
    "office": ("government-office", OFFICE),
}


class Year:
    """The service on a day of the year; tokens are given out anew each day."""

    def __init__(self, running: Running) -> None:
        self.running = running

    def on(self, day: str, hour: int = 9) -> None:
        """Go to a day."""
        self.running.clock.now = datetime.combine(
            date.fromisoformat(day), datetime.min.time().replace(hour=hour), SHANGHAI
        )

    def desk(self, name: str) -> Client:
        """A desk of the day, or a department by its unit."""
        unit, *roles = DESKS.get(name, (name, DEPARTMENT))
        return self.running.client("lawstudy:read", "lawstudy:write", *roles, name=name, unit=unit)

    def post(self, who: str, path: str, status: int = 200, **body: Any) -> Any:
        return done(self.desk(who).post(path, json=body or None), status)

    def session(self, topic: str) -> str:
        """The path of the session that studies a topic."""
        rows = done(self.desk("office").get("/sessions", params={"limit": 100}))["items"]
        [found] = [row for row in rows if topic in {each["topic_id"] for each in row["topics"]}]
        return f"/sessions/{found['id']}"

    def text(self, who: str, session: str, said: str = "讲稿") -> None:
        """Hand in a text and have it passed, on the same day."""
        files = {"file": (f"{said}.docx", letter(said))}
        sent = self.desk(who).post(f"{session}/texts", files=files, data={"local": "本区已落实"})
        self.post("justice", f"{session}/review")
        self.post("justice", f"{session}/pass", sha256=done(sent, 201)["sha256"])
        self.post("office", f"{session}/ready")

    def meeting(self, day: str, **more: Any) -> str:
        """An executive meeting of a day."""
        return self.post("office", "/meetings", 201, year=2024, held_on=day, **more)["id"]

    def compliance(self) -> dict[str, Any]:
        return done(self.desk("office").get("/compliance", params={"year": 2024}))


@pytest.fixture
def year(lawstudy) -> Iterator[Year]:
    """2024 before there was a plan."""
    tables = "session_topics, sessions, topic_entries, month_exceptions, plan_versions, topics, steps"
    lawstudy.sql(f"TRUNCATE {tables} CASCADE")
    yield Year(lawstudy)


def drafted() -> list[dict[str, Any]]:
    """The topics of the gazette's plan, as the bureau drafts them."""
    before = [
        {
            "form": "pre_meeting",
            "month": month,
            "title": title,
            "department": written,
            "category": 3,
            "category_reason": "政府工作常用",
        }
        for month, title, written, _ in PRE_MEETING
    ]
    lectures = [
        {"form": "lecture", "title": title, "category": 4, "category_reason": "自治区新制定"}
        for title in LECTURES
    ]
    return before + lectures


@pytest.fixture
def issued(year) -> Callable[[], None]:
    """The plan goes its way through May 2024."""

    def go() -> None:
        year.on("2024-05-13")
        year.post("justice", "/plans", 201, year=2024, topics=drafted()[:8])
        plan = "/plans/2024/versions/1"
        year.post("justice", f"{plan}/submit")
        year.on("2024-05-27")
        approved = {"approved_by": "区人民政府2024年第7次常务会议", "approved_on": "2024-05-27"}
        told = year.desk("government").post(f"{plan}/approve", json=approved)
        assert told.status_code in (409, 422)
        assert "L-3b" in [each["clause"] for each in told.json()["basis"]]  # not one lecture
        year.post("government", f"{plan}/return", note="请补充专题讲座")
        draft = as_draft(done(year.desk("justice").get(plan)))
        kept = [topic | {"id": topic["id"]} for topic in draft["topics"]]
        body = draft | {"topics": kept + drafted()[8:]}
        done(year.desk("justice").put(plan, json=body, headers={"If-Match": "*"}))
        year.post("justice", f"{plan}/submit")
        year.post("government", f"{plan}/approve", **approved)
        year.on("2024-05-30")
        year.post("office", f"{plan}/issue", number="东政办发〔2024〕26号", issued_on="2024-05-30")

    return go


@pytest.mark.clause("L-3a", "L-3b", "L-4a", "L-4b", "L-4c", "L-6", "L-7a", "L-7b", "L-7c", "N-2.1", "N-2.2")
def test_the_year_2024_from_its_draft_to_its_ledger(year, issued):
    issued()
    plan = done(year.desk("office").get("/plans/2024"))
    assert (plan["number"], plan["pre_meeting"], plan["lectures"]) == ("东政办发〔2024〕26号", 8, 6)
    topics = {topic["title"]: topic["id"] for topic in plan["topics"]}

    # May went by: the plan came on its last working day but one.
    year.on("2024-06-03")
    assert year.compliance()["pre_meeting"]["without"] == ["2024-05"]

    # June: dated, handed in and reviewed in time, chaired by the head of the district.
    june = year.session(topics["煤矿安全生产条例"])
    dated = year.post("office", f"{june}/schedule", meeting=year.meeting("2024-06-17", number=9))
    assert dated["text_due_at"] == "2024-06-12T23:59:59+08:00"  # 端午 on the 10th does not count
    year.on("2024-06-12")
    year.text("emergency-bureau", june)
    year.on("2024-06-17", 12)
    year.post("office", f"{june}/hold", chair="区长", name="韩涛")
    members = done(year.desk("office").get("/members", params={"kind": "member", "limit": 100}))["items"]
    away, *there = [member["id"] for member in members if member["begins_on"] <= "2024-06-17"]
    attendees = [{"member": id} for id in there]
    attendees.append({"member": away, "status": "leave", "reason": "外出招商"})
    year.post("office", f"{june}/attendance", attendees=attendees)

    # July: a law comes into the plan in the place of another, whose session moves and keeps its identity.
    year.on("2024-07-01")
    moved = year.session(topics["中华人民共和国粮食安全保障法"])
    year.post("justice", "/plans/2024/versions", 201, reason="新修订的矿山安全法规需要及时学习（虚构）")
    plan = "/plans/2024/versions/2"
    draft = as_draft(done(year.desk("justice").get(plan)))
    for topic in draft["topics"]:
        topic["month"] = "2024-08" if topic["title"].endswith("粮食安全保障法") else topic["month"]
    new = {
        "form": "pre_meeting",
        "title": "某矿山安全条例（虚构）",
        "month": "2024-07",
        "department": "区应急管理局",
    }
    draft["topics"].append(new | {"category": 4, "category_reason": "新修订"})
    done(year.desk("justice").put(plan, json=draft, headers={"If-Match": "*"}))
    year.post("justice", f"{plan}/submit")
    year.post("government", f"{plan}/approve", approved_by="第10次常务会议", approved_on="2024-07-01")
    year.post("office", f"{plan}/issue", number="东政办发〔2024〕41号", issued_on="2024-07-01")
    after = done(year.desk("office").get(moved))
    assert (after["month"], after["state"]) == ("2024-08", "planned")
    assert done(year.desk("office").get("/plans/2024", params={"version": 1}))["version"] == 1

    # The new law is studied late in July; its text comes after it was due.
    [inserted] = [
        row
        for row in done(year.desk("office").get("/sessions", params={"limit": 100}))["items"]
        if row["month"] == "2024-07"
    ]
    july = f"/sessions/{inserted['id']}"
    year.post("office", f"{july}/schedule", meeting=year.meeting("2024-07-29"))
    year.on("2024-07-26")
    assert [each["titles"] for each in year.compliance()["texts"]["missing"]] == [["某矿山安全条例（虚构）"]]
    year.text("emergency-bureau", july, "矿山安全条例")
    year.on("2024-07-29", 12)
    year.post("office", f"{july}/delegate", delegated_on="2024-07-26", how="区长书面委托")
    year.post("office", f"{july}/hold", chair="常务副区长")

    # Two lectures over the six regulations, by an expert from outside.
    for day, three in (("2024-09-12", LECTURES[:3]), ("2024-11-14", LECTURES[3:])):
        year.on(day)
        lecture = year.post("office", "/sessions", 201, year=2024, topics=[topics[title] for title in three])
        path = f"/sessions/{lecture['id']}"
        expert = {"name": "某教授（虚构）", "title": "教授", "organisation": "某大学法学院（虚构）"}
        year.post("justice", f"{path}/speaker", **expert, invited_by="区司法局")
        year.post("office", f"{path}/schedule", day=day)
        year.text("justice", path, day)
        year.post("office", f"{path}/hold", chair="区长")

    # The year is over.
    year.on("2025-01-06")
    told = year.compliance()
    assert told["pre_meeting"]["without"] == [
        "2024-05",
        "2024-08",
        "2024-09",
        "2024-10",
        "2024-11",
        "2024-12",
    ]
    assert (told["lectures"]["held"], told["lectures"]["enough"]) == (2, True)
    assert [each["titles"] for each in told["texts"]["late"]][:1] == [["某矿山安全条例（虚构）"]]
    [absent] = [each for each in told["attendance"]["persons"] if each["leave"]]
    assert (absent["leave"], absent["name"] in told["attendance"]["to_make_up"]) == (1, True)
    answer = year.desk("office").get("/ledger", params={"year": 2024})
    attended = rows_of(answer, "出席与补学", "学法日期")
    assert (len(attended), {row["出席情况"] for row in attended}) == (len(members), {"出席", "请假"})
    assert [row["原因"] for row in rows_of(answer, "计划调整", "版本")] == [
        "首次印发",
        "新修订的矿山安全法规需要及时学习（虚构）",
    ]
    assert "新增《某矿山安全条例（虚构）》" in rows_of(answer, "计划调整", "版本")[1]["变动"]
    held = [row for row in rows_of(answer, "计划与落实", "序号") if row["进展"] == "学法已经举行"]
    assert len(held) == 8  # two before meetings, six regulations in two lectures
    refused(year.desk("office").get("/ledger", params={"year": 2023}), 404, "no-such-plan")
