"""Choosing or replacing a compound's company, step by step (P-2.4.0, P-2.4.1)."""

from datetime import date

from kit.web.moves import Moves
from kit.web.shapes import Choice
from services.property.plan.roles import COMMUNITY, STREET


class Reason(Choice):
    """Why a company is chosen (选聘事由)."""

    CHOOSE = "choose", "选聘"
    REPLACE = "replace", "更换"


#: Run by the community under the street's guidance; the tender is led by the street, and the committee signs.
ENGAGEMENT = Moves(
    "选聘",
    states={
        "opened": "选聘已启动、街道尚未指导",
        "guided": "街道已指导、尚未确认业委会（物管会）",
        "formed": "业委会（物管会）已确认、尚未招标",
        "tendering": "正在公开招标",
        "decided": "中标企业已确定、尚未签订合同",
        "signed": "合同已签订、企业尚未进驻",
        "in_charge": "企业已进驻",
        "stopped": "选聘已终止",
    },
    actions={
        "guide": "指导",
        "confirm": "确认业委会（物管会）",
        "tender": "发布招标",
        "bid": "登记投标企业",
        "decide": "确定中标企业",
        "sign": "登记合同",
        "install": "登记进驻",
        "stop": "终止",
    },
    rows=(
        ("opened", "guide", STREET, "guided", "P-2.4.0"),
        ("guided", "confirm", COMMUNITY, "formed", "P-2.4.1"),
        ("formed", "tender", STREET, "tendering", "P-2.4.1"),
        ("tendering", "bid", STREET, "tendering", "P-2.4.1"),
        ("tendering", "decide", STREET, "decided", "P-2.4.1"),
        ("decided", "sign", COMMUNITY, "signed", "P-2.4.1"),
        ("signed", "install", COMMUNITY, "in_charge", "P-2.4.0"),
        *(
            (state, "stop", STREET, "stopped", "P-2.4.0")
            for state in ("opened", "guided", "formed", "tendering", "decided", "signed")
        ),
    ),
)


def in_office(day: date, formed_on: date, dissolved_on: date | None) -> bool:
    """Whether a committee acts for the owners on a day; on the day of its end it does no more."""
    return formed_on <= day and (dissolved_on is None or day < dissolved_on)


def warning(poor: bool | None, grade: str) -> str | None:
    """What whoever chooses a company is told of its grade; a poor one is warned of and never refused (P-2.4.1)."""
    if poor:
        return f"这家企业信用等级为{grade}，信用较差。方案要求聘用信用优良的物业服务企业，请慎重选择。"
    return None if poor is False else f"{grade}，请向信用评价部门核实后再作决定。"
