"""What goes its way step by step in this service: its table of steps, and its event."""

from functools import partial
from typing import Final

from pydantic import Field

from kit.web.course import Course as AnyCourse
from kit.web.course import StepRow, StepTold
from services.credit.base import Base


class Step(Base, StepRow):
    """A step that something took (办理过程)."""

    __tablename__ = "steps"


class StepTaken(StepTold, type="credit.step.taken", title="信用业务进展"):
    """Something that goes step by step was begun, or went a step further."""

    kind: str = Field(description="evaluation 信用评价，objection 异议，lead 信用线索，repair 信用修复")


#: How rows of a table of this service go their way.
Course: Final = partial(AnyCourse, Step, StepTaken)
