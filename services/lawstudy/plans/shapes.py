"""Shapes of plans, their topics, versions and changes."""

from datetime import date
from typing import Annotated, Self

from pydantic import AfterValidator, Field

from kit.district.citations import cite
from kit.district.clock import Day
from kit.district.named_units import NamedUnit, UnitId, UnitShown, named
from kit.district.names import TypedName
from kit.district.periods import Month
from kit.web.course import CourseStepOut
from kit.web.shapes import Answer, Body, Grounded, Name, Text
from services.lawstudy.plan.changes import Kind
from services.lawstudy.plan.law_study import Form
from services.lawstudy.plan.numbers import document_number
from services.lawstudy.plan.planning import State
from services.lawstudy.plans.models import PlanVersion, TopicEntry


def _bare(title: str) -> str:
    """The title of a law without the marks that plans put around it."""
    within = title[1:-1]
    enclosed = title.startswith("《") and title.endswith("》") and not set(within) & set("《》")
    if enclosed and not within.strip():
        raise ValueError("名称不能为空，请填写。")
    return within.strip() if enclosed else title


_FORM = "学法形式：pre_meeting 会前学法，lecture 专题讲座"
_STATE = "draft 正在拟定，submitted 已报审，approved 已审定，in_force 已印发施行，superseded 已被替代，withdrawn 已撤回"
_EXAMPLE_TOPICS = [
    {
        "id": None,
        "form": "pre_meeting",
        "title": "中华人民共和国统计法",
        "month": "2025-03",
        "department": "区统计局",
        "category": 4,
        "category_reason": "2024年修改",
    },
    {
        "id": None,
        "form": "lecture",
        "title": "中华人民共和国宪法",
        "month": None,
        "department": None,
        "category": 3,
        "category_reason": "宪法",
    },
]
_EXAMPLE_EXCEPTIONS = [{"month": "2025-02", "reason": "春节假期，常务会议不安排会前学法"}]


class TopicIn(Body, title="拟定的学法主题", example=_EXAMPLE_TOPICS[0]):
    """A topic as it is drafted (拟定的主题); what is not settled yet may be left out until approval."""

    id: str | None = Field(
        default=None,
        max_length=40,
        description="原有主题的编号，改动后编号不变；新增的不填，由系统编号",
        examples=["2024-P1"],
    )
    form: Form = Field(description=_FORM)
    title: Annotated[TypedName, Field(max_length=200), AfterValidator(_bare)] = Field(
        description="学习的法律法规，有没有书名号都可以", examples=["中华人民共和国统计法"]
    )
    month: Month | None = Field(default=None, description="计划学习的月份；未定的不填", examples=["2025-03"])
    department: UnitId | None = Field(
        default=None, description="责任部门的编号或名称；未定的不填", examples=["区统计局"]
    )
    category: int | None = Field(
        default=None, ge=1, le=7, description="内容类别序号，即学法制度第五条的项号", examples=[4]
    )
    category_reason: Text | None = Field(
        default=None, description="归入这一类的理由", examples=["2024年修改"]
    )


class MonthExceptionIn(Body, title="不安排的月份", example=_EXAMPLE_EXCEPTIONS[0]):
    """A month without pre-meeting study, and why (不安排会前学法的月份, L-3a)."""

    month: Month = Field(description="月份")
    reason: Text = Field(description="这个月不安排会前学法的原因")


class PlanDraftIn(
    Body,
    title="学法计划草案",
    example={
        "title": "东胜区人民政府常务会议2025年度学法计划",
        "topics": _EXAMPLE_TOPICS,
        "exceptions": _EXAMPLE_EXCEPTIONS,
    },
):
    """The whole of a draft (学法计划草案)."""

    title: Name = Field(description="文件名称")
    topics: list[TopicIn] = Field(max_length=100, description="主题，按计划的次序")
    exceptions: list[MonthExceptionIn] = Field(
        default=[], max_length=12, description="不安排会前学法的月份和原因"
    )


class PlanIn(
    Body,
    title="拟定学法计划",
    example={
        "year": 2025,
        "title": None,
        "topics": _EXAMPLE_TOPICS,
        "exceptions": _EXAMPLE_EXCEPTIONS,
    },
):
    """The draft of a year's plan (拟定学法计划)."""

    year: int = Field(ge=2000, le=2100, description="年份")
    title: Name | None = Field(default=None, description="文件名称；不填用惯用的名称")
    topics: list[TopicIn] = Field(default=[], max_length=100, description="主题，按计划的次序；可以以后再填")
    exceptions: list[MonthExceptionIn] = Field(
        default=[], max_length=12, description="不安排会前学法的月份和原因"
    )


class AdjustIn(Body, title="调整学法计划", example={"reason": "国家新公布重要法律，需要及时安排学习"}):
    """Why a plan is adjusted (调整原因)."""

    reason: Text = Field(description="调整的原因")


class ApproveIn(
    Body,
    title="审定学法计划",
    example={"approved_by": "区人民政府2024年第8次常务会议", "approved_on": "2024-06-24"},
):
    """By which meeting a plan was approved, and when (审定)."""

    approved_by: Name = Field(description="审定的会议或决定")
    approved_on: Day = Field(description="审定日期")


class IssueIn(
    Body, title="印发学法计划", example={"number": "东政办发〔2024〕40号", "issued_on": "2024-06-24"}
):
    """Under which number a plan is issued, and when (印发)."""

    number: Annotated[str, Field(max_length=60), AfterValidator(document_number)] = Field(
        description="发文字号，括号和空格怎么写都可以", examples=["东政办发〔2024〕40号"]
    )
    issued_on: Day = Field(description="印发日期")


class DepartmentOut(NamedUnit, title="责任部门"):
    """The unit that answers for a topic (责任部门)."""

    written: str = Field(description="计划中的写法", examples=["区司法局"])


class CategoryOut(Answer, title="学法内容类别"):
    """A kind of content (学法内容类别, L-5)."""

    number: int = Field(description="类别序号，与学法制度第五条的项号相同", examples=[4])
    name: str = Field(description="类别，按第五条概括", examples=["新颁布、新修订的法律法规"])
    at: str = Field(description="在学法制度中的位置", examples=["第五条(四)"])


class TopicOut(Grounded, title="学法主题"):
    """A topic of a plan (学法主题); it rests on its own clause."""

    id: str = Field(description="主题编号，调整后不变", examples=["2024-P1"])
    position: int = Field(description="在计划中的次序")
    form: Form = Field(description=_FORM)
    form_zh: str = Field(description="学法形式", examples=["会前学法"])
    title: str = Field(description="学习的法律法规", examples=["中华人民共和国行政复议法"])
    month: Month | None = Field(description="计划学习的月份；计划未定时间的为空")
    department: DepartmentOut | None = Field(description="责任部门；计划未定的为空")
    category: CategoryOut | None = Field(
        description="内容类别；计划未作分类的由本系统归入，草案没有归类的为空"
    )
    category_reason: str | None = Field(
        description="归入这一类的理由；草案没有写的为空", examples=["2023年修订，2024年1月1日起施行"]
    )

    @classmethod
    def shown(cls, row: TopicEntry) -> Self:
        """The row as an answer."""
        department = row.unit and DepartmentOut.of(named(row.unit), written=row.unit_written)
        return cls.of(row, id=row.topic_id, department=department)


class PlanSummary(Grounded, title="学法计划概要"):
    """A version of a year's plan in a list (学法计划概要); it rests on L-6 and the clauses of its topics."""

    year: int = Field(description="年份", examples=[2024])
    version: int = Field(description="第几版；第一版为 1", examples=[1])
    state: State = Field(description=_STATE)
    title: str = Field(description="文件名称", examples=["东胜区人民政府常务会议2024年度学法计划"])
    adjusts: int | None = Field(description="调整的是第几版；不是调整的为空", examples=[None])
    reason: str | None = Field(description="调整的原因；不是调整的为空", examples=[None])
    drafted_by: UnitShown = Field(description="拟定单位")
    approved_by: str | None = Field(
        description="审定会议；没有审定的为空", examples=["区人民政府2024年第7次常务会议"]
    )
    approved_on: date | None = Field(description="审定日期；没有审定或者文件没有写明的为空")
    number: str | None = Field(description="发文字号；没有印发的为空", examples=["东政办发〔2024〕26号"])
    issued_on: date | None = Field(description="印发日期；没有印发的为空")
    pre_meeting: int = Field(description="会前学法主题数")
    lectures: int = Field(description="专题讲座主题数")

    @classmethod
    def shown(cls, plan: PlanVersion) -> Self:
        """The plan as an answer."""
        return cls.of(plan, basis=cite("L-6", *(topic.clause for topic in plan.topics)))


class MonthExceptionOut(Answer, title="不安排会前学法的月份"):
    """A month without pre-meeting study, and why (不安排会前学法的月份)."""

    month: Month = Field(description="月份")
    reason: str = Field(description="这个月不安排会前学法的原因", examples=["春节假期"])


class PlanOut(PlanSummary, title="学法计划"):
    """A version of a year's plan with its topics (学法计划)."""

    topics: list[TopicOut] = Field(description="主题，按计划的次序")
    exceptions: list[MonthExceptionOut] = Field(description="不安排会前学法的月份和原因")

    @classmethod
    def shown(cls, plan: PlanVersion) -> Self:
        """The plan as an answer."""
        return cls.of(PlanSummary.shown(plan), **_parts(plan))


class ObjectionOut(Answer, title="审定前应当改正之处"):
    """What stands against approving a draft as it is (审定前应当改正之处)."""

    pointer: str = Field(description="在草案中的位置", examples=["/topics/0/month"])
    reason: str = Field(description="原因和改法", examples=["会前学法没有计划学习的月份，请填写。"])
    clause: str = Field(description="依据的条款编号", examples=["L-7a"])


class PlanVersionOut(PlanOut, title="学法计划的一版"):
    """A version of a plan with how far it has come (学法计划的一版)."""

    against: list[ObjectionOut] = Field(description="如果今天审定，哪些地方不符合学法制度；已经审定的为空")
    allowed: list[str] = Field(description="您目前可做的操作", examples=[["submit"]])
    steps: list[CourseStepOut] = Field(description="办理过程")


def _parts(plan: PlanVersion) -> dict[str, object]:
    return {
        "topics": [TopicOut.shown(topic) for topic in plan.topics],
        "exceptions": [MonthExceptionOut.of(each) for each in plan.exceptions],
    }


class ChangeOut(Answer, title="计划改动"):
    """A change of a topic (计划改动)."""

    kind: Kind = Field(
        description="added 新增，removed 取消，moved 调整时间，department 调整责任部门，title 更换法律法规，"
        "category 调整内容类别，form 调整学法形式"
    )
    topic: str = Field(description="主题编号", examples=["2024-P5"])
    before: str | None = Field(description="原来；新增的为空", examples=["2024年9月"])
    after: str | None = Field(description="现在；取消的为空", examples=["2024年10月"])
    sentence: str = Field(
        description="改动", examples=["《中华人民共和国中小企业促进法》由2024年9月调整为2024年10月。"]
    )


class ChangesOut(Grounded, title="与前一版的差别", clauses=("L-6", "N-2.2")):
    """What a version changes in the one before it (与前一版的差别)."""

    year: int = Field(description="年份")
    version: int = Field(description="第几版", examples=[2])
    compared_with: int | None = Field(
        description="与第几版相比；首次拟定的为空，全部主题都是新增", examples=[1]
    )
    reason: str | None = Field(
        description="调整的原因；首次拟定的为空", examples=["国家新公布重要法律，需要及时安排学习"]
    )
    approved_by: str | None = Field(
        description="审定会议；没有审定的为空", examples=["区人民政府2024年第8次常务会议"]
    )
    approved_on: date | None = Field(description="审定日期；没有审定或者文件没有写明的为空")
    changes: list[ChangeOut] = Field(description="改动，按计划的次序，取消的在最后")
