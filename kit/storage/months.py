"""Months as columns."""

from sqlalchemy import Dialect, Text, types

from kit.district.periods import Month


class MonthText(types.TypeDecorator[Month]):
    """A month kept as `2024-05`, so that no day is ever made up for it; ordered by time as text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Month | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return str(value) if value is not None else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> Month | None:  # noqa: ARG002
        return Month.parse(value) if value is not None else None
