"""What goes in and out of the endpoints of what follows a response."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from kit.district.citations import Citation, cite
from kit.district.clock import LocalTime
from services.emergency.aftermath.inquiry import is_overdue
from services.emergency.aftermath.models import AftermathItem, Measure
from services.emergency.case.exercise import OfIncident
from services.emergency.case.incident import Incident
from services.emergency.incidents.facts import Name, Text

Long = Annotated[str, Field(min_length=1, max_length=200_000)]


class ItemOut(OfIncident):
    """A thing to settle after the response."""

    model_config = ConfigDict(title="后期处置事项")

    id: UUID
    entry: str = Field(description="目录编号", examples=["loss-assessment"])
    does: str = Field(description="做什么")
    owner: str
    unit: str | None = Field(description="责任单位编号")
    owner_name: str = Field(description="责任单位")
    if_needed: bool
    state: str = Field(description="open 未办结，settled 已办结，waived 免办")
    result: str | None
    settled_at: LocalTime | None
    client: str | None = Field(description="办理者")
    basis: list[Citation] = Field(description="依据的文件条款")

    @classmethod
    def of(cls, row: AftermathItem, incident: Incident) -> "ItemOut":
        """The row as an answer."""
        return cls.shown(incident, row, basis=cite(row.clause))


class ChooseIn(BaseModel):
    """Further things to settle."""

    model_config = ConfigDict(
        title="增加后期处置事项", extra="forbid", json_schema_extra={"examples": [{"entries": ["martyrs"]}]}
    )

    entries: list[Name] = Field(min_length=1, max_length=50, description="目录编号")


class SettleIn(BaseModel):
    """How a thing was settled."""

    model_config = ConfigDict(
        title="办结",
        extra="forbid",
        json_schema_extra={"examples": [{"result": "核定直接经济损失 320 万元"}]},
    )

    result: Text = Field(description="结果；免办时写理由")
    occurred_at: LocalTime | None = Field(default=None, description="办结时间；不填为现在")


class InvestigationIn(BaseModel):
    """The investigation's report."""

    model_config = ConfigDict(
        title="事故调查报告",
        extra="forbid",
        json_schema_extra={"examples": [{"report": "全文……", "cause": "顶板支护不足"}]},
    )

    report: Long = Field(description="报告正文或文号")
    cause: Text = Field(description="认定的原因")
    received_at: LocalTime | None = Field(default=None, description="收到时间；不填为现在")


class ExtendIn(BaseModel):
    """A longer time that the authority grants."""

    model_config = ConfigDict(
        title="延长时限",
        extra="forbid",
        json_schema_extra={
            "examples": [{"deadline": "investigation-report", "days": 30, "document": "区政府批复"}]
        },
    )

    deadline: Name = Field(description="时限编号")
    days: int | None = Field(default=None, strict=True, ge=0, le=1000, description="批准延长的天数")
    appraisal_days: int | None = Field(
        default=None, strict=True, ge=0, le=3650, description="技术鉴定所需、不计入的天数"
    )
    document: Name = Field(description="批准文件")


class ApprovalIn(BaseModel):
    """The approval of the investigation's report."""

    model_config = ConfigDict(
        title="批复调查报告", extra="forbid", json_schema_extra={"examples": [{"approval": "同意调查组意见"}]}
    )

    approval: Text = Field(description="批复意见或文号")
    approved_at: LocalTime | None = Field(default=None, description="批复时间；不填为现在")


class InvestigationOut(OfIncident):
    """The investigation of an accident."""

    model_config = ConfigDict(title="事故调查")

    authority: str = Field(description="组织调查的政府，由事故等级决定")
    report: str
    cause: str
    received_at: LocalTime
    approval: str | None
    approved_at: LocalTime | None
    recorded_at: LocalTime
    client: str
    basis: list[Citation] = Field(default_factory=lambda: cite("E-5.4"), description="依据的文件条款")


class MeasureIn(BaseModel):
    """A measure that the evaluation asks for."""

    model_config = ConfigDict(
        title="改进措施",
        extra="forbid",
        json_schema_extra={
            "examples": [{"text": "全区煤矿顶板专项排查", "owner": "区能源局", "due": "2024-12-31"}]
        },
    )

    text: Text = Field(description="措施")
    owner: Name = Field(description="责任单位")
    due: date = Field(description="完成期限")


class MeasuresIn(BaseModel):
    """Further measures."""

    model_config = ConfigDict(
        title="增加改进措施",
        extra="forbid",
        json_schema_extra={
            "examples": [{"measures": [{"text": "补充支护物资", "owner": "区能源局", "due": "2024-09-30"}]}]
        },
    )

    measures: list[MeasureIn] = Field(min_length=1, max_length=100, description="改进措施")


class EvaluationIn(BaseModel):
    """The evaluation of how an accident was dealt with."""

    model_config = ConfigDict(
        title="总结评估",
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "report": "从预防到善后逐段评估……",
                    "measures": [{"text": "补充支护物资", "owner": "区能源局", "due": "2024-09-30"}],
                }
            ]
        },
    )

    report: Long = Field(description="总结评估报告")
    measures: list[MeasureIn] = Field(default=[], max_length=100, description="改进措施")
    made_at: LocalTime | None = Field(default=None, description="形成时间；不填为现在")


class MeasureDoneIn(BaseModel):
    """What shows that a measure is done."""

    model_config = ConfigDict(
        title="完成凭据", extra="forbid", json_schema_extra={"examples": [{"evidence": "验收单 3 份"}]}
    )

    evidence: Text = Field(description="完成凭据")
    done_at: LocalTime | None = Field(default=None, description="完成时间；不填为现在")


class MeasureOut(OfIncident):
    """A measure, followed until done."""

    model_config = ConfigDict(title="改进措施情况")

    id: UUID
    text: str
    owner: str
    due: date
    done_at: LocalTime | None
    evidence: str | None
    overdue: bool = Field(description="是否逾期")
    basis: list[Citation] = Field(description="依据的文件条款")

    @classmethod
    def of(cls, row: Measure, incident: Incident, today: date) -> "MeasureOut":
        return cls.shown(incident, row, overdue=is_overdue(row, today), basis=cite("E-5.4"))


class EvaluationOut(OfIncident):
    """The evaluation with its measures."""

    model_config = ConfigDict(title="总结评估情况")

    report: str
    made_at: LocalTime
    client: str
    measures: list[MeasureOut]
    basis: list[Citation] = Field(default_factory=lambda: cite("E-5.4"), description="依据的文件条款")


class MeritIn(BaseModel):
    """A commendation, or somebody held to account."""

    model_config = ConfigDict(
        title="奖惩",
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "kind": "commendation",
                    "whom": "矿山救护队",
                    "what": "救出被困人员 2 名",
                    "decided_on": "2024-09-01",
                }
            ]
        },
    )

    kind: Literal["commendation", "accountability"] = Field(
        description="commendation 表扬奖励，accountability 责任追究"
    )
    whom: Name = Field(description="单位或个人")
    what: Text = Field(description="事由和决定")
    document: Name | None = Field(default=None, description="决定文件")
    decided_on: date = Field(description="决定日期")


class MeritOut(OfIncident):
    """A commendation, or somebody held to account."""

    model_config = ConfigDict(title="奖惩记录")

    id: UUID
    kind: str
    whom: str
    what: str
    document: str | None
    decided_on: date
    recorded_at: LocalTime
    client: str
    basis: list[Citation] = Field(default_factory=lambda: cite("E-5.5"), description="依据的文件条款")


class CloseIn(BaseModel):
    """Why a file is closed."""

    model_config = ConfigDict(
        title="结案",
        extra="forbid",
        json_schema_extra={"examples": [{"reason": "处置、善后、调查评估均已完成"}]},
    )

    reason: Text = Field(description="说明")
    accident: bool = Field(default=True, description="false 表示经核实不是生产安全事故")


class ReopenIn(BaseModel):
    """Why a file is opened again."""

    model_config = ConfigDict(
        title="重新打开案卷",
        extra="forbid",
        json_schema_extra={"examples": [{"reason": "伤员 7 日后死亡，补报"}]},
    )

    reason: Text = Field(description="说明")


class OwedOut(BaseModel):
    """A thing that keeps a file open."""

    model_config = ConfigDict(title="结案所缺")

    what: str
    basis: list[Citation]


class FileState(OfIncident):
    """Whether a file is closed, and what keeps it open."""

    model_config = ConfigDict(title="案卷状态")

    closed_at: LocalTime | None
    owed: list[OwedOut] = Field(description="还缺什么；已结案时为空")
