"""The base of the emergency service's tables."""

from sqlalchemy.orm import DeclarativeBase, Mapped

from kit.storage import db

#: What every text of an exercise begins with, so that nobody takes it for an accident.
MARK = "【演练】"


class Base(DeclarativeBase):
    metadata = db.metadata()
    type_annotation_map = db.TYPES


class Marked:
    """A table whose rows may belong to an exercise (演练)."""

    exercise: Mapped[bool]

    @property
    def mark(self) -> str:
        """What a text that a person reads begins with: the mark of an exercise where it is one."""
        return MARK if self.exercise else ""
