"""Shapes of evaluations, results and objections."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from kit.district.clock import Day, LocalTime
from kit.web.course import CourseStepOut
from kit.web.shapes import Answer, Body, Grounded, Text
from services.credit.evaluations.work import CLAUSES
from services.credit.records.shapes import Exact

EvaluationState = Literal["opened", "computed", "published", "settled", "final", "listed", "cancelled"]
ObjectionState = Literal["filed", "upheld", "rejected"]
List = Literal["red", "black"]


class EvaluationIn(
    Body, title="启动信用评价", example={"begins_on": "2023-01-01", "ends_on": "2023-12-31", "scheme": None}
):
    """The period of an evaluation (评价周期)."""

    begins_on: Day = Field(description="评价周期的第一天")
    ends_on: Day = Field(description="评价周期的最后一天，得分以这一天计")
    scheme: str | None = Field(
        default=None, description="评价方案编号；不填用周期最后一天施行的方案", examples=["default-2026-1"]
    )


class EvaluationOut(Grounded, title="信用评价", clauses=CLAUSES):
    """An evaluation and how far it has come (信用评价)."""

    id: UUID = Field(description="信用评价编号")
    begins_on: date = Field(description="评价周期的第一天")
    ends_on: date = Field(description="评价周期的最后一天，得分以这一天计")
    scheme: str = Field(description="评价方案编号；启动后不变", examples=["default-2026-1"])
    state: EvaluationState = Field(
        description="opened 已启动，computed 已计算，published 正在公示，settled 异议已处理，final 已确定，"
        "listed 红黑榜已公布，cancelled 已取消"
    )
    computed_at: LocalTime | None = Field(description="最近一次计算的时间；没有计算的为空")
    published_on: date | None = Field(description="公示日期；没有公示的为空")
    objections_until: date | None = Field(description="可以提出异议的最后一天；没有公示的为空")
    final_on: date | None = Field(description="结果确定日期；没有确定的为空")
    listed_on: date | None = Field(description="红黑榜公布日期；没有公布的为空")
    allowed: list[str] = Field(description="您目前可做的操作", examples=[["compute"]])


class EvaluationWithSteps(EvaluationOut, title="信用评价及办理过程"):
    """An evaluation with what was done (信用评价)."""

    steps: list[CourseStepOut] = Field(description="办理过程")


class ResultOut(Grounded, title="评价结果", clauses=CLAUSES):
    """What a company or project came to (评价结果)."""

    subject: UUID = Field(description="企业或服务项目编号")
    company_id: UUID = Field(description="企业编号")
    project_id: UUID | None = Field(description="服务项目编号；企业的结果为空")
    name: str = Field(description="企业或服务项目名称", examples=["某某物业服务有限公司（虚构）"])
    uscc: str | None = Field(
        description="企业的统一社会信用代码；当时没有的为空", examples=["91110000600037341L"]
    )
    rank: int = Field(description="名次；得分相同的名次相同")
    score: Exact = Field(description="得分", examples=["82.00"])
    grade: str = Field(description="信用等级", examples=["AA"])
    base: Exact = Field(description="基础信息合计")
    good: Exact = Field(description="优良信息合计")
    bad: Exact = Field(description="不良信息合计，正数")
    serious: Exact = Field(description="严重不良信息合计，正数")
    vetoed: bool = Field(description="是否因直接认定而定为该等级")
    listed: List | None = Field(description="red 符合红榜条件，black 符合黑榜条件，其他为空")


class DifferenceOut(Answer, title="复核差异"):
    """A result that comes out otherwise when it is computed again (差异)."""

    subject: UUID = Field(description="企业或服务项目编号")
    name: str = Field(description="企业或服务项目名称", examples=["某某物业服务有限公司（虚构）"])
    score: Exact = Field(description="保存的得分", examples=["82.00"])
    grade: str = Field(description="保存的等级", examples=["AA"])
    anew: Exact | None = Field(description="重新计算的得分；算不出的为空", examples=["75.00"])
    grade_anew: str | None = Field(description="重新计算的等级；算不出的为空", examples=["A"])


class VerificationOut(Grounded, title="复核结果", clauses=CLAUSES):
    """Whether all results come out the same by what was known then (复核)."""

    equal: bool = Field(description="是否全部一致")
    checked: int = Field(description="重新计算的结果数")
    differences: list[DifferenceOut] = Field(description="不一致的结果；一致时为空表")


class ObjectionIn(
    Body, title="提出异议", example={"record_id": None, "reason": "2023 年 6 月的整改已按期完成，不应扣分"}
):
    """What a company objects to (异议)."""

    record_id: UUID | None = Field(default=None, description="针对的信用信息编号；针对整个结果的不填")
    reason: Text = Field(description="理由")


class DecideIn(Body, title="处理意见", example={"decision": "经核实，所述属实"}):
    """What was decided, and why (处理意见)."""

    decision: Text = Field(description="处理意见和理由")


class ObjectionOut(Grounded, title="异议情况", clauses=CLAUSES):
    """An objection and what became of it (异议)."""

    id: UUID = Field(description="异议编号")
    evaluation_id: UUID = Field(description="信用评价编号")
    company_id: UUID = Field(description="企业编号")
    record_id: UUID | None = Field(description="针对的信用信息编号；针对整个结果的为空")
    reason: str = Field(description="理由")
    filed_at: LocalTime = Field(description="提出时间")
    due_on: date = Field(description="处理期限")
    state: ObjectionState = Field(description="filed 已受理，upheld 成立，rejected 不成立")
    decision: str | None = Field(description="处理意见；没有处理的为空", examples=["经核实，撤回该条信息"])
    decided_at: LocalTime | None = Field(description="处理时间；没有处理的为空")
    allowed: list[str] = Field(description="您目前可做的操作", examples=[["uphold"]])
