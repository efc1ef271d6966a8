"""What happens with resources and costs of an accident (E-6.2, E-6.3)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import select

from kit.storage.db import found, new_id
from kit.web.problems import Conflict
from services.emergency.case.case import Case, IncidentEvent
from services.emergency.resources.models import Cost, ResourceUse
from services.emergency.supplies.supplies import SUPPLIES, Supply, change_stock


class ResourceMoved(IncidentEvent, type="emergency.resource.moved", title="应急物资调用进展"):
    """An amount of a resource was reserved for an accident, used, or returned."""

    use: UUID = Field(description="调用编号")
    supply: UUID = Field(description="物资登记编号")
    name: str = Field(description="物资名称")
    action: str = Field(description="所作的操作：预留、使用或归还")
    amount: int = Field(description="数量，单位与物资登记相同")


class CostEntered(IncidentEvent, type="emergency.cost.entered", title="救援费用登记"):
    """A cost of the rescue was entered, or its payer changed."""

    cost: UUID = Field(description="费用编号")
    amount_yuan: str = Field(description="金额，元")
    payer: str = Field(description="承担费用的单位")


async def uses_of(case: Case) -> list[tuple[ResourceUse, Supply]]:
    """What was reserved for an accident, with the resource."""
    query = (
        select(ResourceUse, Supply)
        .join(Supply, Supply.id == ResourceUse.supply_id)
        .where(ResourceUse.incident_id == case.incident.id)
        .order_by(ResourceUse.id)
    )
    return [(use, supply) for use, supply in await case.session.execute(query)]


async def reserve(case: Case, supply_id: UUID, amount: int, **given: Any) -> tuple[ResourceUse, Supply]:
    """Set an amount aside for an accident; it leaves the stock (E-6.3).

    given: its purpose, and whether it is requisitioned.
    Raises: NotFound; Conflict when less is there.
    """
    supply = await _taken(case, supply_id, amount)
    use = ResourceUse(
        id=new_id(),
        incident_id=case.incident.id,
        supply_id=supply_id,
        reserved=amount,
        used=0,
        returned=0,
        reserved_at=case.now,
        client=case.caller.by,
        **given,
    )
    case.session.add(use)
    _moved(case, use, supply, "reserve", amount)
    return use, supply


async def move(case: Case, use: ResourceUse, action: str, amount: int) -> Supply:
    """Count an amount as used, or return it to the stock (E-6.3). action: `use` or `return`.

    Raises: Conflict when less is left of what was reserved.
    """
    supply = await found(case.session, Supply, use.supply_id, SUPPLIES.missing)
    if amount > use.outstanding:
        raise Conflict(
            "not-enough-left",
            f"这笔调用只剩 {use.outstanding} {supply.measure}未用未还，不够 {amount}。",
            clauses=("E-6.3",),
            left=use.outstanding,
        )
    if action == "use":
        use.used += amount
    else:
        use.returned += amount
        supply = await _taken(case, supply.id, -amount)
    _moved(case, use, supply, action, amount)
    return supply


async def _taken(case: Case, supply_id: UUID, amount: int) -> Supply:
    """The resource, less what was taken; an exercise takes nothing: what is needed for real stays there."""
    if case.incident.exercise:
        return await found(case.session, Supply, supply_id, SUPPLIES.missing)
    return await change_stock(case.context, supply_id, -amount)


def _moved(case: Case, use: ResourceUse, supply: Supply, action: str, amount: int) -> None:
    use.changed_at = case.now
    verb = {"reserve": "调用", "use": "消耗", "return": "归还"}[action]
    text = f"{verb}{supply.name} {amount} {supply.measure}（{supply.place}）"
    event = ResourceMoved(use=use.id, supply=supply.id, name=supply.name, action=action, amount=amount)
    case.happened("resource", text, "E-6.3", event=event)


async def costs_of(case: Case) -> list[Cost]:
    """The costs in the order in which they were entered."""
    query = select(Cost).where(Cost.incident_id == case.incident.id).order_by(Cost.id)
    return list(await case.session.scalars(query))


def add_cost(case: Case, given: dict[str, Any], at: datetime) -> Cost:
    """Enter a cost of the rescue; the responsible unit bears it (E-6.2).

    given: what it is for, who had it, and the amount.
    """
    cost = Cost(
        id=new_id(),
        incident_id=case.incident.id,
        payer="responsible_unit",
        occurred_at=at,
        recorded_at=case.now,
        client=case.caller.by,
        **given,
    )
    case.session.add(cost)
    payer = case.incident.unit or "事故责任单位"
    text = f"救援费用 {cost.amount_yuan} 元：{cost.what}（{cost.by_whom}），由{payer}承担"
    _entered(case, cost, text, at)
    return cost


def change_cost(case: Case, cost: Cost, action: str, reason: str) -> None:
    """Shift a cost to the street because the unit cannot bear it, or settle it (E-6.2).

    action: `to-street` or `settle`. Raises: Conflict when that was done, or it is settled.
    """
    if cost.settled_at is not None:
        raise Conflict("already-settled", "这笔费用已结清。", clauses=("E-6.2",))
    if action == "settle":
        cost.settled_at, text = case.now, f"结清救援费用 {cost.amount_yuan} 元：{reason}"
    elif cost.payer == "street":
        raise Conflict("already-shifted", "这笔费用已由属地协调解决。", clauses=("E-6.2",))
    else:
        cost.payer, cost.shifted_at, cost.shift_reason = "street", case.now, reason
        street = case.incident.division or "事发地镇街道"
        text = f"救援费用 {cost.amount_yuan} 元改由{street}协调解决：{reason}"
    _entered(case, cost, text, case.now)


def _entered(case: Case, cost: Cost, text: str, at: datetime) -> None:
    event = CostEntered(cost=cost.id, amount_yuan=str(cost.amount_yuan), payer=cost.payer)
    case.happened("cost", text, "E-6.2", at=at, event=event)
