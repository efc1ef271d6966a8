"""What goes in and out of the endpoints of command, the field headquarters and its plans."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from kit.district.citations import Citation, cite
from kit.district.clock import LocalTime
from services.emergency.case.exercise import OfIncident
from services.emergency.case.incident import Incident
from services.emergency.command.field import SIDES_ZH, warning_of
from services.emergency.command.models import FieldGroup, FieldHeadquarters, HandOver, Tenure
from services.emergency.command.siting import WINDS, Side
from services.emergency.command.work import COMMANDERS_ZH
from services.emergency.incidents.facts import Name, Text
from services.emergency.plan.catalogue import catalogue
from services.emergency.plan.command import Commander
from services.emergency.response.tasks import who


class OfferIn(BaseModel):
    """The briefing with which command is offered."""

    model_config = ConfigDict(
        title="移交指挥权",
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "situation": "2 人被困，巷道垮落约 20 米",
                    "progress": "矿方救护队已支护 5 米",
                    "risks": "二次垮落、瓦斯积聚",
                    "key_factors": "支护材料不足，需顶板专家",
                }
            ]
        },
    )

    situation: Text = Field(description="事故情况")
    progress: Text = Field(description="处置进展")
    risks: Text = Field(description="风险")
    key_factors: Text = Field(description="制约控制的关键问题")


class AnswerIn(BaseModel):
    """How an offered command is answered."""

    model_config = ConfigDict(
        title="答复移交", extra="forbid", json_schema_extra={"examples": [{"note": "情况已了解，接收"}]}
    )

    name: Name | None = Field(default=None, description="接任的指挥长姓名，可不填")
    note: Text | None = Field(default=None, description="说明；退回时写理由")


class TenureOut(BaseModel):
    """Who commanded from when to when."""

    model_config = ConfigDict(title="指挥任期")

    commander: str = Field(description="company 事发单位，district 区现场指挥部，higher 上级现场指挥部")
    commander_zh: str
    name: str | None
    since: LocalTime
    until: LocalTime | None

    @classmethod
    def of(cls, row: Tenure) -> "TenureOut":
        return cls(
            commander=row.commander,
            commander_zh=COMMANDERS_ZH[Commander(row.commander)],
            name=row.name,
            since=row.since,
            until=row.until,
        )


class HandOverOut(BaseModel):
    """A hand-over of command."""

    model_config = ConfigDict(title="指挥权移交", from_attributes=True)

    giver: str
    taker: str
    briefing: dict[str, Any] = Field(description="移交时汇报的内容")
    state: str = Field(description="offered 待接收，taken 已接收，declined 已退回")
    offered_at: LocalTime
    offered_by: str
    answered_at: LocalTime | None
    answered_by: str | None
    remark: str | None

    @classmethod
    def of(cls, row: HandOver) -> "HandOverOut":
        return cls.model_validate(row)


class CommandOut(OfIncident):
    """Who commands now, and how it came to that."""

    model_config = ConfigDict(title="现场指挥")

    state: str = Field(description="company、offered-to-district、district、offered-to-higher、higher")
    state_zh: str
    commander: TenureOut = Field(description="现在由谁指挥，任何时刻只有一个")
    tenures: list[TenureOut] = Field(description="历任指挥")
    hand_overs: list[HandOverOut] = Field(description="历次移交")
    allowed: list[str] = Field(description="目前可做的操作")
    basis: list[Citation] = Field(description="依据的文件条款")


class FieldIn(BaseModel):
    """Where the field headquarters stands, and from where the wind blows."""

    model_config = ConfigDict(
        title="现场指挥部",
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "place": "矿区办公楼前",
                    "latitude": 39.8260,
                    "longitude": 109.9900,
                    "wind": "西北",
                    "groups": ["综合协调组", "专业处置组", "医疗救护组"],
                }
            ]
        },
    )

    place: Name = Field(description="位置")
    latitude: float | None = Field(default=None, ge=-90, le=90, description="纬度")
    longitude: float | None = Field(default=None, ge=-180, le=180, description="经度，与纬度同填")
    wind: str | None = Field(default=None, description=f"风从哪个方向吹来：{'、'.join(WINDS)}")
    wind_from: float | None = Field(
        default=None, ge=0, le=360, description="风的来向，度，正北为 0；与 wind 二选一"
    )
    commander_name: Name | None = Field(default=None, description="现场指挥长姓名，可不填")
    assembly_point: Name | None = Field(default=None, description="队伍集结点")
    supply_point: Name | None = Field(default=None, description="物资接收分发点")
    press_centre: Name | None = Field(default=None, description="新闻发布中心")
    groups: list[Name] = Field(
        default=[], max_length=20, description="设立的工作组，名称或编号；可以后再增加"
    )

    @model_validator(mode="after")
    def _fits(self) -> "FieldIn":
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("纬度和经度要同时填写，或都不填。")
        if self.wind is not None:
            if self.wind_from is not None:
                raise ValueError("wind 和 wind_from 只填一个。")
            if self.wind not in WINDS:
                raise ValueError(f"风向只能是 {'、'.join(WINDS)} 之一。")
            self.wind_from = float(WINDS[self.wind])
        return self


class GroupsIn(BaseModel):
    """Groups to set up."""

    model_config = ConfigDict(
        title="增设工作组", extra="forbid", json_schema_extra={"examples": [{"groups": ["环境气象组"]}]}
    )

    groups: list[Name] = Field(min_length=1, max_length=20, description="工作组名称或编号")


class GroupUnit(BaseModel):
    """A unit of a group."""

    model_config = ConfigDict(title="工作组成员")

    id: str | None = Field(description="单位编号；企业和尚未明确的为空")
    name: str


class GroupOut(BaseModel):
    """A group of the field headquarters."""

    model_config = ConfigDict(title="工作组")

    id: str
    name: str
    leads: list[GroupUnit] = Field(description="牵头单位，可能不止一个")
    members: list[GroupUnit] = Field(description="成员单位，属地和事发单位已代入")
    duties: list[str] = Field(description="职责")
    set_up_at: LocalTime
    basis: list[Citation] = Field(description="依据的文件条款")

    @classmethod
    def of(cls, row: FieldGroup, incident: Incident) -> "GroupOut":
        group = catalogue().group(row.group)
        return cls(
            id=group.id,
            name=group.name,
            leads=_units(incident, group.leads),
            members=_units(incident, group.members),
            duties=list(group.duties),
            set_up_at=row.set_up_at,
            basis=cite(group.clause),
        )


def _units(incident: Incident, actors: tuple[str, ...]) -> list[GroupUnit]:
    found = dict.fromkeys(who(incident, actor) for actor in actors)
    return [GroupUnit(id=id, name=name) for id, name in found]


class FieldOut(OfIncident):
    """The field headquarters."""

    model_config = ConfigDict(title="现场指挥部情况")

    place: str
    latitude: float | None
    longitude: float | None
    wind_from: float | None = Field(description="风的来向，度")
    side: Side | None = Field(description="从事故地点看，在哪个风向")
    side_zh: str | None
    distance_m: int | None = Field(description="距事故地点，米")
    warning: str | None = Field(description="位置的问题；在上风向时为空")
    commander_name: str | None
    assembly_point: str | None
    supply_point: str | None
    press_centre: str | None
    groups: list[GroupOut]
    set_up_at: LocalTime
    changed_at: LocalTime
    basis: list[Citation] = Field(description="依据的文件条款")

    @classmethod
    def of(cls, row: FieldHeadquarters, groups: list[FieldGroup], incident: Incident) -> "FieldOut":
        return cls.shown(
            incident,
            row,
            side_zh=SIDES_ZH[Side(row.side)] if row.side else None,
            distance_m=None if row.distance_m is None else round(row.distance_m),
            warning=warning_of(row),
            groups=[GroupOut.of(group, incident) for group in groups],
            basis=cite("E-4.5a"),
        )


class ResponsePlanIn(BaseModel):
    """A version of the response plan."""

    model_config = ConfigDict(
        title="处置方案",
        extra="forbid",
        json_schema_extra={"examples": [{"text": "先支护后搜救，分两班推进", "experts": "顶板专家 2 人"}]},
    )

    text: str = Field(min_length=1, max_length=50_000, description="方案内容")
    experts: Text | None = Field(default=None, description="参加会商的专家和意见")


class ResponsePlanOut(OfIncident):
    """A version of the response plan."""

    model_config = ConfigDict(title="处置方案版本")

    version: int
    text: str
    experts: str | None
    state: str = Field(description="drafted 拟定，confirmed 已确定，superseded 已被新版代替")
    drafted_at: LocalTime
    drafted_by: str
    confirmed_at: LocalTime | None
    confirmed_by: str | None
    basis: list[Citation] = Field(default_factory=lambda: cite("E-4.6"), description="依据的文件条款")


class EvidenceIn(BaseModel):
    """A thing of the scene that had to be moved."""

    model_config = ConfigDict(
        title="移动现场物体",
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "what": "采煤机滚筒护罩",
                    "why": "压住伤员",
                    "stood_at": "3 采区 12 号支架旁",
                    "moved_to": "井口东侧",
                    "recorded_how": "照片 6 张、草图 1 份",
                }
            ]
        },
    )

    what: Name = Field(description="什么物体")
    why: Text = Field(description="为何移动")
    stood_at: Name = Field(description="原来的位置和状态")
    moved_to: Name = Field(description="移到哪里")
    recorded_how: Text = Field(description="如何记录：照片、录像、草图等")
    occurred_at: LocalTime | None = Field(default=None, description="移动时间；不填为现在")


class EvidenceOut(OfIncident):
    """A thing that was moved."""

    model_config = ConfigDict(title="移动现场物体记录")

    id: UUID
    what: str
    why: str
    stood_at: str
    moved_to: str
    recorded_how: str
    occurred_at: LocalTime
    recorded_at: LocalTime
    client: str = Field(description="记录人")
    basis: list[Citation] = Field(default_factory=lambda: cite("E-4.6"), description="依据的文件条款")
