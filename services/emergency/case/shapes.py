"""What every answer on something of an accident shows."""

from pydantic import Field

from kit.web.shapes import Grounded


class OfIncident(Grounded, title="事故事项"):
    """An answer on something of an incident (事故事项): which one, and whether it is an exercise.

    `TaskOut.of(task, incident)`: the row's own fields, and the incident's marks.
    """

    number: str = Field(description="事故编号", examples=["DS-E-20240624-0001"])
    exercise: bool = Field(description="是否演练")
    mark: str = Field(description="演练时为“【演练】”，否则为空", examples=[""])
