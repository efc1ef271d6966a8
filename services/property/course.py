"""What goes its way step by step in this service: its table of steps, and its event."""

from functools import partial
from typing import Final

from pydantic import Field

from kit.web.course import Course as AnyCourse
from kit.web.course import StepRow, StepTold
from services.property.base import Base


class Step(Base, StepRow):
    """A step that something took (办理过程)."""

    __tablename__ = "steps"


class StepTaken(StepTold, type="property.step.taken", title="业务进展"):
    """Something that goes step by step was begun, or went a step further."""

    kind: str = Field(
        description="takeover 承接查验，engagement 选聘，hazard 隐患，finding 检查发现的问题，dispute 纠纷，"
        "complaint 投诉，issue 联席会议议题，attention 重点关注"
    )


#: How rows of a table of this service go their way.
Course: Final = partial(AnyCourse, Step, StepTaken, place="没有这个小区。")
