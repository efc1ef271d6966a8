"""What happens with reports of an accident: taken, added, summed up, graded anew."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from kit.audit.auditing import GENESIS
from kit.context import Context
from kit.personal.originals import take_in
from kit.storage.db import new_id
from kit.storage.numbers import next_number
from services.emergency.assignments.work import fill_in, give_out, part
from services.emergency.case.case import Case, IncidentEvent
from services.emergency.case.grading import grade, regrade
from services.emergency.case.incident import HARM, PLACED, Incident
from services.emergency.clocks.work import set_clocks
from services.emergency.command.work import first_tenure, name_company
from services.emergency.companies.companies import Company
from services.emergency.incidents.facts import SAID, Told, sum_of
from services.emergency.incidents.models import IncidentReport, RouteStep
from services.emergency.incidents.shapes import IncidentIn, ReporterIn, ReportIn, RouteStepIn
from services.emergency.plan.accidents.report_fields import ReportKind
from services.emergency.plan.assignments import Kind
from services.emergency.plan.response import Part

#: The ways to report that count as by telephone (E-4.1a).
SPOKEN = ("phone", "radio", "in_person", "12345")
#: What a report's numbers are called in the timeline.
_COUNTS = {
    "deaths": "死亡{}人",
    "serious_injuries": "重伤{}人",
    "endangered": "涉险被困{}人",
    "missing": "失联{}人",
    "direct_loss_yuan": "直接经济损失{}元",
}


class IncidentReported(IncidentEvent, type="emergency.incident.reported"):
    """An accident was reported for the first time."""

    unit: str | None
    place: str | None
    division: str | None
    grade: str
    response_level: str


class ReportAdded(IncidentEvent, type="emergency.incident.report-added"):
    """A further report on an accident came in."""

    seq: int
    kind: str


async def take_report(context: Context, told: IncidentIn) -> Case:
    """Take a first report with whatever is known, and start its clocks and first tasks (E-4.1, E-4.2).

    Raises: Forbidden for another division's street.
    """
    first = _first(context, told)
    incident = Incident(
        id=new_id(),
        number=await next_number(context.session, "E", context.today),
        exercise=told.exercise,
        kind=told.kind.value,
        latitude=told.latitude,
        longitude=told.longitude,
        first_known_at=first.occurred_at,
        recorded_at=context.now,
        headquarters_decides_iii=False,
        special_plan=told.special_plan,
        timeline_hash=GENESIS,
    )
    _apply(incident, first.facts)
    grade(incident)
    case = Case(context, incident)
    await _find_company(case)
    case.session.add(incident)
    await case.session.flush()
    case.session.add(first_tenure(incident))
    names = ("unit", "place", "division", "grade", "response_level")
    event = IncidentReported(**{name: getattr(incident, name) for name in names})
    _keep(case, 1, first, event)
    await set_clocks(case, await _meets(case, first))
    await give_out(case, Kind.RESPONSE, part(Part.FIRST_RESPONSE))
    return case


def _first(context: Context, told: IncidentIn) -> ReportIn:
    """What is told first, as a report with its times and the street of a caller who has only one."""
    known_at = told.reported_at or context.now
    given = told.model_dump(include=set(Told.model_fields))
    if told.occurred_at == "now":
        given["occurred_at"] = known_at
    facts = Told.model_validate(given | {"division": told.division or context.caller.division})
    context.must_cover(facts.division, context.caller.company)
    reporter = told.model_dump(include=set(ReporterIn.model_fields))
    return ReportIn(kind=ReportKind.FIRST, occurred_at=known_at, facts=facts, **reporter)


async def add_report(case: Case, told: ReportIn) -> tuple[IncidentReport, dict[str, list[str]]]:
    """Add a further report, sum all of them up again, and grade anew (E-4.1e).

    Returns the report, and what changed of grade and level as [before, after].
    Raises: Forbidden for another division's street.
    """
    if told.facts.division is not None:
        case.context.must_cover(told.facts.division, case.caller.company)
    reports = await reports_of(case)
    # Whichever key the accident was asked for by, none of its reporters is named.
    opened = case.context.cipher.open
    told = take_in(case.session, told, [opened(each.reporter_name) for each in reports if each.reporter_name])
    seq = len(reports) + 1
    report = _keep(case, seq, told, ReportAdded(seq=seq, kind=told.kind.value))
    in_time = sorted([*reports, report], key=lambda each: (each.occurred_at, each.seq))
    _apply(case.incident, sum_of(each.facts for each in in_time))
    await _find_company(case)
    changed = regrade(case, after_report=seq, at=report.occurred_at)
    report.grade, report.response_level = case.incident.grade, case.incident.response_level
    await case.session.flush()
    clocks = await set_clocks(case, await _meets(case, told))
    await fill_in(case, clocks)
    await name_company(case)
    return report, changed


async def reports_of(case: Case) -> list[IncidentReport]:
    """An accident's reports in the order in which they came."""
    query = select(IncidentReport).where(IncidentReport.incident_id == case.incident.id)
    return list(await case.session.scalars(query.order_by(IncidentReport.seq)))


def _apply(incident: Incident, known: Told) -> None:
    for name in (*HARM, *PLACED):
        setattr(incident, name, getattr(known, name))
    incident.said = {name: value for name, value in known.given().items() if name in SAID}


async def _find_company(case: Case) -> None:
    """Whose accident it is: of the company that reports of itself, or of the registered one that bears the name told.

    Once known, it stays: a later report may call the company by another name.
    """
    incident = case.incident
    if incident.company is not None:
        return
    incident.company = case.caller.company
    if incident.company is None and incident.unit is not None:
        incident.company = await case.session.scalar(
            select(Company.uscc).where(Company.name == incident.unit)
        )


def _keep(case: Case, seq: int, told: ReportIn, event: IncidentEvent) -> IncidentReport:
    cipher = case.context.cipher
    report = IncidentReport(
        incident_id=case.incident.id,
        seq=seq,
        kind=told.kind.value,
        channel=told.channel,
        reporter=told.reporter,
        reporter_name=cipher.seal(told.reporter_name) if told.reporter_name else None,
        reporter_phone=cipher.seal(told.reporter_phone) if told.reporter_phone else None,
        occurred_at=told.occurred_at or case.now,
        recorded_at=case.now,
        client=case.caller.client,
        facts=told.facts.given(),
        grade=case.incident.grade,
        response_level=case.incident.response_level,
    )
    case.session.add(report)
    text = f"{told.kind.zh}：{_sentence(report.facts)}"
    case.happened("report", text, report.clause, at=report.occurred_at, event=event)
    return report


def _sentence(facts: dict[str, Any]) -> str:
    where = [str(facts[name]) for name in ("unit", "place") if name in facts]
    counts = [says.format(facts[name]) for name, says in _COUNTS.items() if name in facts]
    words = [str(facts[name]) for name in ("scene", "course", "progress", "overview") if name in facts]
    return "，".join([*where, *counts, *words]) or "未写明情况"


async def _meets(case: Case, told: ReportIn) -> dict[str, datetime]:
    """The deadlines that a report meets: its unit's phone report, or the written one (E-4.1a).

    Somebody else's report lets the district know (E-4.1b), but is not the unit's.
    """
    done_at = told.occurred_at or case.now
    met: dict[str, datetime] = {}
    if told.reporter == "unit" and told.channel in SPOKEN:
        met["phone-report"] = done_at
        step = RouteStepIn(channel=told.channel, done_at=done_at)
        await pass_step(case, "unit-to-headquarters", step)
    if told.kind is ReportKind.WRITTEN and told.reporter in (None, "unit"):
        met["written-report"] = done_at
    return met


async def pass_step(case: Case, id: str, told: RouteStepIn) -> bool:
    """Keep that a step of the reporting route was done (E-4.1c); False where it was already: the first time stays."""
    if await case.session.get(RouteStep, (case.incident.id, id)) is not None:
        return False
    step = RouteStep(incident_id=case.incident.id, step=id, channel=told.channel)
    step.received_by, step.done_at = told.receiver, told.done_at or case.now
    case.session.add(step)
    await case.session.flush()
    return True
