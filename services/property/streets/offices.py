"""What each street has for its own property management: office, full-time staff, published hotline (P-2.2.2a)."""

from datetime import date
from functools import partial
from typing import Any, Self

from pydantic import Field, model_validator
from sqlalchemy import CheckConstraint, Index, Select, func, select
from sqlalchemy.orm import Mapped

from kit.district.named_units import Street
from kit.duties.owing import Owed, Who
from kit.personal.phones import Hotline
from kit.web import routes
from kit.web.ownership import Belonging
from kit.web.register_endpoints import add_register
from kit.web.registers import Entry, Register
from kit.web.shapes import Choice, Name, choices
from services.property.base import Base
from services.property.divisions import Division
from services.property.entered import Spell, SpellIn, checked, in_order, one_of
from services.property.plan.duties import DUTIES, ISSUED


class Means(Choice):
    """What a street must have (力量类别)."""

    OFFICE = "office", "物业管理机构"
    STAFF = "staff", "专职人员"
    HOTLINE = "hotline", "物业管理热线"


class StreetMeans(Base, Entry, Spell):
    """A street's office, its full-time staff or its hotline, while it has it (街道物业管理力量)."""

    __tablename__ = "street_means"
    __table_args__ = (
        one_of("kind", Means),
        in_order(),
        CheckConstraint("(kind = 'office') = (office is not null)", name="office"),
        CheckConstraint("(kind = 'staff') = (staff is not null) and staff >= 1", name="staff"),
        CheckConstraint("(kind = 'hotline') = (hotline is not null)", name="hotline"),
        Index("uq_street_means_current", "street", "kind", unique=True, postgresql_where="ends_on is null"),
    )
    clauses = ("P-2.2.2a",)

    street: Mapped[str]
    kind: Mapped[str]
    office: Mapped[str | None]
    staff: Mapped[int | None]
    hotline: Mapped[str | None]


class StreetMeansIn(
    SpellIn,
    title="街道物业管理力量",
    example={"street": "天骄街道", "kind": "hotline", "hotline": "0477-8575000", "begins_on": "2024-06-01"},
):
    """An office, staff or hotline as entered (街道物业管理力量)."""

    street: Street = Field(description="街道（镇）")
    kind: Means = Field(description=choices(Means))
    office: Name | None = Field(
        default=None, description="机构名称；登记机构时填写", examples=["某某街道物业管理办公室"]
    )
    staff: int | None = Field(default=None, ge=1, le=9_999, description="专职人员人数；登记专职人员时填写")
    hotline: Hotline | None = Field(default=None, description="对外公布的热线；登记热线时填写")

    @model_validator(mode="after")
    def _of_its_kind(self) -> Self:
        if {each for each in Means if getattr(self, each) is not None} != {self.kind}:
            raise ValueError("只填写与类别相应的一项：机构名称、专职人员人数或热线。")
        return self


STREET_MEANS = Register(
    "street-means",
    "街道物业管理力量",
    StreetMeans,
    StreetMeansIn,
    about="街道（镇）的物业管理机构、专职人员和对外公布的热线，同时各只有一条；有变动的，登记最后一天后另行登记。",
    filters=("street", "kind"),
    search="office",
    check=checked("begins_on"),
    belongs=Belonging(StreetMeans.street),
)

router = routes.router("街道物业管理力量")
add_register(router, "property", STREET_MEANS)


def _lacking(day: date, kind: Means) -> Select[Any]:
    """Streets and towns that do not have one of them on a day (P-2.2.2a)."""
    own = select(StreetMeans.id).where(StreetMeans.street == Division.name, StreetMeans.kind == kind)
    ended = select(func.max(StreetMeans.ends_on) + 1).where(
        StreetMeans.street == Division.name, StreetMeans.kind == kind, StreetMeans.ends_on < day
    )
    since = func.greatest(ended.scalar_subquery(), ISSUED)
    return select(*Who(Division.name, Division.name, since, street=Division.name).columns).where(
        Division.kind.in_(("street", "town")), ~own.where(StreetMeans.on(day)).exists()
    )


OWED = tuple(Owed(DUTIES[f"street-{kind}"], partial(_lacking, kind=kind)) for kind in Means)
