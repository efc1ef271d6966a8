"""What goes in and out of the endpoints of warnings."""

import re
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, field_serializer, model_validator

from kit.context import Context
from kit.district.clock import LocalTime
from kit.district.named_units import UnitId, UnitShown
from kit.web.shapes import Answer, Body, Grounded, Shape, Text
from services.emergency.assignments.models import Assignment
from services.emergency.assignments.shapes import TaskOut
from services.emergency.assignments.shapes import shown as task_shown
from services.emergency.case.numbers import IncidentNumber
from services.emergency.plan.accidents.grading import Grade, ResponseLevel
from services.emergency.plan.cap import Category, Certainty, Kind, ResponseType, Urgency
from services.emergency.plan.catalogue import catalogue
from services.emergency.plan.warnings import Channel, Colour, contradiction
from services.emergency.warnings.areas import AreaIn
from services.emergency.warnings.models import Bulletin, Delivery, Message
from services.emergency.warnings.work import lacking

State = Literal["draft", "issued", "adjusted", "lifted"]
STATES_ZH = {"draft": "草稿", "issued": "已发布", "adjusted": "已调整", "lifted": "已解除"}
STATES = "，".join(f"{state} {zh}" for state, zh in STATES_ZH.items())
COLOURS = "blue 蓝色，yellow 黄色，orange 橙色，red 红色"
#: What XML 1.0 cannot hold.
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _writable(text: str) -> str:
    if _NOT_IN_XML.search(text):
        raise ValueError("含有不可见的控制字符，请删除后重新提交。")
    return text


Sentence = Annotated[Text, AfterValidator(_writable)]


class Content(Shape, title="预警内容"):
    """What a warning says (预警内容); anything may be left out of a draft."""

    accident_type: Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_writable)] | None = (
        Field(default=None, description="可能引发的事故类型", examples=["危险化学品泄漏"])
    )
    expected_grade: Grade | None = Field(
        default=None,
        description="预计可能发生的事故等级：general 一般，larger 较大，major 重大，especially_major 特别重大",
    )
    colour: Colour | None = Field(default=None, description=COLOURS)
    starts_at: LocalTime | None = Field(default=None, description="起始时间")
    expires_at: LocalTime | None = Field(default=None, description="失效时间")
    measures: Sentence | None = Field(default=None, description="防范措施，建议的或强制的")
    description: Sentence | None = Field(
        default=None, description="其他需要说明的情况", examples=["持续高温，储罐区须加强巡查"]
    )
    urgency: Urgency = Field(default="Unknown", description="紧迫程度（CAP 1.2）")
    certainty: Certainty = Field(default="Unknown", description="把握程度（CAP 1.2）")
    categories: list[Category] = Field(
        default=["Safety"], min_length=1, max_length=12, description="类别（CAP 1.2）"
    )
    response_types: list[ResponseType] = Field(
        default=[], max_length=8, description="要求公众采取的行动（CAP 1.2）；不填按级别默认"
    )
    event_code: str | None = Field(
        default=None, pattern=r"^[0-9A-Z]{5}$", description="GB/T 35561 事件分类编码", examples=["12A05"]
    )
    channels: list[Channel] = Field(
        default=[],
        max_length=9,
        description="发布方式：" + "，".join(f"{each} {each.zh}" for each in Channel),
    )
    incident: IncidentNumber | None = Field(default=None, description="有关的事故编号")


class ContentIn(Content, Body, title="预警内容"):
    """What a warning is to say (预警内容)."""

    areas: list[AreaIn] = Field(default=[], max_length=50, description="影响范围")
    departments: list[UnitId] = Field(
        default=[], max_length=40, description="相关成员单位，预警行动分派给它们"
    )

    @model_validator(mode="after")
    def _consistent(self) -> "ContentIn":
        if wrong := contradiction(self.starts_at, self.expires_at, self.colour, self.expected_grade):
            raise ValueError(wrong[1])
        return self

    @field_serializer("areas")
    def _kept(self, areas: list[AreaIn]) -> list[dict[str, Any]]:
        """As they are kept: numbers as exact text."""
        return [area.model_dump(mode="json", exclude_none=True) for area in areas]


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


class DraftIn(ContentIn, title="预警草稿", example=EXAMPLE):
    """A warning as it is drafted (预警草稿)."""

    exercise: bool = Field(default=False, description="是否演练：演练预警处处有标记，不对外产生真实信息")
    company_warning_id: UUID | None = Field(default=None, description="由哪条企业预警引起")


class AdjustWarningIn(
    ContentIn,
    title="预警调整",
    example={"colour": "orange", "expected_grade": "major", "reason": "泄漏量增大。"},
):
    """What changes of a warning, and why (预警调整); what is not sent stays as it is."""

    reason: Sentence = Field(description="调整原因")


class LiftIn(Body, title="预警解除", example={"reason": "泄漏已封堵，监测正常。"}):
    """Why a warning is lifted (预警解除)."""

    reason: Sentence = Field(description="解除原因")


class ColourOut(Answer, title="预警级别说明"):
    """A colour (预警级别说明): when it is called for, and what it asks."""

    colour: Colour = Field(description=COLOURS)
    zh: str = Field(description="级别名称", examples=["黄色预警"])
    level: ResponseLevel = Field(description="对应的响应级别")
    expected_grade: Grade = Field(description="预计可能发生的事故等级")
    expected_grade_zh: str = Field(description="事故等级名称", examples=["较大事故"])
    actions: list[str] = Field(
        description="预警行动，含下一级的", examples=[["加强巡查和值守", "做好救援准备"]]
    )


class ColoursOut(Grounded, title="预警级别表", clauses=("E-3.2b", "E-3.3c")):
    """The four colours (预警级别)."""

    items: list[ColourOut] = Field(description="四种级别，最重的在前")


class DeliveryOut(Answer, title="预警送达"):
    """A channel or a receiver of a message (预警送达)."""

    id: UUID = Field(description="送达编号")
    step: int = Field(description="0 为向公众发布；1、2 为逐级上报的先后")
    to: str = Field(description="发布方式或上报单位的编号", examples=["sms"])
    to_zh: str = Field(description="发布方式或上报单位", examples=["短信"])
    done_at: LocalTime | None = Field(description="送达时间")
    done_by: str | None = Field(description="登记送达者", examples=["天骄街道办事处"])


class MessageOut(Answer, title="预警消息"):
    """A message as it was sent (预警消息)."""

    number: int = Field(description="第几条")
    kind: Kind = Field(description="Alert 发布，Update 调整，Cancel 解除")
    identifier: str = Field(description="消息标识", examples=["DS-W-20240624-0001-1"])
    sent: str = Field(description="发出时间，原文", examples=["2024-06-24T09:30:00+08:00"])
    colour: Colour = Field(description=COLOURS)
    headline: str = Field(description="标题", examples=["东胜区发布黄色预警"])
    cap: str = Field(
        description="CAP 1.2 原文的地址", examples=["/emergency/v1/cap/DS-W-20240624-0001-1.xml"]
    )
    deliveries: list[DeliveryOut] = Field(description="发布和上报情况")


class WarningOut(Content, Grounded, title="预警", clauses=("E-3.2b", "E-3.3b", "E-3.3c", "E-3.3d")):
    """A warning with its messages and tasks (预警)."""

    id: UUID = Field(description="预警的 UUID")
    number: str = Field(description="预警编号", examples=["DS-EW-20240624-0001"])
    exercise: bool = Field(description="是否演练")
    state: State = Field(description=STATES)
    state_zh: str = Field(description="状态名称；演练时带有标记", examples=["已发布"])
    expired: bool = Field(description="已过失效时间而没有解除")
    issuer: UnitShown | None = Field(description="发布机关")
    issued_at: LocalTime | None = Field(description="发布时间")
    colour_zh: str | None = Field(description="预警级别；演练时带有标记", examples=["黄色预警"])
    areas: list[dict[str, Any]] = Field(description="影响范围")
    departments: list[UnitShown] = Field(description="相关成员单位")
    company_warning_id: UUID | None = Field(description="由哪条企业预警引起")
    lifted_at: LocalTime | None = Field(description="解除时间")
    lift_reason: str | None = Field(description="解除原因", examples=["气温下降，险情已经排除"])
    missing: list[str] = Field(description="发布前还缺少的内容", examples=[["影响范围"]])
    messages: list[MessageOut] = Field(description="已发出的消息")
    tasks: list[TaskOut] = Field(description="预警行动")


def shown(context: Context, row: Bulletin, tasks: list[Assignment]) -> WarningOut:
    """A warning with what it asks for, as this caller sees it now."""
    active = row.state in ("issued", "adjusted")
    return WarningOut.of(
        row,
        state_zh=row.mark + STATES_ZH[row.state],
        expired=active and row.expires_at is not None and row.expires_at <= context.now,
        colour_zh=row.mark + row.in_colour.zh if row.colour else None,
        missing=lacking(row),
        messages=[
            MessageOut.of(each, deliveries=[delivery_shown(way, each) for way in each.deliveries])
            for each in row.messages
        ],
        tasks=[task_shown(each, context.caller) for each in tasks],
    )


def delivery_shown(row: Delivery, message: Message) -> DeliveryOut:
    """A message's way out; an exercise's is marked, so that nobody takes it for real."""
    name = Channel(row.to).zh if row.step == 0 else catalogue().unit(row.to).name
    return DeliveryOut.of(row, to_zh=message.mark + name)
