"""What goes in and out of the endpoints of tasks."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from kit.district.citations import Citation, cite
from kit.district.clock import LocalTime
from kit.district.named_units import UnitId
from services.emergency.case.exercise import OfIncident
from services.emergency.case.incident import Incident
from services.emergency.incidents.facts import Text
from services.emergency.plan.grading import ResponseLevel
from services.emergency.response.models import Task
from services.emergency.response.task_work import MOVES


class TaskOut(OfIncident):
    """A task of an accident."""

    model_config = ConfigDict(title="任务")

    id: UUID
    entry: str = Field(description="任务目录编号", examples=["unit-evacuate"])
    part: str = Field(description="所属部分")
    owner: str = Field(description="预案中的责任者")
    unit: str | None = Field(description="责任单位编号；企业和尚未明确的为空")
    owner_name: str = Field(description="责任单位")
    does: str = Field(description="做什么")
    if_needed: bool = Field(description="视情况而定")
    due: LocalTime | None = Field(description="到期时间，预案有规定的才有")
    state: str = Field(description="open 待办，acknowledged 已签收，done 完成，waived 不需办理")
    acknowledged_at: LocalTime | None
    done_at: LocalTime | None
    reminders: int = Field(description="已催办次数")
    allowed: list[str] = Field(description="目前可做的操作")
    basis: list[Citation] = Field(description="依据的文件条款")

    @classmethod
    def of(cls, row: Task, incident: Incident) -> "TaskOut":
        """The row as an answer."""
        return cls.shown(incident, row, allowed=MOVES.allowed(row.state), basis=cite(row.clause))


class TaskStepOut(BaseModel):
    """Who did what with a task."""

    model_config = ConfigDict(title="任务办理", from_attributes=True)

    action: str
    occurred_at: LocalTime
    recorded_at: LocalTime
    client: str = Field(description="办理者")
    client_unit: str | None = Field(description="办理单位")
    note: str | None


class TaskWithSteps(TaskOut):
    """A task with all that was done."""

    model_config = ConfigDict(title="任务及办理过程")

    steps: list[TaskStepOut] = Field(description="办理过程")


class ActIn(BaseModel):
    """When something was done with a task, with a remark."""

    model_config = ConfigDict(
        title="任务办理意见", extra="forbid", json_schema_extra={"examples": [{"note": "已带队出发"}]}
    )

    note: Text | None = Field(default=None, description="说明")
    occurred_at: LocalTime | None = Field(default=None, description="办理时间；不填为现在")


class ReasonIn(BaseModel):
    """A reason."""

    model_config = ConfigDict(
        title="理由", extra="forbid", json_schema_extra={"examples": [{"reason": "搜救完毕，危险已消除"}]}
    )

    reason: Text = Field(description="理由")


class ProposeIn(ReasonIn):
    """The office's proposal of a response."""

    model_config = ConfigDict(
        title="提请启动响应",
        extra="forbid",
        json_schema_extra={"examples": [{"reason": "2 人被困，提请启动四级响应"}]},
    )

    level: ResponseLevel | None = Field(default=None, description="提请的级别；不填按研判结果")


class StartIn(ProposeIn):
    """Headquarters' decision to start."""

    model_config = ConfigDict(
        title="启动响应",
        extra="forbid",
        json_schema_extra={
            "examples": [{"reason": "同意启动", "departments": ["区能源局", "区卫生健康委员会"]}]
        },
    )

    departments: list[UnitId] = Field(default=[], max_length=60, description="参加处置的区直部门，名称或编号")


class AdjustIn(ReasonIn):
    """A decision to adjust the level."""

    model_config = ConfigDict(
        title="调整响应级别",
        extra="forbid",
        json_schema_extra={"examples": [{"level": "III", "reason": "死亡升至 3 人"}]},
    )

    level: ResponseLevel = Field(description="新的级别")
    departments: list[UnitId] = Field(default=[], max_length=60, description="增加的区直部门")


class ResponseOut(OfIncident):
    """The response to an accident."""

    model_config = ConfigDict(title="应急响应")

    state: str = Field(description="none、proposed、started、adjusted、ended")
    state_zh: str
    level: ResponseLevel | None = Field(description="响应级别")
    led_by: str | None = Field(description="谁主导处置", examples=["区指挥部"])
    level_asked: ResponseLevel = Field(description="按最新研判应有的级别")
    adjust_needed: bool = Field(description="研判级别高于现行级别，应当调整")
    departments: list[str] = Field(description="参加处置的区直部门编号")
    proposed_at: LocalTime | None
    started_at: LocalTime | None
    started_by: str | None = Field(description="启动机构，由其批准终止")
    end_asked_by: list[str] = Field(
        description="已有的结束依据：confirm-end 现场指挥部确认，propose-end 事发单位提出"
    )
    ended_at: LocalTime | None
    allowed: list[str] = Field(description="目前可做的操作")
    tasks: list[TaskOut] = Field(description="全部任务")
    basis: list[Citation] = Field(description="依据的文件条款")
