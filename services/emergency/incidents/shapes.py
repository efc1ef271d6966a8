"""What goes in and out of the endpoints of accidents and their reports."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, model_validator

from kit.district.clock import LocalTime
from kit.web.shapes import Answer, Body, Grounded, Name, Shape, Text
from services.emergency.assignments.shapes import TaskOut
from services.emergency.case.incident import Incident
from services.emergency.case.shapes import OfIncident
from services.emergency.clocks.api import DeadlineOut
from services.emergency.command.shapes import CommandNow
from services.emergency.incidents.as_told import AsTold, WrittenName, WrittenPhone
from services.emergency.incidents.facts import Channel, Harm, Known, Told
from services.emergency.plan.accidents.grading import Facts, Grade, ResponseLevel
from services.emergency.plan.accidents.report_fields import ReportKind
from services.emergency.plan.accidents.scope import scope_of
from services.emergency.plan.now import AT_ONCE, Thing

Outcome = Literal["accident", "not_an_accident", "duplicate"]
OUTCOMES_ZH = "结案结论：accident 事故，not_an_accident 非事故，duplicate 与另一起重复，已并入"
Reporter = Literal["unit", "scene", "citizen", "street", "department", "other"]


def _plain(value: Any) -> bool | int | str:
    return value if isinstance(value, bool | int) else str(value)


#: A number of persons, a switch, a grade, or an exact amount as text.
Measure = Annotated[bool | int | str, BeforeValidator(_plain)]


class AssessmentIn(
    Body,
    Harm,
    title="研判内容",
    example={"deaths": 2, "serious_injuries": 3, "direct_loss_yuan": "1200000.00"},
):
    """What is known of an accident, to be graded (研判内容)."""

    headquarters_decides_iii: bool = Field(default=False, description="区指挥部自行决定启动三级")

    @property
    def facts(self) -> Facts:
        """For the rules: the missing are in danger."""
        given = self.model_dump(exclude={"missing"}, exclude_none=True)
        return Facts(**given | {"endangered": (self.endangered or 0) + (self.missing or 0)})


class ReasonOut(Answer, title="定级理由"):
    """Why a grade or level was reached (定级理由)."""

    field: str = Field(description="哪一项", examples=["deaths"])
    value: Measure = Field(description="现在的数值", examples=[2])
    threshold: Measure = Field(description="达到的界限，以上含本数", examples=[1])
    clause: str = Field(description="条款编号", examples=["E-1.5"])


class RiseOut(Answer, title="升级条件"):
    """What would raise the grade or level (升级条件)."""

    field: str = Field(description="哪一项")
    at: Measure = Field(description="达到多少", examples=[3])
    becomes: str = Field(description="变成哪一级", examples=["larger"])
    says: str = Field(description="说明", examples=["再死亡1人即为较大事故"])
    clause: str = Field(description="条款编号", examples=["E-1.5"])


class AssessmentOut(Grounded, title="研判结果", clauses=("E-1.5", "E-4.3")):
    """The grade and the level of response (研判结果), why, and what would raise them."""

    grade: Grade = Field(description="事故等级")
    grade_zh: str = Field(description="事故等级", examples=["一般"])
    response_level: ResponseLevel = Field(description="应急响应级别")
    response_level_zh: str = Field(description="应急响应级别", examples=["四级"])
    reasons: list[ReasonOut] = Field(description="理由")
    next: list[RiseOut] = Field(description="什么会使等级或级别升高")


class ReporterIn(AsTold, title="报告人"):
    """Who reports, and how (报告人)."""

    channel: Channel = Field(default="phone", description="报告方式")
    reporter: Reporter | None = Field(
        default=None,
        description="谁在报告：unit 事发单位，scene 现场人员，citizen 群众，street 镇街道，department 部门，other 其他",
    )
    reporter_name: WrittenName | None = Field(default=None, description="报告人姓名")
    reporter_phone: WrittenPhone | None = Field(default=None, description="报告人电话，怎样写都收")


class IncidentIn(
    ReporterIn,
    Told,
    title="事故初报",
    example={
        "unit": "东胜区示例煤业有限公司",
        "place": "2 号井 3 采区",
        "division": "铜川镇",
        "occurred_at": "now",
        "endangered": 2,
        "reporter": "unit",
        "reporter_name": "王调度",
        "reporter_phone": "13900000000",
    },
):
    """A first report, with whatever is known (事故初报)."""

    occurred_at: LocalTime | Literal["now"] | None = Field(  # type: ignore[assignment]
        default=None, description="事故发生时间，带时区；刚刚发生可写 now，不知道可不填"
    )
    reported_at: LocalTime | None = Field(default=None, description="接到报告的时间；不填为现在")
    special_plan: Name | None = Field(
        default=None, description="另有规定的区级专项预案名称；填写后转由该预案处置"
    )
    exercise: bool = Field(default=False, description="演练：同样运转，处处标明，不对外发送")

    @model_validator(mode="after")
    def _somewhere(self) -> "IncidentIn":
        if self.unit is None and self.place is None:
            raise ValueError("请至少填写事故单位（unit）或事故地点（place）之一。")
        return self


class UnreadOut(Answer, title="未能识别的内容"):
    """A field as it was told that could not be read (未能识别的内容)."""

    field: str = Field(description="哪一项", examples=["direct_loss_yuan"])
    name: str = Field(description="名称", examples=["直接经济损失（元）"])
    text: str = Field(description="当时的原话，个人信息隐去", examples=["50万"])


class LackingOut(Answer, title="缺少的内容"):
    """A field of a report that is not known, or not all of it (缺少的内容)."""

    field: str = Field(description="内容编号", examples=["occurred_at"])
    name: str = Field(description="内容名称", examples=["现场情况"])
    facts: list[str] = Field(description="尚不知道的项目", examples=[["scene"]])
    clause: str = Field(description="条款编号", examples=["E-4.1d"])


class ScopeOut(OfIncident, title="适用范围"):
    """Whether this plan deals with the accident (适用范围)."""

    covered: bool = Field(description="是否由本预案处置")
    reason: str = Field(description="理由")
    referred_to: str | None = Field(description="转往何处", examples=["区森林草原火灾应急指挥部"])

    @classmethod
    def of_incident(cls, incident: Incident) -> "ScopeOut":
        """Whether the plan deals with this accident (E-1.3)."""
        scope = scope_of(Grade(incident.grade), incident.facts, incident.special_plan)
        return cls.of(scope, incident, referred_to=incident.referred_to or incident.special_plan)


class IncidentOut(OfIncident, Known, title="事故", clauses=("E-1.5", "E-4.1d", "E-4.3")):
    """An accident as it is known now (事故)."""

    id: UUID = Field(description="事故的 UUID")
    first_known_at: LocalTime = Field(description="区里首次接报时间")
    recorded_at: LocalTime = Field(description="录入时间")
    verified_at: LocalTime | None = Field(description="核实时间")
    said: dict[str, Any] = Field(description="报告中的其他内容", examples=[{"course": "储罐泄漏后起火"}])
    assessment: AssessmentOut = Field(description="最新研判")
    scope: ScopeOut = Field(description="适用范围")
    missing_fields: list[LackingOut] = Field(description="初报尚缺的内容，不妨碍受理")
    unread: list[UnreadOut] = Field(description="报了而未能识别的内容，原样留存，请补报")
    request: str | None = Field(description="报告此事故的诉求编号", examples=["DS-EQ-20240624-0001"])
    closed_at: LocalTime | None = Field(description="结案时间")
    outcome: Outcome | None = Field(description=OUTCOMES_ZH)
    joined_into: str | None = Field(description="并入的事故编号", examples=["DS-E-20240624-0002"])


class IncidentListed(IncidentOut, title="列出的事故", clauses=("E-1.5", "E-4.1d", "E-4.3", "E-4.5b")):
    """An accident in a list, with who commands it (列出的事故)."""

    command: CommandNow = Field(description="现在由谁指挥")


class LikelyOut(Answer, title="可能是同一起的事故"):
    """An accident that a call may be about as well (可能是同一起的事故)."""

    number: str = Field(description="事故编号")
    unit: str | None = Field(description="事故发生单位")
    place: str | None = Field(description="事故地点")
    occurred_at: LocalTime | None = Field(description="事故发生时间")
    why: list[str] = Field(description="为什么可能是同一起", examples=[["事故单位相同", "时间相差 5 分钟"]])


class JoinIn(Body, title="并入", example={"into": "DS-E-20240624-0001", "reason": "同一起事故的第二个来电"}):
    """Into which file a call goes, and why (并入)."""

    into: str = Field(min_length=1, max_length=40, description="并入的事故编号")
    reason: Text = Field(description="理由")


class ThingOut(Grounded, title="要做的事"):
    """Something to do next (要做的事)."""

    does: str = Field(description="做什么", examples=["核实接报的情况"])
    due: LocalTime | None = Field(description="到期时间；没有时限的为空，请马上办")
    pressing: bool = Field(description="时限已临近或已超过")
    operation: str = Field(
        description="用哪个操作登记", examples=["POST /emergency/v1/incidents/DS-E-20240624-0001/verify"]
    )


class ToDoNow(Shape, title="现在做什么"):
    """The next things for a caller, first in the answer so that nobody looks for them (现在做什么)."""

    now: list[ThingOut] = Field(description="您现在要做的，最急的在前，最多三件")
    further: int = Field(description="此外还有几件")

    @staticmethod
    def first(things: Sequence[Thing]) -> dict[str, Any]:
        """The fields of these things."""
        shown = [ThingOut.of(each) for each in things[:AT_ONCE]]
        return {"now": shown, "further": len(things) - len(shown)}


class NowOut(OfIncident, ToDoNow, title="事故现在做什么", clauses=("E-4.1a", "E-4.1d", "E-4.2", "E-4.4a")):
    """An accident in short, with what the caller is to do next (事故现在做什么)."""

    unit: str | None = Field(description="事故发生单位")
    place: str | None = Field(description="事故地点")
    grade_zh: str = Field(description="事故等级", examples=["一般"])
    response_level_zh: str = Field(description="应急响应级别", examples=["四级"])


class IncidentTaken(IncidentOut, ToDoNow, title="事故及时限、任务"):
    """An accident with what is next, its clocks and its tasks (事故及时限、任务)."""

    deadlines: list[DeadlineOut] = Field(description="时限")
    tasks: list[TaskOut] = Field(description="任务")
    likely_same: list[LikelyOut] = Field(description="可能是同一起的未结事故，是的请并入（join）")


class ReportIn(
    ReporterIn,
    Body,
    title="续报",
    example={
        "kind": "follow_up",
        "reporter": "unit",
        "facts": {"deaths": 1, "serious_injuries": 3, "endangered": 0, "progress": "搜救仍在进行"},
    },
):
    """A further report on an accident (续报)."""

    kind: ReportKind = Field(
        default=ReportKind.FOLLOW_UP, description="first 初报，follow_up 续报，written 书面报告，closing 终报"
    )
    occurred_at: LocalTime | None = Field(default=None, description="所报情况的时间；不填为现在")
    received_at: LocalTime | None = Field(
        default=None, description="收到报告的时间，是否按时以此为准；不填为现在"
    )
    facts: Told = Field(default=Told(), description="报告内容；只写知道的，减少的数字也照实写")


class NotUsedOut(Answer, title="未采用的内容"):
    """A fact of a report that does not count, and why (未采用的内容)."""

    fact: str = Field(description="哪一项", examples=["deaths"])
    name: str = Field(description="名称", examples=["死亡人数"])
    told: Any = Field(description="报的内容", examples=[2])
    why: str = Field(description="原因", examples=["较早，未采用：已有时间更晚的情况"])


class ReportOut(OfIncident, title="事故报告"):
    """A report as it came (事故报告)."""

    seq: int = Field(description="第几份报告")
    kind: ReportKind = Field(description="报告种类")
    channel: str = Field(description="报告方式", examples=["phone"])
    reporter: str | None = Field(description="谁在报告")
    reporter_name: str | None = Field(description="报告人姓名，默认隐去", examples=["张*"])
    reporter_phone: str | None = Field(description="报告人电话，默认隐去", examples=["138****0001"])
    occurred_at: LocalTime = Field(description="所报情况的时间")
    received_at: LocalTime = Field(description="收到报告的时间")
    recorded_at: LocalTime = Field(description="录入时间")
    client: str = Field(description="录入者", examples=["emergency-bureau"])
    facts: dict[str, Any] = Field(description="报告内容")
    unread: list[UnreadOut] = Field(description="未能识别的内容，原样留存")
    not_used: list[NotUsedOut] = Field(description="留存而未采用的内容和原因")
    grade: Grade = Field(description="报告后的事故等级")
    response_level: ResponseLevel = Field(description="报告后的响应级别")
    missing_fields: list[LackingOut] = Field(description="这类报告应有而未写的内容")


class ReportTaken(Answer, title="续报结果"):
    """A further report, and what it changed (续报结果)."""

    report: ReportOut = Field(description="这份报告")
    changed: dict[str, list[str]] = Field(
        description="等级、级别的变化：[之前, 之后]", examples=[{"grade": ["general", "larger"]}]
    )
    incident: IncidentOut = Field(description="报告后的事故")


class RouteStepIn(Body, title="报送情况", example={"channel": "phone", "receiver": "市应急指挥部值班室"}):
    """How a step of the route was done (报送情况)."""

    channel: Channel = Field(default="phone", description="报送方式")
    receiver: Name | None = Field(default=None, description="具体接收人或值班室")
    done_at: LocalTime | None = Field(default=None, description="报送时间；不填为现在")
    note: Text | None = Field(default=None, description="说明")


class RouteStepOut(Grounded, title="报送环节"):
    """A step of the reporting route (报送环节)."""

    id: str = Field(description="环节编号", examples=["headquarters-to-city"])
    sender: str = Field(description="报送者", examples=["区应急管理局"])
    receiver: str = Field(description="接收者")
    channel: str | None = Field(description="报送方式")
    received_by: str | None = Field(description="具体接收人或值班室", examples=["市应急管理局值班室"])
    due: LocalTime = Field(description="到期时间")
    provisional: bool = Field(description="到期时间随前一环节而定，尚会变动")
    done_at: LocalTime | None = Field(description="完成时间")
    standing: str = Field(
        description="running 进行中，approaching 临近，overdue 已超时，met 按时，met_late 迟延完成"
    )
    late_minutes: int = Field(description="超时分钟数，不足一分钟按一分钟计")
