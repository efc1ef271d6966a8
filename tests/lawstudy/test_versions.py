"""A plan is drafted, submitted, approved by the rules and issued; then adjusted, version by version (L-6)."""

from datetime import datetime
from itertools import count

import pytest

from kit.district.clock import SHANGHAI
from tests.lawstudy.conftest import refused
from tests.lawstudy.drafts import APPROVED, ISSUED, Desk, as_draft, draft, lecture, pre_meeting, step


@pytest.fixture
def desk(lawstudy) -> Desk:
    return Desk(lawstudy)


# ------------------------------------------------------------------------------------------------ from draft to issue
@pytest.mark.clause("L-6")
def test_a_plan_is_drafted_submitted_approved_and_issued(lawstudy, desk):
    place = desk.drafted()
    made = desk.justice.get(place).json()
    assert (made["state"], made["version"], made["allowed"]) == ("draft", 1, ["submit", "withdraw"])
    assert made["drafted_by"]["name"] == "区司法局"
    assert (
        lawstudy.client().get("/plans/2025").status_code == 404
    )  # what is not issued is in force for nobody

    assert step(desk.justice, place, "submit").json()["state"] == "submitted"
    approved = step(desk.government, place, "approve", APPROVED).json()
    assert (approved["state"], approved["approved_by"], approved["approved_on"]) == (
        "approved",
        *APPROVED.values(),
    )
    step(desk.office, place, "issue", ISSUED | {"number": "东政办发(2024) 40 号"})

    plan = lawstudy.client().get("/plans/2025").json()
    assert (plan["state"], plan["number"], plan["issued_on"]) == ("in_force", *ISSUED.values())
    assert (plan["pre_meeting"], plan["lectures"]) == (11, 2)
    assert plan["exceptions"] == [{"month": "2025-02", "reason": "春节假期"}]
    assert [topic["id"] for topic in plan["topics"]][::11] == ["2025-P1", "2025-L1"]
    steps = [(each["action"], each["state"]) for each in desk.office.get(place).json()["steps"]]
    assert steps == [
        ("open", "draft"),
        ("submit", "submitted"),
        ("approve", "approved"),
        ("issue", "in_force"),
    ]


@pytest.mark.clause("L-6")
@pytest.mark.parametrize(
    ("who", "action", "body"),
    [
        ("government", "submit", None),
        ("office", "submit", None),
        ("justice", "approve", APPROVED),
        ("office", "approve", APPROVED),
        ("justice", "return", {"note": "请补充"}),
        ("justice", "issue", ISSUED),
        ("government", "issue", ISSUED),
        ("government", "withdraw", {"note": "不再办理"}),
    ],
)
def test_nobody_takes_another_s_step(desk, who, action, body):
    place = desk.drafted()
    refused(step(getattr(desk, who), place, action, body), 403, "not-your-role")


@pytest.mark.parametrize("who", ["government", "office"])
def test_only_the_justice_bureau_drafts_and_adjusts(desk, who):
    client = getattr(desk, who)
    refused(client.post("/plans", json={"year": 2025}), 403, "not-your-role")
    refused(client.post("/plans/2024/versions", json={"reason": "新法"}), 403, "not-your-role")
    refused(client.put(desk.drafted(), json=draft(), headers={"If-Match": "*"}), 403, "not-your-role")


@pytest.mark.clause("L-6")
def test_what_the_government_returns_is_a_draft_again_with_the_reason(desk):
    place = desk.drafted()
    step(desk.justice, place, "submit")
    problem = refused(desk.justice.put(place, json=draft(), headers={"If-Match": "*"}), 409, "not-a-draft")
    assert "已报审" in problem["detail"]
    back = step(desk.government, place, "return", {"note": "请增加专题讲座"}).json()
    assert (back["state"], back["steps"][-1]["note"]) == ("draft", "请增加专题讲座")
    assert desk.rewritten(place, draft() | {"title": "新的名称"})["title"] == "新的名称"


def test_what_was_approved_and_is_returned_is_approved_by_nobody(desk):
    place = desk.drafted()
    step(desk.justice, place, "submit")
    step(desk.government, place, "approve", APPROVED)
    back = step(desk.government, place, "return", {"note": "有新法公布"}).json()
    assert (back["state"], back["approved_by"], back["approved_on"]) == ("draft", None, None)
    desk.rewritten(place, {"title": "草案", "topics": []})  # and may be incomplete once more


def test_steps_out_of_their_order_say_what_may_be_done_and_by_whom(desk):
    place = desk.drafted()
    problem = refused(step(desk.government, place, "approve", APPROVED), 409, "not-in-this-state")
    assert "报审（区司法局）" in problem["detail"]
    assert [each["clause"] for each in problem["basis"]] == ["L-6"]
    refused(step(desk.office, place, "issue", ISSUED), 409, "not-in-this-state")


def test_a_draft_that_was_withdrawn_leaves_the_year_free(lawstudy, desk):
    place = desk.drafted()
    assert step(desk.justice, place, "withdraw", {"note": "另行拟定"}).json()["state"] == "withdrawn"
    again = desk.drafted()
    assert again == "/plans/2025/versions/2"
    assert desk.justice.get(again).json()["adjusts"] is None
    desk.issued(again)
    assert lawstudy.client().get("/plans/2025").json()["version"] == 2


# -------------------------------------------------------------------------------------------------------- bad input
def test_a_year_has_one_plan(desk):
    problem = refused(desk.justice.post("/plans", json={"year": 2024, **draft()}), 409, "plan-exists")
    assert [error["pointer"] for error in problem["errors"]] == ["/year"]
    desk.drafted()
    refused(desk.justice.post("/plans", json={"year": 2025}), 409, "plan-exists")


def test_a_year_that_is_over_and_has_a_plan_says_that_it_has_one(lawstudy, clock):
    clock.now = datetime(2026, 11, 27, 9, 0, tzinfo=SHANGHAI)
    refused(Desk(lawstudy).justice.post("/plans", json={"year": 2024}), 409, "plan-exists")


def test_a_year_that_is_over_is_not_planned(desk):
    problem = refused(desk.justice.post("/plans", json={"year": 2023}), 422, "year-is-over")
    assert [error["pointer"] for error in problem["errors"]] == ["/year"]


def test_one_adjustment_is_under_way_at_a_time(desk):
    desk.adjusted(2024)
    refused(desk.justice.post("/plans/2024/versions", json={"reason": "又一次"}), 409, "plan-under-way")
    refused(desk.justice.post("/plans/2023/versions", json={"reason": "没有"}), 404, "no-such-plan")


def test_a_draft_is_changed_by_whoever_has_seen_it(desk):
    place = desk.drafted()
    seen = desk.justice.get(place).headers["ETag"]
    assert desk.justice.put(place, json=draft()).status_code == 428
    first = desk.justice.put(place, json=draft(), headers={"If-Match": seen})
    assert first.status_code == 200
    assert first.headers["ETag"] != seen  # though nothing of it reads otherwise
    assert desk.justice.put(place, json=draft(), headers={"If-Match": seen}).status_code == 412


@pytest.mark.parametrize(
    ("changes", "slug", "pointers"),
    [
        ({"topics": [lecture("甲", id="2025-L9")]}, "unknown-topic", ["/topics/0/id"]),
        ({"topics": [lecture("甲", id="2024-L1")]}, "unknown-topic", ["/topics/0/id"]),
        (
            {"topics": [lecture("甲", id="2025-L1"), lecture("乙", id="2025-L1")]},
            "stands-twice",
            ["/topics/1/id"],
        ),
        (
            {"exceptions": [{"month": "2025-02", "reason": "春节"}, {"month": "2025-02", "reason": "又"}]},
            "stands-twice",
            ["/exceptions/1/month"],
        ),
        ({"topics": [lecture("甲", category=8)]}, "invalid-request", ["/topics/0/category"]),
        ({"topics": [lecture("甲", month="2025-05-01")]}, "invalid-request", ["/topics/0/month"]),
        (
            {"topics": [pre_meeting("甲", None, department="区魔法局")]},
            "invalid-request",
            ["/topics/0/department"],
        ),
        ({"topics": [lecture(" ")]}, "invalid-request", ["/topics/0/title"]),
        ({"topics": [lecture("《 》")]}, "invalid-request", ["/topics/0/title"]),
    ],
)
def test_a_draft_that_means_nothing_is_refused_with_its_place(desk, changes, slug, pointers):
    place = desk.drafted()
    before = desk.justice.get(place).json()
    answer = desk.justice.put(place, json=draft() | changes, headers={"If-Match": "*"})
    assert [error["pointer"] for error in refused(answer, 422, slug)["errors"]] == pointers
    assert desk.justice.get(place).json() == before  # nothing half written


@pytest.mark.parametrize("number", ["四十号", "2024年40号", "东政办发〔2024〕号", "东政办发2024-40"])
def test_a_document_number_that_is_none_is_refused(desk, number):
    answer = step(desk.office, desk.drafted(), "issue", ISSUED | {"number": number})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/number"]


def test_a_plan_is_issued_under_a_number_of_its_own_and_not_before_it_was_approved(desk):
    place = desk.drafted()
    step(desk.justice, place, "submit")
    step(desk.government, place, "approve", APPROVED)
    taken = refused(
        step(desk.office, place, "issue", ISSUED | {"number": "东政办发〔2024〕26号"}), 409, "number-taken"
    )
    assert [error["pointer"] for error in taken["errors"]] == ["/number"]
    early = refused(
        step(desk.office, place, "issue", ISSUED | {"issued_on": "2024-06-23"}), 422, "issued-before-approved"
    )
    assert [error["pointer"] for error in early["errors"]] == ["/issued_on"]
    refused(step(desk.office, place, "issue", ISSUED | {"issued_on": "2024-06-25"}), 422, "in-the-future")
    assert desk.office.get(place).json()["state"] == "approved"


# ---------------------------------------------------------------------------------------------------- approval's rules
@pytest.mark.clause("L-3a", "L-3b", "L-5", "L-6", "L-7a")
def test_approval_names_every_breach_with_its_place_and_clause(desk):
    broken = draft()
    topics = broken["topics"]
    topics[0]["month"] = None
    topics[1]["department"] = None
    topics[2]["category"] = None
    topics[3]["month"] = "2026-05"
    topics[4]["category_reason"] = None
    topics[5]["title"] = topics[6]["title"]
    topics.pop()
    broken["exceptions"] = []
    place = desk.drafted(**broken)
    step(desk.justice, place, "submit")
    problem = refused(step(desk.government, place, "approve", APPROVED), 409, "plan-breaks-rules")
    found = {(each["pointer"], each["clause"]) for each in problem["breaches"]}
    assert found == {
        ("/topics", "L-3b"),
        ("/exceptions", "L-3a"),
        ("/topics/0/month", "L-7a"),
        ("/topics/1/department", "L-7a"),
        ("/topics/2/category", "L-5"),
        ("/topics/3/month", "L-6"),
        ("/topics/4/category_reason", "L-5"),
        ("/topics/6/title", "L-6"),
    }
    missing = [each["reason"] for each in problem["breaches"] if each["clause"] == "L-3a"]
    assert [reason[:7] for reason in missing] == ["2025年1月", "2025年2月", "2025年5月"]
    assert [error["pointer"] for error in problem["errors"]] == [
        each["pointer"] for each in problem["breaches"]
    ]
    assert all("《东胜区人民政府常务会议学法制度》第" in error["reason"] for error in problem["errors"])
    assert {each["clause"] for each in problem["basis"]} == {"L-3a", "L-3b", "L-5", "L-6", "L-7a"}
    assert desk.government.get(place).json()["state"] == "submitted"


@pytest.mark.clause("L-6")
def test_a_draft_says_what_stands_against_it_before_anybody_is_asked(desk):
    place = desk.drafted(topics=[], exceptions=[])
    against = desk.justice.get(place).json()["against"]
    assert [each["clause"] for each in against] == ["L-3b"] + ["L-3a"] * 12
    assert desk.rewritten(place, draft())["against"] == []


# -------------------------------------------------------------------------------------------------------- adjustments
@pytest.mark.clause("L-6", "N-2.2")
def test_an_adjustment_moves_adds_and_removes_and_the_version_before_stays(lawstudy, desk):
    place, version = desk.adjusted(2024, "国家公布新的法律")
    assert (version["version"], version["adjusts"], version["state"]) == (2, 1, "draft")
    body = as_draft(version)
    by_id = {topic["id"]: topic for topic in body["topics"]}
    by_id["2024-P5"]["month"] = "2024-10"
    by_id["2024-P6"] |= {"month": "2024-09", "department": "区审计局"}
    by_id["2024-P8"] |= {
        "title": "中华人民共和国矿产资源法（修订）",
        "category": 4,
        "category_reason": "修订",
    }
    by_id["2024-L5"] |= {"form": "pre_meeting", "month": "2024-12", "department": "区能源局"}
    body["topics"] = [topic for topic in body["topics"] if topic["id"] != "2024-L6"]
    body["topics"].append(pre_meeting("中华人民共和国突发事件应对法", "2024-11"))
    added = desk.rewritten(place, body)["topics"][-1]
    assert added["id"] == "2024-P9"
    desk.issued(place, "东政办发〔2024〕41号")

    reader = lawstudy.client()
    assert [topic["id"] for topic in reader.get("/plans/2024").json()["topics"]] == [
        *(f"2024-P{n}" for n in range(1, 9)),
        *(f"2024-L{n}" for n in range(1, 6)),
        "2024-P9",
    ]
    before = reader.get("/plans/2024", params={"version": 1}).json()
    assert (before["state"], before["number"], len(before["topics"])) == (
        "superseded",
        "东政办发〔2024〕26号",
        14,
    )
    assert [topic["month"] for topic in before["topics"] if topic["id"] == "2024-P5"] == ["2024-09"]

    told = reader.get(f"{place}/changes").json()
    assert (told["compared_with"], told["reason"], told["approved_by"]) == (
        1,
        "国家公布新的法律",
        APPROVED["approved_by"],
    )
    assert [(each["kind"], each["topic"]) for each in told["changes"]] == [
        ("moved", "2024-P5"),
        ("moved", "2024-P6"),
        ("department", "2024-P6"),
        ("title", "2024-P8"),
        ("category", "2024-P8"),
        ("form", "2024-L5"),
        ("moved", "2024-L5"),
        ("department", "2024-L5"),
        ("added", "2024-P9"),
        ("removed", "2024-L6"),
    ]
    sentences = [each["sentence"] for each in told["changes"]]
    assert sentences[0] == "《中华人民共和国中小企业促进法》由2024年9月调整为2024年10月。"
    assert sentences[2] == "《中华人民共和国预算法》的责任部门由区财政局改为区审计局。"
    assert sentences[8] == "新增《中华人民共和国突发事件应对法》（会前学法，2024年11月，区司法局）。"
    assert sentences[9].startswith(
        "取消《内蒙古自治区建设国家重要农畜产品生产基地促进条例》（专题讲座，时间另定"
    )


def test_the_first_version_differs_from_nothing_by_all_it_has(lawstudy):
    told = lawstudy.client().get("/plans/2024/versions/1/changes").json()
    assert (told["compared_with"], told["reason"]) == (None, None)
    assert [each["kind"] for each in told["changes"]] == ["added"] * 14


@pytest.mark.clause("L-6")
def test_until_an_adjustment_is_issued_the_former_version_is_in_force(lawstudy, desk):
    place, version = desk.adjusted(2024)
    desk.rewritten(place, as_draft(version) | {"title": "新的名称"})
    assert lawstudy.client().get("/plans/2024").json()["version"] == 1
    desk.issued(place, "东政办发〔2024〕41号")
    plan = lawstudy.client().get("/plans/2024").json()
    assert (plan["version"], plan["title"]) == (2, "新的名称")
    assert lawstudy.sql("SELECT count(*) FROM plan_versions WHERE state = 'in_force'") == [(1,)]


@pytest.mark.clause("L-3a")
def test_an_adjustment_is_not_asked_for_months_that_are_over(desk):
    place, version = desk.adjusted(2024)  # in June: May may go, July may not
    body = as_draft(version)
    body["topics"] = [topic for topic in body["topics"] if topic["id"] not in ("2024-P1", "2024-P3")]
    against = desk.rewritten(place, body)["against"]
    assert [(each["clause"], each["reason"][:7]) for each in against] == [("L-3a", "2024年7月")]


def test_departments_stay_as_the_plan_writes_them_until_they_change(desk):
    place, version = desk.adjusted(2024)
    again = desk.rewritten(place, as_draft(version))
    assert [topic["department"] for topic in again["topics"]] == [
        topic["department"] for topic in version["topics"]
    ]
    assert "区行政审批和政务服务局" in [topic["department"]["written"] for topic in again["topics"][:8]]


def test_a_topic_without_its_number_is_known_by_its_law(desk):
    place, version = desk.adjusted(2024)
    body = as_draft(version)
    numbers = count(1)
    for topic in body["topics"]:
        del topic["id"]
        topic["title"] = f"《{topic['title']}》" if next(numbers) % 2 else f" {topic['title']} "
    again = desk.rewritten(place, body)
    assert [topic["id"] for topic in again["topics"]] == [topic["id"] for topic in version["topics"]]
    assert all("《" not in topic["title"] for topic in again["topics"])


def test_what_was_never_issued_leaves_no_identity_behind(lawstudy, desk):
    place, version = desk.adjusted(2024)
    body = as_draft(version)
    desk.rewritten(place, body | {"topics": [*body["topics"], lecture("甲"), lecture("乙")]})
    assert lawstudy.sql("SELECT count(*) FROM topics WHERE plan_year = 2024") == [(16,)]
    desk.rewritten(place, body)
    assert lawstudy.sql("SELECT count(*) FROM topics WHERE plan_year = 2024") == [(14,)]


# --------------------------------------------------------------------------------------------------------- who sees
def test_drafts_are_seen_by_those_who_make_plans_and_issued_ones_by_all_readers(lawstudy, desk):
    place = desk.drafted()
    reader = lawstudy.client()
    for path in (place, "/plans/2025?version=1", f"{place}/changes", "/plans/2025/notice?version=1"):
        refused(reader.get(path), 404, "no-such-version")
    refused(reader.get("/plans/2025/versions"), 404, "no-such-plan")
    for maker in (desk.justice, desk.government, desk.office):
        assert maker.get("/plans/2025", params={"version": 1}).json()["state"] == "draft"
    desk.issued(place)
    adjusted, _ = desk.adjusted(2025)
    seen = [each["version"] for each in reader.get("/plans/2025/versions").json()["items"]]
    assert seen == [1]
    assert [each["version"] for each in desk.office.get("/plans/2025/versions").json()["items"]] == [2, 1]
    refused(reader.get(adjusted), 404, "no-such-version")
    refused(reader.get("/plans/2025", params={"version": 7}), 404, "no-such-version")


def test_issuing_tells_others(lawstudy, desk):
    desk.issued(desk.drafted())
    told = lawstudy.sql("SELECT data FROM events WHERE type = 'lawstudy.plan.issued'")
    assert [row[0] for row in told] == [
        {"year": 2025, "version": 1, "number": ISSUED["number"], "issued_on": "2024-06-24"}
    ]
