"""Time in the district: one zone, aware datetimes only, and `now` as a dependency that tests can set."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from pydantic import AfterValidator, AwareDatetime

from kit.district.workdays import SHANGHAI as SHANGHAI


def _local(moment: datetime) -> datetime:
    if not 1900 <= moment.year <= 2200:  # beyond the calendar's ends there is no conversion
        raise ValueError("年份应在 1900 到 2200 之间。")
    return moment.astimezone(SHANGHAI)


#: An aware datetime that answers in +08:00; naive ones are refused.
LocalTime = Annotated[AwareDatetime, AfterValidator(_local)]


def system_clock() -> datetime:
    """The time now, in the district's zone."""
    return datetime.now(SHANGHAI)


async def _now(request: Request) -> datetime:
    moment: datetime = request.app.state.clock()
    return moment


Now = Annotated[datetime, Depends(_now)]
