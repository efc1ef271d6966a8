"""What every capability of the law study service begins with: its tables' base, and who reads."""

from typing import Annotated

from sqlalchemy import Dialect, Text, types
from sqlalchemy.orm import DeclarativeBase

from kit.context import Context
from kit.district.periods import Month
from kit.storage import db
from kit.web.access import requires
from kit.web.ownership import Whose

Reader = Annotated[Context, requires("lawstudy:read", whose=Whose.DISTRICTS)]


class MonthText(types.TypeDecorator[Month]):
    """A month kept as `2024-05`, so that no day is ever made up for it; ordered by time as text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Month | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return str(value) if value is not None else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> Month | None:  # noqa: ARG002
        return Month.parse(value) if value is not None else None


class Base(DeclarativeBase):
    metadata = db.metadata()
    type_annotation_map = db.TYPES | {Month: MonthText()}
