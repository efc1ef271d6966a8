"""The base of the office service's tables."""

from sqlalchemy.orm import DeclarativeBase

from kit.district.periods import Month
from kit.storage import db
from kit.storage.months import MonthText


class Base(DeclarativeBase):
    metadata = db.metadata()
    type_annotation_map = db.TYPES | {Month: MonthText()}
