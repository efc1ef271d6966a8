"""Tables of the companies under evaluation."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.storage.named import Named
from services.credit.base import Base


class Company(Base, Named):
    """A property service company under evaluation (纳入评价的企业), as the property service last told of it.

    `told_at` and `told_by` are the time and id of that event: what is older never overwrites it. Name and code
    are unique in the property service and not here, since two corrections may arrive in the other order. `left_at`: when it left
    the evaluation, the property service having taken it back.
    """

    __tablename__ = "companies"
    __table_args__ = (
        CheckConstraint("name <> ''", name="name"),
        CheckConstraint("uscc ~ '^[0-9A-Z]{18}$'", name="uscc"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    uscc: Mapped[str | None] = mapped_column(index=True)
    listed_at: Mapped[datetime]
    told_at: Mapped[datetime]
    told_by: Mapped[UUID]
    left_at: Mapped[datetime | None]
