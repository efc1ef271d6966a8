"""What other services have told last of each thing, and which records stand for it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from services.credit.base import Base


class Told(Base):
    """A thing that a service tells of: when and by which event it was told last, and the records made of it.

    Whoever takes in what is told locks its row first, so that of two words the later one holds, in whichever order they come.
    """

    __tablename__ = "told"

    origin: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    told_at: Mapped[datetime]
    told_by: Mapped[UUID]
    records: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
