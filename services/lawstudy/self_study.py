"""The register of what members studied by themselves (自学, L-3c)."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import CheckConstraint, Computed, ForeignKey, Integer, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from kit.context import Context
from kit.district.clock import Day
from kit.web import routes
from kit.web.problems import Conflict, FieldError
from kit.web.register_endpoints import add_register
from kit.web.registers import Entry, EntryOut, Register, must_exist
from kit.web.shapes import Body, Name, Text
from services.lawstudy.base import Base
from services.lawstudy.members import Member, must_be_units_own
from services.lawstudy.plan.roles import DEPARTMENT, OFFICE


class SelfStudy(Base, Entry):
    """What somebody studied alone on a day (自学记录). year: of the day, which lists are asked by."""

    __tablename__ = "self_study"
    __table_args__ = (
        CheckConstraint("hours > 0 AND hours <= 24", name="hours"),
        CheckConstraint("pages > 0", name="pages"),
    )
    clauses = ("L-3c",)

    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id"), index=True)
    day: Mapped[date]
    year: Mapped[int] = mapped_column(
        Integer, Computed("date_part('year', day)::integer", persisted=True), index=True
    )
    subject: Mapped[str]
    hours: Mapped[Decimal | None] = mapped_column(Numeric(3, 1))
    pages: Mapped[int | None]
    note: Mapped[str | None]


class SelfStudyShown(EntryOut, title="自学记录所示"):
    """What a record of self-study shows besides what was entered (自学记录)."""

    year: int = Field(description="年份", examples=[2024])
    hours: Decimal | None = Field(description="学时（小时）；没有计的为空", examples=["1.5"])


class SelfStudyIn(
    Body,
    title="自学记录",
    example={
        "member_id": "01990000-0000-7000-8000-000000000000",
        "day": "2024-06-20",
        "subject": "中华人民共和国行政复议法",
        "hours": 1.5,
    },
):
    """What somebody studied alone, as entered (自学记录)."""

    member_id: UUID = Field(description="学法人员的登记编号")
    day: Day = Field(description="学习日期")
    subject: Name = Field(description="学习内容", examples=["中华人民共和国行政复议法"])
    hours: Decimal | None = Field(
        default=None,
        gt=0,
        le=24,
        max_digits=3,
        decimal_places=1,
        examples=["1.5"],
        description="学时（小时）；没有计的不填",
    )
    pages: int | None = Field(default=None, ge=1, le=10_000, description="页数；没有计的不填")
    note: Text | None = Field(default=None, description="说明", examples=["结合分管工作作了笔记"])


async def _check(context: Context, body: SelfStudyIn, row: SelfStudy | None) -> None:
    await _must_be_own(context, row)
    member = await context.session.get(Member, body.member_id)
    must_be_units_own(context, member.unit if member is not None else None)
    await must_exist(context.session, Member, body.member_id, "/member_id", "学法人员")
    context.refuse_future(day=body.day)
    assert member is not None  # just seen
    if not member.held_on(body.day):
        raise Conflict(
            "not-in-office",
            f"{member.name}在 {body.day} 不在任，请核对日期，或改正任职起止。",
            errors=[FieldError(pointer="/day", reason="不在任职期间")],
            clauses=("L-3c",),
        )


async def _must_be_own(context: Context, row: SelfStudy | None) -> None:
    if row is not None:
        member = await context.session.get_one(Member, row.member_id)
        must_be_units_own(context, member.unit)


async def _removable(context: Context, row: Any) -> None:
    await _must_be_own(context, row)


SELF_STUDY = Register(
    "self-study",
    "自学记录",
    SelfStudy,
    SelfStudyIn,
    about="学法人员的自学：哪天学了什么，学时或页数；由区人民政府办公室或本人所在单位登记。",
    shown=SelfStudyShown,
    filters=("member_id", "year"),
    search="subject",
    check=_check,
    removable=_removable,
    writers=(OFFICE, DEPARTMENT),
)

router = routes.router("自学记录")
add_register(router, "lawstudy", SELF_STUDY)
