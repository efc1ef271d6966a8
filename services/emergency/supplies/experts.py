"""Experts by field, and the supervising departments that have no group of them yet (E-2.3)."""

from typing import Annotated

from pydantic import Field
from sqlalchemy import CheckConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from kit.context import Context
from kit.district.named_units import NamedUnit, UnitId, named
from kit.personal.phones import Phone, Reachable
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.register_endpoints import add_register
from kit.web.registers import Entry, Register
from kit.web.routes import clauses
from kit.web.shapes import Body, Choice, Grounded, choices
from services.emergency.base import Base
from services.emergency.plan.catalogue import catalogue

Reader = Annotated[Context, requires("emergency:read", whose=Whose.DISTRICTS)]


class Specialty(Choice):
    """The field that an expert knows (专业领域): the fields that 附件1 gives the departments to supervise."""

    DANGEROUS_GOODS = "dangerous_goods", "危险化学品"
    COAL = "coal", "煤矿"
    OIL_GAS_PIPELINE = "oil_gas_pipeline", "油气管道"
    POWER = "power", "电力"
    CONSTRUCTION = "construction", "建筑施工"
    TRANSPORT = "transport", "交通运输"
    FIRE = "fire", "消防"
    SPECIAL_EQUIPMENT = "special_equipment", "特种设备"
    WATER_WORKS = "water_works", "水利"
    GEOLOGY = "geology", "地质"
    ENVIRONMENT = "environment", "环境"
    MEDICINE = "medicine", "医疗"
    WEATHER = "weather", "气象"
    INDUSTRY = "industry", "工业"
    OTHER = "other", "其他"


class Expert(Base, Entry, Reachable):
    """An expert in the group of a department (应急专家)."""

    __tablename__ = "experts"
    __table_args__ = (
        CheckConstraint(
            f"specialty in ({','.join(repr(str(each)) for each in Specialty)})", name="specialty"
        ),
    )
    clauses = ("E-2.3",)

    name: Mapped[str]
    specialty: Mapped[str] = mapped_column(index=True)
    department: Mapped[str] = mapped_column(index=True)
    employer: Mapped[str | None]
    title: Mapped[str | None]
    available: Mapped[bool] = mapped_column(index=True)


class ExpertIn(
    Body,
    title="应急专家",
    example={
        "name": "某专家（虚构）",
        "specialty": "coal",
        "department": "区能源局",
        "employer": "某某矿业设计院（虚构）",
        "title": "高级工程师",
        "phone": "13800000000",
        "available": True,
    },
):
    """An expert as entered (应急专家)."""

    name: str = Field(min_length=2, max_length=50, description="姓名")
    specialty: Specialty = Field(description=f"专业领域：{choices(Specialty)}")
    department: UnitId = Field(description="建立专家组的部门")
    employer: str | None = Field(default=None, max_length=100, description="工作单位")
    title: str | None = Field(default=None, max_length=50, description="职称或职务")
    phone: Phone | None = Field(default=None, description="电话")
    available: bool = Field(default=True, description="目前能否调请")


class WithoutExperts(Grounded, title="未建专家组的部门", clauses=("E-2.3",)):
    """Who should keep experts and has none (未建专家组的部门)."""

    departments: list[NamedUnit] = Field(description="负有监管职责而没有登记专家的部门")


EXPERTS = Register(
    "experts",
    "应急专家",
    Expert,
    ExpertIn,
    about="按专业领域登记的专家。",
    filters=("specialty", "department", "available"),
)

router = routes.router("应急专家")


@router.get(
    "/experts/lacking",
    summary="列出未建专家组的部门",
    description="负有安全生产监管职责、但没有登记任何专家的部门。",
    openapi_extra=clauses("E-2.3"),
)
async def list_experts_lacking(context: Reader) -> WithoutExperts:
    """Supervising departments without an expert (E-2.3)."""
    having = set(await context.session.scalars(select(Expert.department).distinct()))
    lacking = (unit.id for unit in catalogue().units if unit.supervises and unit.id not in having)
    return WithoutExperts.of(departments=[named(id) for id in lacking])


add_register(router, "emergency", EXPERTS)
