"""What goes in and out of the endpoints of tasks."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from kit.citations import Citation, cite
from kit.clock import LocalTime
from kit.moves import Moves
from services.emergency.response.models import Task
from services.emergency.response.rules import TASK

TASK_MOVES = Moves(*TASK)


class TaskOut(BaseModel):
    """A task of an accident."""

    model_config = ConfigDict(title="任务")

    id: UUID
    incident_id: UUID
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
    def of(cls, row: Task) -> "TaskOut":
        """The row as an answer."""
        own = {name: getattr(row, name) for name in cls.model_fields if name not in ("allowed", "basis")}
        return cls(**own, allowed=TASK_MOVES.allowed(row.state), basis=cite(row.clause))
