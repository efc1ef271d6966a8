"""Supplies, equipment, medical and transport resources with their place and amount (E-6.3)."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from fastapi import Response
from pydantic import AfterValidator, Field, model_validator
from sqlalchemy import CheckConstraint, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from kit.context import Context
from kit.district.clock import Day
from kit.district.named_units import StreetId, UnitId
from kit.events.event import Event
from kit.personal.phones import Phone, Reachable
from kit.storage import db
from kit.web import routes
from kit.web.access import requires
from kit.web.etags import set_etag
from kit.web.ownership import Belonging, Whose
from kit.web.problems import Conflict, problems
from kit.web.register_endpoints import add_register
from kit.web.registers import Entry, EntryId, EntryOut, Register, must_hold
from kit.web.routes import clauses
from kit.web.shapes import Body, Choice, choices
from services.emergency.base import Base

#: The largest amount of one kind in one place: far above any store, below what the column holds.
MOST = 1_000_000_000

Writer = Annotated[Context, requires("emergency:write", whose=Whose.PLACES)]
#: A longitude, or a latitude within closer bounds; held and shown with six places.
Degrees = Annotated[
    Decimal,
    Field(ge=-180, le=180, decimal_places=6),
    AfterValidator(lambda value: value.quantize(Decimal("0.000001"))),
]


class Category(Choice):
    """What kind of resource it is (物资类别)."""

    SUPPLIES = "supplies", "物资"
    EQUIPMENT = "equipment", "装备"
    MEDICAL = "medical", "医疗"
    TRANSPORT = "transport", "运输"


class Supply(Base, Entry, Reachable):
    """A kind of resource at one place (应急物资装备); `stock` is what is there to be used, in `measure`."""

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


class StockChanged(Event, type="emergency.supply.stock_changed", title="应急物资库存变动"):
    """An amount of a resource was added or taken."""

    supply: UUID = Field(description="物资登记编号")
    change: int = Field(description="变动的数量，减少时为负")
    stock: int = Field(description="变动后的库存")
    reason: str = Field(description="变动的理由")


async def change_stock(context: Context, supply_id: UUID, change: int) -> Supply:
    """Add to a resource's stock, or take from it where `change` is negative; the row stays locked.

    Raises: NotFound; Conflict when less is there than is to be taken.
    """
    supply = await db.locked(context.session, Supply, supply_id, SUPPLIES.missing)
    if supply.stock + change < 0:
        raise Conflict(
            "not-enough-stock",
            f"{supply.name}在{supply.place}只有 {supply.stock} {supply.measure}，不够 {-change}，请减少数量或另选一处。",
            clauses=Supply.clauses,
            stock=supply.stock,
        )
    supply.stock += change
    supply.changed_at = context.now
    await context.session.flush()
    return supply


class SupplyIn(
    Body,
    title="应急物资装备",
    example={
        "name": "正压式空气呼吸器",
        "category": "equipment",
        "measure": "套",
        "stock": 20,
        "minimum": 10,
        "keeper": "区消防救援大队",
        "street": "天骄街道",
        "place": "某某路器材库（虚构）",
        "latitude": "39.81",
        "longitude": "110.01",
        "contact": "库管员",
        "phone": "13800000000",
        "checked_on": "2024-06-01",
    },
):
    """A resource as it is entered (应急物资装备)."""

    name: str = Field(min_length=1, max_length=100, description="名称")
    category: Category = Field(description=choices(Category))
    measure: str = Field(min_length=1, max_length=20, description="计量单位", examples=["套"])
    stock: int = Field(ge=0, le=MOST, description="可用数量")
    minimum: int = Field(default=0, ge=0, le=MOST, description="最低储备数量；低于它的会被列出")
    keeper: UnitId = Field(description="保管单位")
    street: StreetId | None = Field(default=None, description="存放地所在镇街道")
    place: str = Field(min_length=1, max_length=200, description="存放地点")
    latitude: Degrees | None = Field(default=None, ge=-90, le=90, description="纬度，度")
    longitude: Degrees | None = Field(default=None, description="经度，度；与纬度同填或同不填")
    contact: str | None = Field(default=None, max_length=50, description="保管人")
    phone: Phone | None = Field(default=None, description="保管人电话")
    checked_on: Day | None = Field(default=None, description="最近检查维护日期")

    @model_validator(mode="after")
    def _placed(self) -> Self:
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("纬度和经度要同时填写，或都不填。")
        return self


class StockChange(Body, title="数量变动", example={"change": 5, "reason": "新购入库"}):
    """An amount added or taken (出入库)."""

    change: int = Field(ge=-MOST, le=MOST, description="入库为正，出库为负")
    reason: str = Field(min_length=2, max_length=200, description="原因")


async def _checked_already(context: Context, body: SupplyIn, _row: Supply | None) -> None:
    context.refuse_future(checked_on=body.checked_on)


SUPPLIES = Register(
    "supplies",
    "应急物资装备",
    Supply,
    SupplyIn,
    about="物资、装备、医疗和运输资源的存放地点与数量。",
    filters=("category", "keeper", "street"),
    lacking=("低于最低储备数量的物资装备", Supply.stock < Supply.minimum),
    check=_checked_already,
    belongs=Belonging(division=Supply.street),
)

router = routes.router("应急物资装备")


@router.post(
    "/supplies/{id}/stock",
    response_model=SUPPLIES.out,
    summary="登记物资装备出入库",
    description="入库为正数，出库为负数。出库不能多于现有数量；同时有多人出库时逐个办理。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-6.3"),
)
async def change_supply_stock(
    id: EntryId, body: StockChange, context: Writer, response: Response
) -> EntryOut:
    """Add to a stock or take from it (E-6.3)."""
    await must_hold(context, SUPPLIES, id)
    supply = await change_stock(context, id, body.change)
    event = StockChanged(supply=id, change=body.change, stock=supply.stock, reason=body.reason)
    context.record(event, str(id))
    set_etag(response, supply)
    return SUPPLIES.out.of(supply)


add_register(router, "emergency", SUPPLIES)
