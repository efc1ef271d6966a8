"""Endpoints of the forces on site: arrival, the danger zone, withdrawal."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy.ext.asyncio import AsyncSession

from kit.district.citations import Citation, cite
from kit.district.clock import LocalTime, Now
from kit.storage.transactions import Session
from kit.web import routes
from kit.web.problems import problems
from kit.web.routes import clauses
from kit.web.tokens import Caller, requires
from services.emergency.case.exercise import OfIncident
from services.emergency.case.incident import Incident
from services.emergency.case.lookup import Key, opened, refuse_future, seen
from services.emergency.command import forces
from services.emergency.command.models import Withdrawal
from services.emergency.command.work import commander_of
from services.emergency.incidents.facts import Name, Text
from services.emergency.plan.roles import COMPANY, FIELD, HIGHER, MEMBER, OFFICE
from services.emergency.plan_moves import must_hold

Reader = Annotated[Caller, requires("emergency:read")]
#: Who may order a withdrawal besides the field headquarters: whoever commands (E-4.5b, E-4.5d).
_COMMANDS = {"company": COMPANY, "district": FIELD, "higher": HIGHER}
_MOST = 100_000

router = routes.router("现场队伍")


class ForceIn(BaseModel):
    """A force that reports on arrival."""

    model_config = ConfigDict(
        title="队伍到场",
        extra="forbid",
        json_schema_extra={"examples": [{"name": "区消防救援大队一中队", "kind": "fire", "persons": 18}]},
    )

    name: Name = Field(description="队伍名称")
    kind: Literal["fire", "professional", "company", "social", "military", "medical", "police", "other"] = (
        Field(
            default="other",
            description="fire 消防，professional 专业队伍，company 企业，social 社会力量，"
            "military 军队武警，medical 医疗，police 公安，other 其他",
        )
    )
    persons: int = Field(strict=True, ge=1, le=_MOST, description="人数")
    equipment: Text | None = Field(default=None, description="携带装备")
    leader: Name | None = Field(default=None, description="带队人")
    arrived_at: LocalTime | None = Field(default=None, description="到场时间；不填为现在")


class AtIn(BaseModel):
    """When something happened."""

    model_config = ConfigDict(title="时间", extra="forbid", json_schema_extra={"examples": [{}]})

    occurred_at: LocalTime | None = Field(default=None, description="发生时间；不填为现在")


class ZoneIn(AtIn):
    """Persons who go into the danger zone, or come out of it."""

    model_config = ConfigDict(
        title="进出危险区", extra="forbid", json_schema_extra={"examples": [{"entered": 6}]}
    )

    entered: int | None = Field(default=None, strict=True, ge=1, le=_MOST, description="进入人数")
    left: int | None = Field(
        default=None, strict=True, ge=1, le=_MOST, description="撤出人数；与 entered 二选一"
    )

    @model_validator(mode="after")
    def _one(self) -> "ZoneIn":
        if (self.entered is None) == (self.left is None):
            raise ValueError("请填写进入人数（entered）或撤出人数（left）之一。")
        return self

    @property
    def change(self) -> int:
        """Persons in the zone more than before; below 0 when they come out."""
        return (self.entered or 0) - (self.left or 0)


class ForceOut(OfIncident):
    """A force on site."""

    model_config = ConfigDict(title="现场队伍")

    id: UUID
    name: str
    kind: str
    persons: int
    equipment: str | None
    leader: str | None
    checked_in_at: LocalTime
    checked_out_at: LocalTime | None
    in_zone: int = Field(description="危险区内人数")


class ForcesOut(OfIncident):
    """The forces of an accident, and who is in the danger zone."""

    model_config = ConfigDict(title="现场力量")

    persons_on_site: int = Field(description="现场总人数")
    persons_in_danger_zone: int = Field(description="危险区内总人数")
    forces: list[ForceOut]
    basis: list[Citation] = Field(description="依据的文件条款")


class WithdrawIn(BaseModel):
    """Why everybody is to withdraw."""

    model_config = ConfigDict(
        title="撤离命令", extra="forbid", json_schema_extra={"examples": [{"reason": "顶板有二次垮落征兆"}]}
    )

    reason: Text = Field(description="原因")


class NoticeIn(BaseModel):
    """Which force acknowledges."""

    model_config = ConfigDict(
        title="回复撤离命令",
        extra="forbid",
        json_schema_extra={"examples": [{"force": "01990000-0000-7000-8000-000000000000"}]},
    )

    force: UUID = Field(description="队伍编号")


class NoticeOut(BaseModel):
    """The order as addressed to a force."""

    model_config = ConfigDict(title="撤离命令送达")

    force: UUID
    name: str
    in_zone: int = Field(description="危险区内人数")
    acknowledged_at: LocalTime | None
    acknowledged_by: str | None


class WithdrawalOut(OfIncident):
    """An order to withdraw."""

    model_config = ConfigDict(title="撤离命令情况")

    id: UUID
    reason: str
    ordered_at: LocalTime
    ordered_by: str
    lifted_at: LocalTime | None
    notices: list[NoticeOut] = Field(description="每支队伍的回复，未回复的在前")
    unacknowledged: list[str] = Field(description="尚未回复的队伍")
    basis: list[Citation] = Field(description="依据的文件条款")


@router.get(
    "/incidents/{key}/forces",
    summary="列出现场队伍和危险区人数",
    description="按到场先后列出，含已离场的。",
    responses=problems(404),
    openapi_extra=clauses("E-4.5c"),
)
async def list_forces(key: Key, session: Session, caller: Reader) -> ForcesOut:
    """The forces on site and the count of the danger zone (E-4.5c)."""
    incident = await seen(session, key, caller)
    rows = await forces.forces_of(session, incident)
    return ForcesOut.shown(
        incident,
        persons_on_site=sum(row.persons for row in rows if row.checked_out_at is None),
        persons_in_danger_zone=sum(row.in_zone for row in rows),
        forces=[ForceOut.shown(incident, row) for row in rows],
        basis=cite("E-4.5c"),
    )


@router.post(
    "/incidents/{key}/forces",
    status_code=201,
    summary="队伍到场登记",
    description="到场即向现场指挥部报到。撤离命令未解除时，命令同样发给新到的队伍。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-4.5c"),
)
async def check_in(key: Key, body: ForceIn, session: Session, caller: Reader, now: Now) -> ForceOut:
    """A force reports on arrival (E-4.5c)."""
    must_hold(caller, "E-4.5c", FIELD, OFFICE, COMPANY)
    refuse_future(now, arrived_at=body.arrived_at)
    incident = await opened(session, key, caller)
    given = body.model_dump(exclude={"arrived_at"})
    force = await forces.check_in(session, incident, given, body.arrived_at or now, caller, now)
    return ForceOut.shown(incident, force)


@router.post(
    "/forces/{id}/check-out",
    summary="队伍离场登记",
    description="危险区内还有人时不能离场。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-4.5c"),
)
async def check_out(id: UUID, body: AtIn, session: Session, caller: Reader, now: Now) -> ForceOut:
    """A force leaves (E-4.5c)."""
    must_hold(caller, "E-4.5c", FIELD, OFFICE, COMPANY)
    refuse_future(now, occurred_at=body.occurred_at)
    force, incident = await forces.check_out(session, id, body.occurred_at or now, caller, now)
    return ForceOut.shown(incident, force)


@router.post(
    "/forces/{id}/danger-zone",
    summary="登记进出危险区的人数",
    description="人数不会少于零，也不会多于队伍人数；撤离命令未解除时只能撤出。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-4.5c", "E-4.5d"),
)
async def count_in_zone(id: UUID, body: ZoneIn, session: Session, caller: Reader, now: Now) -> ForceOut:
    """Count persons entering or leaving the danger zone (E-4.5c)."""
    must_hold(caller, "E-4.5c", FIELD, OFFICE, COMPANY)
    refuse_future(now, occurred_at=body.occurred_at)
    at = body.occurred_at or now
    force, incident = await forces.count_in_zone(session, id, body.change, at, caller, now)
    return ForceOut.shown(incident, force)


@router.post(
    "/incidents/{key}/withdrawals",
    status_code=201,
    summary="下达撤离命令",
    description="由现场指挥部或当时的指挥者下达，发给现场每一支队伍；谁尚未回复会列出。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-4.5d"),
)
async def order_withdrawal(
    key: Key, body: WithdrawIn, session: Session, caller: Reader, now: Now
) -> WithdrawalOut:
    """Order every force on site to withdraw (E-4.5d)."""
    incident = await opened(session, key, caller)
    tenure = await commander_of(session, incident)
    must_hold(caller, "E-4.5d", *dict.fromkeys((FIELD, _COMMANDS[tenure.commander])))
    order = await forces.order_withdrawal(session, incident, body.reason, caller, now)
    return await _order(session, order, incident)


@router.get(
    "/incidents/{key}/withdrawals",
    summary="列出撤离命令和回复情况",
    description="每道命令逐队列出是否回复。",
    responses=problems(404),
    openapi_extra=clauses("E-4.5d"),
)
async def list_withdrawals(key: Key, session: Session, caller: Reader) -> list[WithdrawalOut]:
    """The orders to withdraw, with who has not acknowledged (E-4.5d)."""
    incident = await seen(session, key, caller)
    return [await _order(session, row, incident) for row in await forces.withdrawals_of(session, incident)]


@router.post(
    "/withdrawals/{id}/acknowledge",
    summary="回复撤离命令",
    description="由队伍回复，或由现场指挥部代为登记；重复回复不改变首次时间。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-4.5d"),
)
async def acknowledge(id: UUID, body: NoticeIn, session: Session, caller: Reader, now: Now) -> WithdrawalOut:
    """A force acknowledges the order (E-4.5d)."""
    must_hold(caller, "E-4.5d", MEMBER, FIELD, COMPANY)
    order, incident = await forces.acknowledge(session, id, body.force, caller, now)
    return await _order(session, order, incident)


@router.post(
    "/withdrawals/{id}/lift",
    summary="解除撤离命令",
    description="由现场指挥部解除，此后可再进入危险区。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-4.5d"),
)
async def lift(id: UUID, session: Session, caller: Reader, now: Now) -> WithdrawalOut:
    """Lift the order (E-4.5d)."""
    must_hold(caller, "E-4.5d", FIELD, HIGHER)
    order, incident = await forces.lift(session, id, caller, now)
    return await _order(session, order, incident)


async def _order(session: AsyncSession, order: Withdrawal, incident: Incident) -> WithdrawalOut:
    notices = await forces.notices_of(session, order)
    return WithdrawalOut.shown(
        incident,
        order,
        notices=[
            NoticeOut(
                force=force.id,
                name=force.name,
                in_zone=force.in_zone,
                acknowledged_at=notice.acknowledged_at,
                acknowledged_by=notice.acknowledged_by,
            )
            for notice, force in notices
        ],
        unacknowledged=[force.name for notice, force in notices if notice.acknowledged_at is None],
        basis=cite("E-4.5d"),
    )
