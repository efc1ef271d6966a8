"""The field headquarters: where it stands, with which groups (E-4.5a)."""

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator
from sqlalchemy import select

from kit.context import Context
from kit.district.clock import LocalTime
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.problems import Conflict, NotFound, problems
from kit.web.routes import clauses
from kit.web.shapes import Answer, Body, Grounded, Name, Shape
from services.emergency.assignments.work import who
from services.emergency.case.case import Case, IncidentEvent, Key
from services.emergency.case.incident import Incident
from services.emergency.case.shapes import OfIncident
from services.emergency.command.models import FieldGroup, FieldHeadquarters
from services.emergency.plan.catalogue import catalogue
from services.emergency.plan.roles import FIELD, OFFICE
from services.emergency.plan.siting import WINDS, Position, Side, Siting, Wind, siting, warning_of
from services.emergency.response.work import response_of

Reader = Annotated[Context, requires("emergency:read", whose=Whose.PLACES)]
Leader = Annotated[Context, requires("emergency:read", one_of=(OFFICE, FIELD), whose=Whose.PLACES)]

router = routes.router("现场指挥")


def _group_of(name: str) -> str:
    try:
        return catalogue().group(name).id
    except KeyError:
        known = "、".join(group.name for group in catalogue().groups)
        raise ValueError(f"没有“{name}”，可设：{known}。") from None


#: A group of the plan, by its id or any of its names; held as its id.
GroupId = Annotated[Name, AfterValidator(_group_of)]


class Site(Shape, title="现场指挥部位置"):
    """Where the field headquarters and what belongs to it stand (现场指挥部位置)."""

    place: Name = Field(description="位置")
    latitude: float | None = Field(default=None, ge=-90, le=90, description="纬度")
    longitude: float | None = Field(default=None, ge=-180, le=180, description="经度，与纬度同填")
    wind_from: float | None = Field(default=None, ge=0, le=360, description="风的来向，度，正北为 0")
    commander_name: Name | None = Field(default=None, description="现场指挥长姓名，可不填", examples=["李明"])
    assembly_point: Name | None = Field(default=None, description="队伍集结点", examples=["厂区北门广场"])
    supply_point: Name | None = Field(default=None, description="物资接收分发点", examples=["厂区北门停车场"])
    press_centre: Name | None = Field(
        default=None, description="新闻发布中心", examples=["天骄街道办事处三楼会议室"]
    )


class FieldIn(
    Site,
    Body,
    title="现场指挥部",
    example={
        "place": "矿区办公楼前",
        "latitude": 39.8260,
        "longitude": 109.9900,
        "wind": "西北",
        "groups": ["综合协调组", "专业处置组", "医疗救护组"],
    },
):
    """Where the field headquarters stands, and from where the wind blows (现场指挥部)."""

    occurred_at: LocalTime | None = Field(default=None, description="设立时间，事后补录时填写；不填为现在")

    wind: Wind | None = Field(default=None, description="风从哪个方向吹来；与 wind_from 二选一")
    groups: list[GroupId] = Field(
        default=[], max_length=20, description="设立的工作组，名称或编号；可以后再增加"
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("纬度和经度要同时填写，或都不填。")
        if self.wind is not None:
            if self.wind_from is not None:
                raise ValueError("wind 和 wind_from 只填一个。")
            self.wind_from = float(WINDS[self.wind])
        return self


class GroupsIn(Body, title="增设工作组", example={"groups": ["环境气象组"]}):
    """Groups to set up (工作组)."""

    groups: list[GroupId] = Field(min_length=1, max_length=20, description="工作组名称或编号")


class GroupUnit(Answer, title="工作组成员"):
    """A unit of a group (工作组成员)."""

    id: str | None = Field(description="单位编号；企业和尚未明确的为空", examples=["emergency-bureau"])
    name: str = Field(description="单位名称")


class GroupOut(Grounded, title="工作组"):
    """A group of the field headquarters (工作组)."""

    id: str = Field(description="工作组编号", examples=["group-coordination"])
    name: str = Field(description="工作组名称", examples=["综合协调组"])
    leads: list[GroupUnit] = Field(description="牵头单位，可能不止一个")
    members: list[GroupUnit] = Field(description="成员单位，属地和事发单位已代入")
    duties: list[str] = Field(description="职责", examples=[["协调现场救援", "调运物资和专业队伍"]])
    set_up_at: LocalTime = Field(description="设立时间")


class FieldOut(Site, OfIncident, title="现场指挥部情况", clauses=("E-4.5a",)):
    """The field headquarters (现场指挥部)."""

    side: Side | None = Field(default=None, description="从事故地点看，在哪个风向")
    side_zh: str | None = Field(default=None, description="风向位置的中文名称", examples=["上风向"])
    distance_m: int | None = Field(default=None, description="距事故地点，米")
    warning: str | None = Field(
        description="位置的问题；在上风向时为空", examples=["位于下风向，应当转移到上风向"]
    )
    groups: list[GroupOut] = Field(description="已设的工作组")
    set_up_at: LocalTime = Field(description="设立时间")
    changed_at: LocalTime = Field(description="最近变动时间")


class FieldSetUp(IncidentEvent, type="emergency.field.set-up", title="现场指挥部设立或转移"):
    """A field headquarters was set up or moved, with its groups."""

    place: str = Field(description="现场指挥部所在位置")
    groups: list[str] = Field(description="设立的工作组名称")
    side: str | None = Field(description="从事故地点看在哪个风向；不知道风向时为空")


async def field_of(case: Case) -> FieldHeadquarters | None:
    """The field headquarters, if one was set up."""
    return await case.session.get(FieldHeadquarters, case.incident.id)


@router.post(
    "/incidents/{key}/field-headquarters",
    summary="设立或迁移现场指挥部",
    description="响应启动后设立。给出坐标和风向时判断是否在上风向，不在时给出警告。工作组按需选设。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-4.5a"),
)
async def set_up_field(key: Key, body: FieldIn, context: Leader) -> FieldOut:
    """Set the field headquarters up, or move it (E-4.5a)."""
    context.refuse_future(occurred_at=body.occurred_at)
    case = await Case.open(context, key)
    response = await response_of(case)
    if response is None or response.state not in ("started", "adjusted"):
        raise Conflict(
            "no-response-runs",
            "响应启动后才设现场指挥部，响应终止后不再变动。请先由区指挥部启动响应。",
            clauses=("E-4.4a", "E-4.5a"),
        )
    at = case.at(body.occurred_at, after=response.started_at)
    row = await field_of(case) or FieldHeadquarters(incident_id=case.incident.id, set_up_at=at)
    case.session.add(row)
    for name, value in (body.model_dump(include={*Site.model_fields}) | {"changed_at": at}).items():
        setattr(row, name, value)
    judged = _siting(case.incident, row)
    lies = f"，位于{judged.side_zh}" if judged else ""
    groups = list(dict.fromkeys([each.group for each in await _groups_of(case)] + body.groups))
    event = FieldSetUp(place=row.place, groups=groups, side=judged.side.value if judged else None)
    case.happened("field", f"现场指挥部设在{row.place}{lies}", "E-4.5a", at=at, event=event)
    await _add_groups(case, body.groups)
    return await _field(case, row)


@router.get(
    "/incidents/{key}/field-headquarters",
    summary="查看现场指挥部",
    description="位置、风向判断，以及各工作组的牵头单位、成员和职责。",
    responses=problems(404),
    openapi_extra=clauses("E-4.5a"),
)
async def read_field(key: Key, context: Reader) -> FieldOut:
    """The field headquarters and its groups (E-4.5a)."""
    case = await Case.see(context, key)
    row = await field_of(case)
    if row is None:
        missing = f"事故 {case.incident.number} 还没有设立现场指挥部。"
        raise NotFound("not-found", missing, clauses=("E-4.5a",))
    return await _field(case, row)


@router.post(
    "/incidents/{key}/field-headquarters/groups",
    summary="增设工作组",
    description="从预案的九个组中选设；已设的不变。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-4.5a"),
)
async def add_groups(key: Key, body: GroupsIn, context: Leader) -> FieldOut:
    """Set up further groups (E-4.5a)."""
    case = await Case.open(context, key)
    row = await field_of(case)
    if row is None:
        raise Conflict("no-field-headquarters", "请先设立现场指挥部，再设工作组。", clauses=("E-4.5a",))
    await _add_groups(case, body.groups)
    return await _field(case, row)


async def _groups_of(case: Case) -> list[FieldGroup]:
    """The groups that were set up, in the plan's order."""
    rows = await case.session.scalars(select(FieldGroup).where(FieldGroup.incident_id == case.incident.id))
    order = [group.id for group in catalogue().groups]
    return sorted(rows, key=lambda row: order.index(row.group))


async def _add_groups(case: Case, groups: Sequence[str]) -> None:
    standing = {row.group for row in await _groups_of(case)}
    fresh = [id for id in dict.fromkeys(groups) if id not in standing]
    for id in fresh:
        case.session.add(FieldGroup(incident_id=case.incident.id, group=id, set_up_at=case.now))
    if fresh:
        names = "、".join(catalogue().group(id).name for id in fresh)
        case.happened("field", f"设立工作组：{names}", "E-4.5a")


def _siting(incident: Incident, row: FieldHeadquarters) -> Siting | None:
    site = Position.of(row.latitude, row.longitude)
    return siting(site, Position.of(incident.latitude, incident.longitude), row.wind_from)


async def _field(case: Case, row: FieldHeadquarters) -> FieldOut:
    judged = _siting(case.incident, row)
    groups = [_group(case.incident, each) for each in await _groups_of(case)]
    return FieldOut.of(row, case.incident, judged, warning=warning_of(judged), groups=groups)


def _group(incident: Incident, row: FieldGroup) -> GroupOut:
    group = catalogue().group(row.group)
    leads, members = (
        [GroupUnit(id=id, name=name) for id, name in dict.fromkeys(who(incident, each) for each in actors)]
        for actors in (group.leads, group.members)
    )
    return GroupOut.of(group, row, leads=leads, members=members)
