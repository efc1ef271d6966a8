"""A plan, and the notice by which it is issued, as documents to print (L-6)."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Final

from kit.district.clock import SHANGHAI
from kit.documents.official import About, OfficialDocument
from services.lawstudy.plan.changes import Change, month_in_words
from services.lawstudy.plan.law_study import FORMS, Form
from services.lawstudy.plans.models import PlanVersion, TopicEntry

#: Who issues plans (L-4c, L-6), and to whom.
OFFICE: Final = "鄂尔多斯市东胜区人民政府办公室"
ADDRESSEES: Final = "各镇人民政府、各街道办事处，区直各部门、各人民团体、各直属企事业单位："
_TO_DO: Final = (
    "（一）责任部门提前研究所学法律法规和本区贯彻落实情况，写成书面材料，经区司法局审核后报送区人民政府办公室。",
    "（二）学法按本计划的月份进行；有新公布、新修订的法律法规需要及时学习的，由区司法局提出，报区人民政府审定后调整。",
    "（三）各镇、街道和区直各部门结合本计划，安排好本单位的学法。",
)


def plan(row: PlanVersion, now: datetime) -> bytes:
    """The plan as offices print it; of what was issued always the same bytes."""
    document = OfficialDocument(_about(row, row.title, now))
    _plan(document, row)
    return document.content()


def notice(row: PlanVersion, changes: Sequence[Change], now: datetime) -> bytes:
    """The notice by which an approved version is issued, with the plan; of what was issued always the same bytes.

    changes: what an adjustment changes.
    """
    title = f"{OFFICE}关于{'调整' if changes else '印发'}{row.title}的通知"
    document = OfficialDocument(_about(row, title, now))
    document.number(row.number or "（文号待编）")
    document.title(title)
    document.addressees(ADDRESSEES)
    if row.adjusts is None:
        document.text(f"《{row.title}》已经{row.approved_by}审定，现印发给你们，请按计划做好准备。")
    else:
        document.text(
            f"因{_clause(row.reason)}，《{row.title}》作如下调整，已经{row.approved_by}审定，现将调整后的计划印发给你们。"
        )
    for place, change in enumerate(changes, 1):
        document.text(f"{place}. {change.sentence}")
    document.signed(OFFICE, row.issued_on)
    document.new_page()
    _plan(document, row)
    return document.content()


def _about(row: PlanVersion, title: str, now: datetime) -> About:
    made = datetime.combine(row.issued_on, time(), SHANGHAI) if row.issued_on else now
    return About(title, OFFICE, made)


def _clause(reason: str | None) -> str:
    return (reason or "").strip().rstrip("。.；;，,")


def _plan(document: OfficialDocument, row: PlanVersion) -> None:
    document.title(row.title)
    document.heading(1, "一、学法内容")
    _topics(document, "（一）", "pre_meeting", row.topics)
    _topics(document, "（二）", "lecture", row.topics)
    if row.exceptions:
        document.heading(2, "（三）不安排会前学法的月份")
        for each in row.exceptions:
            document.text(f"{month_in_words(each.month)}：{each.reason}")
    document.heading(1, "二、相关要求")
    for words in _TO_DO:
        document.text(words)


def _topics(document: OfficialDocument, place: str, form: Form, topics: Sequence[TopicEntry]) -> None:
    document.heading(2, f"{place}{FORMS[form]}")
    ours = [topic for topic in topics if topic.form == form]
    for number, topic in enumerate(ours, 1):
        document.text(f"{number}.《{topic.title}》")
        document.text(f"计划学习时间：{month_in_words(topic.month)}")
        document.text(f"责任部门：{topic.unit_written or '另定'}")
    if not ours:
        document.text("暂无安排。")
