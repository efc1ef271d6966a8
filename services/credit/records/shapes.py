"""Shapes of credit information as it is entered and shown."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, WithJsonSchema

from kit.district.clock import Day, LocalTime
from kit.web.shapes import Answer, Body, Grounded, Name, Text, choices
from services.credit.plan.scheme import Points, Recorder
from services.credit.records.entering import CLAUSES, Fact

#: Exact points as answers show them.
Exact = Annotated[
    Decimal,
    WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$", "examples": ["6"]}),
]
State = Literal["standing", "withdrawn", "corrected"]
_EVIDENCE = {"title": "现场检查记录", "number": "DSJC-2024-017", "day": "2024-06-20"}


class EvidenceIn(Body, title="佐证", example=_EVIDENCE):
    """A document that shows what happened (佐证)."""

    title: Name = Field(description="名称")
    number: Name | None = Field(default=None, description="文号、编号或地址", examples=["DSJC-2024-017"])
    day: Day | None = Field(default=None, description="日期")
    issuer: Name | None = Field(
        default=None, description="作出或出具的单位，如处罚机关", examples=["东胜区城市管理综合执法局"]
    )


class EvidenceOut(Answer, title="佐证情况"):
    """A document that shows what happened (佐证)."""

    title: str = Field(description="名称")
    number: str | None = Field(description="文号、编号或地址", examples=["DSJC-2024-017"])
    day: date | None = Field(description="日期")
    issuer: str | None = Field(
        default=None, description="作出或出具的单位；没有写明的为空", examples=["东胜区城市管理综合执法局"]
    )


_RECORD = {
    "item": "N03",
    "company_id": "01990000-0000-7000-8000-000000000001",
    "acted_at": "2024-06-20T10:00:00+08:00",
    "evidence": [_EVIDENCE],
    "note": "周日客服中心无人接待",
}


class RecordIn(Body, title="信用信息登记", example=_RECORD):
    """Credit information as it is entered (信用信息)."""

    item: str = Field(min_length=1, max_length=10, description="评价项目编码，见评价方案", examples=["N03"])
    company_id: UUID | None = Field(
        default=None, description="企业编号；填写服务项目的可以不填，记在行为当日在管的企业"
    )
    project_id: UUID | None = Field(default=None, description="服务项目编号；与项目无关的不填")
    acted_at: LocalTime = Field(description="行为发生的时间")
    points: Points | None = Field(default=None, description="分值，扣分也填正数；不填按标准分值")
    units: int = Field(default=1, ge=1, le=1000, description="数量；按数量计分的填写")
    valid_until: Day | None = Field(
        default=None, description="自身有效期，到这一天不再计；不填按方案的有效期"
    )
    evidence: list[EvidenceIn] = Field(default_factory=list, max_length=20, description="佐证")
    note: Text | None = Field(default=None, description="情况说明", examples=["周日客服中心无人接待"])

    @property
    def told(self) -> Fact:
        """What is to be entered."""
        return Fact(
            item=self.item,
            acted_at=self.acted_at,
            company_id=self.company_id,
            project_id=self.project_id,
            points=self.points,
            units=self.units,
            valid_until=self.valid_until,
            evidence=tuple(each.model_dump(mode="json") for each in self.evidence),
            note=self.note,
        )


class WithdrawIn(Body, title="撤回信用信息", example={"reason": "经核实，当日有人值守"}):
    """Why a record is taken back (撤回)."""

    reason: Text = Field(description="理由")


class CorrectIn(Body, title="更正信用信息", example={"reason": "日期登记有误", "record": _RECORD}):
    """What stands in the place of a record, and why (更正)."""

    reason: Text = Field(description="理由")
    record: RecordIn = Field(description="更正后的信息，全部重新填写")


class PutRightIn(Body, title="登记整改", example={"on": "2024-06-24", "reason": "复查已恢复原用途"}):
    """From when on what was done is put right, or a listing is over (整改、移出)."""

    on: Day = Field(description="整改完成或移出名单的日期")
    reason: Text = Field(description="说明")


class AmendmentOut(Answer, title="后续记载"):
    """What was said of a record later (后续记载)."""

    action: Literal["withdrawn", "corrected", "put_right", "repaired"] = Field(
        description="withdrawn 撤回，corrected 更正，put_right 已整改或移出，repaired 信用修复"
    )
    effective_on: date = Field(description="自这一天起")
    reason: str = Field(description="理由", examples=["经核实，当日有人值守"])
    replaced_by_id: UUID | None = Field(description="更正后的信用信息编号；其他为空")
    entered_at: LocalTime = Field(description="记载时间")
    client: str = Field(
        description="记载者：系统的客户端编号，或操作人的姓名和单位", examples=["housing-centre"]
    )
    unit: str | None = Field(description="记载单位", examples=["housing-centre"])


class RecordOut(Grounded, title="信用信息", clauses=CLAUSES):
    """Credit information with what was said of it later (信用信息)."""

    id: UUID = Field(description="信用信息编号")
    company_id: UUID = Field(description="企业编号")
    project_id: UUID | None = Field(description="服务项目编号；与项目无关的为空")
    item: str = Field(description="评价项目编码", examples=["N03"])
    acted_at: LocalTime = Field(description="行为发生的时间")
    entered_at: LocalTime = Field(description="登记时间")
    points: Exact | None = Field(description="给定的分值；按标准分值的为空")
    units: int = Field(description="数量")
    share_part: int | None = Field(description="按比例计分的分子；其他为空")
    share_whole: int | None = Field(description="按比例计分的分母；其他为空")
    valid_until: date | None = Field(description="自身有效期，到这一天不再计；按方案的为空")
    area: Exact | None = Field(description="行为当日该项目的面积，平方米；未知为空")
    company_area: Exact | None = Field(description="行为当日企业全部在管面积，平方米；未知为空")
    company_projects: int | None = Field(description="行为当日企业在管项目数；与项目无关的为空")
    origin: str = Field(description="来源：entered 人工登记，其他为系统", examples=["entered"])
    origin_key: str = Field(description="在来源中的编号", examples=["01990000-0000-7000-8000-000000000009"])
    recorder: Recorder = Field(description=f"登记单位类别：{choices(Recorder)}")
    client: str = Field(
        description="登记者：系统的客户端编号，或操作人的姓名和单位", examples=["street-tianjiao"]
    )
    unit: str | None = Field(description="登记单位", examples=["tianjiao-street"])
    evidence: list[EvidenceOut] = Field(description="佐证")
    note: str | None = Field(description="情况说明", examples=["周日客服中心无人接待"])
    state: State = Field(description="standing 有效登记，withdrawn 已撤回，corrected 已更正")
    amendments: list[AmendmentOut] = Field(description="后续记载，按先后")


class RecordEnteredOut(RecordOut, title="登记的信用信息", clauses=CLAUSES):
    """Credit information as it was entered, with what may be the same (信用信息)."""

    likely_same: list[UUID] = Field(
        description="同一企业、服务项目、评价项目和同一天的其他信用信息，请核对是否重复；没有的为空表"
    )


class DoubleOut(Grounded, title="疑似重复的信用信息", clauses=CLAUSES):
    """Records of the same item, project and day from different sources (疑似重复)."""

    company_id: UUID = Field(description="企业编号")
    project_id: UUID | None = Field(description="服务项目编号；与项目无关的为空")
    item: str = Field(description="评价项目编码", examples=["N11"])
    acted_on: date = Field(description="行为日期")
    records: list[UUID] = Field(description="各条信用信息的编号，确属重复的请撤回其一")
