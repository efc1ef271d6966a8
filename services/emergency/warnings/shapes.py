"""What goes in and out of the endpoints of warnings."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from kit.district import units as canon
from kit.district.citations import Basis, cite
from kit.district.clock import LocalTime
from kit.district.named_units import StreetId, UnitId, UnitShown
from services.emergency.case.exercise import MARK
from services.emergency.case.numbers import IncidentNumber
from services.emergency.plan.catalogue import catalogue
from services.emergency.plan.grading import Grade
from services.emergency.plan.warnings import Channel, Colour, milder_than_expected
from services.emergency.warnings.cap import DISTRICT_CODE, crosses_itself
from services.emergency.warnings.models import Bulletin, Delivery, Message, WarningTask

DISTRICT = "东胜区"
State = Literal["draft", "issued", "adjusted", "lifted"]
STATES_ZH = {"draft": "草稿", "issued": "已发布", "adjusted": "已调整", "lifted": "已解除"}
Urgency = Literal["Immediate", "Expected", "Future", "Past", "Unknown"]
Certainty = Literal["Observed", "Likely", "Possible", "Unlikely", "Unknown"]
Category = Literal[
    "Safety",
    "Fire",
    "CBRNE",
    "Env",
    "Transport",
    "Infra",
    "Rescue",
    "Health",
    "Security",
    "Geo",
    "Met",
    "Other",
]
ResponseType = Literal["Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "None"]

#: What XML 1.0 cannot hold.
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _writable(text: str) -> str:
    if _NOT_IN_XML.search(text):
        raise ValueError("含有不可见的控制字符，请删除后重新提交。")
    return text


Sentence = Annotated[str, Field(min_length=1, max_length=4000), AfterValidator(_writable)]
Latitude = Annotated[Decimal, Field(ge=-90, le=90, max_digits=9, decimal_places=6)]
Longitude = Annotated[Decimal, Field(ge=-180, le=180, max_digits=9, decimal_places=6)]


class CircleIn(BaseModel):
    """A circle round a point."""

    model_config = ConfigDict(title="圆形范围", extra="forbid")

    latitude: Latitude = Field(description="圆心纬度，度")
    longitude: Longitude = Field(description="圆心经度，度")
    radius_km: Annotated[Decimal, Field(gt=0, le=500, max_digits=6, decimal_places=3)] = Field(
        description="半径，公里"
    )


def _closed(points: list[tuple[Decimal, Decimal]]) -> list[tuple[Decimal, Decimal]]:
    if points[0] != points[-1]:
        raise ValueError("多边形没有闭合：最后一点要与第一点相同。")
    if crosses_itself(points):
        raise ValueError("多边形的边互相交叉，请按顺序列出各点。")
    return points


class AreaIn(BaseModel):
    """A part of the district, or the whole of it."""

    model_config = ConfigDict(title="影响范围", extra="forbid")

    division: StreetId | None = Field(default=None, description="镇街道；不填为全区", examples=["罕台镇"])
    code: str = Field(
        default=DISTRICT_CODE,
        pattern=r"^150602(\d{3}|\d{6})?$",
        description="区划代码，6、9 或 12 位；不填为东胜区代码",
    )
    polygon: (
        Annotated[
            list[tuple[Latitude, Longitude]], Field(min_length=4, max_length=200), AfterValidator(_closed)
        ]
        | None
    ) = Field(default=None, description="多边形各点的纬度、经度，首尾相同")
    circle: CircleIn | None = Field(default=None, description="圆形范围")


class Content(BaseModel):
    """What a warning says; anything may be left out of a draft."""

    accident_type: Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_writable)] | None = (
        Field(default=None, description="可能引发的事故类型", examples=["危险化学品泄漏"])
    )
    expected_grade: Grade | None = Field(
        default=None,
        description="预计可能发生的事故等级：general 一般，larger 较大，major 重大，especially_major 特别重大",
    )
    colour: Colour | None = Field(default=None, description="blue 蓝色，yellow 黄色，orange 橙色，red 红色")
    starts_at: LocalTime | None = Field(default=None, description="起始时间")
    expires_at: LocalTime | None = Field(default=None, description="失效时间")
    areas: list[AreaIn] = Field(default=[], max_length=50, description="影响范围")
    measures: Sentence | None = Field(default=None, description="防范措施，建议的或强制的")
    description: Sentence | None = Field(default=None, description="其他需要说明的情况")
    urgency: Urgency = Field(default="Unknown", description="紧迫程度（CAP 1.2）")
    certainty: Certainty = Field(default="Unknown", description="把握程度（CAP 1.2）")
    categories: list[Category] = Field(
        default=["Safety"], min_length=1, max_length=12, description="类别（CAP 1.2）"
    )
    response_types: list[ResponseType] = Field(
        default=[], max_length=8, description="要求公众采取的行动（CAP 1.2）；不填按级别默认"
    )
    event_code: str | None = Field(
        default=None, pattern=r"^[0-9A-Z]{5}$", description="GB/T 35561 事件分类编码"
    )
    channels: list[Channel] = Field(
        default=[],
        max_length=9,
        description="发布方式：" + "，".join(f"{each} {each.zh}" for each in Channel),
    )
    departments: list[UnitId] = Field(
        default=[], max_length=40, description="相关成员单位，预警行动分派给它们"
    )
    incident: IncidentNumber | None = Field(default=None, description="有关的事故编号")

    @model_validator(mode="after")
    def _consistent(self) -> "Content":
        if self.starts_at and self.expires_at and self.expires_at <= self.starts_at:
            raise ValueError("失效时间应晚于起始时间。")
        if self.colour and self.expected_grade and milder_than_expected(self.colour, self.expected_grade):
            raise ValueError(
                f"预计可能发生{self.expected_grade.zh}事故时，预警级别不能是{self.colour.zh}，请提高级别。"
            )
        return self


EXAMPLE: dict[str, Any] = {
    "accident_type": "危险化学品泄漏",
    "expected_grade": "larger",
    "colour": "yellow",
    "starts_at": "2024-06-24T10:00:00+08:00",
    "expires_at": "2024-06-25T10:00:00+08:00",
    "areas": [
        {
            "division": "罕台镇",
            "polygon": [["39.80", "109.80"], ["39.80", "109.90"], ["39.90", "109.90"], ["39.80", "109.80"]],
        }
    ],
    "measures": "关闭门窗，远离某某园区，听从现场人员指挥。",
    "urgency": "Expected",
    "certainty": "Likely",
    "channels": ["platform", "sms", "loudspeaker_car"],
    "departments": ["区应急管理局", "区生态环境分局"],
}


class DraftIn(Content):
    """A warning as it is drafted."""

    model_config = ConfigDict(title="预警草稿", extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    exercise: bool = Field(default=False, description="是否演练：演练预警处处有标记，不对外产生真实信息")
    company_warning_id: UUID | None = Field(default=None, description="由哪条企业预警引起")


class AdjustWarningIn(Content):
    """What a warning says from now on, whole, and why."""

    model_config = ConfigDict(
        title="预警调整",
        extra="forbid",
        json_schema_extra={
            "examples": [EXAMPLE | {"colour": "orange", "expected_grade": "major", "reason": "泄漏量增大。"}]
        },
    )

    reason: Sentence = Field(description="调整原因")


class LiftIn(BaseModel):
    """Why a warning is lifted."""

    model_config = ConfigDict(
        title="预警解除",
        extra="forbid",
        json_schema_extra={"examples": [{"reason": "泄漏已封堵，监测正常。"}]},
    )

    reason: Sentence = Field(description="解除原因")


class ActorOut(BaseModel):
    """A unit, or whom the plan leaves open."""

    model_config = ConfigDict(title="承担单位")

    id: str = Field(description="单位编号")
    name: str = Field(description="单位名称")


def actor(id: str) -> ActorOut:
    """A unit of the canon, or whom the plan leaves open, by id."""
    try:
        return ActorOut(id=id, name=catalogue().unit(id).name)
    except KeyError:
        return ActorOut(id=id, name=canon.unit(id).name)


class WarningTaskOut(BaseModel):
    """An action asked of a unit."""

    model_config = ConfigDict(title="预警行动")

    id: UUID
    warning_id: UUID
    exercise: bool = Field(description="是否演练")
    mark: str = Field(description="演练时为“【演练】”，否则为空")
    action: str = Field(description="行动编号")
    owner: ActorOut
    does: str = Field(description="做什么")
    if_needed: bool = Field(description="是否视情况选用")
    state: Literal["open", "done", "stopped"] = Field(
        description="open 待办，done 已办，stopped 随调整或解除终止"
    )
    done_at: LocalTime | None
    note: str | None
    basis: Basis

    @classmethod
    def of(cls, row: WarningTask, *, exercise: bool) -> "WarningTaskOut":
        """The row as an answer."""
        facts = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        marks = {"exercise": exercise, "mark": MARK if exercise else ""}
        return cls(**(facts | marks | {"owner": actor(row.owner), "basis": cite(row.clause)}))


class DeliveryOut(BaseModel):
    """A channel or a receiver of a message."""

    model_config = ConfigDict(title="预警送达")

    id: UUID
    step: int = Field(description="0 为向公众发布；1、2 为逐级上报的先后")
    to: str = Field(description="发布方式或上报单位的编号")
    to_zh: str = Field(description="发布方式或上报单位")
    done_at: LocalTime | None
    done_by: str | None

    @classmethod
    def of(cls, row: Delivery, *, exercise: bool) -> "DeliveryOut":
        """The row as an answer; an exercise's way out is marked, so that nobody takes it for real."""
        to_zh = (MARK if exercise else "") + (Channel(row.to).zh if row.step == 0 else actor(row.to).name)
        facts = {name: getattr(row, name) for name in cls.model_fields if name != "to_zh"}
        return cls(to_zh=to_zh, **facts)


class MessageOut(BaseModel):
    """A message as it was sent."""

    model_config = ConfigDict(title="预警消息")

    number: int = Field(description="第几条")
    kind: Literal["Alert", "Update", "Cancel"] = Field(description="Alert 发布，Update 调整，Cancel 解除")
    identifier: str = Field(description="消息标识")
    sent: str = Field(description="发出时间，原文")
    colour: Colour
    headline: str
    cap: str = Field(description="CAP 1.2 原文的地址")
    deliveries: list[DeliveryOut]

    @classmethod
    def of(cls, row: Message) -> "MessageOut":
        """The row as an answer."""
        facts = {name: getattr(row, name) for name in ("number", "kind", "identifier", "sent", "headline")}
        cap = f"/emergency/v1/warnings/{row.warning_id}/messages/{row.number}.cap"
        deliveries = [DeliveryOut.of(each, exercise=row.exercise) for each in row.deliveries]
        return cls(colour=Colour(row.colour), cap=cap, deliveries=deliveries, **facts)


class WarningOut(BaseModel):
    """A warning with its messages and tasks."""

    model_config = ConfigDict(title="预警")

    id: UUID
    number: str = Field(description="预警编号", examples=["DS-EW-20240624-0001"])
    exercise: bool = Field(description="是否演练")
    state: State
    state_zh: str
    expired: bool = Field(description="已过失效时间而没有解除")
    issuer: UnitShown | None = Field(description="发布机关")
    issued_at: LocalTime | None = Field(description="发布时间")
    accident_type: str | None
    expected_grade: Grade | None
    colour: Colour | None
    colour_zh: str | None = Field(description="预警级别；演练时带有标记")
    starts_at: LocalTime | None
    expires_at: LocalTime | None
    areas: list[dict[str, Any]]
    measures: str | None
    description: str | None
    urgency: str
    certainty: str
    categories: list[str]
    response_types: list[str]
    event_code: str | None
    channels: list[Channel]
    departments: list[UnitShown]
    incident: str | None
    company_warning_id: UUID | None
    lifted_at: LocalTime | None
    lift_reason: str | None
    missing: list[str] = Field(description="发布前还缺少的内容")
    messages: list[MessageOut]
    tasks: list[WarningTaskOut]
    basis: Basis

    @classmethod
    def of(cls, row: Bulletin, missing: list[str], now: datetime) -> "WarningOut":
        """The row as an answer at a moment."""
        made = {"state_zh", "expired", "colour_zh", "missing", "messages", "tasks", "basis"}
        facts = {name: getattr(row, name) for name in cls.model_fields if name not in made}
        colour_zh = Colour(row.colour).zh if row.colour else None
        active = row.state in ("issued", "adjusted")
        return cls(
            state_zh=(MARK if row.exercise else "") + STATES_ZH[row.state],
            expired=active and row.expires_at is not None and row.expires_at <= now,
            colour_zh=f"{MARK}{colour_zh}" if colour_zh and row.exercise else colour_zh,
            missing=missing,
            messages=[MessageOut.of(each) for each in row.messages],
            tasks=[WarningTaskOut.of(each, exercise=row.exercise) for each in row.tasks],
            basis=cite("E-3.2b", "E-3.3b", "E-3.3c", "E-3.3d"),
            **facts,
        )
