"""What happens with reports of an accident: taken, added, summed up, graded anew."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.audit.auditing import GENESIS
from kit.storage import db
from kit.storage.numbers import next_number
from kit.storage.transactions import cipher_of
from kit.web.tokens import Caller
from services.emergency.case.exercise import IncidentEvent, tell
from services.emergency.case.incident import HARM, PLACED, Incident
from services.emergency.case.timeline import note
from services.emergency.clocks.work import set_clocks
from services.emergency.command.work import first_tenure, name_company
from services.emergency.incidents.facts import SAID, Told, sum_of
from services.emergency.incidents.models import IncidentReport, RouteStep
from services.emergency.incidents.shapes import IncidentIn, ReporterIn, ReportIn
from services.emergency.plan.catalogue import catalogue
from services.emergency.plan.grading import Grade, ResponseLevel, assess
from services.emergency.plan.report_fields import Missing, ReportKind, missing
from services.emergency.plan.response import Part
from services.emergency.response.tasks import add_tasks, fill_in, part

#: The ways to report that count as by telephone (E-4.1a).
SPOKEN = ("phone", "radio", "in_person", "12345")
#: What a report's numbers are called in the timeline.
_FACTS_ZH = {
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


class AssessmentChanged(IncidentEvent, type="emergency.incident.reassessed"):
    """The grade of an accident, or the level its response should have, changed: `[before, after]`."""

    grade: tuple[str, str]
    response_level: tuple[str, str]
    after_report: int | None


async def take_report(session: AsyncSession, told: IncidentIn, caller: Caller, now: datetime) -> Incident:
    """Take a first report with whatever is known, and start its clocks and first tasks (E-4.1, E-4.2).

    Raises: Forbidden for another division's street.
    """
    first_known_at = told.reported_at or now
    occurred_at = first_known_at if told.occurred_at == "now" else told.occurred_at
    facts = Told.model_validate(
        told.model_dump(include=set(Told.model_fields)) | {"occurred_at": occurred_at}
    )
    if facts.division is None and caller.division is not None:
        facts.division = caller.division
    if facts.division is not None:
        caller.must_cover(facts.division)
    incident = Incident(
        id=db.new_id(),
        number=await next_number(session, "E", now.date()),
        exercise=told.exercise,
        kind=told.kind.value,
        latitude=told.latitude,
        longitude=told.longitude,
        first_known_at=first_known_at,
        recorded_at=now,
        headquarters_decides_iii=False,
        special_plan=told.special_plan,
        appraisal_days=0,
        timeline_seq=0,
        timeline_hash=GENESIS,
    )
    _apply(incident, facts)
    _grade(incident)
    session.add(incident)
    await session.flush()
    session.add(first_tenure(incident))
    _keep(session, incident, 1, ReportKind.FIRST, told, facts, first_known_at, caller, now)
    met = await _meets(session, incident, ReportKind.FIRST, told, first_known_at, caller, now)
    await set_clocks(session, incident, caller, now, met)
    await add_tasks(session, incident, part(Part.FIRST_RESPONSE), now)
    event = IncidentReported(
        unit=incident.unit,
        place=incident.place,
        division=incident.division,
        grade=incident.grade,
        response_level=incident.response_level,
    )
    tell(session, incident, event, caller, now)
    return incident


async def add_report(
    session: AsyncSession, incident: Incident, told: ReportIn, caller: Caller, now: datetime
) -> tuple[IncidentReport, dict[str, list[str]]]:
    """Add a further report, sum all of them up again, and grade anew (E-4.1e). The incident is locked.

    Returns the report, and what changed of grade and level as [before, after].
    Raises: Forbidden for another division's street.
    """
    if told.facts.division is not None:
        caller.must_cover(told.facts.division)
    occurred_at = told.occurred_at or now
    reports = await reports_of(session, incident)
    before = (incident.grade, incident.response_level)
    report = _keep(session, incident, len(reports) + 1, told.kind, told, told.facts, occurred_at, caller, now)
    in_time = sorted([*reports, report], key=lambda each: (each.occurred_at, each.seq))
    _apply(incident, sum_of(each.facts for each in in_time))
    _grade(incident)
    report.grade, report.response_level = incident.grade, incident.response_level
    await session.flush()
    met = await _meets(session, incident, told.kind, told, occurred_at, caller, now)
    clocks = await set_clocks(session, incident, caller, now, met)
    await fill_in(session, incident, clocks)
    await name_company(session, incident)
    tell(session, incident, ReportAdded(seq=report.seq, kind=told.kind.value), caller, now)
    return report, tell_change(session, incident, before, report.seq, occurred_at, caller, now)


def regrade(session: AsyncSession, incident: Incident, caller: Caller, now: datetime) -> None:
    """Grade an incident again after a decision that is no report; a change is told."""
    before = (incident.grade, incident.response_level)
    _grade(incident)
    tell_change(session, incident, before, None, now, caller, now)


def tell_change(
    session: AsyncSession,
    incident: Incident,
    before: tuple[str, str],
    report: int | None,
    occurred_at: datetime,
    caller: Caller,
    now: datetime,
) -> dict[str, list[str]]:
    """Tell of a change of grade or level, where there is one, with before and after (E-4.1e)."""
    after = (incident.grade, incident.response_level)
    if before == after:
        return {}
    event = AssessmentChanged(
        grade=(before[0], after[0]), response_level=(before[1], after[1]), after_report=report
    )
    tell(session, incident, event, caller, now)
    found = assess(incident.facts)
    was = f"{Grade(before[0]).zh}事故，{ResponseLevel(before[1]).zh}响应"
    text = f"重新研判：{found.grade.zh}事故，{found.response_level.zh}响应（原为{was}）"
    note(session, incident, "assessment", text, occurred_at, caller, now, "E-4.1e")
    names = ("grade", "response_level")
    return {name: [old, new] for name, old, new in zip(names, before, after, strict=True) if old != new}


async def reports_of(session: AsyncSession, incident: Incident) -> list[IncidentReport]:
    """An incident's reports in the order in which they came."""
    query = select(IncidentReport).where(IncidentReport.incident_id == incident.id)
    return list(await session.scalars(query.order_by(IncidentReport.seq)))


def lacks_of(incident: Incident) -> tuple[Missing, ...]:
    """What a first report should say and is not known yet (E-4.1d)."""
    return missing(catalogue().report_fields, ReportKind.FIRST, incident.known)


def lacks_of_report(report: IncidentReport) -> tuple[Missing, ...]:
    """What a report of its kind should say and this one does not."""
    return missing(catalogue().report_fields, ReportKind(report.kind), report.facts)


def _apply(incident: Incident, known: Told) -> None:
    for name in (*HARM, *PLACED):
        setattr(incident, name, getattr(known, name))
    incident.said = {name: value for name, value in known.given().items() if name in SAID}


def _grade(incident: Incident) -> None:
    found = assess(incident.facts)
    incident.grade, incident.response_level = found.grade.value, found.response_level.value


def _keep(
    session: AsyncSession,
    incident: Incident,
    seq: int,
    kind: ReportKind,
    reporter: ReporterIn,
    facts: Told,
    occurred_at: datetime,
    caller: Caller,
    now: datetime,
) -> IncidentReport:
    cipher = cipher_of(session)
    report = IncidentReport(
        incident_id=incident.id,
        seq=seq,
        kind=kind.value,
        channel=reporter.channel,
        reporter=reporter.reporter,
        reporter_name=cipher.seal(reporter.reporter_name) if reporter.reporter_name else None,
        reporter_phone=cipher.seal(reporter.reporter_phone) if reporter.reporter_phone else None,
        occurred_at=occurred_at,
        recorded_at=now,
        client=caller.client,
        client_unit=caller.unit,
        facts=facts.given(),
        grade=incident.grade,
        response_level=incident.response_level,
    )
    session.add(report)
    clause = {ReportKind.FIRST: "E-4.1d", ReportKind.CLOSING: "E-4.1f"}.get(kind, "E-4.1e")
    text = f"{kind.zh}：{_sentence(report.facts)}"
    note(session, incident, "report", text, occurred_at, caller, now, clause)
    return report


def _sentence(facts: dict[str, Any]) -> str:
    where = [str(facts[name]) for name in ("unit", "place") if name in facts]
    counts = [says.format(facts[name]) for name, says in _FACTS_ZH.items() if name in facts]
    words = [str(facts[name]) for name in ("scene", "course", "progress", "overview") if name in facts]
    return "，".join([*where, *counts, *words]) or "未写明情况"


async def _meets(
    session: AsyncSession,
    incident: Incident,
    kind: ReportKind,
    reporter: ReporterIn,
    done_at: datetime,
    caller: Caller,
    now: datetime,
) -> dict[str, datetime]:
    """The deadlines that a report meets: its unit's phone report, or the written one (E-4.1a).

    Somebody else's report lets the district know (E-4.1b), but is not the unit's.
    """
    met: dict[str, datetime] = {}
    if reporter.reporter == "unit" and reporter.channel in SPOKEN:
        met["phone-report"] = done_at
        await pass_hop(session, incident, "unit-to-headquarters", reporter.channel, done_at, caller, now)
    if kind is ReportKind.WRITTEN and reporter.reporter in (None, "unit"):
        met["written-report"] = done_at
    return met


async def pass_hop(
    session: AsyncSession,
    incident: Incident,
    hop: str,
    channel: str,
    done_at: datetime,
    caller: Caller,
    now: datetime,
    *,
    receiver: str | None = None,
    remark: str | None = None,
) -> RouteStep:
    """Keep that a hop of the reporting route was done; the first time stays (E-4.1c)."""
    known = await session.get(RouteStep, (incident.id, hop))
    if known is not None:
        return known
    step = RouteStep(
        incident_id=incident.id,
        hop=hop,
        channel=channel,
        receiver=receiver,
        note=remark,
        done_at=done_at,
        recorded_at=now,
        client=caller.client,
    )
    session.add(step)
    await session.flush()
    return step
