"""What was told of the evaluation of companies last."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from services.property.base import Base


class LastTold(Base):
    """What others were told of a subject last, so that only what has changed is told again."""

    __tablename__ = "told"

    kind: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    said: Mapped[dict[str, Any]]
    told_at: Mapped[datetime]
