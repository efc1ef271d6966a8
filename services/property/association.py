"""Members of the trade association, and who is invited to join it (P-2.7.1)."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import Date, ForeignKey, Index, Select, cast, func, select
from sqlalchemy.orm import Mapped, mapped_column

from kit.duties.owing import Owed, Who
from kit.web import routes
from kit.web.register_endpoints import add_register
from kit.web.registers import Entry, Register
from services.property.base import Base
from services.property.companies import Company
from services.property.entered import Spell, SpellIn, checked, in_order, of_company, standing
from services.property.plan.duties import DUTIES


class Membership(Base, Entry, Spell):
    """A company's membership of the trade association (协会会员)."""

    __tablename__ = "memberships"
    __table_args__ = (
        in_order(),
        Index("uq_memberships_current", "company_id", unique=True, postgresql_where="ends_on is null"),
    )
    clauses = ("P-2.7.1",)

    company_id: Mapped[UUID] = mapped_column(ForeignKey("companies.id"), index=True)


class MembershipIn(
    SpellIn,
    title="协会会员",
    example={"company_id": "01990000-0000-7000-8000-000000000000", "begins_on": "2024-06-01"},
):
    """A membership as entered (协会会员)."""

    company_id: UUID = Field(description="企业编号")


MEMBERSHIPS = Register(
    "memberships",
    "协会会员",
    Membership,
    MembershipIn,
    about="加入物业服务行业协会的企业；没有加入的只是受邀请，不影响任何登记。",
    filters=("company_id",),
    search=None,
    check=checked("begins_on"),
    belongs=of_company(Membership.company_id),
)

router = routes.router("行业协会")
add_register(router, "property", MEMBERSHIPS)


def _invited(day: date) -> Select[Any]:
    """Companies that are no members on a day: invited, which is all that the plan wants (P-2.7.1)."""
    own = Membership.company_id == Company.id
    left = select(func.max(Membership.ends_on) + 1).where(own, Membership.ends_on < day).scalar_subquery()
    since = func.greatest(cast(Company.entered_at, Date), left)
    who = Who(Company.id, Company.name, since, company=Company.uscc)
    member = select(Membership.id).where(own, Membership.on(day))
    return select(*who.columns).where(standing(Company, day), ~member.exists())


OWED = (Owed(DUTIES["association"], _invited),)
