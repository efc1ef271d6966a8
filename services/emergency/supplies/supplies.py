"""Supplies, equipment, medical and transport resources with their place and amount (E-6.3)."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import CheckConstraint, Numeric, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from kit.district.clock import Now
from kit.district.named_units import StreetId, UnitId, UnitShown
from kit.district.natural_time import Day
from kit.events.event import Event, record
from kit.personal.phones import Phone, Reachable
from kit.storage import db
from kit.storage.transactions import Session
from kit.web import routes
from kit.web.etags import set_etag
from kit.web.pages import Page, PageRequest
from kit.web.problems import Conflict, problems
from kit.web.routes import clauses
from services.emergency.base import Base
from services.emergency.register import Entry, EntryOut, Reader, Register, Writer, keep, must_be_past, page_of

#: The largest amount of one kind in one place: far above any store, below what the column holds.
MOST = 1_000_000_000


class Category(StrEnum):
    """What kind of resource it is."""

    SUPPLIES = "supplies"
    EQUIPMENT = "equipment"
    MEDICAL = "medical"
    TRANSPORT = "transport"


class Supply(Base, Entry, Reachable):
    """A kind of resource at one place; `stock` is what is there to be used, in `measure`."""

    __tablename__ = "supplies"
    __table_args__ = (
        CheckConstraint("stock >= 0", name="stock"),
        CheckConstraint("minimum >= 0", name="minimum"),
        CheckConstraint("category in ('supplies','equipment','medical','transport')", name="category"),
        CheckConstraint("(latitude is null) = (longitude is null)", name="position"),
    )
    clauses = ("E-6.3",)

    name: Mapped[str]
    category: Mapped[str] = mapped_column(index=True)
    measure: Mapped[str]
    stock: Mapped[int]
    minimum: Mapped[int]
    keeper: Mapped[str] = mapped_column(index=True)
    street: Mapped[str | None] = mapped_column(index=True)
    place: Mapped[str]
    latitude: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    longitude: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    contact: Mapped[str | None]
    checked_on: Mapped[date | None]


class StockChanged(Event, type="emergency.supply.stock_changed"):
    """An amount of a resource was added or taken."""

    supply: UUID
    change: int
    stock: int
    reason: str


async def change_stock(session: AsyncSession, supply_id: UUID, change: int, now: datetime) -> Supply:
    """Add to a resource's stock, or take from it where `change` is negative; the row stays locked.

    Raises: NotFound; Conflict when less is there than is to be taken.
    """
    supply = await db.locked(session, Supply, supply_id, "没有这项应急物资，请核对编号。")
    if supply.stock + change < 0:
        raise Conflict(
            "not-enough-stock",
            f"{supply.name}在{supply.place}只有 {supply.stock} {supply.measure}，不够 {-change}，请减少数量或另选一处。",
            clauses=Supply.clauses,
            stock=supply.stock,
        )
    supply.stock += change
    supply.changed_at = now
    await session.flush()
    return supply


class SupplyIn(BaseModel):
    """A resource as it is entered."""

    model_config = ConfigDict(
        title="应急物资装备",
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "正压式空气呼吸器",
                    "category": "equipment",
                    "measure": "套",
                    "stock": 20,
                    "minimum": 10,
                    "keeper": "区消防救援大队",
                    "street": "天骄街道",
                    "place": "某某路器材库（虚构）",
                    "contact": "库管员",
                    "phone": "13800000000",
                    "checked_on": "2024-06-01",
                }
            ]
        },
    )

    name: str = Field(min_length=1, max_length=100, description="名称")
    category: Category = Field(description="supplies 物资，equipment 装备，medical 医疗，transport 运输")
    measure: str = Field(min_length=1, max_length=20, description="计量单位", examples=["套"])
    stock: int = Field(ge=0, le=MOST, description="可用数量")
    minimum: int = Field(default=0, ge=0, le=MOST, description="最低储备数量；低于它的会被列出")
    keeper: UnitId = Field(description="保管单位")
    street: StreetId | None = Field(default=None, description="存放地所在镇街道")
    place: str = Field(min_length=1, max_length=200, description="存放地点")
    latitude: Annotated[Decimal, Field(ge=-90, le=90, decimal_places=6)] | None = Field(
        default=None, description="纬度，度"
    )
    longitude: Annotated[Decimal, Field(ge=-180, le=180, decimal_places=6)] | None = Field(
        default=None, description="经度，度；与纬度同填或同不填"
    )
    contact: str | None = Field(default=None, max_length=50, description="保管人")
    phone: Phone | None = Field(default=None, description="保管人电话")
    checked_on: Day | None = Field(default=None, description="最近检查维护日期")

    @model_validator(mode="after")
    def _placed(self) -> "SupplyIn":
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("纬度和经度要同时填写，或都不填。")
        return self


class SupplyOut(EntryOut):
    """A resource."""

    model_config = ConfigDict(title="应急物资装备信息", from_attributes=True)

    name: str
    category: Category
    measure: str = Field(description="计量单位")
    stock: int = Field(description="可用数量")
    minimum: int = Field(description="最低储备数量")
    keeper: UnitShown
    street: UnitShown | None
    place: str
    latitude: Decimal | None
    longitude: Decimal | None
    contact: str | None
    phone: str | None = Field(description="部分数字")
    checked_on: date | None


class StockChange(BaseModel):
    """An amount added or taken."""

    model_config = ConfigDict(
        title="数量变动",
        extra="forbid",
        json_schema_extra={"examples": [{"change": 5, "reason": "新购入库"}]},
    )

    change: Annotated[int, Field(ge=-MOST, le=MOST)] = Field(description="入库为正，出库为负")
    reason: str = Field(min_length=2, max_length=200, description="原因")


@dataclass
class SupplyFilter:
    category: Annotated[Category | None, Query(description="类别")] = None
    keeper: Annotated[UnitId | None, Query(description="保管单位")] = None
    street: Annotated[StreetId | None, Query(description="存放地所在镇街道")] = None


async def _checked_already(_session: AsyncSession, body: SupplyIn, _row: Any, now: datetime) -> None:
    if body.checked_on is not None:
        must_be_past(body.checked_on, now, "/checked_on")


SUPPLIES = Register(
    path="supplies",
    noun="应急物资装备",
    about="物资、装备、医疗和运输资源的存放地点与数量。",
    model=Supply,
    entry=SupplyIn,
    shown=SupplyOut,
    filters=SupplyFilter,
    check=_checked_already,
)

router = routes.router("应急物资装备")


@router.get(
    "/supplies/lacking",
    summary="列出储备不足的物资装备",
    description="可用数量低于最低储备数量的各项。",
    openapi_extra=clauses("E-6.3"),
)
async def list_supplies_lacking(session: Session, _caller: Reader, paging: PageRequest) -> Page[SupplyOut]:
    """Resources below what is to be kept (E-6.3)."""
    return await page_of(session, paging, select(Supply).where(Supply.stock < Supply.minimum), SUPPLIES)


@router.post(
    "/supplies/{id}/stock",
    summary="登记物资装备出入库",
    description="入库为正数，出库为负数。出库不能多于现有数量；同时有多人出库时逐个办理。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-6.3"),
)
async def change_supply_stock(
    id: UUID, body: StockChange, session: Session, caller: Writer, now: Now, response: Response
) -> SupplyOut:
    """Add to a stock or take from it (E-6.3)."""
    supply = await change_stock(session, id, body.change, now)
    event = StockChanged(supply=id, change=body.change, stock=supply.stock, reason=body.reason)
    record(session, event, str(id), caller, now)
    set_etag(response, supply)
    return SupplyOut.model_validate(supply)


keep(router, SUPPLIES)
