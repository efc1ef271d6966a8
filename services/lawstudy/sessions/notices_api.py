"""Endpoints of the yearly notices of days off; a notice counts open due times again (N-2.1)."""

from datetime import date, timedelta
from typing import Annotated, Self

from fastapi import Path
from pydantic import Field
from sqlalchemy import select, text

from kit.context import Context
from kit.district.clock import Day
from kit.events.event import Event
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.problems import FieldError, Invalid, problems
from kit.web.routes import clauses
from kit.web.shapes import Body, Grounded, Name
from services.lawstudy.base import Reader
from services.lawstudy.notices import HolidayNotice
from services.lawstudy.plan.notices import doubts
from services.lawstudy.plan.roles import OFFICE
from services.lawstudy.sessions.due import count_again

Organiser = Annotated[Context, requires(one_of=(OFFICE,), whose=Whose.DISTRICTS)]
Year = Annotated[int, Path(ge=2000, le=2100, description="年份", examples=[2027])]


class HolidayNoticeEntered(Event, type="lawstudy.holiday-notice.entered", title="节假日安排登记"):
    """The notice of a year was entered or corrected; due times that it moves were counted again."""

    year: int = Field(description="年份")
    sessions: int = Field(description="材料报送时限因此变动的学法安排数")


class HolidaysIn(Body, title="连续放假", example={"first": "2027-10-01", "last": "2027-10-07"}):
    """Days off in a row (连续放假), both days of it."""

    first: Day = Field(description="放假的第一天")
    last: Day = Field(description="放假的最后一天")


class HolidayNoticeIn(
    Body,
    title="年度放假安排",
    example={
        "number": "国办发明电〔2026〕某号（虚构）",
        "holidays": [
            {"first": "2027-01-01", "last": "2027-01-03"},
            {"first": "2027-02-05", "last": "2027-02-11"},
            {"first": "2027-04-03", "last": "2027-04-05"},
            {"first": "2027-05-01", "last": "2027-05-05"},
            {"first": "2027-06-09", "last": "2027-06-09"},
            {"first": "2027-09-15", "last": "2027-09-15"},
            {"first": "2027-10-01", "last": "2027-10-07"},
        ],
        "worked": ["2027-02-20", "2027-05-08"],
    },
):
    """The State Council's notice of a year (年度放假安排): all days off, and the weekend days worked in return."""

    number: Name = Field(description="通知文号", examples=["国办发明电〔2026〕某号（虚构）"])
    holidays: list[HolidaysIn] = Field(min_length=1, max_length=30, description="各段放假，含周末")
    worked: list[Day] = Field(
        default_factory=list, max_length=30, description="调休上班的周末", examples=[["2027-02-20"]]
    )


class HolidayNoticeOut(Grounded, title="年度放假安排信息", clauses=("N-2.1",)):
    """A year's notice as it was entered (年度放假安排)."""

    year: int = Field(description="年份", examples=[2027])
    number: str = Field(description="通知文号", examples=["国办发明电〔2026〕某号（虚构）"])
    days_off: list[date] = Field(description="放假的每一天")
    worked: list[date] = Field(description="调休上班的周末")
    recounted: int | None = Field(description="材料报送时限因此变动的学法安排数；查询时为空")

    @classmethod
    def shown(cls, row: HolidayNotice, recounted: int | None = None) -> Self:
        """The row as an answer."""
        return cls.of(row, recounted=recounted)


router = routes.router("工作日")


@router.get(
    "/holiday-notices",
    summary="列出登记的放假安排",
    description="没有登记的年份按系统内置的放假安排计算；内置也没有的年份按周末和法定节假日推算，所得时限标为待定。",
    openapi_extra=clauses("N-2.1"),
)
async def list_notices(context: Reader) -> list[HolidayNoticeOut]:
    """The notices that were entered, by year."""
    rows = await context.session.scalars(select(HolidayNotice).order_by(HolidayNotice.year))
    return [HolidayNoticeOut.shown(row) for row in rows]


@router.put(
    "/holiday-notices/{year}",
    summary="登记年度放假安排",
    description="按国务院办公厅当年的放假安排登记，再次提交即为更正。登记后，还没有举行的学法的材料报送时限重新计算。",
    responses=problems(409),
    openapi_extra=clauses("N-2.1"),
)
async def enter_notice(year: Year, body: HolidayNoticeIn, context: Organiser) -> HolidayNoticeOut:
    """Enter or correct the notice of a year, and count open due times again (N-2.1)."""
    days_off = sorted(set(_each(body.holidays)))
    worked = sorted(set(body.worked))
    if found := list(doubts(year, days_off, worked)):
        raise Invalid(
            "notice-in-doubt",
            f"与 {year} 年的放假安排不符，请对照通知核对。",
            errors=[
                FieldError(pointer="/holidays" if field == "days_off" else "/worked", reason=reason)
                for field, reason in found
            ],
        )
    # One after the other, so that two who enter a year at once do not both make its row.
    await context.session.execute(text("LOCK TABLE holiday_notices IN SHARE ROW EXCLUSIVE MODE"))
    row = await context.session.get(HolidayNotice, year)
    if row is None:
        row = HolidayNotice(year=year)
        context.session.add(row)
    row.number, row.days_off, row.worked = body.number, days_off, worked
    await context.session.flush()
    moved = await count_again(context)
    context.record(HolidayNoticeEntered(year=year, sessions=len(moved)), str(year))
    return HolidayNoticeOut.shown(row, len(moved))


def _each(holidays: list[HolidaysIn]) -> list[date]:
    days: list[date] = []
    for at, each in enumerate(holidays):
        length = (each.last - each.first).days
        if not 0 <= length <= 15:
            raise Invalid(
                "notice-in-doubt",
                "放假的最后一天不早于第一天，一次不超过十六天，请核对。",
                errors=[FieldError(pointer=f"/holidays/{at}/last", reason=f"{each.first} 至 {each.last}")],
            )
        days += [each.first + timedelta(days=offset) for offset in range(length + 1)]
    return days
