"""Tables of evaluation schemes."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Computed
from sqlalchemy.orm import Mapped, mapped_column

from services.credit.base import Base


class SchemeRow(Base):
    """An evaluation scheme as it was loaded (评价方案); never changed: a change is another version."""

    __tablename__ = "schemes"
    __table_args__ = (CheckConstraint("document ->> 'code' = code", name="code"),)

    code: Mapped[str] = mapped_column(primary_key=True)
    effective_from: Mapped[date] = mapped_column(unique=True)
    document: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(Computed("md5(document::text)", persisted=True))
    loaded_at: Mapped[datetime]
    client: Mapped[str]
