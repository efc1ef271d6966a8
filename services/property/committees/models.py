"""Owners' committees (业委会) and property management committees (物管会) as they stand in the database (P-2.1.2b)."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from kit.storage import db
from services.property.base import Base
from services.property.compounds.work import of_compound
from services.property.known import Remembered


class Committee(Base, db.Identified, db.Versioned, Remembered):
    """A committee of a compound (业委会、物管会); at most one at a time.

    set_up_by: the community that set a property management committee up.
    """

    __tablename__ = "committees"
    __table_args__ = (
        CheckConstraint("kind in ('owners_committee','management_committee')", name="kind"),
        CheckConstraint("(kind = 'management_committee') = (set_up_by is not null)", name="set_up_by"),
        CheckConstraint("party_members between 0 and members", name="party_members"),
        CheckConstraint("term_ends_on > formed_on", name="term"),
        CheckConstraint("dissolved_on >= formed_on", name="dissolved"),
        Index("uq_committees_current", "compound_id", unique=True, postgresql_where="dissolved_on is null"),
    )

    compound_id: Mapped[UUID] = mapped_column(ForeignKey("compounds.id"), index=True)
    kind: Mapped[str]
    formed_on: Mapped[date]
    term_ends_on: Mapped[date]
    dissolved_on: Mapped[date | None]
    members: Mapped[int]
    party_members: Mapped[int]
    has_party_organisation: Mapped[bool]
    set_up_by: Mapped[UUID | None] = mapped_column(ForeignKey("divisions.id"))


#: Whose committees are.
BELONGING = of_compound(Committee.compound_id)
