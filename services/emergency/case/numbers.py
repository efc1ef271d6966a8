"""The number of an accident, as a warning, a drill or a media report names it."""

from typing import Annotated

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.web.problems import FieldError, Invalid
from services.emergency.case.incident import Incident

IncidentNumber = Annotated[
    str,
    Field(pattern=r"^DS-E-\d{8}-\d{4,9}$", examples=["DS-E-20240624-0001"]),
]


async def must_be_incident(
    session: AsyncSession, number: str | None, *, exercise: bool | None = None, pointer: str = "/incident"
) -> None:
    """Refuse a number that no accident has, or an accident where an exercise is meant and the other way round.

    exercise: None where either may be named. Raises: Invalid pointing at the field.
    """
    if number is None:
        return
    found = await session.scalar(select(Incident.exercise).where(Incident.number == number))
    if found is None:
        reason = f"没有编号为 {number} 的事故，请核对。"
    elif exercise is not None and found is not exercise:
        reason = f"{number} 是{'演练' if found else '真实事故'}，演练与真实事故不能混用。"
    else:
        return
    raise Invalid("unknown-incident", reason, errors=[FieldError(pointer=pointer, reason=reason)])
