"""What every capability of the law study service begins with: its tables' base, and who reads."""

from typing import Annotated

from sqlalchemy.orm import DeclarativeBase

from kit.context import Context
from kit.district.periods import Month
from kit.storage import db
from kit.storage.months import MonthText
from kit.web.access import requires
from kit.web.ownership import Whose

Reader = Annotated[Context, requires("lawstudy:read", whose=Whose.DISTRICTS)]


class Base(DeclarativeBase):
    metadata = db.metadata()
    type_annotation_map = db.TYPES | {Month: MonthText()}
