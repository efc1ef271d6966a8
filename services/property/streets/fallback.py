"""Fallback management by state-owned companies from a menu, transitional subsidies, and communities' service centres.

P-2.4.3, P-2.4.5. Who is in charge of a compound, and in which mode, is a charge; here stands what goes with it.
"""

from datetime import date
from decimal import Decimal
from typing import Self
from uuid import UUID

from pydantic import Field, model_validator
from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid, select
from sqlalchemy.orm import Mapped, mapped_column

from kit.context import Context
from kit.district.clock import Day
from kit.district.money import Yuan
from kit.storage import db
from kit.web import routes
from kit.web.problems import FieldError, Invalid
from kit.web.register_endpoints import add_register
from kit.web.registers import Entry, Register
from kit.web.shapes import Body, Name, Text
from services.property.base import Base
from services.property.compounds.work import of_compound
from services.property.divisions import Division, of_division
from services.property.entered import Spell, SpellIn, checked, in_order, of_company


class MenuItem(Base, Entry, Spell):
    """A service that compounds under fallback management may choose, while it is offered (菜单服务)."""

    __tablename__ = "menu_items"
    __table_args__ = (in_order(), UniqueConstraint("name", "begins_on"))
    clauses = ("P-2.4.3",)

    name: Mapped[str]
    standard: Mapped[str]


class MenuItemIn(
    SpellIn,
    title="菜单服务",
    example={"name": "公共区域保洁", "standard": "每日清扫一次", "begins_on": "2024-06-01"},
):
    """A service of the menu as an operator enters it (菜单服务)."""

    name: Name = Field(description="服务名称")
    standard: Text = Field(description="服务内容和标准")


class Fallback(Base, Entry, Spell):
    """A compound's fallback management: what its owners chose from the menu, and what they said of it (兜底管理)."""

    __tablename__ = "fallbacks"
    __table_args__ = (
        in_order(),
        CheckConstraint("cardinality(services) >= 1", name="services"),
        CheckConstraint("least(in_favour, against, abstained) >= 0", name="opinions"),
        CheckConstraint("asked_on <= begins_on", name="asked_on"),
        Index("uq_fallbacks_current", "compound_id", unique=True, postgresql_where="ends_on is null"),
    )
    clauses = ("P-2.4.3",)

    compound_id: Mapped[UUID] = mapped_column(ForeignKey("compounds.id"), index=True)
    company_id: Mapped[UUID] = mapped_column(ForeignKey("companies.id"), index=True)
    state_owner: Mapped[str]
    services: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()))
    asked_on: Mapped[date]
    in_favour: Mapped[int]
    against: Mapped[int]
    abstained: Mapped[int]


class FallbackIn(
    SpellIn,
    title="公益性兜底管理",
    example={
        "compound_id": "01990000-0000-7000-8000-000000000000",
        "company_id": "01990000-0000-7000-8000-000000000001",
        "state_owner": "区国资委",
        "services": ["01990000-0000-7000-8000-000000000002"],
        "asked_on": "2024-05-10",
        "in_favour": 168,
        "against": 12,
        "abstained": 20,
        "begins_on": "2024-06-01",
    },
):
    """A fallback management as entered (兜底管理)."""

    compound_id: UUID = Field(description="小区编号")
    company_id: UUID = Field(description="国有物业企业编号")
    state_owner: Name = Field(description="企业的国有出资人或其主管单位")
    services: list[UUID] = Field(
        min_length=1, max_length=100, description="从菜单中选定的服务，填菜单服务编号"
    )
    asked_on: Day = Field(description="征求群众意愿的日期，不晚于开始的一天")
    in_favour: int = Field(ge=0, le=1_000_000, description="同意的户数")
    against: int = Field(ge=0, le=1_000_000, description="不同意的户数")
    abstained: int = Field(ge=0, le=1_000_000, description="未表态的户数")

    @model_validator(mode="after")
    def _asked_before(self) -> Self:
        if self.asked_on > self.begins_on:
            raise ValueError("先征求群众意愿，再开始兜底管理。")
        return self


async def _on_the_menu(context: Context, body: FallbackIn, _row: Fallback | None) -> None:
    """Refuse a service that was not on the menu on the first day. Raises: Invalid."""
    offered = set(await context.session.scalars(select(MenuItem.id).where(MenuItem.on(body.begins_on))))
    if wrong := [place for place, id in enumerate(body.services) if id not in offered]:
        raise Invalid(
            "unknown-reference",
            "选定的服务不在当时的菜单中，请核对编号。",
            errors=[FieldError(pointer=f"/services/{place}", reason="菜单中没有") for place in wrong],
        )


class Subsidy(Base, Entry):
    """A transitional subsidy to a company that took over an old compound (过渡性引导补贴)."""

    __tablename__ = "subsidies"
    __table_args__ = (CheckConstraint("amount > 0", name="amount"),)
    clauses = ("P-2.4.3",)

    compound_id: Mapped[UUID] = mapped_column(ForeignKey("compounds.id"), index=True)
    company_id: Mapped[UUID] = mapped_column(ForeignKey("companies.id"), index=True)
    amount: Mapped[Decimal] = mapped_column(db.Money)
    policy: Mapped[str]
    granted_on: Mapped[date]


class SubsidyIn(
    Body,
    title="过渡性引导补贴",
    example={
        "compound_id": "01990000-0000-7000-8000-000000000000",
        "company_id": "01990000-0000-7000-8000-000000000001",
        "amount": "50000.00",
        "policy": "鄂住建发〔2023〕163 号",
        "granted_on": "2024-06-20",
    },
):
    """A subsidy as entered (过渡性引导补贴)."""

    compound_id: UUID = Field(description="接管的老旧小区编号")
    company_id: UUID = Field(description="接管的物业服务企业编号")
    amount: Yuan = Field(gt=0, description="金额，元")
    policy: Name = Field(description="依据的政策文件")
    granted_on: Day = Field(description="发放日期")


class ServiceCentre(Base, Entry, Spell):
    """A community's own service centre, which takes on compounds without property management (社区领办服务中心)."""

    __tablename__ = "service_centres"
    __table_args__ = (in_order(), UniqueConstraint("community_id", "name"))
    clauses = ("P-2.4.5",)

    name: Mapped[str]
    community_id: Mapped[UUID] = mapped_column(ForeignKey("divisions.id"))
    work: Mapped[str | None]


class ServiceCentreIn(
    SpellIn,
    title="城市社区管理服务中心",
    example={
        "name": "某某社区管理服务中心（虚构）",
        "community_id": "01990000-0000-7000-8000-000000000000",
        "begins_on": "2024-06-01",
    },
):
    """A service centre as entered (社区领办服务中心)."""

    name: Name = Field(description="名称")
    community_id: UUID = Field(description="领办的社区（区划编号）")
    work: Text | None = Field(
        default=None,
        description="承揽的服务和参与的退休党员、热心居民",
        examples=["保洁、绿化，热心居民 6 名参与"],
    )


async def _of_a_community(context: Context, body: ServiceCentreIn, _row: ServiceCentre | None) -> None:
    """Refuse a centre of what is no community. Raises: Invalid."""
    kind = select(Division.kind).where(Division.id == body.community_id, Division.withdrawn_on.is_(None))
    if await context.session.scalar(kind) != "community":
        raise Invalid(
            "unknown-reference",
            "没有这个社区，请核对编号。",
            errors=[FieldError(pointer="/community_id", reason="不是社区")],
        )


MENU_ITEMS = Register(
    "menu-items",
    "菜单服务",
    MenuItem,
    MenuItemIn,
    about="国有物业企业兜底管理可供选择的服务；登记过的不删除，不再提供的登记最后一天。",
    removable=None,
)
FALLBACKS = Register(
    "fallbacks",
    "公益性兜底管理",
    Fallback,
    FallbackIn,
    about="国有物业企业对暂不具备市场化条件的小区的兜底管理：征求的意愿和从菜单中选定的服务。",
    filters=("compound_id", "company_id"),
    search="state_owner",
    check=checked("begins_on", then=_on_the_menu),
    belongs=of_company(Fallback.company_id, of_compound(Fallback.compound_id).division),
)
SUBSIDIES = Register(
    "subsidies",
    "过渡性引导补贴",
    Subsidy,
    SubsidyIn,
    about="对接管改造后老旧小区的物业服务企业的过渡性引导补贴。",
    filters=("compound_id", "company_id"),
    search="policy",
    check=checked("granted_on"),
    belongs=of_company(Subsidy.company_id, of_compound(Subsidy.compound_id).division),
)
SERVICE_CENTRES = Register(
    "service-centres",
    "城市社区管理服务中心",
    ServiceCentre,
    ServiceCentreIn,
    about="街道党工委、社区党组织领导下成立的服务中心，承揽社区内无物业小区的物业管理。",
    filters=("community_id",),
    check=checked("begins_on", then=_of_a_community),
    belongs=of_division(ServiceCentre.community_id),
)

router = routes.router("兜底管理和社区领办")
for _register in (MENU_ITEMS, FALLBACKS, SUBSIDIES, SERVICE_CENTRES):
    add_register(router, "property", _register)
