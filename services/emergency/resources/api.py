"""Endpoints of an accident's resources and costs."""

from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

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
from services.emergency.incidents.facts import Name, Text, Yuan
from services.emergency.plan.roles import FIELD, OFFICE
from services.emergency.plan_moves import must_hold
from services.emergency.resources import work
from services.emergency.resources.models import ResourceUse
from services.emergency.supplies.supplies import MOST, Supply

Reader = Annotated[Caller, requires("emergency:read")]
Amount = Annotated[int, Field(strict=True, ge=1, le=MOST)]

router = routes.router("资源与费用")


class ReserveIn(BaseModel):
    """An amount to set aside for an accident."""

    model_config = ConfigDict(
        title="调用物资",
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"supply": "01990000-0000-7000-8000-000000000000", "amount": 5, "purpose": "井下搜救"}
            ]
        },
    )

    supply: UUID = Field(description="应急物资编号")
    amount: Amount = Field(description="数量")
    purpose: Text = Field(description="用途")
    requisitioned: bool = Field(default=False, description="向企业或个人征用的，事后返还并补偿")


class AmountIn(BaseModel):
    """An amount."""

    model_config = ConfigDict(title="数量", extra="forbid", json_schema_extra={"examples": [{"amount": 2}]})

    amount: Amount = Field(description="数量")


class UseOut(OfIncident):
    """An amount of a resource set aside for an accident."""

    model_config = ConfigDict(title="物资调用")

    id: UUID
    supply: UUID
    name: str
    measure: str = Field(description="计量单位")
    place: str = Field(description="存放地点")
    reserved: int = Field(description="调出")
    used: int = Field(description="消耗")
    returned: int = Field(description="归还")
    outstanding: int = Field(description="未用未还")
    stock: int = Field(description="库存余量")
    purpose: str
    requisitioned: bool
    reserved_at: LocalTime
    changed_at: LocalTime
    basis: list[Citation] = Field(description="依据的文件条款")

    @classmethod
    def of(cls, incident: Incident, use: ResourceUse, supply: Supply) -> "UseOut":
        """The use with the resource as it stands now."""
        return cls.shown(
            incident,
            use,
            supply=supply.id,
            name=supply.name,
            measure=supply.measure,
            place=supply.place,
            outstanding=use.reserved - use.used - use.returned,
            stock=supply.stock,
            basis=cite("E-6.3"),
        )


class CostIn(BaseModel):
    """A cost of the rescue."""

    model_config = ConfigDict(
        title="救援费用",
        extra="forbid",
        json_schema_extra={
            "examples": [{"what": "支护材料", "by_whom": "矿山救护队", "amount_yuan": "36000.00"}]
        },
    )

    what: Name = Field(description="什么费用")
    by_whom: Name = Field(description="哪支队伍或单位发生的")
    amount_yuan: Annotated[Yuan, Field(gt=0)] = Field(description="金额，元，写成文字")
    occurred_at: LocalTime | None = Field(default=None, description="发生时间；不填为现在")


class WhyIn(BaseModel):
    """A reason."""

    model_config = ConfigDict(
        title="理由", extra="forbid", json_schema_extra={"examples": [{"reason": "企业停产，无力承担"}]}
    )

    reason: Text = Field(description="理由")


class CostOut(OfIncident):
    """A cost of the rescue."""

    model_config = ConfigDict(title="救援费用情况")

    id: UUID
    what: str
    by_whom: str
    amount_yuan: Decimal
    payer: str = Field(description="responsible_unit 事故责任单位承担，street 转属地镇街道协调")
    shifted_at: LocalTime | None
    shift_reason: str | None
    settled_at: LocalTime | None
    occurred_at: LocalTime
    recorded_at: LocalTime
    client: str
    basis: list[Citation] = Field(default_factory=lambda: cite("E-6.2"), description="依据的文件条款")


class CostsOut(OfIncident):
    """The costs of an accident."""

    model_config = ConfigDict(title="救援费用汇总")

    total_yuan: Decimal
    by_payer: dict[str, Decimal] = Field(description="按承担者合计，元")
    items: list[CostOut]
    basis: list[Citation] = Field(description="依据的文件条款")


@router.post(
    "/incidents/{key}/resources",
    status_code=201,
    summary="调用应急物资",
    description="从库存中调出，库存不会少于零；演练不动库存。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-6.3", "E-4.6"),
)
async def reserve(key: Key, body: ReserveIn, session: Session, caller: Reader, now: Now) -> UseOut:
    """Set an amount aside for an accident (E-6.3)."""
    must_hold(caller, "E-6.3", OFFICE, FIELD)
    incident = await opened(session, key, caller)
    return UseOut.of(
        incident,
        *await work.reserve(
            session, incident, body.supply, body.amount, body.purpose, body.requisitioned, caller, now
        ),
    )


@router.get(
    "/incidents/{key}/resources",
    summary="列出调用的物资",
    description="每笔调用的调出、消耗、归还和未还数量。",
    responses=problems(404),
    openapi_extra=clauses("E-6.3"),
)
async def list_uses(key: Key, session: Session, caller: Reader) -> list[UseOut]:
    """What an accident has reserved, used and returned (E-6.3)."""
    incident = await seen(session, key, caller)
    return [UseOut.of(incident, use, supply) for use, supply in await work.uses_of(session, incident)]


@router.post(
    "/resource-uses/{id}/{action}",
    summary="登记物资消耗或归还",
    description="use 消耗，return 归还入库；合计不超过调出的数量。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-6.3"),
)
async def move_use(
    id: UUID, action: Literal["use", "return"], body: AmountIn, session: Session, caller: Reader, now: Now
) -> UseOut:
    """Count an amount as used, or return it (E-6.3)."""
    must_hold(caller, "E-6.3", OFFICE, FIELD)
    use, supply = await work.move(session, id, action, body.amount, caller, now)
    return UseOut.of(await session.get_one(Incident, use.incident_id), use, supply)


@router.post(
    "/incidents/{key}/costs",
    status_code=201,
    summary="登记救援费用",
    description="由事故责任单位承担；无力承担的再转由属地协调解决。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-6.2"),
)
async def add_cost(key: Key, body: CostIn, session: Session, caller: Reader, now: Now) -> CostOut:
    """Enter a cost of the rescue (E-6.2)."""
    must_hold(caller, "E-6.2", OFFICE, FIELD)
    refuse_future(now, occurred_at=body.occurred_at)
    incident = await opened(session, key, caller)
    at = body.occurred_at or now
    cost = await work.add_cost(session, incident, body.what, body.by_whom, body.amount_yuan, at, caller, now)
    return CostOut.shown(incident, cost)


@router.get(
    "/incidents/{key}/costs",
    summary="列出救援费用",
    description="逐笔列出，并按承担者合计。",
    responses=problems(404),
    openapi_extra=clauses("E-6.2"),
)
async def list_costs(key: Key, session: Session, caller: Reader) -> CostsOut:
    """The costs of an accident, with who bears them (E-6.2)."""
    incident = await seen(session, key, caller)
    totals = await work.totals_of(session, incident)
    return CostsOut.shown(
        incident,
        total_yuan=sum(totals.values(), Decimal("0.00")),
        by_payer=totals,
        items=[CostOut.shown(incident, row) for row in await work.costs_of(session, incident)],
        basis=cite("E-6.2"),
    )


@router.post(
    "/costs/{id}/{action}",
    summary="费用转由属地协调，或结清",
    description="to-street 责任单位无力承担，改转属地镇街道协调；settle 结清。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-6.2"),
)
async def change_cost(
    id: UUID, action: Literal["to-street", "settle"], body: WhyIn, session: Session, caller: Reader, now: Now
) -> CostOut:
    """Shift a cost to the street, or settle it (E-6.2)."""
    must_hold(caller, "E-6.2", OFFICE)
    cost = await work.change_cost(session, id, action, body.reason, caller, now)
    return CostOut.shown(await session.get_one(Incident, cost.incident_id), cost)
