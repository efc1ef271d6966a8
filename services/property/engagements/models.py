"""Tables of the choice of a compound's company (选聘)."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kit.storage import db
from services.property.base import Base
from services.property.companies import Company
from services.property.compounds.work import of_compound
from services.property.course import Course
from services.property.plan.engagement import ENGAGEMENT

_STATES = ",".join(repr(each) for each in ENGAGEMENT.states)


class Bidder(Base):
    """A company that bids; credit: its grade as it was seen when it was entered."""

    __tablename__ = "bidders"

    engagement_id: Mapped[UUID] = mapped_column(ForeignKey("engagements.id"), primary_key=True)
    company_id: Mapped[UUID] = mapped_column(ForeignKey("companies.id"), primary_key=True, index=True)
    credit: Mapped[dict[str, Any]]
    company: Mapped[Company] = relationship(lazy="joined")


class Engagement(Base, db.Identified):
    """The choice of a company for a compound (选聘); one at a time."""

    __tablename__ = "engagements"
    __table_args__ = (
        CheckConstraint(f"state in ({_STATES})", name="state"),
        CheckConstraint("reason in ('choose','replace')", name="reason"),
        CheckConstraint(
            "state not in ('formed','tendering','decided','signed','in_charge') or committee_id is not null",
            name="committee",
        ),
        CheckConstraint(
            "state not in ('tendering','decided','signed','in_charge') or tender_number is not null",
            name="tender",
        ),
        CheckConstraint(
            "state not in ('decided','signed','in_charge') or winner_id is not null", name="winner"
        ),
        CheckConstraint("state not in ('signed','in_charge') or contract_id is not null", name="contract"),
        Index(
            "uq_engagements_running",
            "compound_id",
            unique=True,
            postgresql_where="state not in ('in_charge','stopped')",
        ),
    )

    compound_id: Mapped[UUID] = mapped_column(ForeignKey("compounds.id"), index=True)
    reason: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    committee_id: Mapped[UUID | None] = mapped_column(ForeignKey("committees.id"))
    tender_number: Mapped[str | None]
    tendered_on: Mapped[date | None]
    winner_id: Mapped[UUID | None] = mapped_column(ForeignKey("companies.id"))
    decided_on: Mapped[date | None]
    contract_id: Mapped[UUID | None] = mapped_column(ForeignKey("contracts.id"))
    bidders: Mapped[list[Bidder]] = relationship(lazy="selectin", order_by=Bidder.company_id)


#: Whose engagements are, and by which moves they go.
COURSE = Course("engagement", Engagement, ENGAGEMENT, of_compound(Engagement.compound_id))
