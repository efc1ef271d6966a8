"""What goes in and out of the endpoints of assignments."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from kit.district.clock import LocalTime
from kit.web.caller import Caller
from kit.web.shapes import Answer, Body, Text
from services.emergency.assignments.models import Assignment
from services.emergency.assignments.work import allowed
from services.emergency.case.shapes import OfIncident
from services.emergency.plan.assignments import Kind


class TaskOut(OfIncident, title="任务"):
    """What somebody has to do in an accident or for a warning (任务)."""

    id: UUID = Field(description="任务编号")
    number: str = Field(description="事故或预警的编号", examples=["DS-E-20240624-0001"])
    kind: Kind = Field(description="response 应急响应，warning 预警行动，aftermath 后期处置")
    entry: str = Field(description="任务目录编号", examples=["unit-evacuate"])
    part: str | None = Field(description="响应任务在预案中所属的部分", examples=["应急处置"])
    owner: str = Field(description="预案中的责任者", examples=["public-security-branch"])
    unit: str | None = Field(
        description="责任单位编号；企业和尚未明确的为空", examples=["public-security-branch"]
    )
    owner_name: str = Field(description="责任单位", examples=["市公安局东胜区分局"])
    does: str = Field(description="做什么", examples=["疏散撤离周边人员"])
    if_needed: bool = Field(description="视情况而定")
    due: LocalTime | None = Field(description="到期时间，预案有规定的才有")
    state: str = Field(
        description="open 待办，acknowledged 已签收，done 完成，waived 不需办理，stopped 随预警调整或解除终止"
    )
    acknowledged_at: LocalTime | None = Field(description="签收时间")
    done_at: LocalTime | None = Field(description="办结或免办时间")
    result: str | None = Field(description="办理结果；免办时为理由", examples=["已疏散 46 人，现场已警戒"])
    reminders: int = Field(description="已催办次数")
    allowed: list[str] = Field(description="您目前可做的操作", examples=[["acknowledge"]])


class TaskStepOut(Answer, title="任务办理"):
    """Who did what with a task (任务办理)."""

    action: str = Field(description="acknowledge 签收，finish 办结，waive 免办")
    occurred_at: LocalTime = Field(description="办理时间")
    recorded_at: LocalTime = Field(description="登记时间")
    client: str = Field(description="办理者", examples=["emergency-office"])
    client_unit: str | None = Field(description="办理单位", examples=["emergency-bureau"])
    note: str | None = Field(description="说明")


class TaskWithSteps(TaskOut, title="任务及办理过程"):
    """A task with all that was done (任务及办理过程)."""

    steps: list[TaskStepOut] = Field(description="办理过程")


class ActIn(Body, title="任务办理意见", example={"note": "已带队出发"}):
    """When something was done with a task, with a remark (任务办理意见)."""

    note: Text | None = Field(default=None, description="说明；免办时和办结后期处置事项时必填")
    occurred_at: LocalTime | None = Field(default=None, description="办理时间；不填为现在")


class ActOnIn(
    ActIn,
    title="一项任务的办理",
    example={"task": str(UUID(int=0)), "action": "finish", "note": "已清理"},
):
    """What is done with one of several tasks (一项任务的办理)."""

    task: UUID = Field(description="任务编号")
    action: Literal["acknowledge", "finish", "waive", "reopen"] = Field(
        description="acknowledge 签收，finish 办结，waive 免办，reopen 重新打开"
    )


class ActsIn(
    Body,
    title="多项任务的办理",
    example={"items": [{"task": str(UUID(int=0)), "action": "finish", "note": "已清理"}]},
):
    """What is done with several tasks of an accident at once (多项任务的办理)."""

    items: list[ActOnIn] = Field(min_length=1, max_length=100, description="逐项办理")


def shown(row: Assignment, caller: Caller) -> TaskOut:
    """An assignment as this caller sees it."""
    return TaskOut.of(row, allowed=allowed(row, caller))


def shown_with_steps(row: Assignment, caller: Caller) -> TaskWithSteps:
    """An assignment as this caller sees it, with what was done."""
    return TaskWithSteps.of(row, allowed=allowed(row, caller))
