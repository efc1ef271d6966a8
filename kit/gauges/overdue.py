"""What is overdue of the deadlines that a service stores, for `Service.overdue`."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from sqlalchemy import ColumnElement, Select, and_, func, literal, literal_column, select, text, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from kit.dispatch.requests import overdue_at
from kit.dispatch.tables import IS_OPEN, DispatchLeg, DispatchRequest
from kit.district.workdays import end_of_day

#: What selects (kind, item, number, since) of what is overdue at a moment: what kind of deadline, whose or which of that kind
#: (a few dozen at most, no personal data), how many, and when the first of them was due, a moment or the last day.
Overdue = Callable[[datetime], Select[str, str, int, Any]]

#: Of a part, by clock: when it was due, and what says that it still is.
_CLOCKS = {
    "request-sign": (DispatchLeg.sign_due_at, "l.state = 'dispatched'"),
    "request-contact": (
        DispatchLeg.contact_due_at,
        "l.contacted_at is null and l.round = 1 and l.state in ('dispatched','signed','in_progress')",
    ),
    "request-answer": (
        DispatchLeg.answer_due_at,
        "l.state in ('dispatched','return_asked','signed','contacted','in_progress')",
    ),
}


def parts(now: datetime) -> Select[str, str, int, Any]:
    """Parts of requests that are late, by clock and unit (P-2.2.2b); a clock that is stopped does not run on."""
    leg, request = DispatchLeg.__table__.alias("l"), DispatchRequest.__table__.alias("r")
    found = []
    for kind, (due, still) in _CLOCKS.items():
        due_at = leg.c[due.key]
        query = (
            select(literal(kind).label("kind"), leg.c.unit.label("item"), due_at.label("due_at"))
            .join_from(request, leg, leg.c.request_id == request.c.id)
            # Written out as the index of what is open knows it: what was closed, nearly all there is, is not looked at.
            .where(text("r.state in ('received', 'accepted', 'answered')"), leg.c.paused_at.is_(None))
            .where(text(still), due_at < now)
        )
        found.append(query)
    rows = union_all(*found).subquery("late")
    return select(rows.c.kind, rows.c.item, func.count(), func.min(rows.c.due_at)).group_by(
        rows.c.kind, rows.c.item
    )


def requests(now: datetime) -> Select[int, int]:
    """(how many requests are open, how many of these are overdue), as `GET …/dispatch/counts` has them."""
    is_open: ColumnElement[bool] = literal_column(f"({IS_OPEN})")
    late = and_(is_open, overdue_at(now))
    return select(func.count(), func.count().filter(late)).select_from(DispatchRequest).where(is_open)


async def of_requests(session: AsyncSession, now: datetime) -> list[Metric]:
    """The figures of a service's requests."""
    is_open, late = (await session.execute(requests(now))).one()
    return [
        GaugeMetricFamily("dispatch_requests_open", "Requests with which somebody must act", value=is_open),
        GaugeMetricFamily("dispatch_requests_overdue", "Of these, those whose term has passed", value=late),
    ]


async def of_deadlines(session: AsyncSession, now: datetime, asked: Sequence[Overdue]) -> list[Metric]:
    """The figures of what is overdue."""
    number = GaugeMetricFamily(
        "deadlines_overdue", "Stored deadlines that have passed undone", labels=["kind", "item"]
    )
    age = GaugeMetricFamily(
        "deadlines_overdue_seconds", "Since when the first of them is overdue", labels=["kind", "item"]
    )
    for each in asked:
        for kind, item, count, since in await session.execute(each(now)):
            number.add_metric([kind, item], count)
            age.add_metric([kind, item], (now - _moment(since)).total_seconds())
    return [number, age]


def _moment(since: date | datetime) -> datetime:
    return since if isinstance(since, datetime) else end_of_day(since)
