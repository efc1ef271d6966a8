"""What units owe, reports and corrections alike, with how it stands on a day: one statement (P-4.2, T-3, T-5).

`services.office.plan.standing` is the rule of a row, to which a test holds it.
"""

from datetime import date, timedelta

from sqlalchemy import (
    Date,
    Integer,
    Subquery,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    select,
    type_coerce,
    union_all,
)

from kit.web.ownership import Belonging, street_of
from services.office.assessments.due import corrections_due
from services.office.plan.standing import Timeliness
from services.office.programmes.due import reports_due


def owed(day: date, soon: int) -> Subquery:
    """What is due up to `soon` days after a day, with how it stands at the day's end.

    A row: key (unique together with due_on), kind (report, correction), programme_id, number and title of the measure or
    criterion, place, clause, unit, written, occasion, due_on, by_month, done_on, standing, days_late.
    """
    horizon = day + timedelta(days=soon)
    due = union_all(reports_due(day, horizon), corrections_due(day, horizon)).subquery("due")
    late = func.greatest(func.coalesce(due.c.done_on, literal(day, Date)) - due.c.due_on, 0)
    is_done = due.c.done_on.is_not(None)
    standing = case(
        (and_(is_done, late > 0), Timeliness.LATE.value),
        (is_done, Timeliness.DONE.value),
        (late > 0, Timeliness.MISSING.value),
        else_=Timeliness.DUE_SOON.value,
    )
    days_late = type_coerce(late, Integer).label("days_late")
    return select(*due.c, cast(standing, Text).label("standing"), days_late).subquery("owed")


def belonging(rows: Subquery) -> Belonging:
    """Whose what is owed is: its unit's, where that is a street or town."""
    return Belonging(street_of(rows.c.unit))
