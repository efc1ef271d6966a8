"""Shapes of who was at the sessions of law study."""

from datetime import date
from decimal import Decimal
from typing import Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from kit.district.clock import Day, LocalTime
from kit.district.named_units import UnitId, UnitShown
from kit.web.shapes import Answer, Body, Grounded, Name, Text, choices
from services.lawstudy.attendance.models import Attendance
from services.lawstudy.members import Member
from services.lawstudy.plan.attendance import HEAD_OF_DEPARTMENT, Attends, Presence, Tally

_RATE = "百分比，保留一位小数；还没有登记的为空"


class AttendeeIn(
    Body,
    title="参加人",
    example={"member": "01990000-0000-7000-8000-000000000000", "status": "present"},
):
    """Somebody who was expected or came (参加人): a registered person, or a unit by a post."""

    member: UUID | None = Field(
        default=None, description="学法人员的登记编号；登记过的填写这一项，身份和职务随登记"
    )
    unit: UnitId | None = Field(
        default=None, description="没有登记到人的，填单位", examples=["区住房和城乡建设局"]
    )
    kind: Literal["invited", "other", "extended"] | None = Field(
        default=None,
        description="填单位的必填：invited 邀请列席，other 其他列席，extended 扩大参加的组成部门",
    )
    post: Name = Field(
        default=HEAD_OF_DEPARTMENT, description="填单位的：参加人的职务", examples=["主要负责人"]
    )
    status: Presence = Field(default=Presence.PRESENT, description=choices(Presence))
    reason: Text | None = Field(default=None, description="请假事由，请假的必填；缺席有说明的也可填写")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.member is None) == (self.unit is None):
            raise ValueError("学法人员的登记编号和单位填写其中一项。")
        if (self.unit is None) != (self.kind is None):
            raise ValueError("填单位的要填写身份；填登记编号的身份随登记，不填。")
        _refuse_wrong_reason(self.status, self.reason)
        return self


class StatusIn(
    Body,
    title="参加情况更正",
    example={"status": "leave", "reason": "参加市里会议", "why": "会后核对签到表，原登记有误"},
):
    """How an attendance should read, and why it is put right (参加情况更正)."""

    status: Presence = Field(description=choices(Presence))
    reason: Text | None = Field(default=None, description="请假事由，请假的必填")
    why: Text = Field(description="更正的理由", examples=["会后核对签到表，原登记有误"])

    @model_validator(mode="after")
    def _whole(self) -> Self:
        _refuse_wrong_reason(self.status, self.reason)
        return self


def _refuse_wrong_reason(status: Presence, reason: str | None) -> None:
    if status is Presence.LEAVE and reason is None:
        raise ValueError("请假的要填写请假事由。")
    if status is Presence.PRESENT and reason is not None:
        raise ValueError("出席的不填写事由。")


class RecordIn(
    Body,
    title="参加情况登记",
    example={
        "attendees": [
            {"member": "01990000-0000-7000-8000-000000000000"},
            {"unit": "区住房和城乡建设局", "kind": "extended"},
        ],
        "why_extended": "学习内容涉及城乡建设，扩大到有关组成部门",
    },
):
    """Who was at a session (参加情况登记), some at a time or all at once."""

    attendees: list[AttendeeIn] = Field(min_length=1, max_length=200, description="参加人和没有到的人")
    why_extended: Text | None = Field(
        default=None,
        description="扩大到组成部门主要负责人的理由；有扩大参加的必填",
        examples=["学习内容涉及城乡建设，扩大到有关组成部门"],
    )


class WithdrawIn(Body, title="参加情况撤销", example={"why": "登记到了另一次学法"}):
    """Why an attendance is taken back (参加情况撤销)."""

    why: Text = Field(description="撤销的理由", examples=["登记到了另一次学法"])


class MakeUpIn(Body, title="补学", example={"day": "2024-06-24", "how": "自学讲稿并作笔记"}):
    """The study that makes up for a session (补学)."""

    day: Day = Field(description="补学日期")
    how: Text = Field(description="补学方式", examples=["自学讲稿并作笔记"])


class AttendanceOut(Grounded, title="参加情况", clauses=("L-4b",)):
    """Whether somebody was at a session (参加情况); id and status are empty while nothing is recorded of a member."""

    id: UUID | None = Field(description="登记编号；组成人员还没有登记的为空")
    session_id: UUID = Field(description="学法安排编号")
    kind: Attends = Field(description=choices(Attends))
    kind_zh: str = Field(description="参加身份", examples=["组成人员"])
    member_id: UUID | None = Field(description="学法人员的登记编号；登记到单位的为空")
    name: str | None = Field(description="姓名；登记到单位的为空", examples=["韩涛"])
    post: str = Field(description="职务", examples=["区委副书记、区长"])
    unit: UnitShown | None = Field(description="单位；登记到人的为空")
    status: Presence | None = Field(description=f"{choices(Presence)}；还没有登记的为空")
    reason: str | None = Field(description="请假事由或缺席说明", examples=["参加市里会议"])
    why_extended: str | None = Field(description="扩大参加的理由", examples=[None])
    made_up_on: date | None = Field(description="补学日期")
    made_up_how: str | None = Field(description="补学方式", examples=["自学讲稿并作笔记"])
    changed_at: LocalTime | None = Field(description="最近登记的时间")

    @classmethod
    def shown(cls, row: Attendance, member: Member | None) -> Self:
        """What is recorded."""
        told = {"kind_zh": Attends(row.kind).zh, "name": member and member.name}
        return cls.of(row, post=row.post or (member and member.post), **told)

    @classmethod
    def expected(cls, session_id: UUID, member: Member) -> Self:
        """A member of whom nothing is recorded yet."""
        nothing = dict.fromkeys(
            ("id", "unit", "status", "reason", "why_extended", "made_up_on", "made_up_how", "changed_at")
        )
        return cls.of(
            session_id=session_id,
            kind=Attends.MEMBER,
            kind_zh=Attends.MEMBER.zh,
            member_id=member.id,
            name=member.name,
            post=member.post,
            **nothing,
        )


class Counts(Answer, title="参加次数"):
    """How many were expected and came (参加次数)."""

    expected: int = Field(description="应到")
    present: int = Field(description="出席")
    leave: int = Field(description="请假")
    absent: int = Field(description="缺席")
    unrecorded: int = Field(description="还没有登记")
    made_up: int = Field(description="请假、缺席后已补学")
    rate: Decimal | None = Field(description=f"到会率：出席占已登记的{_RATE}", examples=["90.0"])
    studied_rate: Decimal | None = Field(
        description=f"学习率：出席和已补学占已登记的{_RATE}", examples=["100.0"]
    )

    @classmethod
    def counted(cls, tally: Tally, **more: object) -> Self:
        """The counts as an answer."""
        names = cls.model_fields.keys() & set(Counts.model_fields)
        return cls.of(**{name: getattr(tally, name) for name in names}, **more)


class SessionAttendanceOut(Grounded, title="一次学法的参加情况", clauses=("L-4b",)):
    """Who was at a session, members first, those of whom nothing is recorded among them (一次学法的参加情况)."""

    session_id: UUID = Field(description="学法安排编号")
    day: date | None = Field(description="学法日期；未定的为空")
    held: bool = Field(description="是否已登记举行；举行后才能登记参加情况")
    members: Counts = Field(description="组成人员的参加次数")
    attendees: list[AttendanceOut] = Field(description="组成人员、邀请列席、其他列席、扩大参加")


class PersonAttendance(Counts, title="一人一年的参加情况"):
    """What of a year's sessions somebody was at (一人一年的参加情况)."""

    name: str = Field(description="姓名", examples=["韩涛"])
    post: str = Field(description="最近的职务", examples=["区委副书记、区长"])
    kind: Attends = Field(description=choices(Attends))
    kind_zh: str = Field(description="参加身份", examples=["组成人员"])


class SessionCounts(Counts, title="一次学法的组成人员参加次数"):
    """How many members were at a session (一次学法的组成人员参加次数)."""

    session_id: UUID = Field(description="学法安排编号")
    day: date = Field(description="学法日期")
    titles: list[str] = Field(description="学习内容", examples=[["中华人民共和国行政复议法"]])


class YearAttendanceOut(Grounded, title="一年的参加情况", clauses=("L-4b",)):
    """Who was at the sessions of a year, by person and by session (一年的参加情况)."""

    year: int = Field(description="年份", examples=[2024])
    sessions_held: int = Field(description="已举行的学法次数")
    persons: list[PersonAttendance] = Field(description="按人：组成人员在前，同一人不同职务合并计算")
    sessions: list[SessionCounts] = Field(description="按次：组成人员的参加次数")
