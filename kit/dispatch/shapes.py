"""What goes in and out of the dispatch endpoints."""

from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from kit.district.clock import LocalTime, PastTime
from kit.district.coordinates import Datum
from kit.personal.kept import Kept, PersonName
from kit.personal.phones import Phone
from kit.web.shapes import Answer, Body, Choice, Grounded, Name, Shape, choices

State = Literal["received", "accepted", "answered", "closed", "declined", "merged", "transferred"]
STATES = "received 已派单，accepted 已签收，answered 已答复，closed 已办结，declined 不予受理，merged 已并案，transferred 已移交"


class Urgency(Choice):
    """How urgent a request is (紧急程度)."""

    NORMAL = "normal", "一般"
    URGENT = "urgent", "紧急"
    EMERGENCY = "emergency", "特急"


class SupervisionLevel(Choice):
    """How far a request is raised (督办等级)."""

    REMIND = "remind", "提醒"
    URGE = "urge", "催办"
    SUPERVISE = "supervise", "督办"
    ESCALATE = "escalate", "提级"


class Figure(Choice):
    """What a unit is assessed by (考核指标)."""

    SIGN = "sign", "按时签收"
    CONTACT = "contact", "按时联系"
    ANSWER = "answer", "按时答复"
    SOLVED = "solved", "解决"
    SATISFIED = "satisfied", "满意"


class MatterLimitOut(Answer, title="诉求事项的时限"):
    """A limit (办理时限); one of its fields is given."""

    minutes: int | None = Field(description="分钟")
    hours: int | None = Field(description="自然小时")
    working_hours: int | None = Field(description="工作小时，按机关办公时间计")
    same_day: bool = Field(description="当日")
    workdays: int | None = Field(description="工作日，自次日起算")


class MatterOut(Grounded, title="诉求事项"):
    """A matter that the service owns (诉求事项)."""

    code: str = Field(description="事项编码", examples=["safety-hazard"])
    name: str = Field(description="事项名称", examples=["安全生产隐患"])
    group: str = Field(description="事项类别", examples=["应急管理"])
    service: str = Field(description="承办的服务", examples=["emergency"])
    prefix: str = Field(description="诉求编号的前缀", examples=["DS-PQ-"])
    unit: str | None = Field(
        description="承办单位编号；为空表示属地街道（镇）就地办理", examples=["emergency-bureau"]
    )
    handling: Literal["on_the_spot", "dispatched"] = Field(description="就地解决，或派单办理")
    place: Literal["optional", "required"] = Field(
        description="地点：required 必须填写街道（镇）和地址、小区编号或坐标中的一项，optional 可以不填"
    )
    level: Urgency = Field(description=f"事项的紧急程度：{choices(Urgency)}")
    hours: int | None = Field(description="办理时限：自然小时")
    same_day: bool = Field(description="办理时限：当日")
    workdays: int | None = Field(description="办理时限：工作日，自受理次日起算")
    source: str = Field(description="时限出处", examples=["东政发〔2024〕18号 二(二)2"])
    sign: MatterLimitOut = Field(description="签收时限，自派单起算")
    contact: MatterLimitOut = Field(description="首次联系时限，自派单起算")
    clocks_source: str = Field(description="签收和联系时限的出处", examples=["默认值"])
    questions: dict[str, Any] = Field(
        description="details 应填写的内容，JSON Schema；为空表示没有要求",
        examples=[{"type": "object", "properties": {"trapped": {"type": "boolean"}}}],
    )
    words: list[str] = Field(description="文字中出现时建议此事项的词", examples=[["电梯", "困人"]])


class CitizenIn(Shape, title="来电人"):
    """Who called (来电人)."""

    name: PersonName | None = Field(default=None, description="姓名")
    phone: Phone | None = Field(default=None, description="电话")


class CoordinatesIn(Shape, extra="forbid", title="坐标"):
    """Where it is, in degrees, and in which datum that is (坐标)."""

    longitude: float = Field(ge=-180, le=180, description="经度")
    latitude: float = Field(ge=-90, le=90, description="纬度")
    datum: Datum = Field(description="坐标系：WGS-84、CGCS2000 或 GCJ-02（国内常用地图）")


class HandedOnIn(Shape, extra="forbid", title="移交来源"):
    """Which service hands a request on, as it was there (移交来源)."""

    number: str = Field(max_length=40, description="在原服务的诉求编号")
    client: str = Field(max_length=200, description="最初派单的客户端")


#: Any service with matters takes it, with a matter of its own.
EXAMPLE = {
    "matter": "safety-hazard",
    "summary": "安全生产隐患",
    "division": "天骄街道",
    "address": "某小区 3 号楼",
    "citizen": {"name": "张先生", "phone": "13800000000"},
    "external_number": "12345-20240624-000001",
}
#: By which another system's request is known again: what stands around it does not make it another.
_TRIMMED = AfterValidator(str.strip)
Attachment = Annotated[str, StringConstraints(max_length=500, pattern=r"^https?://[^\s\x00]+$")]


class RequestIn(Body, title="派单", example=EXAMPLE):
    """A citizen's request as it is handed in (派单)."""

    matter: str | None = Field(
        default=None,
        max_length=60,
        description="事项编码，见 /dispatch/v1/matters；不填时按文字给出建议，由来电人或坐席选定",
    )
    summary: Name = Field(description="一句话概括")
    description: str = Field(default="", max_length=5000, description="详细情况")
    division: str | None = Field(default=None, max_length=30, description="所在街道（镇）")
    address: str | None = Field(default=None, max_length=200, description="地址")
    compound: UUID | None = Field(default=None, description="所涉小区的编号，见 /property/v1/compounds")
    coordinates: CoordinatesIn | None = Field(default=None, description="坐标")
    citizen: CitizenIn = Field(default=CitizenIn(), description="来电人")
    source: Annotated[Name, _TRIMMED] = Field(default="12345", max_length=30, description="来源")
    external_number: Annotated[Name, _TRIMMED, Kept.KEY] | None = Field(
        default=None, max_length=60, description="来源系统的工单编号；重复提交时返回同一诉求"
    )
    occurred_at: PastTime | None = Field(default=None, description="事情发生的时间，不早于 1970 年")
    received_at: LocalTime | None = Field(default=None, description="受理时间；不填为现在")
    urgency: Urgency | None = Field(
        default=None, description=f"紧急程度：{choices(Urgency)}；不填按事项，不低于事项的等级"
    )
    secret: bool = Field(default=False, description="是否保密：除承办单位、交办的客户端和 12345 外不显示内容")
    attachments: list[Attachment] = Field(default=[], max_length=20, description="附件地址")
    details: dict[str, Any] = Field(default={}, description="事项要求的其他内容")
    source_fields: dict[str, Any] = Field(default={}, description="来源系统的其他字段，原样保存")
    handed_on: HandedOnIn | None = Field(default=None, description="由其他服务移交时填写，须有移交权限")


class StepOut(Answer, title="办理过程"):
    """What was done with a request (办理过程)."""

    at: LocalTime = Field(description="办理时间")
    action: str = Field(description="操作", examples=["accept"])
    client: str = Field(
        description="办理者：系统的客户端编号，或操作人的姓名和单位", examples=["张三（天骄街道）"]
    )
    unit: str | None = Field(description="办理单位", examples=["emergency-bureau"])
    note: str | None = Field(description="说明", examples=["已到现场核实并整改"])
    state: State = Field(description=f"办理后诉求的状态：{STATES}")
    unit_of_leg: str | None = Field(description="所涉承办单位编号", examples=["emergency-bureau"])
    leg_state: str | None = Field(description="办理后该单位的状态", examples=["signed"])
    due_at: LocalTime | None = Field(description="办理后的答复时限")
    seen: dict[str, Any] = Field(description="这一步的其他内容", examples=[{"to": "housing-centre"}])


class RequestLegOut(Answer, title="诉求承办情况"):
    """A unit's part in a request (承办情况)."""

    unit: str = Field(description="承办单位编号", examples=["emergency-bureau"])
    unit_name: str = Field(description="承办单位", examples=["区应急管理局"])
    lead: bool = Field(description="是否主办")
    state: str = Field(
        description="dispatched 已派单，return_asked 已申请退单，signed 已签收，contacted 已联系，in_progress 办理中，"
        "answered 已答复，audited 已审核，returned 已改派，released 已取消协办",
        examples=["signed"],
    )
    round: int = Field(description="第几轮办理，重办一次加一", examples=[1])
    dispatched_at: LocalTime = Field(description="派单时间，各时限由此起算")
    sign_due_at: LocalTime = Field(description="签收时限")
    contact_due_at: LocalTime = Field(description="首次联系时限")
    answer_due_at: LocalTime = Field(description="答复时限")
    due_provisional: bool = Field(description="时限所用的放假安排尚未公布，可能调整")
    signed_at: LocalTime | None = Field(description="签收时间")
    contacted_at: LocalTime | None = Field(description="首次联系时间")
    answered_at: LocalTime | None = Field(description="答复时间")
    paused_at: LocalTime | None = Field(description="中止计时的时间；在计时为空")
    answer: str | None = Field(description="答复内容", examples=["已到现场核实并整改"])
    forced: bool = Field(description="退单被驳回，须办理")
    proposed_unit: str | None = Field(description="申请退单时建议的单位编号", examples=["housing-centre"])
    extension_until: LocalTime | None = Field(description="申请延期到")


class RequestNextOut(Answer, title="诉求下一步"):
    """Who must act next (下一步)."""

    unit: str | None = Field(description="单位编号；为空表示 12345 热线", examples=["emergency-bureau"])
    unit_name: str = Field(description="单位", examples=["区应急管理局"])
    unit_of_leg: str | None = Field(
        description="所涉承办单位编号，操作时填在 unit 中；整件诉求的操作为空", examples=["emergency-bureau"]
    )
    unit_of_leg_name: str | None = Field(description="所涉承办单位", examples=["区应急管理局"])
    action: str = Field(description="应做的操作", examples=["accept"])
    action_name: str = Field(description="应做的操作的名称", examples=["签收"])
    due_at: LocalTime | None = Field(description="时限")


class RequestOut(Grounded, title="诉求"):
    """A citizen's request and how it stands (诉求)."""

    number: str = Field(description="诉求编号", examples=["DS-EQ-20240624-0001"])
    source: str = Field(description="来源", examples=["12345"])
    external_number: str | None = Field(description="来源系统的工单编号", examples=["20240624000123"])
    matter: str = Field(description="事项编码", examples=["safety-hazard"])
    matter_name: str = Field(description="事项名称", examples=["安全生产隐患"])
    service: str = Field(description="承办的服务", examples=["emergency"])
    summary: str = Field(description="一句话概括", examples=["消防通道被堵"])
    description: str = Field(description="详细情况", examples=["单元门口的消防通道被杂物堵住"])
    division: str | None = Field(description="所在街道（镇）", examples=["天骄街道"])
    address: str | None = Field(description="地址", examples=["天骄街道天骄路1号"])
    compound: UUID | None = Field(description="所涉小区的编号")
    longitude: Decimal | None = Field(description="经度，WGS-84", examples=["109.9633000"])
    latitude: Decimal | None = Field(description="纬度，WGS-84", examples=["39.8210000"])
    coordinates: CoordinatesIn | None = Field(description="来源所给的坐标")
    citizen_name: str | None = Field(description="来电人姓名，默认隐去", examples=["张*"])
    citizen_phone: str | None = Field(description="来电人电话，默认隐去", examples=["138****0001"])
    occurred_at: LocalTime | None = Field(description="事情发生的时间")
    received_at: LocalTime = Field(description="受理时间")
    updated_at: LocalTime = Field(description="最近一次办理的时间")
    urgency: Urgency = Field(description=f"紧急程度：{choices(Urgency)}")
    alarm: list[str] = Field(description="文字中疑似事故的词", examples=[["被困"]])
    secret: bool = Field(description="是否保密")
    attachments: list[str] = Field(description="附件地址", examples=[["https://example.com/1.jpg"]])
    unit: str = Field(description="主办单位编号", examples=["emergency-bureau"])
    unit_name: str = Field(description="主办单位", examples=["区应急管理局"])
    handling: str = Field(description="on_the_spot 就地解决，dispatched 派单办理")
    due_at: LocalTime = Field(description="主办单位的答复时限")
    due_provisional: bool = Field(description="时限所用的放假安排尚未公布，可能调整")
    overdue: bool = Field(description="是否超时，读取时计算")
    state: State = Field(description=STATES)
    allowed: list[str] = Field(description="您目前可做的操作", examples=[["accept"]])
    next_actor: RequestNextOut | None = Field(description="下一步由谁做什么；没有要做的为空")
    raised: SupervisionLevel | None = Field(
        description=f"督办等级：{choices(SupervisionLevel)}；没有督办的为空"
    )
    units: int = Field(description="先后有几个单位承办", examples=[1])
    redos: int = Field(description="重办次数", examples=[0])
    reference: str | None = Field(description="转成的事项编号，例如事故编号", examples=["DS-E-20240624-0001"])
    answer: str | None = Field(description="主办单位的答复内容", examples=["已到现场核实并整改"])
    answered_at: LocalTime | None = Field(description="全部答复的时间")
    closed_at: LocalTime | None = Field(description="办结时间")
    called_back_at: LocalTime | None = Field(description="最近一次回访的时间")
    reached: bool | None = Field(description="回访是否联系上；没有回访的为空")
    solved: bool | None = Field(description="来电人认为是否解决，与是否办结是两件事；没有说的为空")
    satisfied: bool | None = Field(description="来电人是否满意；没有说的为空")
    merged_into: str | None = Field(description="并入的诉求编号", examples=["DS-EQ-20240624-0002"])
    transferred_to: str | None = Field(description="移交后的诉求编号", examples=["DS-PQ-20240624-0001"])
    transferred_from: str | None = Field(description="移交前的诉求编号", examples=["DS-OQ-20240624-0001"])
    legs: list[RequestLegOut] = Field(description="各单位的承办情况")


class RequestWithSteps(RequestOut, title="诉求及办理过程"):
    """A citizen's request with all that was done (诉求及办理过程)."""

    details: dict[str, Any] = Field(description="事项要求的其他内容", examples=[{"trapped": True}])
    source_fields: dict[str, Any] = Field(description="来源系统的其他字段", examples=[{"KSDM": "03"}])
    merged: list[str] = Field(
        description="并入本件的诉求编号，其来电人也须回访", examples=[["DS-EQ-20240624-0003"]]
    )
    steps: list[StepOut] = Field(description="办理过程")


class RequestStandingOut(Answer, title="诉求在某时的状况"):
    """How a request stood at a moment, from its record (诉求在某时的状况)."""

    at: LocalTime = Field(description="时刻")
    state: State = Field(description=STATES)
    unit: str | None = Field(description="当时的主办单位编号", examples=["emergency-bureau"])
    due_at: LocalTime | None = Field(description="当时的答复时限")
    overdue: bool = Field(description="当时是否超时")
    legs: dict[str, str] = Field(
        description="当时各承办单位的状态", examples=[{"emergency-bureau": "signed"}]
    )
