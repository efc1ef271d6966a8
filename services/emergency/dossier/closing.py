"""The file of an accident closed, once nothing is owed any more, and opened again."""

from pydantic import Field
from sqlalchemy import select

from kit.web.problems import Conflict
from services.emergency.aftermath.inquiry import evaluation_of, measures_of
from services.emergency.assignments.work import assignments_of
from services.emergency.case.case import Case, IncidentEvent
from services.emergency.clocks.work import clocks_of, set_clocks, stop_clocks
from services.emergency.command.work import forces_of
from services.emergency.incidents.models import IncidentReport
from services.emergency.plan.accidents.closing import Completeness, Owed, owed
from services.emergency.plan.accidents.report_fields import ReportKind
from services.emergency.plan.assignments import OPEN, Kind
from services.emergency.resources.work import uses_of
from services.emergency.response.work import response_of

#: What an accident has and a false alarm has not.
_CASUALTIES = ("deaths", "serious_injuries")


class FileClosed(IncidentEvent, type="emergency.incident.closed", title="事故档案归档"):
    """The file of an accident was closed."""

    accident: bool = Field(description="是否认定为事故")
    reason: str = Field(description="认定的理由")


class FileReopened(IncidentEvent, type="emergency.incident.reopened", title="事故档案重新启用"):
    """The file of an accident was opened again."""

    reason: str = Field(description="重新启用的理由")


async def completeness_of(case: Case) -> Completeness:
    """How far the file has come."""
    response = await response_of(case)
    clocks = await clocks_of(case)
    inquiry = [row.asks for row in clocks if row.clause == "E-5.4" and row.running and row.done_at is None]
    uses = await uses_of(case)
    items = await assignments_of(case, Kind.AFTERMATH)
    return Completeness(
        response_runs=response is not None and response.state != "ended",
        response_was_started=response is not None and response.started_at is not None,
        casualties=sum(getattr(case.incident, name) or 0 for name in _CASUALTIES),
        forces_on_site=len(await forces_of(case, on_site=True)),
        resources_out=sum(use.used + use.returned < use.reserved for use, _ in uses),
        has_closing_report=await _has_closing_report(case),
        has_evaluation=await evaluation_of(case) is not None,
        open_items=sum(item.state in OPEN for item in items),
        open_measures=sum(row.done_at is None for row in await measures_of(case)),
        open_inquiry=tuple(inquiry),
    )


async def _has_closing_report(case: Case) -> bool:
    mine = select(IncidentReport.id).where(
        IncidentReport.incident_id == case.incident.id, IncidentReport.kind == ReportKind.CLOSING
    )
    return await case.session.scalar(mine.limit(1)) is not None


async def owed_of(case: Case, *, accident: bool = True) -> tuple[Owed, ...]:
    """What keeps the file open."""
    return owed(await completeness_of(case), accident=accident, exercise=case.incident.exercise)


async def close(case: Case, accident: bool, reason: str) -> None:
    """Close the file; `accident` False: it turned out to be none.

    Raises: Conflict naming everything that is owed.
    """
    if left := await owed_of(case, accident=accident):
        raise Conflict(
            "file-not-complete",
            f"还不能结案：{'；'.join(each.what for each in left)}。",
            clauses=[each.clause for each in left],
            owed=[each.what for each in left],
        )
    case.incident.closed_at = case.now
    case.incident.outcome = "accident" if accident else "not_an_accident"
    if not accident:
        await stop_clocks(case)
    event = FileClosed(accident=accident, reason=reason)
    case.happened("closed", f"结案归档：{reason}", "E-4.1f", event=event)


async def reopen(case: Case, reason: str) -> None:
    """Open a closed file again, e.g. because casualties changed within the law's window (E-4.1e).

    Raises: Conflict when it is open.
    """
    await case.session.refresh(case.incident, with_for_update=True)  # `Case.open` refuses a closed one
    incident = case.incident
    if incident.closed_at is None:
        raise Conflict("file-open", "案卷尚未结案，不需重新打开。", clauses=("E-4.1e",))
    if incident.joined_into is not None:
        raise Conflict(
            "joined", f"这起事故已并入 {incident.joined_into}，请改用分开（part）。", clauses=("E-4.1e",)
        )
    incident.closed_at = incident.outcome = None
    await set_clocks(case)
    case.happened("reopened", f"重新打开案卷：{reason}", "E-4.1e", event=FileReopened(reason=reason))
