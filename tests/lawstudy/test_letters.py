"""A plan and its notice as offices print them (L-6)."""

import io

import pytest
from docx import Document

from services.lawstudy.plans.letters import ADDRESSEES, OFFICE
from tests.lawstudy.drafts import APPROVED, Desk, as_draft, step

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def lines(answer) -> list[str]:
    assert (answer.status_code, answer.headers["content-type"]) == (200, DOCX), answer.text
    return [each.text for each in Document(io.BytesIO(answer.content)).paragraphs if each.text.strip()]


@pytest.mark.clause("L-6", "N-1.1", "N-1.2")
def test_the_plan_is_printed_with_months_and_departments_as_it_was_issued(lawstudy):
    answer = lawstudy.client().get("/plans/2024", params={"format": "docx"})
    assert "2024%E5%B9%B4%E5%BA%A6%E5%AD%A6%E6%B3%95" in answer.headers["content-disposition"]
    found = lines(answer)
    assert found[:6] == [
        "东胜区人民政府常务会议2024年度学法计划",
        "一、学法内容",
        "（一）会前学法",
        "1.《中华人民共和国行政复议法》",
        "计划学习时间：2024年5月",
        "责任部门：区司法局",
    ]
    lectures = found.index("（二）专题讲座")
    assert found[lectures + 1 : lectures + 4] == [
        "1.《内蒙古自治区全方位建设模范自治区促进条例》",
        "计划学习时间：时间另定",
        "责任部门：另定",
    ]
    assert sum(line.startswith("计划学习时间：") for line in found) == 14
    assert "二、相关要求" in found


@pytest.mark.clause("L-6")
def test_the_notice_says_who_approved_what_to_whom_and_when_and_brings_the_plan(lawstudy):
    found = lines(lawstudy.client().get("/plans/2024/notice"))
    assert found[:6] == [
        "东政办发〔2024〕26号",
        "鄂尔多斯市东胜区人民政府办公室关于印发东胜区人民政府常务会议2024年度学法计划的通知",
        ADDRESSEES,
        "《东胜区人民政府常务会议2024年度学法计划》已经区人民政府2024年第7次常务会议审定，现印发给你们，请按计划做好准备。",
        OFFICE,
        "2024年5月30日",
    ]
    assert found[6:] == lines(lawstudy.client().get("/plans/2024", params={"format": "docx"}))


def test_what_was_issued_is_the_same_file_whenever_it_is_asked_for(lawstudy):
    for path in ("/plans/2024?format=docx", "/plans/2024/notice"):
        first = lawstudy.client().get(path).content
        lawstudy.clock.advance(minutes=7)
        assert lawstudy.client().get(path).content == first


@pytest.mark.clause("L-6", "N-2.2")
def test_the_notice_of_an_adjustment_gives_its_reason_and_every_change(lawstudy):
    desk = Desk(lawstudy)
    place, version = desk.adjusted(2024, "国家公布新的法律。")
    body = as_draft(version)
    body["topics"][4]["month"] = "2024-10"
    body["topics"][5]["month"] = "2024-09"
    desk.rewritten(place, body)
    early = desk.office.get("/plans/2024/notice", params={"version": 2})
    assert (early.status_code, early.json()["type"]) == (409, "urn:dongsheng:problem:not-approved")

    step(desk.justice, place, "submit")
    step(desk.government, place, "approve", APPROVED)
    found = lines(desk.office.get("/plans/2024/notice", params={"version": 2}))
    assert found[0] == "（文号待编）"
    assert found[1].endswith("关于调整东胜区人民政府常务会议2024年度学法计划的通知")
    assert found[3].startswith("因国家公布新的法律，《东胜区人民政府常务会议2024年度学法计划》作如下调整")
    assert found[4:6] == [
        "1. 《中华人民共和国中小企业促进法》由2024年9月调整为2024年10月。",
        "2. 《中华人民共和国预算法》由2024年10月调整为2024年9月。",
    ]
    assert found[6] == OFFICE  # and no day, before there is one
    assert not found[7].endswith("日")


@pytest.mark.clause("L-3a")
def test_months_without_study_are_printed_with_their_reason(lawstudy):
    desk = Desk(lawstudy)
    place = desk.drafted()
    found = lines(desk.justice.get("/plans/2025", params={"version": 1, "format": "docx"}))
    assert found[found.index("（三）不安排会前学法的月份") + 1] == "2025年2月：春节假期"
    desk.issued(place)
    months = lawstudy.client().get("/plans/2025/months").json()
    assert months["without"] == ["2025-02"]
    assert [each["reason"] for each in months["months"][:3]] == [None, "春节假期", None]
