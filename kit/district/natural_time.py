"""Periods as the law counts them: natural days and years, without the first day, to the end of the last."""

from datetime import date, datetime, time, timedelta
from typing import Annotated

from pydantic import Field

from kit.district.clock import SHANGHAI

#: How far a clock at the other end of the line may be ahead of ours.
AHEAD = timedelta(minutes=5)
#: A calendar day in a request; beyond these years there is no conversion between zones.
Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2200, 12, 31))]


def years_after(day: date, years: int) -> date:
    """The same day of a later year; of 29 February, where there is none, the last of the month."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def end_of_day(day: date) -> datetime:
    """The last second of a day in the district."""
    return datetime.combine(day, time(23, 59, 59), SHANGHAI)


def local_day(moment: datetime) -> date:
    """The district's calendar day of a moment."""
    return moment.astimezone(SHANGHAI).date()


def days_after(moment: datetime, days: int) -> datetime:
    """The end of the period of so many days that a moment begins."""
    return end_of_day(local_day(moment) + timedelta(days=days))
