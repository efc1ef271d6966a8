"""Exercises run on the same engine, and whatever leaves the service says so.

An event of an exercise has its own type, `exercise.emergency.…` instead of `emergency.…`, and is sent only to
who subscribes to `exercise.*` or to its name: neither `emergency.*` nor `*` ever gets one. The data carry
`exercise` besides.
"""

from datetime import datetime
from functools import cache
from types import new_class
from typing import Any, Self, TypeVar

from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from kit.events.event import Event, record
from kit.events.subscriptions import EXERCISE
from kit.personal.phones import masked_in
from kit.web.tokens import Caller
from services.emergency.case.incident import Incident

#: What a text of an exercise that a person reads begins with.
MARK = "【演练】"


Kind = TypeVar("Kind", bound=Event)


class IncidentEvent(Event, type="emergency.incident"):
    """What every event of an incident carries."""

    number: str = ""
    exercise: bool = False


def tell(
    session: AsyncSession, incident: Incident, event: IncidentEvent, caller: Caller, now: datetime
) -> None:
    """Record an event of an incident, as an exercise's where it is one; it tells nobody a person's number."""
    kind = exercised(type(event)) if incident.exercise else type(event)
    marks = {"number": incident.number, "exercise": incident.exercise}
    told = {name: masked_in(value) if isinstance(value, str) else value for name, value in event}
    record(session, kind.model_validate(told | marks), incident.number, caller, now)


@cache
def exercised(kind: type[Kind]) -> type[Kind]:
    """The type of event that stands for this one in an exercise."""
    return new_class(f"Exercise{kind.__name__}", (kind,), {"type": EXERCISE + kind.type})


def marked(incident: Incident, text: str) -> str:
    """The text with the mark of an exercise where it is one."""
    return f"{MARK}{text}" if incident.exercise else text


class OfIncident(BaseModel):
    """An answer on something of an incident: which one, and whether it is an exercise."""

    number: str = Field(description="事故编号", examples=["DS-E-20240624-0001"])
    exercise: bool = Field(description="是否演练")
    mark: str = Field(description="演练时为“【演练】”，否则为空")

    @classmethod
    def shown(cls, incident: Incident, row: object = None, **more: Any) -> Self:
        """The row's own fields with the incident's marks; `more` are the fields that are not the row's."""
        marks = {"number": incident.number, "exercise": incident.exercise, "mark": marked(incident, "")}
        own = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        return cls(**(own | marks | more))
