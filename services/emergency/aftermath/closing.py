"""The file of an accident closed, once nothing is owed any more, and opened again."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.web.problems import Conflict
from kit.web.tokens import Caller
from services.emergency.aftermath.inquiry import evaluation_of, measures_of
from services.emergency.aftermath.items import items_of
from services.emergency.case.exercise import IncidentEvent, tell
from services.emergency.case.incident import Incident
from services.emergency.case.timeline import note
from services.emergency.clocks.work import clocks_of
from services.emergency.command.forces import forces_of
from services.emergency.incidents.models import IncidentReport
from services.emergency.plan.aftermath import Completeness, Owed, owed
from services.emergency.resources.work import uses_of
from services.emergency.response.models import Response


class FileClosed(IncidentEvent, type="emergency.incident.closed"):
    """The file of an accident was closed."""

    accident: bool
    reason: str


class FileReopened(IncidentEvent, type="emergency.incident.reopened"):
    """The file of an accident was opened again."""

    reason: str


async def completeness_of(session: AsyncSession, incident: Incident) -> Completeness:
    """How far the file has come."""
    response = await session.get(Response, incident.id)
    closing = select(func.count()).where(
        IncidentReport.incident_id == incident.id, IncidentReport.kind == "closing"
    )
    clocks = await clocks_of(session, incident)
    inquiry = [row.asks for row in clocks if row.clause == "E-5.4" and row.running and row.done_at is None]
    return Completeness(
        response_runs=response is not None and response.state != "ended",
        forces_on_site=len(await forces_of(session, incident, on_site=True)),
        resources_out=sum(
            use.used + use.returned < use.reserved for use, _ in await uses_of(session, incident)
        ),
        has_closing_report=(await session.execute(closing)).scalar_one() > 0,
        has_evaluation=await evaluation_of(session, incident) is not None,
        open_items=sum(item.state == "open" for item in await items_of(session, incident)),
        open_measures=sum(row.done_at is None for row in await measures_of(session, incident)),
        open_inquiry=tuple(inquiry),
    )


async def owed_of(session: AsyncSession, incident: Incident, *, accident: bool = True) -> tuple[Owed, ...]:
    """What keeps the file open."""
    return owed(await completeness_of(session, incident), accident=accident, exercise=incident.exercise)


async def close(
    session: AsyncSession, incident: Incident, accident: bool, reason: str, caller: Caller, now: datetime
) -> None:
    """Close the file; `accident` False: it turned out to be none. The incident is locked and open.

    Raises: Conflict naming everything that is owed.
    """
    if left := await owed_of(session, incident, accident=accident):
        raise Conflict(
            "file-not-complete",
            f"还不能结案：{'；'.join(each.what for each in left)}。",
            clauses=[each.clause for each in left],
            owed=[each.what for each in left],
        )
    note(session, incident, "closed", f"结案归档：{reason}", now, caller, now, "E-4.1f")
    incident.closed_at = now
    tell(session, incident, FileClosed(accident=accident, reason=reason), caller, now)


def reopen(session: AsyncSession, incident: Incident, reason: str, caller: Caller, now: datetime) -> None:
    """Open a closed file again, e.g. because casualties changed within the law's window (E-4.1e).

    Raises: Conflict when it is open.
    """
    if incident.closed_at is None:
        raise Conflict("file-open", "案卷尚未结案，不需重新打开。", clauses=("E-4.1e",))
    incident.closed_at = None
    note(session, incident, "reopened", f"重新打开案卷：{reason}", now, caller, now, "E-4.1e")
    tell(session, incident, FileReopened(reason=reason), caller, now)
