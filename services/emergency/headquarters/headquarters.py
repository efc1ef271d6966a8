"""The headquarters: its posts, its member units with their liaisons, and who can be called (E-2.1a, E-2.1b, E-6.6)."""

from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field
from sqlalchemy import CheckConstraint, UniqueConstraint, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from kit.context import Context
from kit.district.named_units import UnitId, UnitShown, named, streets
from kit.personal.phones import Phone, Reachable
from kit.storage import db
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Belonging, Whose, street_of
from kit.web.problems import Conflict, FieldError, Invalid
from kit.web.register_endpoints import add_register
from kit.web.registers import Entry, EntryOut, Register
from kit.web.routes import clauses
from kit.web.shapes import Answer, Body, Choice, Grounded, choices
from services.emergency.base import Base
from services.emergency.plan.catalogue import Post, catalogue

Reader = Annotated[Context, requires("emergency:read", whose=Whose.DISTRICTS)]


class Seat(Base, Entry, Reachable):
    """A seat of a post (指挥部职位); a post that several hold has several. The holder's name is optional."""

    __tablename__ = "headquarters_seats"
    __table_args__ = (UniqueConstraint("post", "seat"), CheckConstraint("seat >= 1", name="seat"))
    clauses = ("E-2.1a",)

    post: Mapped[str]
    seat: Mapped[int]
    holder: Mapped[str | None]

    @property
    def deputies(self) -> list[str]:
        """The posts that stand in for this one."""
        return [post.id for post in catalogue().posts if post.deputy_of == self.post]


class Origin(Choice):
    """Whether the plan names a member unit, or the headquarters added it (成员来源)."""

    PLAN = "plan", "预案列明"
    ADDED = "added", "新增"


class Member(Base, Entry, Reachable):
    """A member unit of the headquarters with its liaison (成员单位)."""

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
    """A communications operator that keeps the lines up in an emergency (通信运营单位)."""

    __tablename__ = "operators"
    clauses = ("E-6.6",)

    name: Mapped[str] = mapped_column(unique=True)
    service: Mapped[str]
    contact: Mapped[str | None]


async def load_headquarters(context: Context) -> None:
    """Bring in the plan's posts and member units; what an operator entered stays, again changes nothing."""
    plan = catalogue()
    common = {"version": 1, "entered_at": context.now, "changed_at": context.now}
    seats = [common | {"id": db.new_id(), "post": post.id, "seat": 1} for post in plan.posts]
    await context.session.execute(insert(Seat).on_conflict_do_nothing(), seats)
    members = [*plan.members, *(street.id for street in streets())]
    rows = [common | {"id": db.new_id(), "unit": unit, "origin": Origin.PLAN} for unit in members]
    await context.session.execute(insert(Member).on_conflict_do_nothing(), rows)


def _post(id: str) -> Post:
    return next(post for post in catalogue().posts if post.id == id)


def _known_post(id: str) -> str:
    if all(post.id != id for post in catalogue().posts):
        raise ValueError(f"预案没有编号为 {id} 的职位，可先列出指挥部职位查看。")
    return id


class SeatIn(
    Body,
    title="指挥部职位",
    example={"post": "deputy-mayors", "seat": 2, "holder": "某副区长（虚构）", "phone": "13800000000"},
):
    """Who holds a post (指挥部职位)."""

    post: Annotated[str, AfterValidator(_known_post)] = Field(
        max_length=100, description="职位编号", examples=["commander"]
    )
    seat: int = Field(default=1, ge=1, le=99, description="同一职位有多人时的席次")
    holder: str | None = Field(default=None, min_length=1, max_length=50, description="现任人员姓名，可不填")
    phone: Phone | None = Field(default=None, description="电话")


class SeatOut(EntryOut, title="指挥部职位信息"):
    """What a seat shows besides: the post as the plan has it (指挥部职位)."""

    name: str = Field(description="职位名称", examples=["常务副总指挥"])
    held_by: str = Field(description="由什么人担任", examples=["分管应急的区政府领导"])
    unit: UnitShown | None = Field(description="由哪个单位的负责人担任；预案没有限定时为空")
    deputy_of: str | None = Field(description="不在时代行哪个职位", examples=["commander"])
    deputies: list[str] = Field(description="由哪些职位代行", examples=[["deputy-mayors"]])

    @classmethod
    def of(cls, *rows: Any, **more: Any) -> Self:
        """The seat with its post; it rests on the post's own clause."""
        return super().of(*rows, _post(rows[0].post), **more)


class MemberIn(
    Body,
    title="成员单位",
    example={"unit": "区审计局", "liaison": "某联络员（虚构）", "phone": "13800000000"},
):
    """A member unit's liaison (成员单位)."""

    unit: UnitId = Field(description="单位")
    liaison: str | None = Field(default=None, min_length=1, max_length=50, description="联络员姓名")
    phone: Phone | None = Field(default=None, description="联络员电话")


class MemberOut(EntryOut, title="成员单位信息"):
    """What a member unit shows besides (成员单位)."""

    origin: Origin = Field(description=choices(Origin))
    duties: list[str] = Field(description="预案规定的职责", examples=[["组织协调生产安全事故应急救援"]])


class OperatorIn(
    Body,
    title="通信运营单位",
    example={
        "name": "某通信运营企业东胜分公司（虚构）",
        "service": "移动通信、应急通信车",
        "contact": "值班经理",
        "phone": "0477-0000000",
    },
):
    """An operator as entered (通信运营单位)."""

    name: str = Field(min_length=2, max_length=100, description="单位名称")
    service: str = Field(min_length=2, max_length=200, description="保障内容")
    contact: str | None = Field(default=None, max_length=50, description="联系人")
    phone: Phone | None = Field(default=None, description="电话")


class Contact(Answer, title="通信联络方式"):
    """Somebody to call (通信联络方式)."""

    kind: str = Field(description="headquarters 指挥部，member 成员单位，operator 通信运营单位")
    name: str = Field(description="职位或单位名称", examples=["区应急管理局"])
    person: str | None = Field(description="人员姓名", examples=["李明"])
    phone: str | None = Field(description="电话；个人电话只显示部分数字", examples=["138****0001"])


class Contacts(Grounded, title="通信录", clauses=("E-6.6",)):
    """Everybody to call, the headquarters first (通信录)."""

    items: list[Contact] = Field(description="联络方式，指挥部在前")
    missing: int = Field(description="没有登记电话的有几处")


async def _seat_exists(_context: Context, body: SeatIn, row: Seat | None) -> None:
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


async def _unit_stays(_context: Context, body: MemberIn, row: Member | None) -> None:
    if row is not None and row.unit != body.unit:
        raise Conflict("another-unit", "成员单位不能改成另一个单位，请另行登记新增的单位。")


async def _not_the_plan_s(_context: Context, row: Any) -> None:
    if getattr(row, "origin", None) == Origin.PLAN or getattr(row, "seat", None) == 1:
        raise Conflict(
            "named-by-the-plan", "预案列明的职位和成员单位不能删除，只能修改人员。", clauses=row.clauses
        )


SEATS = Register(
    "headquarters-posts",
    "指挥部职位",
    Seat,
    SeatIn,
    about="区指挥部的职位、代行关系和现任人员。",
    shown=SeatOut,
    filters=("post",),
    search="holder",
    lacking=("没有人员或电话的职位", or_(Seat.holder.is_(None), Seat.phone_sealed.is_(None))),
    check=_seat_exists,
    removable=_not_the_plan_s,
)
MEMBERS = Register(
    "members",
    "成员单位",
    Member,
    MemberIn,
    about="区指挥部成员单位的职责和联络员。",
    shown=MemberOut,
    filters=("unit", "origin"),
    search="liaison",
    lacking=("没有联络员或其电话的成员单位", or_(Member.liaison.is_(None), Member.phone_sealed.is_(None))),
    check=_unit_stays,
    removable=_not_the_plan_s,
    belongs=Belonging(division=street_of(Member.unit)),
)
OPERATORS = Register(
    "operators",
    "通信运营单位",
    Operator,
    OperatorIn,
    about="应急通信保障的运营单位和联系方式。",
    lacking=(
        "没有联系人或电话的通信运营单位",
        or_(Operator.contact.is_(None), Operator.phone_sealed.is_(None)),
    ),
)

router = routes.router("指挥部")


@router.get(
    "/contacts",
    summary="查看通信录",
    description="指挥部值班电话、各职位、成员单位联络员和通信运营单位，一次列全。",
    openapi_extra=clauses("E-6.6"),
)
async def read_contacts(context: Reader) -> Contacts:
    """Headquarters, units and operators, in one list (E-6.6)."""
    session, duty = context.session, catalogue().duty_phone
    seats = await session.scalars(select(Seat).order_by(Seat.id))
    members = await session.scalars(select(Member).order_by(Member.id))
    operators = await session.scalars(select(Operator).order_by(Operator.id))
    rows = [
        ("headquarters", duty.name, None, duty.number),
        *(("headquarters", _post(each.post).name, each.holder, each.phone) for each in seats),
        *(("member", named(each.unit).name, each.liaison, each.phone) for each in members),
        *(("operator", each.name, each.contact, each.phone) for each in operators),
    ]
    items = [Contact(kind=kind, name=name, person=person, phone=phone) for kind, name, person, phone in rows]
    return Contacts.of(items=items, missing=sum(item.phone is None for item in items))


for register in (SEATS, MEMBERS, OPERATORS):
    add_register(router, "emergency", register)
