"""What is overdue of companies' credit, for the service's figures."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, func, literal, select, text

from kit.district.clock import local_day
from services.credit.evaluations.models import Objection
from services.credit.repairs.models import Repair


def _filed(kind: str, table: type[Objection] | type[Repair], now: datetime) -> Select[str, str, int, Any]:
    return (
        select(literal(kind), literal(""), func.count(), func.min(table.due_on))
        .where(text(f"{table.__tablename__}.state = 'filed'"), table.due_on < local_day(now))
        .having(func.count() > 0)
    )


def objections(now: datetime) -> Select[str, str, int, Any]:
    """Objections that were to be decided by a day before this."""
    return _filed("objection", Objection, now)


def repairs(now: datetime) -> Select[str, str, int, Any]:
    """Applications for repair that were to be checked by a day before this."""
    return _filed("repair", Repair, now)


OVERDUE: Final = (objections, repairs)
