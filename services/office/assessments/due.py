"""When which unit's correction is due, and when it was done, on any day (T-3)."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, Text, case, cast, literal, null, select

from services.office.assessments.models import Assessment, Correction, Criterion
from services.office.programmes.due import midnight_after


def corrections_due(day: date, horizon: date) -> Select[Any]:
    """What units have to put right up to `horizon`, in the columns of `programmes.due.reports_due`."""
    ends = midnight_after(day)
    done: ColumnElement[Any] = case((Correction.done_at < ends, cast(Correction.done_at, Date)), else_=null())
    columns: list[ColumnElement[Any]] = [
        cast(Correction.id, Text).label("key"),
        literal("correction", Text).label("kind"),
        Correction.programme_id.label("programme_id"),
        Criterion.number.label("number"),
        Correction.task.label("title"),
        literal("三(三)", Text).label("place"),
        literal("T-3", Text).label("clause"),
        Correction.unit.label("unit"),
        literal("各相关单位", Text).label("written"),
        literal("自查整改", Text).label("occasion"),
        Correction.due_on.label("due_on"),
        literal(False).label("by_month"),
        cast(done, Date).label("done_on"),
    ]
    return (
        select(*columns)
        .join_from(Correction, Assessment, Assessment.id == Correction.assessment_id)
        .join(Criterion, Criterion.id == Assessment.criterion_id)
        .where(Correction.due_on <= horizon, Correction.entered_at < ends)
    )
