"""What coverage is asked for: days, and when what is answered was known."""

from datetime import date, datetime
from typing import Annotated

from fastapi import Query

from kit.context import Context
from kit.district.clock import LocalTime
from kit.web.problems import FieldError, Invalid
from services.property.coverage.standing import OnDays

KnownAt = Annotated[
    LocalTime | None,
    Query(
        description="按这一时刻已知的情况，不填为现在已知的；带时区，不能晚于现在",
        examples=["2024-12-31T18:00:00+08:00"],
    ),
]


def asked_on(context: Context, *days: date, known_at: datetime | None) -> OnDays:
    """Days as they were known at a moment.

    Raises: Invalid for a moment that has not come, of which nobody knows what will be known.
    """
    if known_at is not None and context.is_ahead(known_at):
        raise Invalid(
            "in-the-future",
            "时间不能晚于现在，请核对日期、时刻和时区。",
            errors=[FieldError(pointer="?known_at", reason="晚于现在")],
        )
    return OnDays(days, known_at)
