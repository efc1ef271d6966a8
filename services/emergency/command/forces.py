"""Forces on site: checked in and out, counted in the danger zone, ordered to withdraw (E-4.5c, E-4.5d)."""

from typing import Annotated, Self
from uuid import UUID

from fastapi import Path
from pydantic import Field, model_validator
from sqlalchemy import select

from kit.context import Context
from kit.district.clock import LocalTime
from kit.storage.db import found, new_id
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.problems import Conflict, problems
from kit.web.routes import clauses
from kit.web.shapes import Answer, Body, Choice, Name, Text, choices
from services.emergency.case.case import Case, IncidentEvent, Key
from services.emergency.case.shapes import OfIncident
from services.emergency.command.models import Force, Withdrawal, WithdrawalNotice
from services.emergency.command.work import command_of
from services.emergency.plan.command import WITHDRAWAL
from services.emergency.plan.roles import COMPANY, FIELD, HIGHER, MEMBER, OFFICE

Reader = Annotated[Context, requires("emergency:read", whose=Whose.PLACES)]
Marshal = Annotated[Context, requires("emergency:read", one_of=(FIELD, OFFICE, COMPANY), whose=Whose.PLACES)]
Commander = Annotated[
    Context, requires("emergency:read", one_of=WITHDRAWAL.roles("order"), whose=Whose.PLACES)
]
Addressee = Annotated[
    Context, requires("emergency:read", one_of=(MEMBER, FIELD, COMPANY), whose=Whose.PLACES)
]
Lifter = Annotated[Context, requires("emergency:read", one_of=(FIELD, HIGHER), whose=Whose.PLACES)]

ForceId = Annotated[UUID, Path(description="队伍编号")]
OrderId = Annotated[UUID, Path(description="撤离命令编号")]
Persons = Annotated[int, Field(strict=True, ge=1, le=100_000)]
NO_FORCE = "没有这支队伍的到场登记，请核对编号。"
NO_ORDER = "没有这道撤离命令，请核对编号。"

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


class ForceOut(OfIncident, title="现场队伍", clauses=("E-4.5c",)):
    """A force on site (现场队伍)."""

    id: UUID = Field(description="队伍编号")
    name: str = Field(description="队伍名称")
    kind: ForceKind = Field(description=choices(ForceKind))
    persons: int = Field(description="人数")
    equipment: str | None = Field(description="携带装备")
    leader: str | None = Field(description="带队人")
    checked_in_at: LocalTime = Field(description="到场时间")
    checked_out_at: LocalTime | None = Field(description="离场时间")
    in_zone: int = Field(description="危险区内人数")


class ForcesOut(OfIncident, title="现场力量", clauses=("E-4.5c",)):
    """The forces of an accident, and who is in the danger zone (现场力量)."""

    persons_on_site: int = Field(description="现场总人数")
    persons_in_danger_zone: int = Field(description="危险区内总人数")
    forces: list[ForceOut] = Field(description="各支队伍")


class WithdrawIn(Body, title="撤离命令", example={"reason": "顶板有二次垮落征兆"}):
    """Why everybody is to withdraw (撤离命令)."""

    reason: Text = Field(description="原因")


class NoticeIn(Body, title="回复撤离命令", example={"force": "01990000-0000-7000-8000-000000000000"}):
    """Which force acknowledges (回复撤离命令)."""

    force: UUID = Field(description="队伍编号")


class NoticeOut(Answer, title="撤离命令送达"):
    """The order as addressed to a force (撤离命令送达)."""

    force: UUID = Field(description="队伍编号")
    name: str = Field(description="队伍名称")
    in_zone: int = Field(description="危险区内人数")
    acknowledged_at: LocalTime | None = Field(description="回复时间")
    acknowledged_by: str | None = Field(description="回复人")


class WithdrawalOut(OfIncident, title="撤离命令情况", clauses=("E-4.5d",)):
    """An order to withdraw (撤离命令)."""

    id: UUID = Field(description="命令编号")
    reason: str = Field(description="原因")
    ordered_at: LocalTime = Field(description="下达时间")
    ordered_by: str = Field(description="下达人")
    lifted_at: LocalTime | None = Field(description="解除时间；未解除时为空")
    notices: list[NoticeOut] = Field(description="每支队伍的回复，未回复的在前")
    unacknowledged: list[str] = Field(description="尚未回复的队伍")


class ForceMoved(IncidentEvent, type="emergency.force.moved"):
    """A force checked in or out."""

    force: UUID
    name: str
    action: str
    persons: int


class WithdrawalOrdered(IncidentEvent, type="emergency.withdrawal.ordered"):
    """Every force on site is ordered to withdraw."""

    withdrawal: UUID
    reason: str
    forces: list[str]


class WithdrawalLifted(IncidentEvent, type="emergency.withdrawal.lifted"):
    """The order to withdraw no longer stands."""

    withdrawal: UUID


class WithdrawalAcknowledged(IncidentEvent, type="emergency.withdrawal.acknowledged"):
    """A force has acknowledged the order; how many have not yet."""

    withdrawal: UUID
    name: str
    outstanding: int


async def forces_of(case: Case, *, on_site: bool = False) -> list[Force]:
    """The forces in the order of their arrival; those still there where `on_site` is set."""
    query = select(Force).where(Force.incident_id == case.incident.id)
    if on_site:
        query = query.where(Force.checked_out_at.is_(None))
    return list(await case.session.scalars(query.order_by(Force.checked_in_at, Force.id)))


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
    at = body.arrived_at or case.now
    given = body.model_dump(exclude={"arrived_at"})
    force = Force(id=new_id(), incident_id=case.incident.id, checked_in_at=at, in_zone=0, **given)
    case.session.add(force)
    await case.session.flush()
    if (order := await _in_force(case)) is not None:
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
    force.checked_out_at = at = body.occurred_at or case.now
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
    if body.entered and (order := await _in_force(case)) is not None:
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
    case.happened("zone", text, "E-4.5c", at=body.occurred_at)
    return ForceOut.of(force, case.incident)


async def _on_site(context: Context, id: UUID, body: AtIn) -> tuple[Case, Force]:
    """A force that has not left, and its accident, to be written to."""
    context.refuse_future(occurred_at=body.occurred_at)
    case, force = await Case.open_with(context, Force, id, NO_FORCE)
    if force.checked_out_at is not None:
        raise Conflict("checked-out", f"{force.name}已离场，再来时请重新登记到场。", clauses=("E-4.5c",))
    return case, force


async def _withdrawals_of(case: Case) -> list[Withdrawal]:
    query = select(Withdrawal).where(Withdrawal.incident_id == case.incident.id).order_by(Withdrawal.id)
    return list(await case.session.scalars(query))


async def _in_force(case: Case) -> Withdrawal | None:
    """The order to withdraw that has not been lifted."""
    return next((order for order in await _withdrawals_of(case) if order.lifted_at is None), None)


@router.post(
    "/incidents/{key}/withdrawals",
    status_code=201,
    summary="下达撤离命令",
    description="由现场指挥部或当时的指挥者下达，发给现场每一支队伍；谁尚未回复会列出。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-4.5d"),
)
async def order_withdrawal(key: Key, body: WithdrawIn, context: Commander) -> WithdrawalOut:
    """Order every force on site to withdraw (E-4.5d)."""
    case = await Case.open(context, key)
    WITHDRAWAL.check((await command_of(case)).commander.commander, "order", case.caller)
    if (standing := await _in_force(case)) is not None:
        raise Conflict(
            "already-ordered",
            f"{standing.ordered_at:%H:%M} 的撤离命令尚未解除，请先查看未回复的队伍。",
            clauses=("E-4.5d",),
        )
    order = Withdrawal(incident_id=case.incident.id, reason=body.reason, ordered_at=case.now)
    order.ordered_by = case.caller.client
    case.session.add(order)
    await case.session.flush()
    forces = await forces_of(case, on_site=True)
    case.session.add_all(WithdrawalNotice(withdrawal_id=order.id, force_id=force.id) for force in forces)
    names = [force.name for force in forces]
    text = f"下达撤离命令：{body.reason}（{'、'.join(names) or '现场尚无登记队伍'}）"
    event = WithdrawalOrdered(withdrawal=order.id, reason=body.reason, forces=names)
    case.happened("withdrawal", text, "E-4.5d", event=event)
    return await _order(case, order)


@router.get(
    "/incidents/{key}/withdrawals",
    summary="列出撤离命令和回复情况",
    description="每道命令逐队列出是否回复。",
    responses=problems(404),
    openapi_extra=clauses("E-4.5d"),
)
async def list_withdrawals(key: Key, context: Reader) -> list[WithdrawalOut]:
    """The orders to withdraw, with who has not acknowledged (E-4.5d)."""
    case = await Case.see(context, key)
    return [await _order(case, row) for row in await _withdrawals_of(case)]


@router.post(
    "/withdrawals/{id}/acknowledge",
    summary="回复撤离命令",
    description="由队伍回复，或由现场指挥部代为登记；重复回复不改变首次时间。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-4.5d"),
)
async def acknowledge(id: OrderId, body: NoticeIn, context: Addressee) -> WithdrawalOut:
    """A force acknowledges the order (E-4.5d); again changes nothing."""
    case, order = await Case.open_with(context, Withdrawal, id, NO_ORDER)
    missing = "这道撤离命令没有发给这支队伍，请核对编号。"
    notice = await found(case.session, WithdrawalNotice, (id, body.force), missing)
    if notice.acknowledged_at is None:
        notice.acknowledged_at, notice.acknowledged_by = case.now, case.caller.client
        force = await found(case.session, Force, body.force, NO_FORCE)
        silent = (await _order(case, order)).unacknowledged
        event = WithdrawalAcknowledged(withdrawal=id, name=force.name, outstanding=len(silent))
        case.happened("withdrawal", f"{force.name}回复撤离命令", "E-4.5d", event=event)
    return await _order(case, order)


@router.post(
    "/withdrawals/{id}/lift",
    summary="解除撤离命令",
    description="由现场指挥部解除，此后可再进入危险区。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-4.5d"),
)
async def lift(id: OrderId, context: Lifter) -> WithdrawalOut:
    """Lift the order; the first time stays (E-4.5d)."""
    case, order = await Case.open_with(context, Withdrawal, id, NO_ORDER)
    if order.lifted_at is None:
        order.lifted_at = case.now
        case.happened("withdrawal", "解除撤离命令", "E-4.5d", event=WithdrawalLifted(withdrawal=id))
    return await _order(case, order)


async def _order(case: Case, order: Withdrawal) -> WithdrawalOut:
    query = (
        select(WithdrawalNotice, Force)
        .join(Force, Force.id == WithdrawalNotice.force_id)
        .where(WithdrawalNotice.withdrawal_id == order.id)
        .order_by(WithdrawalNotice.acknowledged_at.is_not(None), Force.checked_in_at, Force.id)
    )
    rows = list(await case.session.execute(query))
    return WithdrawalOut.of(
        order,
        case.incident,
        notices=[NoticeOut.of(notice, force, force=force.id) for notice, force in rows],
        unacknowledged=[force.name for notice, force in rows if notice.acknowledged_at is None],
    )
