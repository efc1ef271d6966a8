"""Patrol areas of four streets with their added staff, and what patrols found (P-2.3.6)."""

from datetime import date
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field, model_validator
from sqlalchemy import CheckConstraint, ForeignKey, Select, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from kit.context import Context
from kit.district.clock import Day
from kit.district.named_units import Street
from kit.duties.owing import Owed, Who
from kit.web import routes
from kit.web.problems import Conflict, FieldError
from kit.web.register_endpoints import add_register
from kit.web.registers import Entry, Register
from kit.web.shapes import Body, Name, Text
from services.property.base import Base
from services.property.compounds.models import Compound, located
from services.property.compounds.work import of_compound
from services.property.divisions import STREET, Division
from services.property.entered import checked
from services.property.plan.duties import DUTIES, ISSUED
from services.property.plan.patrols import ADDED_STAFF, STREETS


class AreaStreet(Base):
    """A street of a patrol area; it lies in one at most."""

    __tablename__ = "patrol_area_streets"
    __table_args__ = (UniqueConstraint("street"),)

    area_id: Mapped[UUID] = mapped_column(ForeignKey("patrol_areas.id", ondelete="CASCADE"), primary_key=True)
    street: Mapped[str] = mapped_column(primary_key=True)


class PatrolArea(Base, Entry):
    """A patrol area (巡查片区)."""

    __tablename__ = "patrol_areas"
    clauses = ("P-2.3.6",)

    name: Mapped[str] = mapped_column(unique=True)
    formed_on: Mapped[date]
    lying: Mapped[list[AreaStreet]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by=AreaStreet.street
    )

    @property
    def streets(self) -> list[str]:
        """The names of its streets."""
        return [each.street for each in self.lying]

    @streets.setter
    def streets(self, names: list[str]) -> None:
        lying = {each.street: each for each in self.lying}
        self.lying = [lying.get(name) or AreaStreet(street=name) for name in names]


class PatrolAreaIn(
    Body,
    title="巡查片区",
    example={
        "name": "第一片区",
        "streets": ["天骄街道", "交通街道", "公园街道", "富兴街道"],
        "formed_on": "2024-06-01",
    },
):
    """A patrol area as entered (巡查片区)."""

    name: Name = Field(description="片区名称")
    streets: Annotated[list[Street], Field(min_length=STREETS, max_length=STREETS)] = Field(
        description=f"片区的 {STREETS} 个街道"
    )
    formed_on: Day = Field(description="设立日期")

    @model_validator(mode="after")
    def _different_streets(self) -> Self:
        if len(set(self.streets)) != STREETS:
            raise ValueError(f"片区由 {STREETS} 个不同的街道组成。")
        if not all(each.endswith("街道") for each in self.streets):
            raise ValueError("片区由街道组成，文件没有把镇划入片区。")
        return self


class PatrolStaff(Base, Entry):
    """How many staff were added to a patrol area, as of a day (增派工作人员)."""

    __tablename__ = "patrol_staff"
    __table_args__ = (UniqueConstraint("area_id", "as_of"), CheckConstraint("staff >= 0", name="staff"))
    clauses = ("P-2.3.6",)

    area_id: Mapped[UUID] = mapped_column(ForeignKey("patrol_areas.id"))
    as_of: Mapped[date]
    staff: Mapped[int]


class PatrolStaffIn(
    Body,
    title="片区增派人员",
    example={"area_id": "01990000-0000-7000-8000-000000000000", "as_of": "2024-06-01", "staff": 30},
):
    """The added staff of an area as entered (增派工作人员)."""

    area_id: UUID = Field(description="片区编号")
    as_of: Day = Field(description="截至日期")
    staff: int = Field(ge=0, le=10_000, description=f"增派工作人员人数，每个片区应有 {ADDED_STAFF} 名")


class Patrol(Base, Entry):
    """A patrol of a compound, and what it found, if anything (巡查记录)."""

    __tablename__ = "patrols"
    __table_args__ = (
        CheckConstraint("finding is not null or handled_on is null", name="finding"),
        CheckConstraint("(handled_on is null) = (handling is null)", name="handling"),
        CheckConstraint("handled_on >= patrolled_on", name="handled_on"),
    )
    clauses = ("P-2.3.6",)

    compound_id: Mapped[UUID] = mapped_column(ForeignKey("compounds.id"), index=True)
    patrolled_on: Mapped[date]
    finding: Mapped[str | None]
    handled_on: Mapped[date | None]
    handling: Mapped[str | None]


class PatrolIn(
    Body,
    title="物业巡查记录",
    example={
        "compound_id": "01990000-0000-7000-8000-000000000000",
        "patrolled_on": "2024-06-20",
        "finding": "东门消防通道停放车辆",
        "handled_on": "2024-06-21",
        "handling": "已劝离并施划标线",
    },
):
    """A patrol as entered (巡查记录)."""

    compound_id: UUID = Field(description="小区编号")
    patrolled_on: Day = Field(description="巡查日期")
    finding: Text | None = Field(default=None, description="发现的问题；没有的为空")
    handled_on: Day | None = Field(default=None, description="处置日期；尚未处置的为空")
    handling: Text | None = Field(default=None, description="处置情况；尚未处置的为空")

    @model_validator(mode="after")
    def _handled(self) -> Self:
        if (self.handled_on is None) != (self.handling is None):
            raise ValueError("处置日期和处置情况要一并填写。")
        if self.handled_on is not None and (self.finding is None or self.handled_on < self.patrolled_on):
            raise ValueError("先填写发现的问题；处置日期不能早于巡查日期。")
        return self


async def _in_no_other_area(context: Context, body: PatrolAreaIn, row: PatrolArea | None) -> None:
    """Refuse streets that lie in another area, each named. Raises: Conflict."""
    others = (
        select(AreaStreet.street, PatrolArea.name).join(PatrolArea).where(AreaStreet.street.in_(body.streets))
    )
    if row is not None:
        others = others.where(PatrolArea.id != row.id)
    if taken := dict((await context.session.execute(others)).all()):
        raise Conflict(
            "already-entered",
            "一个街道只属于一个片区，请核对。",
            errors=[
                FieldError(pointer=f"/streets/{place}", reason=f"{street}已属于{taken[street]}")
                for place, street in enumerate(body.streets)
                if street in taken
            ],
            clauses=PatrolArea.clauses,
        )


PATROL_AREAS = Register(
    "patrol-areas",
    "巡查片区",
    PatrolArea,
    PatrolAreaIn,
    about=f"每 {STREETS} 个街道一个片区，一个街道只属于一个片区。",
    check=checked("formed_on", then=_in_no_other_area),
)
PATROL_STAFF = Register(
    "patrol-staff",
    "片区增派人员",
    PatrolStaff,
    PatrolStaffIn,
    about=f"片区在某一天的增派人数，每个片区应有 {ADDED_STAFF} 名。",
    filters=("area_id",),
    search=None,
    check=checked("as_of"),
)
PATROLS = Register(
    "patrols",
    "物业巡查记录",
    Patrol,
    PatrolIn,
    about="对小区物业管理的日常巡查检查，发现的问题和处置情况。",
    filters=("compound_id",),
    search="finding",
    check=checked("patrolled_on", "handled_on"),
    belongs=of_compound(Patrol.compound_id),
)

router = routes.router("片区巡查")
for _register in (PATROL_AREAS, PATROL_STAFF, PATROLS):
    add_register(router, "property", _register)


def _in_no_area(day: date) -> Select[Any]:
    """Streets, not towns, that lie in no patrol area."""
    lying = select(AreaStreet.street).join(PatrolArea).where(PatrolArea.formed_on <= day)
    return select(*Who(Division.name, Division.name, ISSUED, street=Division.name).columns).where(
        Division.kind == "street", Division.name.not_in(lying)
    )


def _too_few(day: date) -> Select[Any]:
    """Patrol areas that were not given the staff that the plan adds to each."""
    newest = (
        select(PatrolStaff.staff)
        .where(PatrolStaff.area_id == PatrolArea.id, PatrolStaff.as_of <= day)
        .order_by(PatrolStaff.as_of.desc())
        .limit(1)
        .scalar_subquery()
    )
    staff = func.coalesce(newest, 0)
    enough = aliased(PatrolStaff)
    last_enough = select(func.max(enough.as_of)).where(
        enough.area_id == PatrolArea.id, enough.as_of <= day, enough.staff >= ADDED_STAFF
    )
    fell = select(func.min(PatrolStaff.as_of)).where(
        PatrolStaff.area_id == PatrolArea.id,
        PatrolStaff.as_of <= day,
        PatrolStaff.as_of > last_enough.correlate(PatrolArea).scalar_subquery(),
    )
    since = func.greatest(PatrolArea.formed_on, fell.scalar_subquery())
    who = Who(PatrolArea.id, PatrolArea.name, since, lacks=func.concat("已增派 ", staff, " 名"))
    return select(*who.columns).where(PatrolArea.formed_on <= day, staff < ADDED_STAFF)


def _unhandled(day: date) -> Select[Any]:
    """Compounds with findings of patrols that nobody has handled."""
    since, findings = func.min(Patrol.patrolled_on), func.string_agg(Patrol.finding, "；")
    who = Who(Compound.id, Compound.name, since, street=STREET.name, lacks=findings)
    found = select(*who.columns).join_from(Patrol, Compound, Compound.id == Patrol.compound_id)
    return (
        located(found)
        .where(
            Patrol.finding.is_not(None),
            Patrol.patrolled_on <= day,
            func.coalesce(Patrol.handled_on > day, True),
        )
        .group_by(Compound.id, Compound.name, STREET.name)
    )


OWED = (
    Owed(DUTIES["patrol-area"], _in_no_area),
    Owed(DUTIES["patrol-staff"], _too_few),
    Owed(DUTIES["patrol-finding"], _unhandled),
)
