"""What a report still lacks (E-4.1d to f)."""

import pytest

from services.emergency.plan.accidents.report_fields import ReportKind, lacking
from services.emergency.plan.catalogue import catalogue

COMPLETE = {
    "unit": "某某公司",
    "occurred_at": "2024-07-05T10:00:00+08:00",
    "place": "装备制造园区3号路",
    "scene": "塔吊倒塌",
    "course": "吊装时倾覆",
    "deaths": 0,
    "serious_injuries": 0,
    "missing": 2,
    "direct_loss_yuan": "0.00",
}


def lacks(known, kind=ReportKind.FIRST):
    return {each.name: each.facts for each in lacking(catalogue().report_fields, kind, known)}


def test_a_complete_first_report_lacks_nothing_and_zero_is_an_answer():
    assert lacks(COMPLETE) == {}


def test_an_empty_first_report_lacks_all_seven_fields_by_name():
    assert [*lacks({})] == [
        "事故发生单位",
        "事故发生时间",
        "事故地点",
        "现场情况",
        "简要经过",
        "伤亡人数（含下落不明）",
        "直接经济损失初步估计",
    ]


@pytest.mark.parametrize("blank", [None, "", "  \n"])
def test_blank_is_not_known(blank):
    assert lacks(COMPLETE | {"scene": blank}) == {"现场情况": ("scene",)}


def test_casualties_without_the_missing_persons_are_named_in_part():
    assert lacks(COMPLETE | {"missing": None}) == {"伤亡人数（含下落不明）": ("missing",)}


def test_a_written_report_owes_what_a_first_one_owes():
    assert lacks({}, ReportKind.WRITTEN) == lacks({})


def test_a_closing_report_owes_overview_response_cause_lessons_and_corrections():
    assert list(lacks({}, ReportKind.CLOSING).values()) == [
        ("overview",),
        ("response",),
        ("cause",),
        ("lessons",),
        ("corrections",),
    ]
