"""What is known of an accident, summed up anew from all its reports whenever one comes, is verified or corrected."""

from datetime import datetime
from typing import Any

from pydantic import Field
from sqlalchemy import select

from kit.district.names import name_key
from services.emergency.assignments.work import fill_in
from services.emergency.case.case import Case, IncidentEvent
from services.emergency.case.grading import regrade
from services.emergency.case.incident import HARM, PLACED, Incident
from services.emergency.clocks.work import set_clocks
from services.emergency.command.work import name_company
from services.emergency.companies.companies import Company
from services.emergency.incidents.facts import FACTS, SAID, Told
from services.emergency.incidents.models import IncidentReport
from services.emergency.plan.accidents.counting import Counted, Telling, count
from services.emergency.plan.accidents.deadlines import AccidentKind
from services.emergency.response.work import response_of


class ConfirmationVoid(
    IncidentEvent, type="emergency.response.confirmation-void", title="结束响应的确认失效"
):
    """What asked for the end of a response no longer holds, as the accident got worse."""

    worse: list[str] = Field(description="变坏的情况，逐项说明")


async def reports_of(case: Case) -> list[IncidentReport]:
    """An accident's reports, with those of the calls that were joined to it, in the order in which they came."""
    query = select(IncidentReport).where(case.includes(IncidentReport.incident_id))
    return list(await case.session.scalars(query.order_by(IncidentReport.recorded_at, IncidentReport.id)))


async def counted_of(case: Case) -> tuple[list[IncidentReport], Counted]:
    """The reports, and which of what they tell counts; by a report's place in the list."""
    reports = await reports_of(case)
    incident = case.incident
    tellings = [
        Telling(
            at=report.occurred_at,
            order=order,
            facts=report.facts,
            of_unit=report.of_unit,
            verified=incident.verified_until is not None and report.recorded_at <= incident.verified_until,
            withdrawn=frozenset(report.withdrawn),
        )
        for order, report in enumerate(reports)
    ]
    return reports, count(tellings, incident.first_known_at)


async def recount(
    case: Case, met: dict[str, datetime] | None = None, *, after_report: int | None = None
) -> tuple[Counted, dict[str, list[str]]]:
    """Sum up what was told, grade anew, and set clocks and owners by it (E-4.1e).

    met: deadlines that were met, and when; after_report: number of the report that brings it.
    Returns what counts of each report, and what changed of grade and level as [before, after].
    """
    before = {name: getattr(case.incident, name) for name in HARM}
    _, counted = await counted_of(case)
    apply(case.incident, Told.model_validate(counted.known))
    await find_company(case)
    changed = regrade(case, after_report=after_report)
    await _void_confirmations(case, before)
    await case.session.flush()
    clocks = await set_clocks(case, met)
    await fill_in(case, clocks)
    await name_company(case)
    return counted, changed


def apply(incident: Incident, known: Told) -> None:
    """Make what is known the accident's facts."""
    for name in (*HARM, *PLACED):
        setattr(incident, name, getattr(known, name))
    incident.kind = known.kind or AccidentKind.OTHER
    incident.said = {name: value for name, value in known.given().items() if name in SAID}
    told = known.given()
    incident.unread = {name: text for name, text in (incident.unread or {}).items() if name not in told}


async def find_company(case: Case) -> None:
    """Whose accident it is: of the company that reports of itself, or of the registered one that bears the name told.

    Once known, it stays: a later report may call the company by another name.
    """
    incident = case.incident
    if incident.company is not None:
        return
    incident.company = case.caller.company
    if incident.company is None and incident.unit is not None:
        incident.company = await case.session.scalar(
            select(Company.uscc).where(Company.name_key == name_key(incident.unit))
        )


async def _void_confirmations(case: Case, before: dict[str, Any]) -> None:
    """A confirmation that the danger is over does not outlive worse news (E-4.9)."""
    response = await response_of(case)
    if response is None or not response.end_asked_by:
        return
    worse = [name for name in HARM if _rose(before[name], getattr(case.incident, name))]
    if worse:
        response.end_asked_by = []
        names = "、".join(FACTS[name] for name in worse)
        text = f"情况加重（{names}），此前对结束响应的确认和提议失效，须重新确认"
        case.happened("response", text, "E-4.9", event=ConfirmationVoid(worse=worse))


def _rose(before: Any, after: Any) -> bool:
    return after is not None and after > (before or type(after)(0))
