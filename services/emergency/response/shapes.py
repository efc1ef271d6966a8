"""What goes in and out of the endpoints of a response."""

from pydantic import Field

from kit.district.clock import LocalTime
from kit.district.named_units import UnitId
from kit.web.shapes import Body, Text
from services.emergency.assignments.shapes import TaskOut
from services.emergency.case.shapes import OfIncident
from services.emergency.plan.accidents.grading import ResponseLevel


class ReasonIn(Body, title="理由", example={"reason": "搜救完毕，危险已消除"}):
    """A reason (理由)."""

    reason: Text = Field(description="理由")


class TimedReasonIn(ReasonIn, title="理由和时间", example={"reason": "搜救完毕，危险已消除"}):
    """A reason, and when it was decided (理由和时间)."""

    occurred_at: LocalTime | None = Field(
        default=None, description="作出决定的时间，事后补录时填写；不填为现在"
    )


class ProposeIn(TimedReasonIn, title="提请启动响应", example={"reason": "2 人被困，提请启动四级响应"}):
    """The office's proposal of a response (提请启动响应)."""

    level: ResponseLevel | None = Field(default=None, description="提请的级别；不填按研判结果")


class StartIn(
    ProposeIn,
    title="启动响应",
    example={"reason": "同意启动", "departments": ["区能源局", "区卫生健康委员会"]},
):
    """Headquarters' decision to start (启动响应)."""

    departments: list[UnitId] = Field(default=[], max_length=60, description="参加处置的区直部门，名称或编号")


class AdjustIn(TimedReasonIn, title="调整响应级别", example={"level": "III", "reason": "死亡升至 3 人"}):
    """A decision to adjust the level (调整响应级别)."""

    level: ResponseLevel = Field(description="新的级别")
    departments: list[UnitId] = Field(default=[], max_length=60, description="增加的区直部门")


class ResponseOut(
    OfIncident,
    title="应急响应",
    clauses=("E-2.1c", "E-2.1d", "E-4.3", "E-4.4a", "E-4.4b", "E-4.4c", "E-4.4d", "E-4.9"),
):
    """The response to an accident (应急响应)."""

    state: str = Field(
        description="none 尚未提请，proposed 已提请，started 已启动，adjusted 已调整级别，ended 已终止"
    )
    state_zh: str = Field(description="状态的说明", examples=["已启动"])
    level: ResponseLevel | None = Field(default=None, description="响应级别")
    led_by: str | None = Field(description="谁主导处置", examples=["区指挥部"])
    level_asked: ResponseLevel = Field(description="按最新研判应有的级别")
    adjust_needed: bool = Field(description="研判级别高于现行级别，应当调整")
    departments: list[str] = Field(
        default=[], description="参加处置的区直部门编号", examples=[["fire-rescue-brigade"]]
    )
    proposed_at: LocalTime | None = Field(default=None, description="提请时间")
    started_at: LocalTime | None = Field(default=None, description="启动时间")
    started_by: str | None = Field(
        default=None, description="启动机构，由其批准终止", examples=["emergency-headquarters"]
    )
    end_asked_by: list[str] = Field(
        default=[],
        description="已有的结束依据：confirm-end 现场指挥部确认，propose-end 事发单位提出",
        examples=[["confirm-end"]],
    )
    ended_at: LocalTime | None = Field(default=None, description="终止时间")
    allowed: list[str] = Field(description="您目前可做的操作", examples=[["start"]])
    tasks: list[TaskOut] = Field(description="全部任务")
