"""Who is in charge of a compound, from when to when and in which mode: at most one on any day (P-2.4.1 to P-2.4.5)."""

from datetime import date, timedelta
from typing import Any, Self
from uuid import UUID

from pydantic import Field, model_validator
from sqlalchemy import CheckConstraint, ForeignKey, Select, case, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from kit.context import Context
from kit.events.event import Event
from kit.storage.exclusion import one_at_a_time
from kit.storage.keys import refused_by
from kit.web import routes
from kit.web.ownership import Belonging
from kit.web.problems import Conflict
from kit.web.register_endpoints import add_register
from kit.web.registers import Change, Entry, Register, must_exist
from kit.web.shapes import Text, choices
from services.property.base import Base
from services.property.companies import Company
from services.property.compounds.happened import Happened, What, at
from services.property.compounds.work import of_compound, own_compound
from services.property.entered import Spell, SpellIn, in_order, one_of
from services.property.known import Remembered
from services.property.plan.modes import CLAUSE_OF, WITHOUT_COMPANY, Mode

OVERLAP = "这个小区在这段时间已有管理单位；更换的，请先填写原管理单位的结束日期。"


class Charge(Base, Entry, Spell, Remembered):
    """A company, or where the mode allows somebody else, in charge of a compound (管理关系); both days are of it."""

    __tablename__ = "charges"
    __table_args__ = (
        one_of("mode", Mode),
        CheckConstraint("num_nonnulls(company_id, keeper) = 1", name="one_keeper"),
        in_order(),
        one_at_a_time("charges_compound_id", "compound_id"),
    )
    clauses = ("P-2.4.1", "P-2.4.2", "P-2.4.3", "P-2.4.4", "P-2.4.5")

    compound_id: Mapped[UUID] = mapped_column(ForeignKey("compounds.id"), index=True)
    company_id: Mapped[UUID | None] = mapped_column(ForeignKey("companies.id"), index=True)
    keeper: Mapped[str | None]
    mode: Mapped[str] = mapped_column(index=True)
    note: Mapped[str | None]


class ChargeChanged(Event, type="property.charge.changed", title="小区管理单位变更"):
    """Somebody came to be in charge of a compound, or its period, mode or end was changed."""

    charge: UUID = Field(description="管理关系登记编号")
    compound: UUID = Field(description="小区登记编号")
    company: UUID | None = Field(description="企业登记编号；由企业以外管理的为空")
    mode: Mode = Field(description=f"覆盖模式：{choices(Mode)}")
    begins_on: date = Field(description="开始日期")
    ends_on: date | None = Field(description="结束的最后一天；没有结束时为空")
    change: Change = Field(description="entered 登记，changed 修改，removed 删除")


class ChargeIn(
    SpellIn,
    title="小区管理关系",
    example={
        "compound_id": "01990000-0000-7000-8000-000000000000",
        "company_id": "01990000-0000-7000-8000-000000000001",
        "mode": "market",
        "begins_on": "2024-06-01",
    },
):
    """Who is in charge of a compound, as entered (管理关系)."""

    compound_id: UUID = Field(description="小区编号")
    company_id: UUID | None = Field(default=None, description="物业服务企业编号；由企业以外管理的不填")
    keeper: str | None = Field(
        default=None,
        min_length=2,
        max_length=100,
        description="企业以外的管理者，如社区居民委员会、社会组织",
        examples=["团结社区居民委员会"],
    )
    mode: Mode = Field(description=f"覆盖模式：{choices(Mode)}")
    note: Text | None = Field(default=None, description="说明", examples=["与毗邻小区连片交付"])

    @model_validator(mode="after")
    def _kept_by_one(self) -> Self:
        if (self.company_id is None) == (self.keeper is None):
            raise ValueError("由企业管理的填写 company_id，由其他管理者管理的填写 keeper，两者只填一个。")
        if self.keeper is not None and self.mode not in WITHOUT_COMPANY:
            raise ValueError(f"{self.mode.zh}由物业服务企业管理，请填写 company_id。")
        return self


async def _check(context: Context, body: ChargeIn, row: Charge | None) -> None:
    """Refuse what is unknown or another street's, also of the compound that the row was of before."""
    for compound in {body.compound_id, row.compound_id if row else body.compound_id}:
        await own_compound(context, compound)
    await must_exist(context.session, Company, body.company_id, "/company_id", "物业服务企业")


def _told(charge: Charge, change: Change) -> ChargeChanged:
    return ChargeChanged(
        charge=charge.id,
        compound=charge.compound_id,
        company=charge.company_id,
        mode=Mode(charge.mode),
        begins_on=charge.begins_on,
        ends_on=charge.ends_on,
        change=change,
    )


async def put_in_charge(context: Context, charge: Charge) -> None:
    """Put a company in charge of a compound that the caller has locked; who was before is until the day before.

    Raises: Conflict where somebody begins on the same day or is to come later.
    """
    standing = select(Charge).where(Charge.compound_id == charge.compound_id, Charge.on(charge.begins_on))
    before = (await context.session.scalars(standing.with_for_update())).one_or_none()
    if before is not None and before.begins_on < charge.begins_on:
        before.ends_on = charge.begins_on - timedelta(days=1)
        before.changed_at = context.now
        await context.session.flush()
        context.record(_told(before, "changed"), str(before.id))
    context.session.add(charge)
    try:
        await context.session.flush()
    except IntegrityError as error:
        if refused_by(error).startswith("ex_"):
            raise Conflict("overlapping-period", OVERLAP, clauses=Charge.clauses) from None
        raise
    context.record(_told(charge, "entered"), str(charge.id))


CHARGES = Register(
    "charges",
    "小区管理关系",
    Charge,
    ChargeIn,
    about="小区由谁、以哪种模式管理；同一小区同一天只有一个管理单位。",
    filters=("compound_id", "company_id", "mode"),
    search="keeper",
    check=_check,
    told=_told,
    belongs=Belonging(
        of_compound(Charge.compound_id).division,
        select(Company.uscc).where(Company.id == Charge.company_id).scalar_subquery(),
    ),
    overlap=OVERLAP,
)
router = routes.router("小区管理关系")
add_register(router, "property", CHARGES)


def _in_charge(id: UUID, day: Any, done: str) -> Select[Any]:
    modes = case({each.value: each.zh for each in Mode}, value=Charge.mode)
    keeper = func.coalesce(Company.name, Charge.keeper)
    what = What(
        Charge.id,
        day,
        func.concat(keeper, done, "，覆盖模式：", modes),
        at("charges", Charge.id),
        case({each.value: clause for each, clause in CLAUSE_OF.items()}, value=Charge.mode),
    )
    kept = select(*what.columns).outerjoin_from(Charge, Company, Company.id == Charge.company_id)
    return kept.where(Charge.compound_id == id)


def _begun(id: UUID) -> Select[Any]:
    return _in_charge(id, Charge.begins_on, "开始管理")


def _ended(id: UUID) -> Select[Any]:
    return _in_charge(id, Charge.ends_on, "管理到当日为止")


HAPPENED = (
    Happened("charge_begun", "管理单位开始管理", _begun),
    Happened("charge_ended", "管理单位结束管理", _ended),
)
