"""A plan as a table to print."""

from datetime import datetime

from kit.district import units
from kit.district.periods import Month
from kit.workbooks.writing import Column, Layout, Value, table
from services.lawstudy.plans.models import PlanVersion, TopicEntry

COLUMNS = (
    Column("序号", width=6),
    Column("学法形式", width=12),
    Column("学习内容", width=52),
    Column("计划学习时间", width=16),
    Column("责任部门", width=26),
    Column("内容类别", width=32),
)
NOTES = (
    "计划未定时间或责任部门的，写“另定”。",
    "内容类别由本系统按《东胜区人民政府常务会议学法制度》第五条归入，不是计划原文。",
)


def workbook(plan: PlanVersion, now: datetime) -> bytes:
    """The plan as an .xlsx file; months stay months."""
    return table(
        COLUMNS,
        [_row(topic) for topic in plan.topics],
        Layout(
            sheet=f"{plan.year}年",
            label=plan.number or "（尚未印发）",
            title=plan.title,
            above=[f"拟定：{units.unit(plan.drafted_by).name}", f"印发：{plan.issued_on:%Y-%m-%d}"],
            notes=NOTES,
            created=now,
        ),
    )


def _row(topic: TopicEntry) -> tuple[Value, ...]:
    return (
        topic.position,
        topic.form_zh,
        f"《{topic.title}》",
        _written(topic.month),
        topic.unit_written or "另定",
        topic.category.name if topic.category else None,
    )


def _written(month: Month | None) -> str:
    return f"{month.year}年{month.month}月" if month else "另定"
