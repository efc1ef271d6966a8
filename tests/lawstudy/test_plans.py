"""The plan of 2024 as it was issued, and what is asked of it."""

import re

import pytest

from kit.workbooks.reading import read

PRE_MEETING = [
    ("2024-05", "中华人民共和国行政复议法", "区司法局", "justice-bureau"),
    ("2024-06", "煤矿安全生产条例", "区应急管理局", "emergency-bureau"),
    ("2024-07", "中华人民共和国粮食安全保障法", "区发改委", "development-reform-commission"),
    ("2024-08", "中华人民共和国政府信息公开条例", "区行政审批和政务服务局", "government-service-bureau"),
    ("2024-09", "中华人民共和国中小企业促进法", "区工信和科技局", "industry-technology-bureau"),
    ("2024-10", "中华人民共和国预算法", "区财政局", "finance-bureau"),
    ("2024-11", "中华人民共和国乡村振兴促进法", "区农牧局", "agriculture-bureau"),
    ("2024-12", "中华人民共和国矿产资源法", "区自然资源分局", "natural-resources-branch"),
]
LECTURES = [
    "内蒙古自治区全方位建设模范自治区促进条例",
    "内蒙古自治区建设我国北方重要生态安全屏障促进条例",
    "内蒙古自治区建设国家向北开放重要桥头堡促进条例",
    "内蒙古自治区筑牢祖国北疆安全稳定屏障促进条例",
    "内蒙古自治区建设国家重要能源和战略资源基地促进条例",
    "内蒙古自治区建设国家重要农畜产品生产基地促进条例",
]


def titles(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [topic["title"] for topic in answer.json()["items"]]


# ------------------------------------------------------------------------------------------------------ the plan
@pytest.mark.clause("N-1.1")
def test_eight_pre_meeting_topics_stand_with_month_and_department(lawstudy):
    topics = lawstudy.client().get("/plans/2024/topics", params={"form": "pre_meeting"}).json()["items"]
    found = [
        (topic["month"], topic["title"], topic["department"]["written"], topic["department"]["id"])
        for topic in topics
    ]
    assert found == PRE_MEETING
    assert {topic["basis"][0]["clause"] for topic in topics} == {"N-1.1"}


@pytest.mark.clause("N-1.2")
def test_six_promotion_regulations_are_the_lecture_topics(lawstudy):
    topics = lawstudy.client().get("/plans/2024/topics", params={"form": "lecture"}).json()["items"]
    assert [topic["title"] for topic in topics] == LECTURES
    assert {(topic["month"], topic["department"]) for topic in topics} == {(None, None)}
    assert {topic["basis"][0]["clause"] for topic in topics} == {"N-1.2"}


def test_the_plan_shows_its_number_its_approval_and_all_topics_in_order(lawstudy):
    plan = lawstudy.client().get("/plans/2024").json()
    assert (plan["number"], plan["issued_on"]) == ("东政办发〔2024〕26号", "2024-05-30")
    assert plan["drafted_by"] == {"id": "justice-bureau", "name": "区司法局"}
    assert plan["approved_by"] == "区人民政府2024年第7次常务会议"
    assert (plan["pre_meeting"], plan["lectures"]) == (8, 6)
    assert [topic["title"] for topic in plan["topics"]] == [
        title for _, title, _, _ in PRE_MEETING
    ] + LECTURES
    assert [basis["clause"] for basis in plan["basis"]] == ["L-6", "N-1.1", "N-1.2"]


def test_a_month_is_never_given_a_day(lawstudy):
    text = lawstudy.client().get("/plans/2024/topics").text
    assert "2024-05" in text
    days = re.findall(r"2024-\d\d-\d\d", text)
    assert set(days) <= {"2024-05-30"}  # the documents' own date in the citations
    assert lawstudy.sql("SELECT DISTINCT length(month) FROM topic_entries WHERE month IS NOT NULL") == [(7,)]


def test_plans_are_listed_by_year(lawstudy):
    page = lawstudy.client().get("/plans").json()
    assert [(plan["year"], plan["number"]) for plan in page["items"]] == [(2024, "东政办发〔2024〕26号")]
    assert page["next"] is None


# ------------------------------------------------------------------------------------------------------- filters
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"month": "2024-06"}, ["煤矿安全生产条例"]),
        ({"month": "2024-04"}, []),
        ({"department": "区应急局"}, ["煤矿安全生产条例"]),
        ({"department": "emergency-bureau"}, ["煤矿安全生产条例"]),
        ({"department": "区行政审批政务服务与数据管理局"}, ["中华人民共和国政府信息公开条例"]),
        ({"department": "区信访局"}, []),
        (
            {"form": "pre_meeting", "category": 4},
            ["中华人民共和国行政复议法", "煤矿安全生产条例", "中华人民共和国粮食安全保障法"],
        ),
        ({"form": "lecture", "category": 3}, []),
        ({"month": "2024-06", "department": "区司法局"}, []),
    ],
)
def test_topics_are_found_by_month_department_form_and_category(lawstudy, asked, found):
    assert titles(lawstudy.client().get("/plans/2024/topics", params=asked)) == found


def test_pages_of_topics_follow_one_another_in_the_order_of_the_plan(lawstudy):
    seen, cursor = [], None
    while True:
        asked = {"limit": 4} | ({"cursor": cursor} if cursor else {})
        page = lawstudy.client().get("/plans/2024/topics", params=asked).json()
        seen += [topic["position"] for topic in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == list(range(1, 15))


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"month": "2024-06-01"}, "?month"),
        ({"month": "六月"}, "?month"),
        ({"department": "区魔法局"}, "?department"),
        ({"form": "film"}, "?form"),
        ({"category": 0}, "?category"),
        ({"category": 8}, "?category"),
    ],
)
def test_a_filter_that_means_nothing_is_refused_with_its_place(lawstudy, asked, pointer):
    refused = lawstudy.client().get("/plans/2024/topics", params=asked)
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]


@pytest.mark.parametrize("path", ["", "/topics", "/balance", "/months", "?format=xlsx"])
def test_a_year_without_a_plan_is_an_answer(lawstudy, path):
    missing = lawstudy.client().get(f"/plans/2023{path}")
    assert (missing.status_code, missing.json()["type"]) == (404, "urn:dongsheng:problem:no-such-plan")


@pytest.mark.parametrize(
    "path", ["/plans", "/plans/2024", "/plans/2024/topics", "/plans/2024/balance", "/plans/2024/months"]
)
def test_reading_needs_a_token_with_the_scope(lawstudy, path):
    assert lawstudy.stranger().get(path).status_code == 401
    assert lawstudy.client("office:read").get(path).status_code == 403


# --------------------------------------------------------------------------------------------- balance and months
@pytest.mark.clause("L-5")
def test_each_topic_has_one_of_the_seven_categories_and_the_balance_shows_them_all(lawstudy):
    topics = lawstudy.client().get("/plans/2024/topics").json()["items"]
    assert all(topic["category"]["number"] in range(1, 8) and topic["category_reason"] for topic in topics)

    balance = lawstudy.client().get("/plans/2024/balance").json()
    shares = [
        (share["number"], share["pre_meeting"], share["lectures"], share["total"])
        for share in balance["categories"]
    ]
    assert shares == [
        (1, 0, 0, 0),
        (2, 0, 0, 0),
        (3, 5, 0, 5),
        (4, 3, 6, 9),
        (5, 0, 0, 0),
        (6, 0, 0, 0),
        (7, 0, 0, 0),
    ]
    assert balance["without"] == [1, 2, 5, 6, 7]
    assert [basis["at"] for basis in balance["basis"]] == ["第五条"]


def test_the_months_without_a_planned_pre_meeting_study_are_listed(lawstudy):
    months = lawstudy.client().get("/plans/2024/months").json()
    assert months["without"] == ["2024-01", "2024-02", "2024-03", "2024-04"]
    assert [month["month"] for month in months["months"]] == [f"2024-{number:02}" for number in range(1, 13)]
    assert months["months"][5]["topics"] == ["煤矿安全生产条例"]


# ------------------------------------------------------------------------------------------- workbook and hotline
def test_the_plan_comes_as_a_workbook_with_months_and_not_days(lawstudy):
    answer = lawstudy.client().get("/plans/2024", params={"format": "xlsx"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].endswith("spreadsheetml.sheet")
    [sheet] = read(answer.content)
    assert sheet.rows[0][0] == "东政办发〔2024〕26号"
    header = next(at for at, row in enumerate(sheet.rows) if row[0] == "序号")
    rows = sheet.rows[header + 1 : header + 15]
    assert tuple(rows[0][:5]) == (1, "会前学法", "《中华人民共和国行政复议法》", "2024年5月", "区司法局")
    assert tuple(rows[13][:5]) == (14, "专题讲座", f"《{LECTURES[5]}》", "另定", "另定")


@pytest.mark.parametrize("matter", ["law-consultation", "law-study-suggestion"])
def test_the_hotline_s_matters_go_to_the_justice_bureau(lawstudy, matter):
    hotline = lawstudy.client("dispatch:write", "dispatch:read")
    taken = hotline.post("/dispatch/requests", json={"matter": matter, "summary": "咨询或建议（虚构）"})
    assert taken.status_code == 201
    assert taken.json()["unit"] == "justice-bureau"
    assert taken.json()["number"] == "DS-LQ-20240624-0001"
