"""The grade of an accident and the level of its response, assessed anew as more becomes known (E-4.1e)."""

from datetime import datetime

from pydantic import Field

from services.emergency.case.case import Case, IncidentEvent
from services.emergency.case.incident import Incident
from services.emergency.plan.accidents.grading import Grade, ResponseLevel, assess


class AssessmentChanged(IncidentEvent, type="emergency.incident.reassessed", title="事故等级或响应级别变化"):
    """The grade of an accident, or the level its response should have, changed: `[before, after]`."""

    grade: tuple[str, str] = Field(description="事故等级，先变化前、后变化后")
    response_level: tuple[str, str] = Field(description="应有的响应级别，先变化前、后变化后")
    after_report: int | None = Field(description="引起变化的是第几次报告；不因报告而变化时为空")


def grade(incident: Incident) -> None:
    """Assess what is known."""
    found = assess(incident.facts)
    incident.grade, incident.response_level = found.grade.value, found.response_level.value


def regrade(
    case: Case, *, after_report: int | None = None, at: datetime | None = None
) -> dict[str, list[str]]:
    """Assess anew; a change is told, and returned by name as [before, after] (E-4.1e).

    after_report: number of the report that brought it, None after a decision that is no report.
    """
    incident = case.incident
    before = (incident.grade, incident.response_level)
    grade(incident)
    after = (incident.grade, incident.response_level)
    if before == after:
        return {}
    was = f"{Grade(before[0]).zh}事故，{ResponseLevel(before[1]).zh}响应"
    now = f"{Grade(after[0]).zh}事故，{ResponseLevel(after[1]).zh}响应"
    event = AssessmentChanged(
        grade=(before[0], after[0]), response_level=(before[1], after[1]), after_report=after_report
    )
    case.happened("assessment", f"重新研判：{now}（原为{was}）", "E-4.1e", at=at, event=event)
    names = ("grade", "response_level")
    return {name: [old, new] for name, old, new in zip(names, before, after, strict=True) if old != new}
