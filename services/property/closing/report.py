"""The closing evaluation (总结评价): targets, course, streets and overdue duties as of a day, as one report (P-3.2)."""

from datetime import date

from pydantic import Field

from kit.context import Context
from kit.district.periods import Month
from kit.duties.api import Asked, DutyTally, tallies
from kit.web.shapes import Answer, Grounded
from services.property.coverage.series import Progress, progress
from services.property.coverage.shapes import DivisionCoverage, MonthCoverage, coverage_of
from services.property.coverage.standing import OnDays
from services.property.coverage.work import count
from services.property.duties import OWED
from services.property.plan.coverage import COURSE

CLAUSES = ("P-3.2", "P-1.1", "P-1.2", "P-1.3", "P-2.2.5")
#: The day of the closing evaluation: the last one of the plan's course.
CLOSES = COURSE[1].last


class ClauseDuties(Answer, title="一个条款的履职情况"):
    """The duties of a clause with what is overdue (履职情况)."""

    clause: str = Field(description="条款编号", examples=["P-2.2.3a"])
    overdue: int = Field(description="逾期的对象数")
    duties: list[DutyTally] = Field(description="各事项")


class ClosingOut(Grounded, title="总结评价", clauses=CLAUSES):
    """The closing evaluation as of a day (总结评价)."""

    on: date = Field(description="评价日期")
    ahead: bool = Field(description="评价日期是否还没有到；没有到的按目前已知的情况，仅供预估")
    reached: int = Field(description="已达到的目标数")
    missed: int = Field(description="没有达到的目标数")
    district: DivisionCoverage = Field(description="全区，与各项目标对照")
    streets: list[DivisionCoverage] = Field(description="各街道（镇）")
    months: list[MonthCoverage] = Field(description="实施方案期间全区逐月进展，到评价日期为止")
    duties: list[ClauseDuties] = Field(description="各条款的履职事项和逾期情况")


async def closing(context: Context, day: date) -> ClosingOut:
    """The closing evaluation as of a day; of one to come, as things are known now."""
    asked = OnDays([day])
    [[whole]] = (await count(context.session, "district", asked)).values()
    [streets] = (await count(context.session, "street", asked)).values()
    district = coverage_of(whole, day, whole=True)
    reached = sum(one.met for one in district.standings)
    return ClosingOut.of(
        on=day,
        ahead=day > context.today,
        reached=reached,
        missed=len(district.standings) - reached,
        district=district,
        streets=[coverage_of(row, day, whole=False) for row in streets],
        months=await progress(context, Progress(tuple(_course(day, context.today))), whole=True),
        duties=await _duties(context, day),
    )


def _course(day: date, today: date) -> list[Month]:
    """The months of the plan's course that have begun by the day."""
    last = min(COURSE[1], Month.of(day), Month.of(today))
    months, month = [], COURSE[0]
    while month <= last:
        months.append(month)
        month += 1
    return months


async def _duties(context: Context, day: date) -> list[ClauseDuties]:
    query, rows = Asked(day, OWED, None).query(context)
    found: dict[str, list[DutyTally]] = {}
    for owed, tally in zip(OWED, await tallies(context.session, OWED, query, rows), strict=True):
        found.setdefault(owed.duty.clause, []).append(tally)
    return [
        ClauseDuties(clause=clause, overdue=sum(each.overdue for each in of), duties=of)
        for clause, of in sorted(found.items())
    ]
