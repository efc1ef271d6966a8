"""When which unit's report is due, and when it came: computed of reporting dates and reports, on any day (P-4.2, T-5).

Nothing of it is stored, so nothing of it is lost (docs/adr/0046).
"""

from datetime import date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import (
    Date,
    Integer,
    Select,
    Subquery,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    true,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import distinct_on

from kit.district.clock import SHANGHAI
from services.office.programmes.models import Measure, ProgressReport, ReportingDate, Responsibility, Stage

#: Stages end what is due: after the last one nothing more is.
_ENDED: Final = (
    select(Stage.closed_on)
    .where(Stage.programme_id == Responsibility.programme_id)
    .order_by(Stage.number.desc())
    .limit(1)
    .correlate(Responsibility)
    .scalar_subquery()
)


def midnight_after(day: date) -> datetime:
    """The first moment after a day."""
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI)


def _dates(horizon: date) -> Subquery:
    """Every day up to one on which reports are due, of dates that come every year each."""
    by_month = ReportingDate.month.is_not(None)
    month = type_coerce(ReportingDate.month, Text)
    first = case((by_month, func.to_date(month, "YYYY-MM")), else_=ReportingDate.day)
    years = cast(func.extract("year", literal(horizon, Date)) - func.extract("year", first), Integer)
    each = (
        func.generate_series(0, case((ReportingDate.yearly, years), else_=0))
        .table_valued("n")
        .render_derived()
    )
    # Of a month its last day: the first of the next month less one.
    length = func.make_interval(each.c.n, case((by_month, 1), else_=0), 0, case((by_month, -1), else_=0))
    due_on = cast(first + length, Date).label("due_on")
    found = (
        select(
            ReportingDate.programme_id,
            ReportingDate.measure,
            ReportingDate.title,
            ReportingDate.clause,
            ReportingDate.until,
            by_month.label("by_month"),
            due_on,
        )
        .join_from(ReportingDate, each, true())
        .subquery("dates")
    )
    is_due = and_(found.c.due_on <= horizon, or_(found.c.until.is_(None), found.c.due_on <= found.c.until))
    return select(found).where(is_due).subquery("due_dates")


def reports_due(day: date, horizon: date) -> Select[Any]:
    """Of every unit that a measure holds, each day up to `horizon` on which its report is due, once.

    A row: key (unique together with due_on), kind, programme_id, number and title of the measure, place, clause, unit,
    written, occasion, due_on, by_month, done_on: by the end of `day`.
    """
    dates, held = _dates(horizon), Responsibility
    ends = midnight_after(day)
    done_on = (
        select(func.min(cast(ProgressReport.received_at, Date)))
        .where(
            ProgressReport.programme_id == held.programme_id,
            ProgressReport.measure == held.measure,
            ProgressReport.unit == held.unit,
            ProgressReport.due_on == dates.c.due_on,
            ProgressReport.received_at < ends,
            or_(ProgressReport.withdrawn_at.is_(None), ProgressReport.withdrawn_at >= ends),
        )
        .correlate(held, dates)
        .scalar_subquery()
    )
    is_of = and_(
        dates.c.programme_id == held.programme_id,
        or_(dates.c.measure.is_(None), dates.c.measure == held.measure),
        held.since <= dates.c.due_on,
        or_(held.until.is_(None), held.until >= dates.c.due_on),
        or_(_ENDED.is_(None), dates.c.due_on <= _ENDED),
    )
    key = func.concat_ws("/", held.programme_id, held.measure, held.unit)
    found = (
        select(
            cast(key, Text).label("key"),
            literal("report", Text).label("kind"),
            held.programme_id,
            held.measure.label("number"),
            Measure.title,
            Measure.written_at.label("place"),
            dates.c.clause,
            held.unit,
            held.written,
            dates.c.title.label("occasion"),
            dates.c.due_on,
            dates.c.by_month,
            cast(done_on, Date).label("done_on"),
        )
        .select_from(held)
        .join(dates, is_of)
        .join(Measure, and_(Measure.programme_id == held.programme_id, Measure.number == held.measure))
        # Two dates of one day, of all measures and of one, are answered by one report.
        .ext(distinct_on(held.programme_id, held.measure, held.unit, dates.c.due_on))
        .order_by(held.programme_id, held.measure, held.unit, dates.c.due_on, dates.c.title)
        .subquery("reports")
    )
    return select(found)
