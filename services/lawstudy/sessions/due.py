"""When texts are due: stored with each session, counted again when its day or a year's notice changes (N-2.1)."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import select

from kit.context import Context
from kit.district.workdays import Due, add_workdays
from services.lawstudy import notices
from services.lawstudy.plan.lead_times import text_due
from services.lawstudy.plan.sessions import OPEN
from services.lawstudy.sessions.models import Session


async def _workdays(request: Request) -> int:
    workdays: int = request.app.state.settings.text_workdays
    return workdays


#: How many working days before a session its text is due, as the service is set.
TextWorkdays = Annotated[int, Depends(_workdays)]


#: Counts working days, with the notices that were entered.
Count = Callable[[date, int], Due]


async def counting(context: Context) -> Count:
    """How working days are counted now."""
    return partial(add_workdays, notices=await notices.entered(context.session))


def give_day(row: Session, day: date, workdays: int, count: Count) -> None:
    """Give a session its day, and with it when its text is due."""
    row.day, row.text_workdays = day, workdays
    row.text_due_at, row.text_due_provisional = text_due(day, workdays, count)


async def count_again(context: Context) -> list[Session]:
    """Count again when the texts of all sessions that are still to be held are due. Returns those that changed."""
    query = select(Session).where(Session.state.in_(OPEN), Session.day.is_not(None)).with_for_update()
    rows = (await context.session.scalars(query.order_by(Session.id))).all()
    before = {row.id: (row.text_due_at, row.text_due_provisional) for row in rows}
    count = await counting(context)
    for row in rows:
        assert row.day is not None  # kept by the database together
        assert row.text_workdays is not None
        give_day(row, row.day, row.text_workdays, count)
    return [row for row in rows if before[row.id] != (row.text_due_at, row.text_due_provisional)]
