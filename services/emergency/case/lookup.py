"""An accident by its id or its number, for a caller who may see it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path
from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.district.natural_time import AHEAD
from kit.web.problems import Conflict, FieldError, Invalid, NotFound
from kit.web.tokens import Caller
from services.emergency.case.incident import Incident

Key = Annotated[
    str,
    Path(
        description="事故编号，例如 DS-E-20240624-0001，或其 UUID",
        examples=["DS-E-20240624-0001"],
        max_length=40,
    ),
]


async def seen(session: AsyncSession, key: str, caller: Caller, *, lock: bool = False) -> Incident:
    """The incident, to be read.

    Raises: NotFound, also for one in another division than the caller's.
    """
    query = select(Incident).where(_matches(key))
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    incident = (await session.scalars(query)).one_or_none()
    if incident is None or caller.division not in (None, incident.division):
        raise NotFound("not-found", f"没有编号为 {key} 的事故。")
    return incident


async def opened(session: AsyncSession, key: str, caller: Caller) -> Incident:
    """The incident, locked to be written to.

    Raises: NotFound; Conflict when its file is closed.
    """
    incident = await seen(session, key, caller, lock=True)
    if incident.closed_at is not None:
        raise Conflict(
            "incident-closed",
            f"事故 {incident.number} 已结案归档，不能再改。有新情况请由区指挥部办公室重新打开案卷（reopen）后再报。",
            clauses=("E-4.1e",),
        )
    return incident


def _matches(key: str) -> ColumnElement[bool]:
    try:
        return Incident.id == UUID(key)
    except ValueError:
        return Incident.number == key.upper()


def refuse_future(now: datetime, prefix: str = "", **times: datetime | None) -> None:
    """Refuse times more than five minutes ahead, all of them at once.

    Raises: Invalid with a pointer to each field.
    """
    late = [name for name, time in times.items() if time is not None and time > now + AHEAD]
    if late:
        raise Invalid(
            "in-the-future",
            "时间不能晚于现在，请核对日期、时刻和时区。",
            errors=[FieldError(pointer=f"{prefix}/{name}", reason="比现在晚 5 分钟以上") for name in late],
        )
