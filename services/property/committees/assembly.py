"""What owners' assemblies decide on pay and staff of a committee, and what is paid by it (P-2.1.2c)."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column

from kit.context import Context
from kit.district.clock import Day
from kit.district.money import Yuan
from kit.personal.kept import PersonName
from kit.storage import db
from kit.web import routes
from kit.web.ownership import Belonging
from kit.web.problems import Conflict, FieldError
from kit.web.register_endpoints import add_register
from kit.web.registers import Entry, Register, must_exist, must_hold
from kit.web.shapes import Body, Choice, Name, choices
from services.property.base import Base
from services.property.compounds.work import of_compound
from services.property.entered import checked, one_of


class PaidWho(Choice):
    """Whom a decision lets be paid (报酬对象)."""

    MEMBERS = "members", "业委会（物管会）委员"
    STAFF = "staff", "聘用的专职工作人员"


class Decision(Base, Entry):
    """An owners' assembly's decision to pay members or to hire staff, and how much in all (业主大会决定)."""

    __tablename__ = "assembly_decisions"
    __table_args__ = (
        one_of("paid_who", PaidWho),
        CheckConstraint("amount > 0", name="amount"),
        UniqueConstraint("id", "paid_who"),  # so that a payment can refer to both
    )
    clauses = ("P-2.1.2c",)

    compound_id: Mapped[UUID] = mapped_column(ForeignKey("compounds.id"), index=True)
    paid_who: Mapped[str]
    amount: Mapped[Decimal] = mapped_column(db.Money)
    source: Mapped[str]
    decided_on: Mapped[date]


class DecisionIn(
    Body,
    title="业主大会关于报酬的决定",
    example={
        "compound_id": "01990000-0000-7000-8000-000000000000",
        "paid_who": "members",
        "amount": "12000.00",
        "source": "业主共有部分经营收益",
        "decided_on": "2024-06-01",
    },
):
    """A decision as entered (业主大会决定)."""

    compound_id: UUID = Field(description="小区编号")
    paid_who: PaidWho = Field(description=choices(PaidWho))
    amount: Yuan = Field(gt=0, description="决定的总额，元")
    source: Name = Field(description="经费来源")
    decided_on: Day = Field(description="作出决定的日期")


class Payment(Base, Entry):
    """What was paid to a member or an employee by an assembly's decision (报酬发放); none is without one."""

    __tablename__ = "committee_payments"
    __table_args__ = (
        ForeignKeyConstraint(
            ["decision_id", "paid_who"], ["assembly_decisions.id", "assembly_decisions.paid_who"]
        ),
        CheckConstraint("amount > 0", name="amount"),
    )
    clauses = ("P-2.1.2c",)

    decision_id: Mapped[UUID] = mapped_column(index=True)
    paid_who: Mapped[str]
    person: Mapped[str]
    amount: Mapped[Decimal] = mapped_column(db.Money)
    paid_on: Mapped[date]


class PaymentIn(
    Body,
    title="委员报酬、专职人员工资",
    example={
        "decision_id": "01990000-0000-7000-8000-000000000000",
        "paid_who": "members",
        "person": "张某某",
        "amount": "500.00",
        "paid_on": "2024-06-20",
    },
):
    """A payment as entered (报酬发放)."""

    decision_id: UUID = Field(description="所依据的业主大会决定的编号")
    paid_who: PaidWho = Field(description=f"{choices(PaidWho)}；须与决定一致")
    person: PersonName = Field(min_length=2, description="领取人姓名；加密保存，只显示姓")
    amount: Yuan = Field(gt=0, description="金额，元；同一决定发放的合计不超过决定的总额")
    paid_on: Day = Field(description="发放日期")


async def _covers_what_is_paid(context: Context, body: DecisionIn, row: Decision | None) -> None:
    """Refuse to make a decision smaller, or later, than what was paid by it. Raises: Conflict."""
    if row is None:
        return
    paid = select(func.coalesce(func.sum(Payment.amount), 0), func.min(Payment.paid_on))
    amount, first = (await context.session.execute(paid.where(Payment.decision_id == row.id))).one()
    if amount > body.amount:
        raise _beyond("amount", f"已经发放 {amount} 元")
    if first is not None and first < body.decided_on:
        raise _beyond("decided_on", f"{first} 已有发放")


async def _is_decided(context: Context, body: PaymentIn, row: Payment | None) -> None:
    """Refuse what no assembly decided: before it, of others, or beyond its amount.

    Raises: Invalid; Conflict.
    """
    await must_exist(context.session, Decision, body.decision_id, "/decision_id", DECISIONS.noun)
    await must_hold(context, DECISIONS, body.decision_id)
    decision = await db.locked(context.session, Decision, body.decision_id, DECISIONS.missing)
    if decision.paid_who != body.paid_who:
        raise _beyond("paid_who", f"决定的报酬对象是{PaidWho(decision.paid_who).zh}")
    if body.paid_on < decision.decided_on:
        raise _beyond("paid_on", f"业主大会 {decision.decided_on} 才作出决定")
    others = select(func.coalesce(func.sum(Payment.amount), 0)).where(Payment.decision_id == decision.id)
    if row is not None:
        others = others.where(Payment.id != row.id)
    already: Any = await context.session.scalar(others)
    if already + body.amount > decision.amount:
        raise _beyond("amount", f"决定的总额是 {decision.amount} 元，其余已发放 {already} 元")


def _beyond(field: str, reason: str) -> Conflict:
    return Conflict(
        "not-decided",
        "报酬须以业主大会的决定为限，请核对对象、金额和日期。",
        errors=[FieldError(pointer=f"/{field}", reason=reason)],
        clauses=Payment.clauses,
    )


DECISIONS = Register(
    "assembly-decisions",
    "业主大会关于报酬的决定",
    Decision,
    DecisionIn,
    about="业主大会关于支付委员报酬或聘用专职工作人员的决定：总额、来源和日期。",
    filters=("compound_id", "paid_who"),
    search="source",
    check=checked("decided_on", then=_covers_what_is_paid),
    belongs=of_compound(Decision.compound_id),
)
_DECIDED_IN = select(Decision.compound_id).where(Decision.id == Payment.decision_id).scalar_subquery()
PAYMENTS = Register(
    "committee-payments",
    "委员报酬、专职人员工资",
    Payment,
    PaymentIn,
    about="没有业主大会决定的不能发放，也不能超过决定的总额。",
    filters=("decision_id",),
    search=None,
    check=checked("paid_on", then=_is_decided),
    belongs=Belonging(of_compound(_DECIDED_IN).division),
)

router = routes.router("业主大会与报酬")
add_register(router, "property", DECISIONS)
add_register(router, "property", PAYMENTS)
