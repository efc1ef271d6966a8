"""What goes in and out of the endpoints of accidents."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from kit.district.citations import Citation, cite
from kit.district.clock import LocalTime
from services.emergency.case.exercise import OfIncident
from services.emergency.case.incident import Incident
from services.emergency.clocks.models import IncidentDeadline
from services.emergency.incidents.facts import Name, Persons, Told, Yuan
from services.emergency.plan.catalogue import catalogue
from services.emergency.plan.deadlines import AccidentKind, Since, late_by, standing
from services.emergency.plan.grading import Assessment, Facts, Grade, ResponseLevel
from services.emergency.plan.report_fields import Missing, ReportKind
from services.emergency.plan.scope import scope_of
from services.emergency.response.shapes import TaskOut

Channel = Literal["phone", "written", "online", "in_person", "radio", "12345"]
Reporter = Literal["unit", "scene", "citizen", "street", "department", "other"]
_SINCE = {
    Since.GRADE_ROSE_AT: "事故等级升高",
    Since.UNIT_INFORMED_AT: "单位负责人接到报告",
    Since.OCCURRED_AT: "事故发生（单位负责人接报时间尚不知道）",
    Since.FIRST_KNOWN_AT: "区里首次接报（单位负责人接报时间和更早的时间尚不知道）",
}


class AssessmentIn(BaseModel):
    """What is known of an accident, to be graded."""

    model_config = ConfigDict(
        title="研判内容",
        extra="forbid",
        json_schema_extra={
            "examples": [{"deaths": 2, "serious_injuries": 3, "direct_loss_yuan": "1200000.00"}]
        },
    )

    deaths: Persons = Field(default=0, description="死亡人数")
    serious_injuries: Persons = Field(default=0, description="重伤人数，包括急性工业中毒")
    direct_loss_yuan: Yuan = Field(
        default="0.00", validate_default=True, description="直接经济损失，元，写成文字"
    )
    endangered: Persons = Field(default=0, description="涉险、被困人数")
    missing: Persons = Field(default=0, description="失联人数：计入涉险，不计入死亡")
    beyond_company_capacity: bool = Field(default=False, description="超出企业处置能力")
    beyond_district_capacity: bool = Field(default=False, description="超出区级处置能力")
    headquarters_decides_iii: bool = Field(default=False, description="区指挥部自行决定启动三级")

    @property
    def facts(self) -> Facts:
        """For the rules: the missing are in danger."""
        given = self.model_dump(exclude={"missing"})
        return Facts(**(given | {"endangered": self.endangered + self.missing}))


class ReasonOut(BaseModel):
    """Why a grade or level was reached."""

    model_config = ConfigDict(title="定级理由")

    field: str = Field(description="哪一项", examples=["deaths"])
    value: bool | int | str = Field(description="现在的数值")
    threshold: bool | int | str = Field(description="达到的界限，以上含本数")
    clause: str = Field(description="条款编号")


class RiseOut(BaseModel):
    """What would raise the grade or level."""

    model_config = ConfigDict(title="升级条件")

    field: str = Field(description="哪一项")
    at: bool | int | str = Field(description="达到多少")
    becomes: str = Field(description="变成哪一级", examples=["larger"])
    says: str = Field(description="说明", examples=["再死亡1人即为较大事故"])
    clause: str = Field(description="条款编号")


class AssessmentOut(BaseModel):
    """The grade and the level of response, why, and what would raise them."""

    model_config = ConfigDict(title="研判结果")

    grade: Grade = Field(description="事故等级")
    grade_zh: str = Field(description="事故等级", examples=["一般"])
    response_level: ResponseLevel = Field(description="应急响应级别")
    response_level_zh: str = Field(description="应急响应级别", examples=["四级"])
    reasons: list[ReasonOut] = Field(description="理由")
    next: list[RiseOut] = Field(description="什么会使等级或级别升高")
    basis: list[Citation] = Field(description="依据的文件条款")

    @classmethod
    def of(cls, found: Assessment) -> "AssessmentOut":
        """The rules' answer as JSON: exact amounts as text."""
        return cls(
            grade=found.grade,
            grade_zh=found.grade.zh,
            response_level=found.response_level,
            response_level_zh=found.response_level.zh,
            reasons=[
                ReasonOut(
                    field=r.field, value=_plain(r.value), threshold=_plain(r.threshold), clause=r.clause
                )
                for r in found.reasons
            ],
            next=[
                RiseOut(field=r.field, at=_plain(r.at), becomes=r.becomes, says=r.sentence, clause=r.clause)
                for r in found.next
            ],
            basis=cite(*found.clauses),
        )


def _plain(value: Any) -> bool | int | str:
    return value if isinstance(value, bool | int) else str(value)


class ReporterIn(BaseModel):
    """Who reports, and how."""

    channel: Channel = Field(default="phone", description="报告方式")
    reporter: Reporter | None = Field(
        default=None,
        description="谁在报告：unit 事发单位，scene 现场人员，citizen 群众，street 镇街道，department 部门，other 其他",
    )
    reporter_name: str | None = Field(default=None, max_length=50, description="报告人姓名")
    reporter_phone: str | None = Field(default=None, pattern=r"^\+?[0-9\-]{5,20}$", description="报告人电话")


class IncidentIn(Told, ReporterIn):
    """A first report, with whatever is known."""

    model_config = ConfigDict(
        title="事故初报",
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "unit": "东胜区示例煤业有限公司",
                    "place": "2 号井 3 采区",
                    "division": "铜川镇",
                    "occurred_at": "now",
                    "endangered": 2,
                    "reporter": "unit",
                    "reporter_name": "王调度",
                    "reporter_phone": "13900000000",
                }
            ]
        },
    )

    occurred_at: LocalTime | Literal["now"] = Field(  # type: ignore[assignment]
        description="事故发生时间，带时区；刚刚发生可写 now"
    )
    reported_at: LocalTime | None = Field(default=None, description="接到报告的时间；不填为现在")
    kind: AccidentKind = Field(
        default=AccidentKind.OTHER,
        description="road_traffic 道路交通，fire 火灾（补报期 7 天），other 其他（30 天）",
    )
    latitude: float | None = Field(default=None, ge=-90, le=90, description="纬度")
    longitude: float | None = Field(default=None, ge=-180, le=180, description="经度")
    special_plan: Name | None = Field(
        default=None, description="另有规定的区级专项预案名称；填写后转由该预案处置"
    )
    exercise: bool = Field(default=False, description="演练：同样运转，处处标明，不对外发送")

    @model_validator(mode="after")
    def _somewhere(self) -> "IncidentIn":
        if self.unit is None and self.place is None:
            raise ValueError("请至少填写事故单位（unit）或事故地点（place）之一。")
        return self


class DeadlineOut(OfIncident):
    """A deadline, what it is counted from, and how it stands now."""

    model_config = ConfigDict(title="时限")

    id: str = Field(description="时限编号", examples=["phone-report"])
    asks: str = Field(description="应当做什么")
    owner: str = Field(description="责任单位编号")
    owner_name: str = Field(description="责任单位")
    since: str = Field(description="自何时起算")
    since_zh: str = Field(description="起算点说明")
    started_at: LocalTime = Field(description="起算时间")
    due: LocalTime = Field(description="到期时间，自然时间")
    provisional: bool = Field(description="起算时间尚不确切，确切后重算")
    window: bool = Field(description="期间内随时应报，到期不算逾期")
    done_at: LocalTime | None = Field(description="完成时间")
    standing: str = Field(
        description="running 进行中，approaching 临近，overdue 已超时，met 按时，met_late 迟延完成，closed 期间已过"
    )
    late_minutes: int = Field(description="超时分钟数，读取时计算")
    breached: bool = Field(description="曾经超时，记录不因后来补报而消除")
    law: str | None = Field(description="国家法规")
    article: str | None = Field(description="条文")
    basis: list[Citation] = Field(description="依据的文件条款")

    @classmethod
    def of(cls, row: IncidentDeadline, incident: Incident, breached: bool, now: datetime) -> "DeadlineOut":
        """The row as it stands now."""
        law = catalogue().laws.get(row.law) if row.law else None
        return cls.shown(
            incident,
            row,
            id=row.deadline,
            owner_name=catalogue().unit(row.owner).name,
            since_zh=_SINCE.get(Since(row.since), "前一环节"),
            standing=standing(row.rule, row.done_at, now),
            late_minutes=int(late_by(row.rule, row.done_at, now).total_seconds() // 60),
            breached=breached,
            law=f"{law.title}（{law.number}）" if law else None,
            basis=cite(row.clause),
        )


class MissingOut(BaseModel):
    """A field of the report that is not known, or not all of it."""

    model_config = ConfigDict(title="缺少的内容")

    field: str = Field(description="内容编号")
    name: str = Field(description="内容名称", examples=["现场情况"])
    facts: list[str] = Field(description="尚不知道的项目", examples=[["scene"]])
    clause: str = Field(description="条款编号")

    @classmethod
    def of(cls, lack: Missing) -> "MissingOut":
        return cls(
            field=lack.field.id, name=lack.field.name, facts=list(lack.facts), clause=lack.field.clause
        )


class ScopeOut(OfIncident):
    """Whether this plan deals with the accident."""

    model_config = ConfigDict(title="适用范围")

    covered: bool = Field(description="是否由本预案处置")
    reason: str = Field(description="理由")
    referred_to: str | None = Field(description="转往何处")
    basis: list[Citation] = Field(description="依据的文件条款")

    @classmethod
    def of(cls, row: Incident) -> "ScopeOut":
        """Whether the plan deals with this accident (E-1.3)."""
        scope = scope_of(Grade(row.grade), row.facts, row.special_plan)
        return cls.shown(
            row,
            covered=scope.covered,
            reason=scope.reason,
            referred_to=row.referred_to or row.special_plan,
            basis=cite(scope.clause),
        )


class IncidentOut(OfIncident):
    """An accident as it is known now."""

    model_config = ConfigDict(title="事故")

    id: UUID
    kind: AccidentKind
    unit: str | None = Field(description="事故发生单位")
    place: str | None = Field(description="事故地点")
    division: str | None = Field(description="事发地街道（镇）")
    supervisor: str | None = Field(description="行业主管部门编号")
    latitude: float | None
    longitude: float | None
    occurred_at: LocalTime | None = Field(description="事故发生时间")
    unit_informed_at: LocalTime | None = Field(description="单位负责人接报时间")
    first_known_at: LocalTime = Field(description="区里首次接报时间")
    recorded_at: LocalTime = Field(description="录入时间")
    verified_at: LocalTime | None = Field(description="核实时间")
    deaths: int | None
    serious_injuries: int | None
    endangered: int | None
    missing: int | None
    direct_loss_yuan: str | None
    beyond_company_capacity: bool | None
    beyond_district_capacity: bool | None
    said: dict[str, Any] = Field(description="报告中的其他内容")
    assessment: AssessmentOut = Field(description="最新研判")
    scope: ScopeOut = Field(description="适用范围")
    missing_fields: list[MissingOut] = Field(description="初报尚缺的内容，不妨碍受理")
    closed_at: LocalTime | None = Field(description="结案时间")
    basis: list[Citation] = Field(description="依据的文件条款")

    @classmethod
    def of(cls, row: Incident, assessment: Assessment, lacks: tuple[Missing, ...]) -> "IncidentOut":
        """The row with what the rules say of it."""
        loss = row.direct_loss_yuan
        return cls.shown(
            row,
            row,
            direct_loss_yuan=None if loss is None else str(loss),
            assessment=AssessmentOut.of(assessment),
            scope=ScopeOut.of(row),
            missing_fields=[MissingOut.of(lack) for lack in lacks],
            basis=cite("E-1.5", "E-4.1d", "E-4.3"),
        )


class IncidentTaken(IncidentOut):
    """An accident with its clocks and its first tasks."""

    model_config = ConfigDict(title="事故及时限、任务")

    deadlines: list[DeadlineOut] = Field(description="时限")
    tasks: list[TaskOut] = Field(description="任务")


class ReportIn(ReporterIn):
    """A further report on an accident."""

    model_config = ConfigDict(
        title="续报",
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "kind": "follow_up",
                    "reporter": "unit",
                    "facts": {
                        "deaths": 1,
                        "serious_injuries": 3,
                        "endangered": 0,
                        "progress": "搜救仍在进行",
                    },
                }
            ]
        },
    )

    kind: ReportKind = Field(
        default=ReportKind.FOLLOW_UP, description="first 初报，follow_up 续报，written 书面报告，closing 终报"
    )
    occurred_at: LocalTime | None = Field(default=None, description="所报情况的时间；不填为现在")
    facts: Told = Field(default=Told(), description="报告内容；只写知道的，减少的数字也照实写")


class ReportOut(OfIncident):
    """A report as it came."""

    model_config = ConfigDict(title="事故报告")

    seq: int = Field(description="第几份报告")
    kind: ReportKind
    channel: str
    reporter: str | None
    reporter_name: str | None = Field(description="报告人姓名，默认隐去")
    reporter_phone: str | None = Field(description="报告人电话，默认隐去")
    occurred_at: LocalTime = Field(description="所报情况的时间")
    recorded_at: LocalTime = Field(description="录入时间")
    client: str = Field(description="录入者")
    facts: dict[str, Any] = Field(description="报告内容")
    grade: Grade = Field(description="报告后的事故等级")
    response_level: ResponseLevel = Field(description="报告后的响应级别")
    missing_fields: list[MissingOut] = Field(description="这类报告应有而未写的内容")


class ReportTaken(BaseModel):
    """A further report, and what it changed."""

    model_config = ConfigDict(title="续报结果")

    report: ReportOut
    changed: dict[str, list[str]] = Field(
        description="等级、级别的变化：[之前, 之后]", examples=[{"grade": ["general", "larger"]}]
    )
    incident: IncidentOut
