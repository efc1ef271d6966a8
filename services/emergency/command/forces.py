"""Forces on site: checked in and out, counted in the danger zone, corrected (E-4.5c)."""

from typing import Annotated, Self
from uuid import UUID

from fastapi import Path
from pydantic import Field, model_validator

from kit.context import Context
from kit.district.clock import LocalTime
from kit.district.named_units import UnitId, UnitShown
from kit.storage.db import new_id
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.problems import Conflict, problems
from kit.web.routes import clauses
from kit.web.shapes import Body, Choice, Name, Text, choices
from services.emergency.case.case import Case, IncidentEvent, Key
from services.emergency.case.corrections import CorrectedThing, correct
from services.emergency.case.shapes import OfIncident
from services.emergency.command.models import Force, WithdrawalNotice
from services.emergency.command.work import forces_of, withdrawal_in_force
from services.emergency.plan.roles import COMPANY, FIELD, OFFICE

Reader = Annotated[Context, requires("emergency:read", whose=Whose.PLACES)]
Marshal = Annotated[Context, requires("emergency:read", one_of=(FIELD, OFFICE, COMPANY), whose=Whose.PLACES)]

ForceId = Annotated[UUID, Path(description="队伍编号")]
Persons = Annotated[int, Field(strict=True, ge=1, le=100_000)]
NO_FORCE = "没有这支队伍的到场登记，请核对编号。"

router = routes.router("现场队伍")


class ForceKind(Choice):
    """What sort of force it is (队伍类别)."""

    FIRE = "fire", "消防"
    PROFESSIONAL = "professional", "专业队伍"
    COMPANY = "company", "企业"
    SOCIAL = "social", "社会力量"
    MILITARY = "military", "军队武警"
    MEDICAL = "medical", "医疗"
    POLICE = "police", "公安"
    OTHER = "other", "其他"


class ForceIn(
    Body, title="队伍到场", example={"name": "区消防救援大队一中队", "kind": "fire", "persons": 18}
):
    """A force that reports on arrival (队伍到场)."""

    name: Name = Field(description="队伍名称")
    kind: ForceKind = Field(default=ForceKind.OTHER, description=choices(ForceKind))
    unit: UnitId | None = Field(default=None, description="所属单位，由其回复撤离命令；名称或编号")
    persons: Persons = Field(description="人数")
    equipment: Text | None = Field(default=None, description="携带装备")
    leader: Name | None = Field(default=None, description="带队人")
    arrived_at: LocalTime | None = Field(default=None, description="到场时间；不填为现在")


class AtIn(Body, title="时间", example={}):
    """When something happened (时间)."""

    occurred_at: LocalTime | None = Field(default=None, description="发生时间；不填为现在")


class ZoneIn(AtIn, title="进出危险区", example={"entered": 6}):
    """Persons who go into the danger zone, or come out of it (进出危险区)."""

    entered: Persons | None = Field(default=None, description="进入人数")
    left: Persons | None = Field(default=None, description="撤出人数；与 entered 二选一")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.entered is None) == (self.left is None):
            raise ValueError("请填写进入人数（entered）或撤出人数（left）之一。")
        return self


class CorrectForceIn(
    Body, title="更正队伍", example={"persons": 12, "reason": "登记时多写一个零，实到 12 人"}
):
    """What holds of a force instead of what was entered, and why (更正队伍)."""

    name: Name | None = Field(default=None, description="队伍名称；不填不变")
    kind: ForceKind | None = Field(default=None, description=f"{choices(ForceKind)}；不填不变")
    unit: UnitId | None = Field(default=None, description="所属单位；不填不变")
    persons: Persons | None = Field(default=None, description="人数；不填不变")
    reason: Text = Field(description="理由")


class ForceOut(OfIncident, title="现场队伍", clauses=("E-4.5c",)):
    """A force on site (现场队伍)."""

    id: UUID = Field(description="队伍编号")
    name: str = Field(description="队伍名称")
    kind: ForceKind = Field(description=choices(ForceKind))
    unit: UnitShown | None = Field(description="所属单位")
    persons: int = Field(description="人数")
    equipment: str | None = Field(description="携带装备", examples=["水罐车 2 辆，破拆工具 1 套"])
    leader: str | None = Field(description="带队人", examples=["王强"])
    checked_in_at: LocalTime = Field(description="到场时间")
    checked_out_at: LocalTime | None = Field(description="离场时间")
    in_zone: int = Field(description="危险区内人数")


class ForcesOut(OfIncident, title="现场力量", clauses=("E-4.5c",)):
    """The forces of an accident, and who is in the danger zone (现场力量)."""

    persons_on_site: int = Field(description="现场总人数")
    persons_in_danger_zone: int = Field(description="危险区内总人数")
    forces: list[ForceOut] = Field(description="各支队伍")


class ForceMoved(IncidentEvent, type="emergency.force.moved", title="救援队伍进出现场"):
    """A force checked in or out."""

    force: UUID = Field(description="队伍登记编号")
    name: str = Field(description="队伍名称")
    action: str = Field(description="所作的操作：进入现场，或离开现场")
    persons: int = Field(description="人数")


@router.get(
    "/incidents/{key}/forces",
    summary="列出现场队伍和危险区人数",
    description="按到场先后列出，含已离场的。",
    responses=problems(404),
    openapi_extra=clauses("E-4.5c"),
)
async def list_forces(key: Key, context: Reader) -> ForcesOut:
    """The forces on site and the count of the danger zone (E-4.5c)."""
    case = await Case.see(context, key)
    rows = await forces_of(case)
    return ForcesOut.of(
        case.incident,
        persons_on_site=sum(row.persons for row in rows if row.checked_out_at is None),
        persons_in_danger_zone=sum(row.in_zone for row in rows),
        forces=[ForceOut.of(row, case.incident) for row in rows],
    )


@router.post(
    "/incidents/{key}/forces",
    status_code=201,
    summary="登记队伍到场",
    description="到场即向现场指挥部报到。撤离命令未解除时，命令同样发给新到的队伍。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-4.5c"),
)
async def check_in(key: Key, body: ForceIn, context: Marshal) -> ForceOut:
    """A force reports on arrival (E-4.5c); an order to withdraw that is in force is addressed to it too."""
    context.refuse_future(arrived_at=body.arrived_at)
    case = await Case.open(context, key)
    if any(force.name == body.name for force in await forces_of(case, on_site=True)):
        raise Conflict("already-on-site", f"{body.name}已登记到场，离场后才能再次登记。", clauses=("E-4.5c",))
    at = case.at(body.arrived_at, field="arrived_at")
    given = body.model_dump(exclude={"arrived_at"})
    force = Force(id=new_id(), incident_id=case.incident.id, checked_in_at=at, in_zone=0, **given)
    case.session.add(force)
    await case.session.flush()
    if (order := await withdrawal_in_force(case)) is not None:
        case.session.add(WithdrawalNotice(withdrawal_id=order.id, force_id=force.id))
    event = ForceMoved(force=force.id, name=force.name, action="check-in", persons=force.persons)
    case.happened("force", f"{force.name}到场，{force.persons} 人", "E-4.5c", at=at, event=event)
    return ForceOut.of(force, case.incident)


@router.post(
    "/forces/{id}/check-out",
    summary="登记队伍离场",
    description="危险区内还有人时不能离场。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-4.5c"),
)
async def check_out(id: ForceId, body: AtIn, context: Marshal) -> ForceOut:
    """A force leaves, once nobody of it is in the danger zone (E-4.5c)."""
    case, force = await _on_site(context, id, body)
    if force.in_zone:
        raise Conflict(
            "still-in-the-zone",
            f"{force.name}还有 {force.in_zone} 人在危险区内，请先登记撤出。",
            clauses=("E-4.5c",),
        )
    force.checked_out_at = at = case.at(body.occurred_at, after=force.checked_in_at)
    event = ForceMoved(force=force.id, name=force.name, action="check-out", persons=force.persons)
    case.happened("force", f"{force.name}离场", "E-4.5c", at=at, event=event)
    return ForceOut.of(force, case.incident)


@router.post(
    "/forces/{id}/danger-zone",
    summary="登记进出危险区的人数",
    description="人数不会少于零，也不会多于队伍人数；撤离命令未解除时只能撤出。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-4.5c", "E-4.5d"),
)
async def count_in_zone(id: ForceId, body: ZoneIn, context: Marshal) -> ForceOut:
    """Count persons who go into the danger zone, or come out of it (E-4.5c)."""
    case, force = await _on_site(context, id, body)
    if body.entered and (order := await withdrawal_in_force(case)) is not None:
        raise Conflict(
            "withdrawal-in-force",
            f"撤离命令（{order.ordered_at:%H:%M}）尚未解除，任何人不得进入危险区。",
            clauses=("E-4.5d",),
        )
    after = force.in_zone + (body.entered or 0) - (body.left or 0)
    verb, count = ("进入", body.entered) if body.entered else ("撤出", body.left)
    if not 0 <= after <= force.persons:
        raise Conflict(
            "count-does-not-fit",
            f"{force.name}共 {force.persons} 人，危险区内现有 {force.in_zone} 人，不能再{verb} {count} 人。",
            clauses=("E-4.5c",),
            in_zone=force.in_zone,
            persons=force.persons,
        )
    force.in_zone = after
    text = f"{force.name}{count} 人{verb}危险区，区内 {after} 人"
    case.happened("zone", text, "E-4.5c", at=case.at(body.occurred_at, after=force.checked_in_at))
    return ForceOut.of(force, case.incident)


@router.post(
    "/forces/{id}/correct",
    summary="更正队伍登记",
    description="登记错的名称、类别、单位或人数，写明理由后更正；原来的内容留存。人数不能少于危险区内的人数。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-4.5c"),
)
async def correct_force(id: ForceId, body: CorrectForceIn, context: Marshal) -> ForceOut:
    """A force was entered wrongly: what holds instead (E-4.5c)."""
    case, force = await Case.open_with(context, Force, id, NO_FORCE)
    after = body.model_dump(exclude={"reason"}, exclude_none=True, mode="json")
    if body.persons is not None and body.persons < force.in_zone:
        raise Conflict(
            "count-does-not-fit",
            f"{force.name}危险区内有 {force.in_zone} 人，人数不能改为 {body.persons}。",
            clauses=("E-4.5c",),
            in_zone=force.in_zone,
            persons=force.persons,
        )
    correct(
        case,
        CorrectedThing.FORCE,
        force.name,
        ({name: getattr(force, name) for name in after}, after),
        body.reason,
    )
    for name, value in after.items():
        setattr(force, name, value)
    await case.session.flush()
    return ForceOut.of(force, case.incident)


async def _on_site(context: Context, id: UUID, body: AtIn) -> tuple[Case, Force]:
    """A force that has not left, and its accident, to be written to."""
    context.refuse_future(occurred_at=body.occurred_at)
    case, force = await Case.open_with(context, Force, id, NO_FORCE)
    if force.checked_out_at is not None:
        raise Conflict("checked-out", f"{force.name}已离场，再来时请重新登记到场。", clauses=("E-4.5c",))
    return case, force
