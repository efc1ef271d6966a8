"""What happens with reports of an accident: the first is taken, further ones are added, and all are summed up."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import Field

from kit.audit.auditing import GENESIS
from kit.context import Context
from kit.personal.originals import take_in
from kit.storage.db import new_id
from kit.storage.numbers import next_number
from services.emergency.assignments.work import give_out, part
from services.emergency.case.case import Case, IncidentEvent
from services.emergency.case.grading import grade
from services.emergency.case.incident import Incident
from services.emergency.clocks.work import set_clocks
from services.emergency.command.work import first_tenure
from services.emergency.incidents.facts import FACTS, Told
from services.emergency.incidents.known import apply, find_company, recount, reports_of
from services.emergency.incidents.models import IncidentReport, RouteStep
from services.emergency.incidents.shapes import IncidentIn, ReporterIn, ReportIn, RouteStepIn
from services.emergency.plan.accidents.deadlines import AccidentKind
from services.emergency.plan.accidents.report_fields import ReportKind
from services.emergency.plan.assignments import Kind
from services.emergency.plan.response import Part

#: The ways to report that count as by telephone (E-4.1a).
SPOKEN = ("phone", "radio", "in_person", "12345")
#: What a report's numbers are called in the timeline.
_COUNTS = {
    "deaths": "死亡{}人",
    "serious_injuries": "重伤{}人",
    "minor_injuries": "轻伤{}人",
    "endangered": "涉险被困{}人",
    "missing": "失联{}人",
    "evacuated": "疏散转移{}人",
    "direct_loss_yuan": "直接经济损失{}元",
}


class IncidentReported(IncidentEvent, type="emergency.incident.reported", title="接到事故报告"):
    """An accident was reported for the first time."""

    unit: str | None = Field(description="事故单位名称；尚不知道时为空")
    place: str | None = Field(description="事故地点；尚不知道时为空")
    division: str | None = Field(description="所在街道（镇）；尚不知道时为空")
    grade: str = Field(description="事故等级")
    response_level: str = Field(description="应有的响应级别")


class ReportAdded(IncidentEvent, type="emergency.incident.report-added", title="收到事故续报"):
    """A further report on an accident came in."""

    seq: int = Field(description="第几次报告")
    kind: str = Field(description="报告的种类")


async def take_report(context: Context, told: IncidentIn) -> Case:
    """Take a first report with whatever is known, and start its clocks and first tasks (E-4.1, E-4.2).

    Raises: Forbidden for another division's street.
    """
    first = _first(context, told)
    incident = Incident(
        id=new_id(),
        number=await next_number(context.session, "E", context.today),
        exercise=told.exercise,
        kind=AccidentKind.OTHER,
        first_known_at=first.received_at,
        recorded_at=context.now,
        headquarters_decides_iii=False,
        special_plan=told.special_plan,
        unread={},
        timeline_hash=GENESIS,
    )
    apply(incident, first.facts)
    grade(incident)
    case = Case(context, incident)
    await find_company(case)
    case.session.add(incident)
    await case.session.flush()
    case.session.add(first_tenure(incident))
    names = ("unit", "place", "division", "grade", "response_level")
    event = IncidentReported(**{name: getattr(incident, name) for name in names})
    incident.unread = _keep(case, 1, first, event).unread
    await set_clocks(case, await _meets(case, first))
    await give_out(case, Kind.RESPONSE, part(Part.FIRST_RESPONSE))
    return case


def _first(context: Context, told: IncidentIn) -> ReportIn:
    """What is told first, as a report with its times and the street of a caller who has only one."""
    put_aside_what_is_to_come(context, told, "reported_at", "occurred_at", "unit_informed_at")
    known_at = context.when(told.reported_at)
    given = told.model_dump(include=set(Told.model_fields))
    if told.occurred_at == "now":
        given["occurred_at"] = known_at
    facts = Told.model_validate(given | {"division": told.division or context.caller.division})
    context.must_cover(facts.division, context.caller.company)
    reporter = told.model_dump(include=set(ReporterIn.model_fields))
    first = ReportIn(
        kind=ReportKind.FIRST, occurred_at=known_at, received_at=known_at, facts=facts, **reporter
    )
    first.unread.update(told.unread)
    return first


def put_aside_what_is_to_come(context: Context, told: Any, *names: str) -> None:
    """A time that has not come yet is none of the accident's; within the tolerance of clocks it is now (E-4.1d)."""
    for name in names:
        value = getattr(told, name)
        if isinstance(value, datetime) and context.is_ahead(value):
            told.put_aside(name, value.isoformat())
        elif isinstance(value, datetime):
            setattr(told, name, context.when(value))


async def add_report(
    case: Case, told: ReportIn
) -> tuple[IncidentReport, dict[str, list[str]], dict[str, str]]:
    """Add a further report, sum all of them up again, and grade anew (E-4.1e).

    Returns the report, what changed of grade and level as [before, after], and which of its facts do not count, with
    the reason. Raises: Forbidden for another division's street.
    """
    put_aside_what_is_to_come(case.context, told, "occurred_at", "received_at")
    put_aside_what_is_to_come(case.context, told.facts, "occurred_at", "unit_informed_at")
    if told.occurred_at is not None and told.occurred_at < case.incident.began_at:
        told.put_aside("occurred_at", told.occurred_at.isoformat())
    if told.facts.division is not None:
        case.context.must_cover(told.facts.division, case.caller.company)
    before = await reports_of(case)
    opened = case.context.cipher.open
    names = [opened(each.reporter_name) for each in before if each.reporter_name]
    told = take_in(case.session, told, names)
    seq = 1 + max(each.seq for each in before if each.incident_id == case.incident.id)
    event = ReportAdded(seq=seq, kind=told.kind.value)
    report = _keep(case, seq, told, event, names)
    case.incident.unread = case.incident.unread | report.unread
    await case.session.flush()
    counted, changed = await recount(case, await _meets(case, told), after_report=seq)
    report.grade, report.response_level = case.incident.grade, case.incident.response_level
    unused = counted.unused.get(len(before), {})
    if unused:
        text = "；".join(f"{FACTS[name]} {report.facts[name]}（{why}）" for name, why in unused.items())
        case.happened("report", f"第 {seq} 份报告中留存而未采用：{text}", "E-4.1e", at=report.occurred_at)
    return report, changed, unused


def _keep(
    case: Case, seq: int, told: ReportIn, event: IncidentEvent, names: Sequence[str] = ()
) -> IncidentReport:
    """Keep a report as it came; names: of those who reported before, whom it may speak of."""
    cipher, known = case.context.cipher, [*names, *filter(None, [told.reporter_name])]
    report = IncidentReport(
        incident_id=case.incident.id,
        seq=seq,
        kind=told.kind.value,
        channel=told.channel,
        reporter=told.reporter,
        reporter_name=cipher.seal(told.reporter_name) if told.reporter_name else None,
        reporter_phone=cipher.seal(told.reporter_phone) if told.reporter_phone else None,
        occurred_at=case.context.when(told.occurred_at or told.received_at),
        received_at=case.context.when(told.received_at),
        recorded_at=case.now,
        client=case.caller.by,
        of_unit=told.reporter == "unit" or case.caller.company is not None,
        facts=told.facts.given(),
        unread=take_in(case.session, told.unread | told.facts.unread, known),
        grade=case.incident.grade,
        response_level=case.incident.response_level,
    )
    case.session.add(report)
    text = f"{told.kind.zh}：{_sentence(report)}"
    case.happened("report", text, report.clause, at=report.occurred_at, event=event)
    return report


def _sentence(report: IncidentReport) -> str:
    facts = report.facts
    where = [str(facts[name]) for name in ("unit", "place") if name in facts]
    counts = [says.format(facts[name]) for name, says in _COUNTS.items() if name in facts]
    words = [str(facts[name]) for name in ("scene", "course", "progress", "overview") if name in facts]
    unread = [f"{FACTS.get(name, name)}“{text}”未能识别，原样留存" for name, text in report.unread.items()]
    return "，".join([*where, *counts, *words, *unread]) or "未写明情况"


async def _meets(case: Case, told: ReportIn) -> dict[str, datetime]:
    """The deadlines that a report meets by when it came: its unit's phone report, or the written one (E-4.1a).

    Somebody else's report lets the district know (E-4.1b), but is not the unit's.
    """
    received_at = case.context.when(told.received_at)
    met: dict[str, datetime] = {}
    if told.reporter == "unit" and told.channel in SPOKEN:
        met["phone-report"] = received_at
        step = RouteStepIn(channel=told.channel, done_at=received_at)
        await pass_step(case, "unit-to-headquarters", step)
    if told.kind is ReportKind.WRITTEN and told.reporter in (None, "unit"):
        met["written-report"] = received_at
    return met


async def pass_step(case: Case, id: str, told: RouteStepIn) -> bool:
    """Keep that a step of the reporting route was done (E-4.1c); False where it was already: the first time stays."""
    if await case.session.get(RouteStep, (case.incident.id, id)) is not None:
        return False
    step = RouteStep(incident_id=case.incident.id, step=id, channel=told.channel)
    step.received_by, step.done_at = told.receiver, case.context.when(told.done_at)
    case.session.add(step)
    await case.session.flush()
    return True
