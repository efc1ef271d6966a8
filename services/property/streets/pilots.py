"""Pilot compounds of each street, by type (P-2.4.6)."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import ForeignKey, Index, Select, func, select
from sqlalchemy.orm import Mapped, mapped_column

from kit.duties.owing import Owed, Who
from kit.web import routes
from kit.web.register_endpoints import add_register
from kit.web.registers import Entry, Register
from kit.web.shapes import Name, Text
from services.property.base import Base
from services.property.compounds.models import Compound, located
from services.property.compounds.work import of_compound
from services.property.divisions import STREET, Division
from services.property.entered import Spell, SpellIn, checked, in_order
from services.property.plan.duties import DUTIES, ISSUED


class Pilot(Base, Entry, Spell):
    """A compound that stands for its type, where a way of management is tried (试点小区)."""

    __tablename__ = "pilots"
    __table_args__ = (
        in_order(),
        Index("uq_pilots_current", "compound_id", unique=True, postgresql_where="ends_on is null"),
    )
    clauses = ("P-2.4.6",)

    compound_id: Mapped[UUID] = mapped_column(ForeignKey("compounds.id"), index=True)
    compound_type: Mapped[str] = mapped_column(index=True)
    result: Mapped[str | None]


class PilotIn(
    SpellIn,
    title="试点小区",
    example={
        "compound_id": "01990000-0000-7000-8000-000000000000",
        "compound_type": "老旧零散小区",
        "begins_on": "2024-06-01",
    },
):
    """A pilot as entered (试点小区)."""

    compound_id: UUID = Field(description="小区编号")
    compound_type: Name = Field(description="代表的小区类型")
    result: Text | None = Field(
        default=None, description="形成的管理模式和经验", examples=["连片打包，统一保洁"]
    )


PILOTS = Register(
    "pilots",
    "试点小区",
    Pilot,
    PilotIn,
    about="各街道（镇）选取的不同类型的试点小区。",
    filters=("compound_id", "compound_type"),
    search="compound_type",
    check=checked("begins_on"),
    belongs=of_compound(Pilot.compound_id),
)

router = routes.router("试点小区")
add_register(router, "property", PILOTS)


def _without_pilot(day: date) -> Select[Any]:
    """Streets and towns without a pilot on a day (P-2.4.6)."""
    own = located(select(Pilot.id).join(Compound, Compound.id == Pilot.compound_id)).where(
        STREET.id == Division.id
    )
    ended = own.with_only_columns(func.max(Pilot.ends_on) + 1).where(Pilot.ends_on < day)
    since = func.greatest(ended.scalar_subquery(), ISSUED)
    return select(*Who(Division.name, Division.name, since, street=Division.name).columns).where(
        Division.kind.in_(("street", "town")), ~own.where(Pilot.on(day)).exists()
    )


OWED = (Owed(DUTIES["pilot"], _without_pilot),)
