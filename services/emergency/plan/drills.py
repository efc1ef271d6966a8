"""The drill clock of an organisation: one drill of the plan in every two years (E-7.1)."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from kit.district.natural_time import years_after

YEARS = 2
#: A drill takes a season to prepare, so a due one is announced this long before; the plan gives no number.
NOTICE = timedelta(days=90)


class DrillState(StrEnum):
    """How an organisation stands."""

    KEPT = "kept"
    DUE = "due"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class DrillClock:
    """The last day for the next drill, and how that stands on the day asked for."""

    due: date
    state: DrillState
    clause: str = "E-7.1"


def drill_clock(last_drill: date | None, plan_effective: date, today: date) -> DrillClock:
    """When the next drill is due: two years after the last one, or after the plan came into force."""
    start = last_drill or plan_effective
    due = years_after(start, YEARS)
    if today > due:
        return DrillClock(due, DrillState.OVERDUE)
    return DrillClock(due, DrillState.DUE if today >= due - NOTICE else DrillState.KEPT)
