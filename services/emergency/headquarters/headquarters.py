"""The headquarters: its posts, its member units with their liaisons, and who can be called (E-2.1a, E-2.1b, E-6.6)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from fastapi import Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sqlalchemy import CheckConstraint, UniqueConstraint, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from kit.district.citations import Basis, cite
from kit.district.named_units import UnitId, UnitShown, named, streets
from kit.personal.phones import Phone, Reachable
from kit.storage import db
from kit.storage.transactions import Session
from kit.web import routes
from kit.web.pages import Page, PageRequest
from kit.web.problems import Conflict, FieldError, Invalid
from kit.web.routes import clauses
from services.emergency.base import Base
from services.emergency.plan.catalogue import Post, catalogue
from services.emergency.register import Entry, EntryOut, Reader, Register, keep, page_of


class Seat(Base, Entry, Reachable):
    """A seat of a headquarters' post; a post that several hold has several. The holder's name is optional."""

    __tablename__ = "headquarters_seats"
    __table_args__ = (UniqueConstraint("post", "seat"), CheckConstraint("seat >= 1", name="seat"))
    clauses = ("E-2.1a",)

    post: Mapped[str]
    seat: Mapped[int]
    holder: Mapped[str | None]

    @property
    def about(self) -> Post:
        """The post as the plan has it."""
        return _post(self.post)

    @property
    def name(self) -> str:
        return self.about.name

    @property
    def held_by(self) -> str:
        return self.about.held_by

    @property
    def unit(self) -> str | None:
        return self.about.unit

    @property
    def deputy_of(self) -> str | None:
        return self.about.deputy_of

    @property
    def deputies(self) -> list[str]:
        """The posts that stand in for this one."""
        return [post.id for post in catalogue().posts if post.deputy_of == self.post]


class Origin(StrEnum):
    """Whether the plan names a member unit, or the headquarters added it (二(一)1)."""

    PLAN = "plan"
    ADDED = "added"


class Member(Base, Entry, Reachable):
    """A member unit of the headquarters with its liaison."""

    __tablename__ = "member_units"
    __table_args__ = (CheckConstraint("origin in ('plan','added')", name="origin"),)
    clauses = ("E-2.1a", "E-2.1b")

    unit: Mapped[str] = mapped_column(unique=True)
    origin: Mapped[str] = mapped_column(index=True, default=Origin.ADDED)
    liaison: Mapped[str | None]

    @property
    def duties(self) -> list[str]:
        """What the plan gives the unit to do (附件1)."""
        plan = catalogue()
        if any(unit.id == self.unit for unit in streets()):
            return [duty.does for duty in plan.street_duties]
        return [duty for row in plan.member_rows if self.unit in row.units for duty in row.duties]


class Operator(Base, Entry, Reachable):
    """A communications operator that keeps the lines up in an emergency."""

    __tablename__ = "operators"
    clauses = ("E-6.6",)

    name: Mapped[str] = mapped_column(unique=True)
    service: Mapped[str]
    contact: Mapped[str | None]


async def load_headquarters(session: AsyncSession, now: datetime) -> None:
    """Bring in the plan's posts and member units; what an operator entered stays, again changes nothing."""
    plan = catalogue()
    common = {"version": 1, "entered_at": now, "changed_at": now}
    seats = [common | {"id": db.new_id(), "post": post.id, "seat": 1} for post in plan.posts]
    await session.execute(insert(Seat).on_conflict_do_nothing(), seats)
    members = [*plan.members, *(street.id for street in streets())]
    rows = [common | {"id": db.new_id(), "unit": unit, "origin": Origin.PLAN} for unit in members]
    await session.execute(insert(Member).on_conflict_do_nothing(), rows)


def _post(id: str) -> Post:
    return next(post for post in catalogue().posts if post.id == id)


def _known_post(id: str) -> str:
    if all(post.id != id for post in catalogue().posts):
        raise ValueError(f"预案没有编号为 {id} 的职位，可先列出指挥部职位查看。")
    return id


class SeatIn(BaseModel):
    """Who holds a post."""

    model_config = ConfigDict(
        title="指挥部职位",
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"post": "deputy-mayors", "seat": 2, "holder": "某副区长（虚构）", "phone": "13800000000"}
            ]
        },
    )

    post: Annotated[str, AfterValidator(_known_post)] = Field(description="职位编号", examples=["commander"])
    seat: int = Field(default=1, ge=1, le=99, description="同一职位有多人时的席次")
    holder: str | None = Field(default=None, min_length=1, max_length=50, description="现任人员姓名，可不填")
    phone: Phone | None = Field(default=None, description="电话")


class SeatOut(EntryOut):
    """A seat of a post."""

    model_config = ConfigDict(title="指挥部职位信息", from_attributes=True)

    post: str = Field(description="职位编号")
    seat: int = Field(description="席次")
    name: str = Field(description="职位名称")
    held_by: str = Field(description="由什么人担任")
    unit: UnitShown | None = Field(description="由哪个单位的负责人担任；预案没有限定时为空")
    deputy_of: str | None = Field(description="不在时代行哪个职位")
    deputies: list[str] = Field(description="由哪些职位代行")
    holder: str | None
    phone: str | None = Field(description="部分数字")


class MemberIn(BaseModel):
    """A member unit's liaison."""

    model_config = ConfigDict(
        title="成员单位",
        extra="forbid",
        json_schema_extra={
            "examples": [{"unit": "区审计局", "liaison": "某联络员（虚构）", "phone": "13800000000"}]
        },
    )

    unit: UnitId = Field(description="单位")
    liaison: str | None = Field(default=None, min_length=1, max_length=50, description="联络员姓名")
    phone: Phone | None = Field(default=None, description="联络员电话")


class MemberOut(EntryOut):
    """A member unit."""

    model_config = ConfigDict(title="成员单位信息", from_attributes=True)

    unit: UnitShown
    origin: Origin = Field(description="plan 预案列明，added 新增")
    duties: list[str] = Field(description="预案规定的职责")
    liaison: str | None
    phone: str | None = Field(description="部分数字")


class OperatorIn(BaseModel):
    """An operator as entered."""

    model_config = ConfigDict(
        title="通信运营单位",
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "某通信运营企业东胜分公司（虚构）",
                    "service": "移动通信、应急通信车",
                    "contact": "值班经理",
                    "phone": "0477-0000000",
                }
            ]
        },
    )

    name: str = Field(min_length=2, max_length=100, description="单位名称")
    service: str = Field(min_length=2, max_length=200, description="保障内容")
    contact: str | None = Field(default=None, max_length=50, description="联系人")
    phone: Phone | None = Field(default=None, description="电话")


class OperatorOut(EntryOut):
    """An operator."""

    model_config = ConfigDict(title="通信运营单位信息", from_attributes=True)

    name: str
    service: str
    contact: str | None
    phone: str | None = Field(description="部分数字")


@dataclass
class SeatFilter:
    post: Annotated[str | None, Query(description="职位编号", max_length=100)] = None


@dataclass
class MemberFilter:
    unit: Annotated[UnitId | None, Query(description="单位")] = None
    origin: Annotated[Origin | None, Query(description="plan 预案列明，added 新增")] = None


class Contact(BaseModel):
    """Somebody to call."""

    model_config = ConfigDict(title="通信联络方式")

    kind: str = Field(description="headquarters 指挥部，member 成员单位，operator 通信运营单位")
    name: str = Field(description="职位或单位名称")
    person: str | None = Field(description="人员姓名")
    phone: str | None = Field(description="电话；个人电话只显示部分数字")


class Contacts(BaseModel):
    """Everybody to call, the headquarters first."""

    model_config = ConfigDict(title="通信录")

    items: list[Contact]
    missing: int = Field(description="没有登记电话的有几处")
    basis: Basis


async def _seat_exists(_session: AsyncSession, body: SeatIn, row: Seat | None, _now: datetime) -> None:
    seats = _post(body.post).seats
    if seats is not None and body.seat > seats:
        raise Invalid(
            "no-such-seat",
            f"{_post(body.post).name}只设 {seats} 人，请修改原有的一条。",
            errors=[FieldError(pointer="/seat", reason=f"不能大于 {seats}")],
            clauses=Seat.clauses,
        )
    if row is not None and row.post != body.post:
        raise Conflict("another-post", "职位不能改成另一个职位，请修改那个职位自己的一条。")


async def _unit_stays(_session: AsyncSession, body: MemberIn, row: Member | None, _now: datetime) -> None:
    if row is not None and row.unit != body.unit:
        raise Conflict("another-unit", "成员单位不能改成另一个单位，请另行登记新增的单位。")


async def _not_the_plan_s(_session: AsyncSession, row: Any) -> None:
    if getattr(row, "origin", None) == Origin.PLAN or getattr(row, "seat", None) == 1:
        raise Conflict(
            "named-by-the-plan", "预案列明的职位和成员单位不能删除，只能修改人员。", clauses=row.clauses
        )


SEATS = Register(
    path="headquarters-posts",
    noun="指挥部职位",
    about="区指挥部的职位、代行关系和现任人员。",
    model=Seat,
    entry=SeatIn,
    shown=SeatOut,
    filters=SeatFilter,
    search="holder",
    check=_seat_exists,
    removable=_not_the_plan_s,
)
MEMBERS = Register(
    path="members",
    noun="成员单位",
    about="区指挥部成员单位的职责和联络员。",
    model=Member,
    entry=MemberIn,
    shown=MemberOut,
    filters=MemberFilter,
    search="liaison",
    check=_unit_stays,
    removable=_not_the_plan_s,
)
OPERATORS = Register(
    path="operators",
    noun="通信运营单位",
    about="应急通信保障的运营单位和联系方式。",
    model=Operator,
    entry=OperatorIn,
    shown=OperatorOut,
)

router = routes.router("指挥部")


@router.get(
    "/headquarters-posts/lacking",
    summary="列出没有人员或电话的职位",
    description="没有登记现任人员或电话的指挥部职位。",
    openapi_extra=clauses("E-2.1a"),
)
async def list_posts_lacking(session: Session, _caller: Reader, paging: PageRequest) -> Page[SeatOut]:
    """Posts that nobody could be called in (E-2.1a)."""
    query = select(Seat).where(or_(Seat.holder.is_(None), Seat.phone_sealed.is_(None)))
    return await page_of(session, paging, query, SEATS)


@router.get(
    "/members/lacking",
    summary="列出没有联络员的成员单位",
    description="没有登记联络员或其电话的成员单位。",
    openapi_extra=clauses("E-2.1b"),
)
async def list_members_lacking(session: Session, _caller: Reader, paging: PageRequest) -> Page[MemberOut]:
    """Member units without a liaison or the liaison's number (E-2.1b)."""
    query = select(Member).where(or_(Member.liaison.is_(None), Member.phone_sealed.is_(None)))
    return await page_of(session, paging, query, MEMBERS)


@router.get(
    "/operators/lacking",
    summary="列出没有联系方式的通信运营单位",
    description="没有登记联系人或电话的通信运营单位。",
    openapi_extra=clauses("E-6.6"),
)
async def list_operators_lacking(session: Session, _caller: Reader, paging: PageRequest) -> Page[OperatorOut]:
    """Operators that nobody can call (E-6.6)."""
    query = select(Operator).where(or_(Operator.contact.is_(None), Operator.phone_sealed.is_(None)))
    return await page_of(session, paging, query, OPERATORS)


@router.get(
    "/contacts",
    summary="查看通信录",
    description="指挥部值班电话、各职位、成员单位联络员和通信运营单位，一次列全。",
    openapi_extra=clauses("E-6.6"),
)
async def read_contacts(session: Session, _caller: Reader) -> Contacts:
    """Headquarters, units and operators, in one list (E-6.6)."""
    duty = catalogue().duty_phone
    items = [Contact(kind="headquarters", name=duty.name, person=None, phone=duty.number)]
    for seat in await session.scalars(select(Seat).order_by(Seat.id)):
        items.append(Contact(kind="headquarters", name=seat.name, person=seat.holder, phone=seat.phone))
    for member in await session.scalars(select(Member).order_by(Member.id)):
        name = named(member.unit).name
        items.append(Contact(kind="member", name=name, person=member.liaison, phone=member.phone))
    for operator in await session.scalars(select(Operator).order_by(Operator.id)):
        items.append(
            Contact(kind="operator", name=operator.name, person=operator.contact, phone=operator.phone)
        )
    return Contacts(items=items, missing=sum(item.phone is None for item in items), basis=cite("E-6.6"))


for register in (SEATS, MEMBERS, OPERATORS):
    keep(router, register)
