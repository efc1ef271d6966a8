"""Tables of what an accident costs and what it uses."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from kit.storage import db
from services.emergency.base import Base


class ResourceUse(Base, db.Identified):
    """An amount of a resource set aside for an accident (物资调用), and what became of it (E-6.3).

    What is reserved has left the stock; what is returned is back in it; the rest is used, or still on site.
    """

    __tablename__ = "resource_uses"
    __table_args__ = (
        CheckConstraint("reserved >= 1", name="reserved"),
        CheckConstraint("used >= 0 and returned >= 0 and used + returned <= reserved", name="balance"),
    )

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), index=True)
    supply_id: Mapped[UUID] = mapped_column(ForeignKey("supplies.id"), index=True)
    reserved: Mapped[int]
    used: Mapped[int]
    returned: Mapped[int]
    purpose: Mapped[str]
    requisitioned: Mapped[bool]
    reserved_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    client: Mapped[str]

    @property
    def outstanding(self) -> int:
        """What is neither used nor returned."""
        return self.reserved - self.used - self.returned


class Cost(Base, db.Identified):
    """A cost of the rescue (救援费用): the responsible unit's, else settled by the street (E-6.2)."""

    __tablename__ = "costs"
    __table_args__ = (
        CheckConstraint("amount_yuan > 0", name="amount"),
        CheckConstraint("payer in ('responsible_unit','street')", name="payer"),
        CheckConstraint("(payer = 'street') = (shifted_at is not null)", name="shifted"),
    )

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), index=True)
    what: Mapped[str]
    by_whom: Mapped[str]
    amount_yuan: Mapped[Decimal] = mapped_column(db.Money)
    payer: Mapped[str]
    shifted_at: Mapped[datetime | None]
    shift_reason: Mapped[str | None]
    settled_at: Mapped[datetime | None]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    client: Mapped[str]
