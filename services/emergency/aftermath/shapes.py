"""What goes in and out of the endpoints of what follows a response."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, ValidationInfo, field_validator

from kit.district.clock import Day, LocalTime
from kit.district.credit_code import CreditCode
from kit.web.shapes import Body, Name, Shape, Text
from services.emergency.case.shapes import OfIncident

Long = Annotated[str, Field(min_length=1, max_length=200_000)]


class ChooseIn(Body, title="增加后期处置事项", example={"entries": ["martyrs"]}):
    """Further things to settle (增加后期处置事项)."""

    entries: list[Name] = Field(min_length=1, max_length=50, description="目录编号")


class InvestigationIn(Body, title="事故调查报告", example={"report": "全文……", "cause": "顶板支护不足"}):
    """The investigation's report (事故调查报告)."""

    report: Long = Field(description="报告正文或文号")
    cause: Text = Field(description="认定的原因")
    received_at: LocalTime | None = Field(default=None, description="收到时间；不填为现在")


class ExtendIn(
    Body,
    title="延长时限",
    example={"deadline": "investigation-report", "days": 30, "document": "区政府批复"},
):
    """A longer time that the authority grants (延长时限)."""

    deadline: Name = Field(description="时限编号")
    days: int | None = Field(default=None, strict=True, ge=0, le=1000, description="批准延长的天数")
    appraisal_days: int | None = Field(
        default=None, strict=True, ge=0, le=3650, description="技术鉴定所需、不计入的天数"
    )
    document: Name = Field(description="批准文件")


class ApprovalIn(Body, title="批复调查报告", example={"approval": "同意调查组意见"}):
    """The approval of the investigation's report (批复调查报告)."""

    approval: Text = Field(description="批复意见或文号")
    approved_at: LocalTime | None = Field(default=None, description="批复时间；不填为现在")


class InvestigationOut(OfIncident, title="事故调查", clauses=("E-5.4",)):
    """The investigation of an accident (事故调查)."""

    authority: str = Field(description="组织调查的政府，由事故等级决定", examples=["区人民政府"])
    report: str = Field(description="报告正文或文号")
    cause: str = Field(description="认定的原因")
    received_at: LocalTime = Field(description="收到时间")
    approval: str | None = Field(description="批复意见或文号")
    approved_at: LocalTime | None = Field(description="批复时间")
    recorded_at: LocalTime = Field(description="登记时间")
    client: str = Field(description="登记者", examples=["emergency-bureau"])


class MeasureIn(
    Body,
    title="改进措施",
    example={"text": "全区煤矿顶板专项排查", "owner": "区能源局", "due": "2024-12-31"},
):
    """A measure that the evaluation asks for (改进措施)."""

    text: Text = Field(description="措施")
    owner: Name = Field(description="责任单位")
    due: Day = Field(description="完成期限")


_MEASURES = [{"text": "补充支护物资", "owner": "区能源局", "due": "2024-09-30"}]


class MeasuresIn(Body, title="增加改进措施", example={"measures": _MEASURES}):
    """Further measures (增加改进措施)."""

    measures: list[MeasureIn] = Field(min_length=1, max_length=100, description="改进措施")


class EvaluationIn(
    Body, title="总结评估", example={"report": "从预防到善后逐段评估……", "measures": _MEASURES}
):
    """The evaluation of how an accident was dealt with (总结评估)."""

    report: Long = Field(description="总结评估报告")
    measures: list[MeasureIn] = Field(default=[], max_length=100, description="改进措施")
    made_at: LocalTime | None = Field(default=None, description="形成时间；不填为现在")


class MeasureDoneIn(Body, title="完成凭据", example={"evidence": "验收单 3 份"}):
    """What shows that a measure is done (完成凭据)."""

    evidence: Text = Field(description="完成凭据")
    done_at: LocalTime | None = Field(default=None, description="完成时间；不填为现在")


class MeasureOut(OfIncident, title="改进措施情况", clauses=("E-5.4",)):
    """A measure, followed until done (改进措施情况)."""

    id: UUID = Field(description="改进措施编号")
    text: str = Field(description="措施")
    owner: str = Field(description="责任单位")
    due: date = Field(description="完成期限")
    done_at: LocalTime | None = Field(description="完成时间")
    evidence: str | None = Field(description="完成凭据")
    overdue: bool = Field(description="是否逾期")


class EvaluationOut(OfIncident, title="总结评估情况", clauses=("E-5.4",)):
    """The evaluation with its measures (总结评估情况)."""

    report: str = Field(description="总结评估报告")
    made_at: LocalTime = Field(description="形成时间")
    client: str = Field(description="登记者", examples=["emergency-bureau"])
    measures: list[MeasureOut] = Field(description="改进措施")


class AccountabilityFacts(Shape, title="奖惩内容"):
    """What is said of a commendation, or of somebody held to account (奖惩)."""

    kind: Literal["commendation", "accountability"] = Field(
        description="commendation 表扬奖励，accountability 责任追究"
    )
    whom: Name = Field(description="单位或个人")
    company: CreditCode | None = Field(
        default=None,
        description="经认定负有责任的企业的统一社会信用代码；只在责任追究时填写",
        examples=["91110000600037341L"],
    )
    what: Text = Field(description="事由和决定")
    document: Name | None = Field(default=None, description="决定文件", examples=["东安委〔2024〕12号"])
    decided_on: Day = Field(description="决定日期")


class AccountabilityIn(
    AccountabilityFacts,
    Body,
    title="奖惩",
    example={
        "kind": "accountability",
        "whom": "示例物业服务公司",
        "company": "91110000600037341L",
        "what": "消防设施长期停用，对事故负有责任",
        "document": "东安委〔2024〕12号",
        "decided_on": "2024-06-24",
    },
):
    """A commendation, or somebody held to account (奖惩)."""

    @field_validator("company")
    @classmethod
    def _responsible(cls, company: str | None, given: ValidationInfo) -> str | None:
        if company is not None and given.data.get("kind") == "commendation":
            raise ValueError("只有责任追究（accountability）才填写负有责任的企业；表扬奖励请不要填写。")
        return company


class AccountabilityOut(AccountabilityFacts, OfIncident, title="奖惩记录", clauses=("E-5.5",)):
    """A commendation, or somebody held to account (奖惩记录)."""

    id: UUID = Field(description="记录编号")
    recorded_at: LocalTime = Field(description="登记时间")
    client: str = Field(description="登记者", examples=["emergency-bureau"])
