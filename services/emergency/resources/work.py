"""What happens with resources and costs of an accident (E-6.2, E-6.3)."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.storage import db
from kit.web.problems import Conflict
from kit.web.tokens import Caller
from services.emergency.case.exercise import IncidentEvent, tell
from services.emergency.case.incident import Incident
from services.emergency.case.lookup import opened
from services.emergency.case.timeline import note
from services.emergency.resources.models import Cost, ResourceUse
from services.emergency.supplies.supplies import Supply, change_stock

NO_USE = "没有这笔物资调用，请核对编号。"
NO_COST = "没有这笔费用，请核对编号。"


class ResourceMoved(IncidentEvent, type="emergency.resource.moved"):
    """An amount of a resource was reserved for an accident, used, or returned."""

    use: UUID
    supply: UUID
    name: str
    action: str
    amount: int


class CostEntered(IncidentEvent, type="emergency.cost.entered"):
    """A cost of the rescue was entered, or its payer changed."""

    cost: UUID
    amount_yuan: str
    payer: str


async def uses_of(session: AsyncSession, incident: Incident) -> list[tuple[ResourceUse, Supply]]:
    """What was reserved for an accident, with the resource."""
    query = (
        select(ResourceUse, Supply)
        .join(Supply, Supply.id == ResourceUse.supply_id)
        .where(ResourceUse.incident_id == incident.id)
        .order_by(ResourceUse.id)
    )
    return [(use, supply) for use, supply in await session.execute(query)]


async def reserve(
    session: AsyncSession,
    incident: Incident,
    supply_id: UUID,
    amount: int,
    purpose: str,
    requisitioned: bool,
    caller: Caller,
    now: datetime,
) -> tuple[ResourceUse, Supply]:
    """Set an amount aside for an accident; it leaves the stock (E-6.3). The incident is locked.

    An exercise takes nothing from the stock: what is needed for real stays there.
    Raises: NotFound; Conflict when less is there.
    """
    if incident.exercise:
        supply = await db.found(session, Supply, supply_id, "没有这项应急物资，请核对编号。")
    else:
        supply = await change_stock(session, supply_id, -amount, now)
    use = ResourceUse(
        id=db.new_id(),
        incident_id=incident.id,
        supply_id=supply_id,
        reserved=amount,
        used=0,
        returned=0,
        purpose=purpose,
        requisitioned=requisitioned,
        reserved_at=now,
        changed_at=now,
        client=caller.client,
    )
    session.add(use)
    await session.flush()
    _moved(session, incident, use, supply, "reserve", amount, caller, now)
    return use, supply


async def move(
    session: AsyncSession, use_id: UUID, action: str, amount: int, caller: Caller, now: datetime
) -> tuple[ResourceUse, Supply]:
    """Count an amount as used, or return it to the stock (E-6.3). action: `use` or `return`.

    Raises: NotFound; Conflict when less is left of what was reserved.
    """
    known = await db.found(session, ResourceUse, use_id, NO_USE)
    incident = await opened(session, str(known.incident_id), caller)
    use = await db.locked(session, ResourceUse, use_id, NO_USE)
    supply = await db.found(session, Supply, use.supply_id, NO_USE)
    left = use.reserved - use.used - use.returned
    if amount > left:
        raise Conflict(
            "not-enough-left",
            f"这笔调用只剩 {left} {supply.measure}未用未还，不够 {amount}。",
            clauses=("E-6.3",),
            left=left,
        )
    if action == "use":
        use.used += amount
    else:
        use.returned += amount
        if not incident.exercise:
            supply = await change_stock(session, use.supply_id, amount, now)
    use.changed_at = now
    await session.flush()
    _moved(session, incident, use, supply, action, amount, caller, now)
    return use, supply


def _moved(
    session: AsyncSession,
    incident: Incident,
    use: ResourceUse,
    supply: Supply,
    action: str,
    amount: int,
    caller: Caller,
    now: datetime,
) -> None:
    verb = {"reserve": "调用", "use": "消耗", "return": "归还"}[action]
    text = f"{verb}{supply.name} {amount} {supply.measure}（{supply.place}）"
    note(session, incident, "resource", text, now, caller, now, "E-6.3")
    event = ResourceMoved(use=use.id, supply=supply.id, name=supply.name, action=action, amount=amount)
    tell(session, incident, event, caller, now)


async def costs_of(session: AsyncSession, incident: Incident) -> list[Cost]:
    """The costs in the order in which they were entered."""
    return list(await session.scalars(select(Cost).where(Cost.incident_id == incident.id).order_by(Cost.id)))


async def totals_of(session: AsyncSession, incident: Incident) -> dict[str, Decimal]:
    """Yuan by payer."""
    query = select(Cost.payer, func.sum(Cost.amount_yuan)).where(Cost.incident_id == incident.id)
    rows = await session.execute(query.group_by(Cost.payer))
    return {payer: amount for payer, amount in rows}  # noqa: C416 - typed by unpacking


async def add_cost(
    session: AsyncSession,
    incident: Incident,
    what: str,
    by_whom: str,
    amount: Decimal,
    at: datetime,
    caller: Caller,
    now: datetime,
) -> Cost:
    """Enter a cost of the rescue; the responsible unit bears it (E-6.2). The incident is locked."""
    cost = Cost(
        id=db.new_id(),
        incident_id=incident.id,
        what=what,
        by_whom=by_whom,
        amount_yuan=amount,
        payer="responsible_unit",
        occurred_at=at,
        recorded_at=now,
        client=caller.client,
    )
    session.add(cost)
    await session.flush()
    text = f"救援费用 {amount} 元：{what}（{by_whom}），由{incident.unit or '事故责任单位'}承担"
    note(session, incident, "cost", text, at, caller, now, "E-6.2")
    event = CostEntered(cost=cost.id, amount_yuan=str(amount), payer=cost.payer)
    tell(session, incident, event, caller, now)
    return cost


async def change_cost(
    session: AsyncSession, id: UUID, action: str, reason: str, caller: Caller, now: datetime
) -> Cost:
    """Shift a cost to the street because the unit cannot bear it, or settle it (E-6.2).

    action: `to-street` or `settle`. Raises: NotFound; Conflict when that was done, or it is settled.
    """
    known = await db.found(session, Cost, id, NO_COST)
    incident = await opened(session, str(known.incident_id), caller)
    cost = await db.locked(session, Cost, id, NO_COST)
    if cost.settled_at is not None:
        raise Conflict("already-settled", "这笔费用已结清。", clauses=("E-6.2",))
    if action == "settle":
        cost.settled_at, text = now, f"结清救援费用 {cost.amount_yuan} 元：{reason}"
    elif cost.payer == "street":
        raise Conflict("already-shifted", "这笔费用已由属地协调解决。", clauses=("E-6.2",))
    else:
        cost.payer, cost.shifted_at, cost.shift_reason = "street", now, reason
        place = incident.division or "事发地镇街道"
        text = f"救援费用 {cost.amount_yuan} 元改由{place}协调解决：{reason}"
    await session.flush()
    note(session, incident, "cost", text, now, caller, now, "E-6.2")
    event = CostEntered(cost=cost.id, amount_yuan=str(cost.amount_yuan), payer=cost.payer)
    tell(session, incident, event, caller, now)
    return cost
