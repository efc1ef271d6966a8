"""Who must drill, and the drill clock of each: one drill of the plan in every two years (E-7.1)."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from kit.district.clock import years_after
from kit.district.named_units import streets
from services.emergency.plan.catalogue import catalogue

YEARS = 2
#: A drill takes a season to prepare, so a due one is announced this long before; the plan gives no number.
NOTICE = timedelta(days=90)


class DrillState(StrEnum):
    """How an organisation stands (演练情况)."""

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


def organisations() -> dict[str, str]:
    """Who must drill: ids of the district, the supervising departments and each street, with why in Chinese."""
    owing = {"district-government": "区人民政府"}
    owing |= {unit.id: "负有安全生产监管职责的部门" for unit in catalogue().units if unit.supervises}
    return owing | {unit.id: "镇街道" for unit in streets()}
