"""The base of the office service's tables."""

from sqlalchemy.orm import DeclarativeBase

from kit.storage import db


class Base(DeclarativeBase):
    metadata = db.metadata()
    type_annotation_map = db.TYPES
