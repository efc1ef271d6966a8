"""What is overdue of accidents, for the service's figures; exercises are left out."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, case, func, literal, literal_column, select, text

from services.emergency.alarms.models import Alarm
from services.emergency.assignments.models import Assignment
from services.emergency.case.incident import Incident
from services.emergency.clocks.models import IncidentDeadline
from services.emergency.plan.assignments import OPEN

#: The clauses of the plan that ask for reports of an accident.
_REPORTS: Final = "E-4.1%"
_OPEN: Final = ",".join(f"'{state}'" for state in OPEN)


def deadlines(now: datetime) -> Select[str, str, int, Any]:
    """Deadlines of open accidents by which nobody has done what they ask: reports (E-4.1), and others."""
    row = IncidentDeadline
    kind = case((row.clause.like(_REPORTS), "accident-report"), else_="accident-deadline")
    return (
        select(kind.label("kind"), row.deadline, func.count(), func.min(row.due))
        .join(Incident, Incident.id == row.incident_id)
        .where(row.running, row.done_at.is_(None), ~row.window, row.due < now)
        .where(Incident.closed_at.is_(None), Incident.exercise.is_(False))
        .group_by(text("1"), row.deadline)
    )


def assignments(now: datetime) -> Select[str, str, int, Any]:
    """What somebody was to have done by a time, by what asked for it."""
    row = Assignment
    return (
        select(literal_column("'assignment'"), row.kind, func.count(), func.min(row.due))
        .where(text(f"assignments.state in ({_OPEN})"), row.due < now, row.exercise.is_(False))
        .group_by(row.kind)
    )


def alarms(_now: datetime) -> Select[str, str, int, Any]:
    """What may be an accident and has been rung again, since nobody has decided it (E-4.1b)."""
    row = Alarm
    return (
        select(literal("alarm"), literal(""), func.count(), func.min(row.heard_at))
        .where(row.remind_at.is_not(None), row.reminders > 0)
        .having(func.count() > 0)
    )


OVERDUE: Final = (deadlines, assignments, alarms)
