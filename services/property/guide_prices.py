"""The government guide price (政府指导价) by service grade and version, and the compounds whose fee is above it (P-2.3.3)."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import CheckConstraint, Numeric, Select, UniqueConstraint, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Mapped, aliased, mapped_column

from kit.context import Context
from kit.district.clock import Day
from kit.duties.owing import Owed, Who
from kit.web import routes
from kit.web.problems import Conflict
from kit.web.register_endpoints import add_register
from kit.web.registers import Entry, Register
from kit.web.shapes import Body, Name
from services.property.base import Base
from services.property.companies import Company
from services.property.compounds.models import Compound, located, states
from services.property.contracts.models import Contract
from services.property.divisions import STREET
from services.property.plan.duties import DUTIES

CLAUSES = ("P-2.3.3",)
Price = Annotated[Decimal, Field(ge=0, max_digits=9, decimal_places=4)]
Change = Annotated[Decimal, Field(ge=-1, le=10, max_digits=6, decimal_places=4)]


class GuidePrice(Base, Entry):
    """The guide price of a service grade from a day on, and what it was set by.

    price, average_cost: yuan for a square metre and month; minimum_wage_change, cpi_change: shares, 0.03 is 3%.
    """

    __tablename__ = "guide_prices"
    __table_args__ = (
        UniqueConstraint("grade", "valid_from"),
        CheckConstraint("grade between 1 and 5", name="grade"),
        CheckConstraint("least(price, average_cost) >= 0", name="not_negative"),
    )
    clauses = CLAUSES

    grade: Mapped[int]
    valid_from: Mapped[date]
    price: Mapped[Decimal] = mapped_column(Numeric(9, 4))
    average_cost: Mapped[Decimal] = mapped_column(Numeric(9, 4))
    minimum_wage_change: Mapped[Decimal] = mapped_column(Numeric(6, 4))
    cpi_change: Mapped[Decimal] = mapped_column(Numeric(6, 4))
    document: Mapped[str]


class GuidePriceIn(
    Body,
    title="政府指导价",
    example={
        "grade": 3,
        "valid_from": "2024-07-01",
        "price": "1.60",
        "average_cost": "1.52",
        "minimum_wage_change": "0.03",
        "cpi_change": "0.002",
        "document": "东发改价字〔2024〕1 号（虚构）",
    },
):
    """A version of the guide price as entered (政府指导价)."""

    grade: Annotated[int, Field(ge=1, le=5)] = Field(description="服务等级，1 至 5 级")
    valid_from: Day = Field(description="施行日期")
    price: Price = Field(description="指导价，元/平方米/月；高于它的列出，等于它的不列")
    average_cost: Price = Field(description="物业服务平均成本，元/平方米/月")
    minimum_wage_change: Change = Field(description="最低工资标准调整幅度，0.03 为上调 3%")
    cpi_change: Change = Field(description="消费物价指数变动，0.002 为上涨 0.2%")
    document: Name = Field(description="定价文件")


async def _must_be_to_come(context: Context, _body: GuidePriceIn, row: GuidePrice | None) -> None:
    if row is not None:
        await _not_in_force(context, row)


async def _not_in_force(context: Context, row: GuidePrice) -> None:
    """Refuse to touch a version that is in force: what was charged by it is measured by it for ever."""
    if row.valid_from <= context.today:
        raise Conflict(
            "price-in-force",
            f"这一版指导价自 {row.valid_from} 起已施行，不能修改或删除，请登记新的一版。",
            clauses=CLAUSES,
        )


GUIDE_PRICES = Register(
    "guide-prices",
    "政府指导价",
    GuidePrice,
    GuidePriceIn,
    about="按服务等级分版本，保留每版所依据的平均成本、最低工资标准调整幅度和消费物价指数变动；已施行的不能修改。",
    filters=("grade",),
    search="document",
    check=_must_be_to_come,
    removable=_not_in_force,
)


def _above(day: date) -> Select[Any]:
    """Compounds whose fee, of the contract that runs or else of the newest survey, is above the price of its grade."""
    runs = (
        select(Contract)
        .where(Contract.starts_on <= day, Contract.ends_on >= day)
        .ext(distinct_on(Contract.compound_id))
        .order_by(Contract.compound_id, Contract.starts_on.desc(), Contract.id.desc())
    )
    stands = (
        select(GuidePrice)
        .where(GuidePrice.valid_from <= day)
        .ext(distinct_on(GuidePrice.grade))
        .order_by(GuidePrice.grade, GuidePrice.valid_from.desc())
    )
    contract, price = aliased(Contract, runs.subquery()), aliased(GuidePrice, stands.subquery())
    state = states(day)
    fee = func.coalesce(contract.fee, state.fee)
    lacks = func.format("物业费 %s 元，高于 %s 级政府指导价 %s 元", fee, contract.grade, price.price)
    who = Who(
        Compound.id,
        Compound.name,
        func.greatest(contract.starts_on, price.valid_from),
        street=STREET.name,
        company=Company.uscc,
        lacks=lacks,
    )
    return (
        located(select(*who.columns).select_from(Compound))
        .join(contract, contract.compound_id == Compound.id)
        .join(Company, Company.id == contract.company_id)
        .join(price, price.grade == contract.grade)
        .outerjoin(state, state.compound_id == Compound.id)
        .where(fee > price.price)
    )


OWED = (Owed(DUTIES["guide-price"], _above),)

router = routes.router("政府指导价")
add_register(router, "property", GUIDE_PRICES)
