"""Forces on site: checked in and out, counted in the danger zone, ordered to withdraw (E-4.5c, E-4.5d)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.storage import db
from kit.web.problems import Conflict
from kit.web.tokens import Caller
from services.emergency.case.exercise import IncidentEvent, tell
from services.emergency.case.incident import Incident
from services.emergency.case.lookup import opened
from services.emergency.case.timeline import note
from services.emergency.command.models import Force, Withdrawal, WithdrawalNotice, ZoneCount

NO_FORCE = "没有这支队伍的到场登记，请核对编号。"
NO_ORDER = "没有这道撤离命令，请核对编号。"


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


async def forces_of(session: AsyncSession, incident: Incident, *, on_site: bool = False) -> list[Force]:
    """The forces in the order of their arrival; those still there where `on_site` is set."""
    query = select(Force).where(Force.incident_id == incident.id)
    if on_site:
        query = query.where(Force.checked_out_at.is_(None))
    return list(await session.scalars(query.order_by(Force.checked_in_at, Force.id)))


async def order_in_force(session: AsyncSession, incident: Incident) -> Withdrawal | None:
    """The order to withdraw that has not been lifted."""
    query = select(Withdrawal).where(Withdrawal.incident_id == incident.id, Withdrawal.lifted_at.is_(None))
    return (await session.scalars(query)).one_or_none()


async def check_in(
    session: AsyncSession,
    incident: Incident,
    given: dict[str, Any],
    at: datetime,
    caller: Caller,
    now: datetime,
) -> Force:
    """A force reports to the field headquarters on arrival (E-4.5c). The incident is locked.

    An order to withdraw that is in force is addressed to it too.
    Raises: Conflict when a force of that name is on site.
    """
    if any(force.name == given["name"] for force in await forces_of(session, incident, on_site=True)):
        raise Conflict(
            "already-on-site", f"{given['name']}已登记到场，离场后才能再次登记。", clauses=("E-4.5c",)
        )
    force = Force(id=db.new_id(), incident_id=incident.id, checked_in_at=at, in_zone=0, **given)
    session.add(force)
    await session.flush()
    if (order := await order_in_force(session, incident)) is not None:
        session.add(WithdrawalNotice(withdrawal_id=order.id, force_id=force.id))
    text = f"{force.name}到场，{force.persons} 人"
    _moved(session, incident, force, "check-in", text, at, caller, now)
    return force


async def check_out(
    session: AsyncSession, id: UUID, at: datetime, caller: Caller, now: datetime
) -> tuple[Force, Incident]:
    """A force leaves, once nobody of it is in the danger zone (E-4.5c).

    Raises: NotFound, Conflict.
    """
    incident, force = await _force(session, id, caller)
    if force.in_zone:
        raise Conflict(
            "still-in-the-zone",
            f"{force.name}还有 {force.in_zone} 人在危险区内，请先登记撤出。",
            clauses=("E-4.5c",),
        )
    force.checked_out_at = at
    await session.flush()
    _moved(session, incident, force, "check-out", f"{force.name}离场", at, caller, now)
    return force, incident


async def count_in_zone(
    session: AsyncSession, id: UUID, change: int, at: datetime, caller: Caller, now: datetime
) -> tuple[Force, Incident]:
    """Count persons who go into the danger zone (`change` above 0) or come out of it (below 0) (E-4.5c).

    Raises: NotFound; Conflict when more come out than are in, more go in than the force has, or the order
            to withdraw stands.
    """
    incident, force = await _force(session, id, caller)
    if change > 0 and (order := await order_in_force(session, incident)) is not None:
        raise Conflict(
            "withdrawal-in-force",
            f"撤离命令（{order.ordered_at:%H:%M}）尚未解除，任何人不得进入危险区。",
            clauses=("E-4.5d",),
        )
    after = force.in_zone + change
    if not 0 <= after <= force.persons:
        raise Conflict(
            "count-does-not-fit",
            f"{force.name}共 {force.persons} 人，危险区内现有 {force.in_zone} 人，不能再"
            + (f"进入 {change} 人。" if change > 0 else f"撤出 {-change} 人。"),
            clauses=("E-4.5c",),
            in_zone=force.in_zone,
            persons=force.persons,
        )
    force.in_zone = after
    count = ZoneCount(
        force_id=force.id,
        change=change,
        in_zone=after,
        occurred_at=at,
        recorded_at=now,
        client=caller.client,
    )
    session.add(count)
    await session.flush()
    verb = "进入" if change > 0 else "撤出"
    text = f"{force.name}{abs(change)} 人{verb}危险区，区内 {after} 人"
    note(session, incident, "zone", text, at, caller, now, "E-4.5c")
    return force, incident


async def order_withdrawal(
    session: AsyncSession, incident: Incident, reason: str, caller: Caller, now: datetime
) -> Withdrawal:
    """Order every force on site to withdraw (E-4.5d). The incident is locked.

    Raises: Conflict while an order is in force.
    """
    if (standing := await order_in_force(session, incident)) is not None:
        raise Conflict(
            "already-ordered",
            f"{standing.ordered_at:%H:%M} 的撤离命令尚未解除，请先查看未回复的队伍。",
            clauses=("E-4.5d",),
        )
    order = Withdrawal(
        id=db.new_id(), incident_id=incident.id, reason=reason, ordered_at=now, ordered_by=caller.client
    )
    session.add(order)
    await session.flush()
    forces = await forces_of(session, incident, on_site=True)
    session.add_all(WithdrawalNotice(withdrawal_id=order.id, force_id=force.id) for force in forces)
    await session.flush()
    names = [force.name for force in forces]
    text = f"下达撤离命令：{reason}（{'、'.join(names) or '现场尚无登记队伍'}）"
    note(session, incident, "withdrawal", text, now, caller, now, "E-4.5d")
    tell(session, incident, WithdrawalOrdered(withdrawal=order.id, reason=reason, forces=names), caller, now)
    return order


async def acknowledge(
    session: AsyncSession, order_id: UUID, force_id: UUID, caller: Caller, now: datetime
) -> tuple[Withdrawal, Incident]:
    """A force acknowledges the order (E-4.5d). Again changes nothing.

    Raises: NotFound for an order or a force it is not addressed to.
    """
    incident, order = await _order(session, order_id, caller)
    notice = await db.locked(
        session, WithdrawalNotice, (order_id, force_id), "这道撤离命令没有发给这支队伍，请核对编号。"
    )
    if notice.acknowledged_at is None:
        notice.acknowledged_at, notice.acknowledged_by = now, caller.client
        await session.flush()
        force = await db.found(session, Force, force_id, NO_FORCE)
        note(session, incident, "withdrawal", f"{force.name}回复撤离命令", now, caller, now, "E-4.5d")
        outstanding = len(await unacknowledged(session, order))
        event = WithdrawalAcknowledged(withdrawal=order.id, name=force.name, outstanding=outstanding)
        tell(session, incident, event, caller, now)
    return order, incident


async def lift(
    session: AsyncSession, order_id: UUID, caller: Caller, now: datetime
) -> tuple[Withdrawal, Incident]:
    """Lift an order to withdraw; the first time stays.

    Raises: NotFound.
    """
    incident, order = await _order(session, order_id, caller)
    if order.lifted_at is None:
        order.lifted_at = now
        await session.flush()
        note(session, incident, "withdrawal", "解除撤离命令", now, caller, now, "E-4.5d")
        tell(session, incident, WithdrawalLifted(withdrawal=order.id), caller, now)
    return order, incident


async def withdrawals_of(session: AsyncSession, incident: Incident) -> list[Withdrawal]:
    """The orders to withdraw, in order."""
    query = select(Withdrawal).where(Withdrawal.incident_id == incident.id).order_by(Withdrawal.id)
    return list(await session.scalars(query))


async def notices_of(session: AsyncSession, order: Withdrawal) -> list[tuple[WithdrawalNotice, Force]]:
    """The order as addressed to each force, the silent ones first."""
    query = (
        select(WithdrawalNotice, Force)
        .join(Force, Force.id == WithdrawalNotice.force_id)
        .where(WithdrawalNotice.withdrawal_id == order.id)
        .order_by(WithdrawalNotice.acknowledged_at.is_not(None), Force.checked_in_at, Force.id)
    )
    return [(notice, force) for notice, force in await session.execute(query)]


async def unacknowledged(session: AsyncSession, order: Withdrawal) -> list[Force]:
    """The forces that have not acknowledged the order."""
    return [force for notice, force in await notices_of(session, order) if notice.acknowledged_at is None]


async def _force(session: AsyncSession, id: UUID, caller: Caller) -> tuple[Incident, Force]:
    known = await db.found(session, Force, id, NO_FORCE)
    incident = await opened(session, str(known.incident_id), caller)
    force = await db.locked(session, Force, id, NO_FORCE)
    if force.checked_out_at is not None:
        raise Conflict("checked-out", f"{force.name}已离场，再来时请重新登记到场。", clauses=("E-4.5c",))
    return incident, force


async def _order(session: AsyncSession, id: UUID, caller: Caller) -> tuple[Incident, Withdrawal]:
    known = await db.found(session, Withdrawal, id, NO_ORDER)
    incident = await opened(session, str(known.incident_id), caller)
    return incident, await db.locked(session, Withdrawal, id, NO_ORDER)


def _moved(
    session: AsyncSession,
    incident: Incident,
    force: Force,
    action: str,
    text: str,
    at: datetime,
    caller: Caller,
    now: datetime,
) -> None:
    note(session, incident, "force", text, at, caller, now, "E-4.5c")
    event = ForceMoved(force=force.id, name=force.name, action=action, persons=force.persons)
    tell(session, incident, event, caller, now)
