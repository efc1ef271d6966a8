"""Shapes of the self-assessment and of corrections (T-3)."""

from datetime import date
from typing import Final, Literal
from uuid import UUID

from pydantic import Field

from kit.district.clock import Day, LocalTime
from kit.district.named_units import UnitId, UnitShown
from kit.web.course import CourseStepOut
from kit.web.shapes import Answer, Body, Grounded, Name, Text
from services.office.programmes.shapes import Evidence, ProofOut

CLAUSES: Final = ("T-3",)
CorrectionState = Literal["open", "done", "accepted"]


class CriterionIn(
    Body,
    title="创建指标",
    example={
        "programme_id": "traditional-medicine",
        "number": "1.1",
        "content": "中医馆覆盖全部社区卫生服务中心",
    },
):
    """A criterion that the district assesses itself by (创建指标)."""

    programme_id: str = Field(max_length=60, description="专项工作编号", examples=["traditional-medicine"])
    number: Name = Field(description="指标的序号", examples=["1.1"])
    content: Text = Field(description="指标内容")


class AssessmentIn(
    Body,
    title="自查结果",
    example={
        "met": False,
        "finding": "还有一个卫生服务中心没有中医馆",
        "assessed_on": "2024-06-24",
        "evidence": [],
    },
):
    """How the district found itself by a criterion (自查结果)."""

    met: bool = Field(description="是否达到；达到的应有佐证")
    finding: Text = Field(description="自查情况")
    assessed_on: Day = Field(description="自查日期，不能晚于今天")
    evidence: Evidence


class AssessmentOut(Grounded, title="自查结果情况", clauses=CLAUSES):
    """A result of the self-assessment (自查结果)."""

    id: UUID = Field(description="自查结果编号")
    criterion_id: UUID = Field(description="创建指标编号")
    met: bool = Field(description="是否达到")
    finding: str = Field(description="自查情况")
    assessed_on: date = Field(description="自查日期")
    evidence: list[ProofOut] = Field(description="佐证")
    entered_at: LocalTime = Field(description="登记时间")


class CorrectionIn(
    Body,
    title="整改事项",
    example={
        "criterion_id": "01990000-0000-7000-8000-000000000000",
        "unit": "区财政局",
        "task": "安排中医馆建设经费",
        "due_on": "2024-09-30",
    },
):
    """What a unit has to put right (整改事项)."""

    criterion_id: UUID = Field(description="没有达到的创建指标的编号")
    unit: UnitId = Field(description="整改单位，编号或名称")
    task: Text = Field(description="整改内容")
    due_on: Day = Field(description="完成期限，到这一天终了；不早于今天")


class CorrectionOut(Grounded, title="整改事项情况", clauses=CLAUSES):
    """What a unit has to put right, and how far it is (整改事项)."""

    id: UUID = Field(description="整改事项编号")
    programme_id: str = Field(description="专项工作编号", examples=["traditional-medicine"])
    assessment_id: UUID = Field(description="所针对的自查结果编号")
    unit: UnitShown = Field(description="整改单位")
    task: str = Field(description="整改内容")
    due_on: date = Field(description="完成期限，到这一天终了")
    state: CorrectionState = Field(description="open 待完成，done 已完成、待确认，accepted 已确认")
    done_at: LocalTime | None = Field(description="完成时间；没有完成的为空")
    allowed: list[str] = Field(description="您目前可做的操作", examples=[["finish"]])


class CorrectionWithSteps(CorrectionOut, title="整改事项及办理过程"):
    """A correction with what was done (整改事项)."""

    steps: list[CourseStepOut] = Field(description="办理过程")


class CriterionStanding(Answer, title="创建指标自查情况"):
    """A criterion with its last result (创建指标)."""

    id: UUID = Field(description="创建指标编号")
    number: str = Field(description="指标的序号", examples=["1.1"])
    content: str = Field(description="指标内容")
    met: bool | None = Field(description="最近一次自查是否达到；没有自查的为空")
    assessed_on: date | None = Field(description="最近一次自查日期；没有自查的为空")
    corrections: int = Field(description="整改事项数")
    unfinished: int = Field(description="其中没有完成的")
    overdue: int = Field(description="其中逾期没有完成的")


class SelfAssessmentOut(Grounded, title="自查评估汇总", clauses=CLAUSES):
    """How the district stands against all criteria (自查评估)."""

    criteria: int = Field(description="创建指标数")
    met: int = Field(description="达到的指标数")
    unmet: int = Field(description="没有达到的指标数")
    unassessed: int = Field(description="没有自查的指标数")
    items: list[CriterionStanding] = Field(description="各指标，按登记先后")
