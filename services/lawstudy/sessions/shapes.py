"""Shapes of the sessions of law study."""

from datetime import date
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field

from kit.district import units
from kit.district.clock import Day, LocalTime, TimeOfDay
from kit.district.named_units import UnitId, UnitShown
from kit.district.periods import Month
from kit.web.course import CourseStepOut
from kit.web.shapes import Answer, Body, Grounded, Name, Text, choices
from services.lawstudy.chairs import MayChairOut
from services.lawstudy.plan.law_study import Form
from services.lawstudy.plan.sessions import HEAD, SESSION, Chair
from services.lawstudy.sessions.models import Session

CLAUSES = ("L-3a", "L-4c", "L-7a", "L-7c")
SessionState = Literal[
    "planned",
    "scheduled",
    "text_submitted",
    "under_review",
    "returned",
    "passed",
    "ready",
    "held",
    "cancelled",
    "postponed",
]
STATES = "，".join(f"{state} {says}" for state, says in SESSION.states.items())
FORMS = "学法形式：pre_meeting 会前学法，lecture 专题讲座"


class SessionIn(
    Body, title="新增学法安排", example={"year": 2024, "topics": ["2024-L1", "2024-L2"], "month": "2024-09"}
):
    """A session that the plan's months do not bring about by themselves: a lecture over some of its topics (学法安排)."""

    year: int = Field(ge=2000, le=2100, description="学法计划的年份", examples=[2024])
    topics: list[Annotated[str, Field(max_length=40)]] = Field(
        min_length=1,
        max_length=20,
        description="学习的主题，同一年度计划中的编号，形式相同",
        examples=[["2024-L1"]],
    )
    month: Month | None = Field(default=None, description="拟安排的月份；未定的不填", examples=["2024-09"])
    unit: UnitId | None = Field(
        default=None,
        description="责任部门；专题讲座为邀请专家的区司法局或责任部门，未定的不填",
        examples=["区司法局"],
    )


class ScheduleIn(
    Body,
    title="学法定日期",
    example={"meeting": "0190f3a2-0000-7000-8000-000000000001", "begins_at": "09:00"},
):
    """The executive meeting that a session is held with; a lecture may have a day of its own (学法定日期)."""

    meeting: UUID | None = Field(default=None, description="常务会议的登记编号；会前学法必填")
    day: Day | None = Field(
        default=None, description="专题讲座不随常务会议举行时的日期", examples=["2024-09-12"]
    )
    begins_at: TimeOfDay | None = Field(
        default=None, description="开始时刻；不填与会议相同，会议未定的为空", examples=["09:00"]
    )
    place: Name | None = Field(
        default=None, description="地点；不填与会议相同", examples=["区政府第一会议室"]
    )
    reason: Text | None = Field(
        default=None, description="日期不在计划月份内的理由", examples=["六月常务会议议题较多，顺延至七月初"]
    )


class PostponeIn(Body, title="学法延期", example={"reason": "常务会议改期", "month": "2024-07"}):
    """Why a session is put off, and to which month if that is known (学法延期)."""

    reason: Text = Field(description="延期理由", examples=["常务会议改期"])
    month: Month | None = Field(default=None, description="拟延至的月份；未定的不填", examples=["2024-07"])


class WhyIn(Body, title="学法安排办理理由", example={"reason": "计划调整，不再学习"}):
    """Why (办理理由)."""

    reason: Text = Field(description="理由", examples=["计划调整，不再学习"])


class SpeakerIn(
    Body,
    title="主讲人",
    example={
        "name": "某教授（虚构）",
        "title": "教授",
        "organisation": "某大学法学院（虚构）",
        "invited_by": "区司法局",
    },
):
    """Who speaks (主讲人): of a pre-meeting study the responsible department's head, of a lecture an expert from outside."""

    name: Name | None = Field(default=None, description="姓名；会前学法可不填", examples=["某教授（虚构）"])
    title: Name | None = Field(
        default=None, description="职务或职称；会前学法不填即为责任部门主要负责人", examples=["教授"]
    )
    organisation: Name | None = Field(
        default=None, description="所在单位；专题讲座必填", examples=["某大学法学院（虚构）"]
    )
    invited_by: UnitId | None = Field(
        default=None, description="邀请单位：区司法局或责任部门；专题讲座必填", examples=["区司法局"]
    )
    reason: Text | None = Field(
        default=None,
        description="会前学法由主要负责人以外的人主讲的理由",
        examples=["主要负责人出差，由分管负责人主讲"],
    )


class DelegationIn(
    Body, title="主持委托", example={"delegated_on": "2024-06-20", "how": "区长书面委托常务副区长主持"}
):
    """That the head of the district has asked the executive deputy to chair (主持委托)."""

    delegated_on: Day = Field(description="委托日期")
    how: Text = Field(description="委托方式和依据", examples=["区长书面委托常务副区长主持"])


class HoldIn(Body, title="登记学法举行", example={"chair": "区长", "name": "韩涛"}):
    """Who chaired the session that was held (登记学法举行)."""

    chair: Name = Field(description="主持人的职务：区长，或者受区长委托的常务副区长", examples=["区长"])
    name: Name | None = Field(default=None, description="主持人姓名", examples=["韩涛"])
    note: Text | None = Field(default=None, description="其他情况", examples=["会前学习三十分钟"])


class StudiedOut(Answer, title="学习内容"):
    """A topic that a session studies (学习内容)."""

    topic_id: str = Field(description="主题编号", examples=["2024-P2"])
    title: str = Field(description="学习的法律法规", examples=["煤矿安全生产条例"])


class SpeakerOut(Answer, title="主讲人信息"):
    """Who speaks (主讲人)."""

    name: str | None = Field(description="姓名；没有登记的为空", examples=["某教授（虚构）"])
    title: str = Field(description="职务或职称", examples=["主要负责人"])
    organisation: str | None = Field(description="所在单位", examples=["区应急管理局"])
    reason: str | None = Field(description="不由主要负责人主讲的理由", examples=[None])


class SessionOut(Grounded, title="学法安排", clauses=CLAUSES):
    """A session and how far it has come (学法安排)."""

    id: UUID = Field(description="学法安排编号")
    plan_year: int = Field(description="学法计划的年份", examples=[2024])
    form: Form = Field(description=FORMS)
    form_zh: str = Field(description="学法形式", examples=["会前学法"])
    state: SessionState = Field(description=STATES)
    state_zh: str = Field(description="进展", examples=["学法安排已列入计划、尚未定日期"])
    topics: list[StudiedOut] = Field(description="学习的主题")
    month: Month | None = Field(description="计划学习的月份；计划未定的为空")
    postponed_to: Month | None = Field(description="延期后拟定的月份；没有延期或未定的为空")
    unit: UnitShown | None = Field(description="责任部门或邀请单位；未定的为空")
    meeting_id: UUID | None = Field(description="所随的常务会议；没有的为空")
    day: date | None = Field(description="日期；未定的为空，不以月份推算")
    begins_at: TimeOfDay | None = Field(description="开始时刻；未定的为空", examples=["09:00"])
    place: str | None = Field(description="地点", examples=["区政府第一会议室"])
    another_month: str | None = Field(description="日期不在计划月份内的理由", examples=[None])
    text_due_at: LocalTime | None = Field(description="经审核的材料应当报送的最后时间；日期未定的为空")
    text_due_provisional: bool = Field(
        description="该时间是否待定：当年放假安排还没有公布或登记，公布后重新计算"
    )
    passed_sha256: str | None = Field(description="审核通过的文件的 SHA-256；没有通过的为空", examples=[None])
    passed_at: LocalTime | None = Field(description="审核通过时间")
    speaker: SpeakerOut | None = Field(description="主讲人；专题讲座没有登记专家的为空")
    delegated_on: date | None = Field(description="区长委托常务副区长主持的日期；没有委托的为空")
    delegation: str | None = Field(description="委托方式和依据", examples=[None])
    chair: Chair | None = Field(description=f"实际主持人：{choices(Chair)}；没有举行的为空")
    chair_name: str | None = Field(description="主持人姓名", examples=["韩涛"])
    changed_at: LocalTime = Field(description="最近变动时间")
    allowed: list[str] = Field(description="您目前可做的操作", examples=[["schedule", "cancel"]])

    @classmethod
    def shown(cls, row: Session, allowed: list[str], **more: Any) -> Self:
        """The row as an answer."""
        topics = [StudiedOut.of(link) for link in row.links]
        return cls.of(row, topics=topics, speaker=speaker_of(row), allowed=allowed, **more)


class SessionWithSteps(SessionOut, title="学法安排及办理过程"):
    """A session with what was done (学法安排)."""

    may_chair: MayChairOut | None = Field(description="谁可以主持；已举行或已取消的为空")
    steps: list[CourseStepOut] = Field(description="办理过程")


def speaker_of(row: Session) -> SpeakerOut | None:
    """Who speaks: of a pre-meeting study the responsible department's head, unless it was told otherwise (L-7a)."""
    if row.form == "lecture" and row.speaker_title is None:
        return None
    own = units.unit(row.unit).name if row.unit else None
    return SpeakerOut(
        name=row.speaker,
        title=row.speaker_title or HEAD,
        organisation=row.speaker_organisation or own,
        reason=row.speaker_reason,
    )
