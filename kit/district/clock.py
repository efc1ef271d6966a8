"""Time in the district: one zone, aware datetimes only, days and years as the law counts them."""

import re
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, PlainSerializer, WithJsonSchema

from kit.district.workdays import SHANGHAI as SHANGHAI
from kit.district.workdays import end_of_day as end_of_day
from kit.web.shapes import ShownAs

#: How far a clock at the other end of the line may be ahead of ours.
AHEAD = timedelta(minutes=5)
#: A calendar day in a request; beyond these years there is no conversion between zones.
Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2200, 12, 31))]


def _local(moment: datetime) -> datetime:
    if moment.tzinfo is SHANGHAI:
        return moment
    if not 1900 <= moment.year <= 2200:  # beyond the calendar's ends there is no conversion
        raise ValueError("年份应在 1900 到 2200 之间。")
    return moment.astimezone(SHANGHAI)


_PLUS_LOST = re.compile(r".*\d \d\d:?\d\d", re.ASCII)


def _plus_kept(given: Any) -> Any:
    # An unescaped plus sign in an address means a space: `…T09:30:00+08:00` arrives without its sign.
    if isinstance(given, str) and "T" in given and _PLUS_LOST.fullmatch(given):
        raise ValueError("时区前的加号在地址中要写作 %2B，例如 2024-06-24T09:30:00%2B08:00。")
    return given


#: An aware datetime that answers in +08:00; naive ones are refused, and so is one whose plus sign became a space.
LocalTime = Annotated[AwareDatetime, BeforeValidator(_plus_kept), AfterValidator(_local)]


def _since_1970(moment: datetime) -> datetime:
    if moment < _FIRST:
        raise ValueError("时间不能早于 1970 年，请核对年份。")
    return moment


_FIRST = datetime(1970, 1, 1, tzinfo=SHANGHAI)
#: When something happened, as it is told; the district's early offsets have seconds, which RFC 3339 cannot say.
PastTime = Annotated[LocalTime, AfterValidator(_since_1970), ShownAs(LocalTime)]


def _to_the_minute(clock: time) -> time:
    if clock.tzinfo is not None or clock.second or clock.microsecond:
        raise ValueError("时刻写到分钟，例如 09:00。")
    return clock


_Shown = Annotated[
    time,
    PlainSerializer(lambda clock: f"{clock:%H:%M}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}),
]
#: A time of day in the district, to the minute.
TimeOfDay = Annotated[_Shown, AfterValidator(_to_the_minute), ShownAs(_Shown)]


def system_clock() -> datetime:
    """The time now, in the district's zone."""
    return datetime.now(SHANGHAI)


def local_day(moment: datetime) -> date:
    """The district's calendar day of a moment."""
    return moment.astimezone(SHANGHAI).date()


def in_words(moment: datetime) -> str:
    """A moment as people read it, in the district's zone: 2024年6月24日 09:30."""
    local = moment.astimezone(SHANGHAI)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"


def lasting(length: timedelta) -> str:
    """How long something takes, as people say it: 12 分钟, 1 小时 50 分钟, 2 天 3 小时, 59 天."""
    minutes = max(int(length.total_seconds() // 60), 0)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} 天 {hours} 小时" if hours and days < 3 else f"{days} 天"
    if hours:
        return f"{hours} 小时 {minutes} 分钟" if minutes else f"{hours} 小时"
    return f"{minutes} 分钟" if minutes else "不足 1 分钟"


def days_after(moment: datetime, days: int) -> datetime:
    """The end of the period of so many natural days that a moment begins: its own day does not count."""
    return end_of_day(local_day(moment) + timedelta(days=days))


def years_after(day: date, years: int) -> date:
    """The same day of a later year; of 29 February, where there is none, the last of the month."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
