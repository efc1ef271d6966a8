"""Experts by field, and the supervising departments that have no group of them yet (E-2.3)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import CheckConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from kit.district.citations import Basis, cite
from kit.district.named_units import NamedUnit, UnitId, UnitShown, named
from kit.personal.phones import Phone, Reachable
from kit.storage.transactions import Session
from kit.web import routes
from kit.web.routes import clauses
from services.emergency.base import Base
from services.emergency.plan.catalogue import catalogue
from services.emergency.register import Entry, EntryOut, Reader, Register, keep


class Specialty(StrEnum):
    """The field that an expert knows: the fields that 附件1 gives the departments to supervise."""

    DANGEROUS_GOODS = "dangerous_goods"
    COAL = "coal"
    OIL_GAS_PIPELINE = "oil_gas_pipeline"
    POWER = "power"
    CONSTRUCTION = "construction"
    TRANSPORT = "transport"
    FIRE = "fire"
    SPECIAL_EQUIPMENT = "special_equipment"
    WATER_WORKS = "water_works"
    GEOLOGY = "geology"
    ENVIRONMENT = "environment"
    MEDICINE = "medicine"
    WEATHER = "weather"
    INDUSTRY = "industry"
    OTHER = "other"


SPECIALTIES = (
    "dangerous_goods 危险化学品，coal 煤矿，oil_gas_pipeline 油气管道，power 电力，construction 建筑施工，"
    "transport 交通运输，fire 消防，special_equipment 特种设备，water_works 水利，geology 地质，"
    "environment 环境，medicine 医疗，weather 气象，industry 工业，other 其他"
)


class Expert(Base, Entry, Reachable):
    """An expert in the group of a department."""

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


class ExpertIn(BaseModel):
    """An expert as entered."""

    model_config = ConfigDict(
        title="应急专家",
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "某专家（虚构）",
                    "specialty": "coal",
                    "department": "区能源局",
                    "employer": "某某矿业设计院（虚构）",
                    "title": "高级工程师",
                    "phone": "13800000000",
                    "available": True,
                }
            ]
        },
    )

    name: str = Field(min_length=2, max_length=50, description="姓名")
    specialty: Specialty = Field(description=f"专业领域：{SPECIALTIES}")
    department: UnitId = Field(description="建立专家组的部门")
    employer: str | None = Field(default=None, max_length=100, description="工作单位")
    title: str | None = Field(default=None, max_length=50, description="职称或职务")
    phone: Phone | None = Field(default=None, description="电话")
    available: bool = Field(default=True, description="目前能否调请")


class ExpertOut(EntryOut):
    """An expert."""

    model_config = ConfigDict(title="应急专家信息", from_attributes=True)

    name: str
    specialty: Specialty = Field(description=f"专业领域：{SPECIALTIES}")
    department: UnitShown
    employer: str | None
    title: str | None
    phone: str | None = Field(description="部分数字")
    available: bool


@dataclass
class ExpertFilter:
    specialty: Annotated[Specialty | None, Query(description=f"专业领域：{SPECIALTIES}")] = None
    department: Annotated[UnitId | None, Query(description="建立专家组的部门")] = None
    available: Annotated[bool | None, Query(description="目前能否调请")] = None


class WithoutExperts(BaseModel):
    """Who should keep experts and has none."""

    model_config = ConfigDict(title="未建专家组的部门")

    departments: list[NamedUnit] = Field(description="负有监管职责而没有登记专家的部门")
    basis: Basis


EXPERTS = Register(
    path="experts",
    noun="应急专家",
    about="按专业领域登记的专家。",
    model=Expert,
    entry=ExpertIn,
    shown=ExpertOut,
    filters=ExpertFilter,
)

router = routes.router("应急专家")


@router.get(
    "/experts/lacking",
    summary="列出未建专家组的部门",
    description="负有安全生产监管职责、但没有登记任何专家的部门。",
    openapi_extra=clauses("E-2.3"),
)
async def list_experts_lacking(session: Session, _caller: Reader) -> WithoutExperts:
    """Supervising departments without an expert (E-2.3)."""
    having = set(await session.scalars(select(Expert.department).distinct()))
    lacking = [named(unit.id) for unit in catalogue().units if unit.supervises and unit.id not in having]
    return WithoutExperts(departments=lacking, basis=cite("E-2.3"))


keep(router, EXPERTS)
