"""The register of who takes part in law study by post: members of the executive meeting, standing attendees (L-4b)."""

from datetime import date
from pathlib import Path
from typing import Self
from uuid import NAMESPACE_OID, uuid5

from pydantic import Field, model_validator
from sqlalchemy import CheckConstraint, ColumnElement, SQLColumnExpression, func, literal
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from kit.context import Context
from kit.district import reference, units
from kit.district.clock import Day
from kit.district.named_units import UnitId, unit_of
from kit.storage.exclusion import as_id, one_at_a_time
from kit.web import routes
from kit.web.problems import FieldError, Forbidden, Invalid
from kit.web.register_endpoints import add_register
from kit.web.registers import Entry, Register
from kit.web.shapes import Body, Choice, Name
from services.lawstudy.base import Base
from services.lawstudy.plan.attendance import MEMBER_POSTS, makes_a_member
from services.lawstudy.plan.roles import OFFICE

DATA = Path(__file__).parent / "plan" / "data" / "members.yaml"


class MemberKind(Choice):
    """As what somebody stands in the register (登记身份)."""

    MEMBER = "member", "常务会议组成人员"
    INVITED = "invited", "邀请列席人员"
    OTHER = "other", "其他列席人员"


class Member(Base, Entry):
    """Somebody who takes part by post, from one day to another, both included (组成人员、列席人员).

    unit: whose records of self-study are this person's, beside the government office's.
    """

    __tablename__ = "members"
    __table_args__ = (
        CheckConstraint("kind IN ('member', 'invited', 'other')", name="kind"),
        CheckConstraint("ends_on >= begins_on", name="period"),
        one_at_a_time("members_name", as_id("name")),
    )
    clauses = ("L-4b",)

    kind: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    post: Mapped[str]
    unit: Mapped[str | None]
    begins_on: Mapped[date]
    ends_on: Mapped[date | None]
    source: Mapped[str | None]

    @classmethod
    def on(cls, day: date | SQLColumnExpression[date | None]) -> ColumnElement[bool]:
        """Whether the post was held on a day, which may be that of a row."""
        held: ColumnElement[bool] = (cls.begins_on <= day) & func.coalesce(cls.ends_on >= day, literal(True))
        return held

    def held_on(self, day: date) -> bool:
        """Whether the post was held on a day."""
        return self.begins_on <= day and (self.ends_on is None or day <= self.ends_on)


class MemberIn(
    Body,
    title="学法人员",
    example={
        "kind": "member",
        "name": "某某",
        "post": "副区长",
        "begins_on": "2024-07-01",
        "source": "区人大常委会任命（示例）",
    },
):
    """Somebody who takes part by post (学法人员): public officials acting in office, under their names."""

    kind: MemberKind = Field(
        description="身份：member 常务会议组成人员，invited 邀请列席人员，other 其他列席人员"
    )
    name: Name = Field(description="姓名", examples=["某某"])
    post: Name = Field(description="职务，按文件的写法；几个职务用顿号分开", examples=["副区长"])
    unit: UnitId | None = Field(
        default=None, description="所在单位，可以登记本人的自学；没有的不填", examples=["区公安分局"]
    )
    begins_on: Day = Field(description="任职自哪一天起；文件没有写明的，填能够证明在任的最早一天")
    ends_on: Day | None = Field(default=None, description="任职的最后一天；仍在任的为空")
    source: Name | None = Field(default=None, description="出处", examples=["东政办发〔2024〕29号"])

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_on is not None and self.ends_on < self.begins_on:
            raise ValueError("最后一天不能早于开始的一天。")
        return self


async def _check(_: Context, body: MemberIn, __: Member | None) -> None:
    if body.kind is MemberKind.MEMBER and not makes_a_member(body.post):
        raise Invalid(
            "not-a-members-post",
            "区人民政府常务会议由区长、副区长组成，这个职务不在其中；列席人员请登记为邀请列席或其他列席。",
            errors=[FieldError(pointer="/post", reason=f"职务中没有{'或'.join(MEMBER_POSTS)}")],
            clauses=("L-4b",),
        )


MEMBERS = Register(
    "members",
    "学法人员",
    Member,
    MemberIn,
    about="常务会议组成人员和固定列席人员，按职务和姓名登记任职起止；职务变动的另登一条。",
    filters=("kind", "name"),
    search="name",
    check=_check,
    overlap="这个人在这段时间已有登记，请先填写原登记的最后一天。",
    writers=(OFFICE,),
)

router = routes.router("学法人员")
add_register(router, "lawstudy", MEMBERS)


def must_be_units_own(context: Context, unit: str | None) -> None:
    """Refuse a department, street or town that writes what is another's; the government office writes everybody's.

    Raises: Forbidden.
    """
    if context.caller.may(OFFICE):
        return
    if unit is None or unit_of(context.caller) != unit:
        whose = units.unit(unit).name if unit else "区人民政府办公室"
        raise Forbidden("another-units-record", f"只能登记本单位的，这一条请由{whose}登记。")


async def load_members(context: Context) -> None:
    """Bring in the members that the division document names; what an operator entered of them stays."""
    data = reference.read(DATA)
    common = {
        "version": 1,
        "entered_at": context.now,
        "changed_at": context.now,
        "kind": "member",
        "begins_on": data["begins_on"],
        "ends_on": None,
        "source": data["source"],
    }
    rows = [
        common
        | {"id": uuid5(NAMESPACE_OID, f"member of the executive meeting {row['name']}")}
        | row
        | {"unit": units.unit(row["unit"]).id if "unit" in row else None}
        for row in data["members"]
    ]
    await context.session.execute(insert(Member).on_conflict_do_nothing(), rows)
