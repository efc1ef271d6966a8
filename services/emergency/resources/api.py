"""Endpoints of an accident's resources and costs."""

from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path
from pydantic import Field

from kit.context import Context
from kit.district.clock import LocalTime
from kit.district.money import Yuan
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.problems import problems
from kit.web.routes import clauses
from kit.web.shapes import Body, Name, Text
from services.emergency.case.case import Case, Key
from services.emergency.case.shapes import OfIncident
from services.emergency.plan.roles import FIELD, OFFICE
from services.emergency.resources import work
from services.emergency.resources.models import Cost, ResourceUse
from services.emergency.supplies.supplies import MOST, Supply

Reader = Annotated[Context, requires("emergency:read", whose=Whose.PLACES)]
Quartermaster = Annotated[Context, requires("emergency:read", one_of=(OFFICE, FIELD), whose=Whose.PLACES)]
Office = Annotated[Context, requires("emergency:read", one_of=(OFFICE,), whose=Whose.PLACES)]
Amount = Annotated[int, Field(strict=True, ge=1, le=MOST)]

router = routes.router("资源与费用")


class AmountIn(Body, title="数量", example={"amount": 2}):
    """An amount (数量)."""

    amount: Amount = Field(description="数量")


class ReserveIn(
    AmountIn,
    title="调用物资",
    example={"supply": "01990000-0000-7000-8000-000000000000", "amount": 5, "purpose": "井下搜救"},
):
    """An amount to set aside for an accident (调用物资)."""

    supply: UUID = Field(description="应急物资编号")
    purpose: Text = Field(description="用途")
    requisitioned: bool = Field(default=False, description="向企业或个人征用的，事后返还并补偿")


class UseOut(OfIncident, title="物资调用", clauses=("E-6.3",)):
    """An amount of a resource set aside for an accident (物资调用)."""

    id: UUID = Field(description="调用编号")
    supply: UUID = Field(description="应急物资编号")
    name: str = Field(description="物资名称", examples=["抗溶性泡沫灭火剂"])
    measure: str = Field(description="计量单位")
    place: str = Field(description="存放地点")
    reserved: int = Field(description="调出")
    used: int = Field(description="消耗")
    returned: int = Field(description="归还")
    outstanding: int = Field(description="未用未还")
    stock: int = Field(description="库存余量")
    purpose: str = Field(description="用途")
    requisitioned: bool = Field(description="是否征用")
    reserved_at: LocalTime = Field(description="调用时间")
    changed_at: LocalTime = Field(description="最近变动时间")
    client: str = Field(description="调用人", examples=["emergency-bureau"])


class CostIn(
    Body,
    title="救援费用",
    example={"what": "支护材料", "by_whom": "矿山救护队", "amount_yuan": "36000.00"},
):
    """A cost of the rescue (救援费用)."""

    what: Name = Field(description="什么费用")
    by_whom: Name = Field(description="哪支队伍或单位发生的")
    amount_yuan: Annotated[Yuan, Field(gt=0)] = Field(description="金额，元，写成文字")
    occurred_at: LocalTime | None = Field(default=None, description="发生时间；不填为现在")


class WhyIn(Body, title="费用处理理由", example={"reason": "企业停产，无力承担"}):
    """Why a cost is shifted or settled (费用处理理由)."""

    reason: Text = Field(description="理由")


class CostOut(OfIncident, title="救援费用情况", clauses=("E-6.2",)):
    """A cost of the rescue (救援费用)."""

    id: UUID = Field(description="费用编号")
    what: str = Field(description="什么费用")
    by_whom: str = Field(description="哪支队伍或单位发生的")
    amount_yuan: Decimal = Field(description="金额，元")
    payer: str = Field(description="responsible_unit 事故责任单位承担，street 转属地镇街道协调")
    shifted_at: LocalTime | None = Field(description="转由属地协调的时间")
    shift_reason: str | None = Field(description="转由属地协调的理由", examples=["责任单位已无力承担"])
    settled_at: LocalTime | None = Field(description="结清时间")
    occurred_at: LocalTime = Field(description="发生时间")
    recorded_at: LocalTime = Field(description="登记时间")
    client: str = Field(description="登记人", examples=["emergency-bureau"])


class CostsOut(OfIncident, title="救援费用汇总", clauses=("E-6.2",)):
    """The costs of an accident (救援费用)."""

    total_yuan: Decimal = Field(description="合计，元", examples=["12000.00"])
    by_payer: dict[str, Decimal] = Field(
        description="按承担者合计，元", examples=[{"responsible_unit": "12000.00"}]
    )
    items: list[CostOut] = Field(description="逐笔费用")


@router.post(
    "/incidents/{key}/resources",
    status_code=201,
    summary="调用应急物资",
    description="从库存中调出，库存不会少于零；演练不动库存。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-6.3", "E-4.6"),
)
async def reserve(key: Key, body: ReserveIn, context: Quartermaster) -> UseOut:
    """Set an amount aside for an accident (E-6.3)."""
    case = await Case.open(context, key)
    given = body.model_dump(exclude={"supply", "amount"})
    return _use(case, *await work.reserve(case, body.supply, body.amount, **given))


@router.get(
    "/incidents/{key}/resources",
    summary="列出调用的物资",
    description="每笔调用的调出、消耗、归还和未还数量。",
    responses=problems(404),
    openapi_extra=clauses("E-6.3"),
)
async def list_uses(key: Key, context: Reader) -> list[UseOut]:
    """What an accident has reserved, used and returned (E-6.3)."""
    case = await Case.see(context, key)
    return [_use(case, use, supply) for use, supply in await work.uses_of(case)]


@router.post(
    "/resource-uses/{id}/{action}",
    summary="登记物资消耗或归还",
    description="use 消耗，return 归还入库；合计不超过调出的数量。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-6.3"),
)
async def move_use(
    id: Annotated[UUID, Path(description="调用编号")],
    action: Annotated[Literal["use", "return"], Path(description="use 消耗，return 归还")],
    body: AmountIn,
    context: Quartermaster,
) -> UseOut:
    """Count an amount as used, or return it (E-6.3)."""
    case, use = await Case.open_with(context, ResourceUse, id, "没有这笔物资调用，请核对编号。")
    return _use(case, use, await work.move(case, use, action, body.amount))


def _use(case: Case, use: ResourceUse, supply: Supply) -> UseOut:
    return UseOut.of(use, case.incident, supply, supply=supply.id, place=supply.place)


@router.post(
    "/incidents/{key}/costs",
    status_code=201,
    summary="登记救援费用",
    description="由事故责任单位承担；无力承担的再转由属地协调解决。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-6.2"),
)
async def add_cost(key: Key, body: CostIn, context: Quartermaster) -> CostOut:
    """Enter a cost of the rescue (E-6.2)."""
    context.refuse_future(occurred_at=body.occurred_at)
    case = await Case.open(context, key)
    given = body.model_dump(exclude={"occurred_at"})
    return CostOut.of(work.add_cost(case, given, case.at(body.occurred_at)), case.incident)


@router.get(
    "/incidents/{key}/costs",
    summary="列出救援费用",
    description="逐笔列出，并按承担者合计。",
    responses=problems(404),
    openapi_extra=clauses("E-6.2"),
)
async def list_costs(key: Key, context: Reader) -> CostsOut:
    """The costs of an accident, with who bears them (E-6.2)."""
    case = await Case.see(context, key)
    rows = await work.costs_of(case)
    totals: dict[str, Decimal] = {}
    for row in rows:
        totals[row.payer] = totals.get(row.payer, Decimal("0.00")) + row.amount_yuan
    total = sum(totals.values(), Decimal("0.00"))
    items = [CostOut.of(row, case.incident) for row in rows]
    return CostsOut.of(case.incident, total_yuan=total, by_payer=totals, items=items)


@router.post(
    "/costs/{id}/{action}",
    summary="转由属地协调或结清费用",
    description="to-street 责任单位无力承担，改转属地镇街道协调；settle 结清。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-6.2"),
)
async def change_cost(
    id: Annotated[UUID, Path(description="费用编号")],
    action: Annotated[Literal["to-street", "settle"], Path(description="to-street 转由属地，settle 结清")],
    body: WhyIn,
    context: Office,
) -> CostOut:
    """Shift a cost to the street, or settle it (E-6.2)."""
    case, cost = await Case.open_with(context, Cost, id, "没有这笔费用，请核对编号。")
    work.change_cost(case, cost, action, body.reason)
    return CostOut.of(cost, case.incident)
