"""The party's work in property companies: full members, branches and instructors (P-2.1.1)."""

from datetime import date
from functools import partial
from typing import Any, Self
from uuid import UUID

from pydantic import Field, model_validator
from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Select,
    Text,
    UniqueConstraint,
    cast,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Mapped, aliased, mapped_column

from kit.district.clock import Day
from kit.district.named_units import Street
from kit.duties.owing import Owed, Who
from kit.personal.kept import PersonName
from kit.web import routes
from kit.web.register_endpoints import add_register
from kit.web.registers import Entry, Register
from kit.web.shapes import Body, Choice, Name, choices
from services.property.base import Base
from services.property.companies import Company
from services.property.entered import Spell, SpellIn, checked, in_order, of_company, one_of, standing
from services.property.plan.duties import DUTIES, ISSUED
from services.property.plan.party import BRANCH_FROM


class PartyMembers(Base, Entry):
    """How many full party members a company has, as of a day (正式党员人数)."""

    __tablename__ = "party_members"
    __table_args__ = (
        UniqueConstraint("company_id", "as_of"),
        CheckConstraint("full_members >= 0", name="full_members"),
    )
    clauses = ("P-2.1.1",)

    company_id: Mapped[UUID] = mapped_column(ForeignKey("companies.id"))
    as_of: Mapped[date]
    full_members: Mapped[int]
    street: Mapped[str]


class PartyMembersIn(
    Body,
    title="企业正式党员人数",
    example={
        "company_id": "01990000-0000-7000-8000-000000000000",
        "as_of": "2024-06-01",
        "full_members": 4,
        "street": "天骄街道",
    },
):
    """A count of full party members as entered (正式党员人数)."""

    company_id: UUID = Field(description="企业编号")
    as_of: Day = Field(description="截至日期")
    full_members: int = Field(ge=0, le=10_000, description="正式党员人数，不含预备党员")
    street: Street = Field(description="指导该企业党建工作的街道（镇）")


class PartyWorkKind(Choice):
    """How the party works in a company (党的工作方式)."""

    BRANCH = "branch", "党支部"
    INSTRUCTOR = "instructor", "党建指导员"


class PartyWork(Base, Entry, Spell):
    """A company's branch, or the instructor assigned to it (党支部、党建指导员)."""

    __tablename__ = "party_work"
    __table_args__ = (
        one_of("kind", PartyWorkKind),
        in_order(),
        CheckConstraint("(kind = 'branch') = (branch is not null)", name="branch"),
        CheckConstraint("(kind = 'instructor') = (instructor is not null)", name="instructor"),
        Index("uq_party_work_current", "company_id", "kind", unique=True, postgresql_where="ends_on is null"),
    )
    clauses = ("P-2.1.1",)

    company_id: Mapped[UUID] = mapped_column(ForeignKey("companies.id"), index=True)
    kind: Mapped[str]
    branch: Mapped[str | None]
    instructor: Mapped[str | None]
    street: Mapped[str]


class PartyWorkIn(
    SpellIn,
    title="企业党支部、党建指导员",
    example={
        "company_id": "01990000-0000-7000-8000-000000000000",
        "kind": "branch",
        "branch": "某某物业党支部（虚构）",
        "street": "天骄街道",
        "begins_on": "2024-06-01",
    },
):
    """A branch or an instructor as entered (党支部、党建指导员)."""

    company_id: UUID = Field(description="企业编号")
    kind: PartyWorkKind = Field(description=choices(PartyWorkKind))
    branch: Name | None = Field(default=None, description="党支部名称；登记党支部时填写")
    instructor: PersonName | None = Field(
        default=None, description="党建指导员姓名；选派指导员时填写，加密保存，只显示姓", examples=["张某某"]
    )
    street: Street = Field(description="上级党组织所在的街道（镇）")

    @model_validator(mode="after")
    def _named(self) -> Self:
        is_branch = self.kind is PartyWorkKind.BRANCH
        if (self.branch is not None) != is_branch or (self.instructor is not None) == is_branch:
            raise ValueError("党支部只填写党支部名称，党建指导员只填写指导员姓名。")
        return self


PARTY_MEMBERS = Register(
    "party-members",
    "企业正式党员人数",
    PartyMembers,
    PartyMembersIn,
    about="企业在某一天的正式党员人数，3 名以上的应当成立党支部。",
    filters=("company_id", "street"),
    search=None,
    check=checked("as_of"),
    belongs=of_company(PartyMembers.company_id, PartyMembers.street),
)
PARTY_WORK = Register(
    "party-work",
    "企业党支部、党建指导员",
    PartyWork,
    PartyWorkIn,
    about="企业的党支部，或向不具备条件的企业选派的党建指导员；同时各只有一个。",
    filters=("company_id", "kind", "street"),
    search="branch",
    check=checked("begins_on"),
    belongs=of_company(PartyWork.company_id, PartyWork.street),
)

router = routes.router("党建")
add_register(router, "property", PARTY_MEMBERS)
add_register(router, "property", PARTY_WORK)


def _owing(day: date, key: str) -> Select[Any]:
    """Companies on a day with what they have of the party's work, that owe one of its duties (P-2.1.1)."""
    newest = (
        select(PartyMembers)
        .where(PartyMembers.as_of <= day)
        .ext(distinct_on(PartyMembers.company_id))
        .order_by(PartyMembers.company_id, PartyMembers.as_of.desc())
    )
    counted = aliased(PartyMembers, newest.subquery("counted"))
    enough = func.coalesce(counted.full_members >= BRANCH_FROM, literal(False))
    branch = _work(PartyWorkKind.BRANCH)
    if key == "party-branch":
        first = _since_when_enough(day)
        missing, began = enough & ~branch.where(PartyWork.on(day)).exists(), first
    else:
        instructor = _work(PartyWorkKind.INSTRUCTOR).where(PartyWork.on(day))
        began = cast(Company.entered_at, Date)
        missing = ~enough & ~branch.where(PartyWork.on(day)).exists() & ~instructor.exists()
    ended = select(func.max(PartyWork.ends_on) + 1).where(
        PartyWork.company_id == Company.id, PartyWork.ends_on < day
    )
    since = func.greatest(began, ended.scalar_subquery(), ISSUED)
    told = func.coalesce(cast(counted.full_members, Text), "人数未登记")
    who = Who(
        Company.id,
        Company.name,
        since,
        street=counted.street,
        company=Company.uscc,
        lacks=func.concat("正式党员：", told),
    )
    return (
        select(*who.columns)
        .outerjoin(counted, counted.company_id == Company.id)
        .where(standing(Company, day), missing)
    )


def _work(kind: PartyWorkKind) -> Select[Any]:
    return select(PartyWork.id).where(PartyWork.company_id == Company.id, PartyWork.kind == kind)


def _since_when_enough(day: date) -> Any:
    """The first of the counts that are enough and have none after them that is not."""
    few = aliased(PartyMembers)
    last_few = select(func.max(few.as_of)).where(
        few.company_id == Company.id, few.as_of <= day, few.full_members < BRANCH_FROM
    )
    return (
        select(func.min(PartyMembers.as_of))
        .where(
            PartyMembers.company_id == Company.id,
            PartyMembers.as_of <= day,
            PartyMembers.as_of > func.coalesce(last_few.correlate(Company).scalar_subquery(), date.min),
        )
        .scalar_subquery()
    )


OWED = tuple(Owed(DUTIES[key], partial(_owing, key=key)) for key in ("party-branch", "party-instructor"))
