"""Service contracts and their filing (备案) with the housing centre (P-2.2.1b, P-2.2.5)."""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import Field, model_validator
from sqlalchemy import CheckConstraint, ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from kit.context import Context
from kit.district.clock import Day, LocalTime, local_day
from kit.events.event import Event
from kit.storage import db
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Belonging, Whose
from kit.web.pages import Page, PageRequest
from kit.web.problems import FieldError, Invalid, problems
from kit.web.routes import clauses, move
from kit.web.shapes import Body, Grounded, Shape, Text
from services.property.base import Base, Reader, Writer
from services.property.companies import Company
from services.property.compounds.work import of_compound, own_compound
from services.property.plan.filing import FILING

State = Literal["signed", "submitted", "filed", "returned"]
ContractId = Annotated[UUID, Path(description="合同编号")]
#: Who takes a step of the filing; the table says who may.
Actor = Annotated[Context, requires(whose=Whose.PLACES)]
NO_SUCH_CONTRACT = "没有这份合同。"


class Contract(Base, db.Identified, db.Versioned):
    """A service contract of a compound (物业服务合同)."""

    __tablename__ = "contracts"
    __table_args__ = (
        CheckConstraint("state in ('signed','submitted','filed','returned')", name="state"),
        CheckConstraint("(state = 'filed') = (filed_on is not null)", name="filed"),
        CheckConstraint("(state = 'returned') = (return_reason is not null)", name="returned"),
        CheckConstraint("ends_on > starts_on", name="term"),
    )

    compound_id: Mapped[UUID] = mapped_column(ForeignKey("compounds.id"), index=True)
    company_id: Mapped[UUID] = mapped_column(ForeignKey("companies.id"), index=True)
    signed_on: Mapped[date]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    state: Mapped[str] = mapped_column(index=True)
    submitted_at: Mapped[datetime | None]
    filed_on: Mapped[date | None]
    return_reason: Mapped[str | None]
    #: Why it was filed before it was handed in: the filing on paper.
    on_paper: Mapped[str | None]


#: Whose contracts are.
BELONGING = Belonging(
    of_compound(Contract.compound_id).division,
    select(Company.uscc).where(Company.id == Contract.company_id).scalar_subquery(),
)


class ContractEntered(Event, type="property.contract.entered", title="物业服务合同登记"):
    """A service contract was entered."""

    contract: UUID = Field(description="合同登记编号")
    compound: UUID = Field(description="小区登记编号")
    company: UUID = Field(description="企业登记编号")


class ContractMoved(Event, type="property.contract.moved", title="物业服务合同备案进展"):
    """A contract's filing went a step."""

    contract: UUID = Field(description="合同登记编号")
    compound: UUID = Field(description="小区登记编号")
    action: str = Field(description="所作的操作")
    state: str = Field(description="操作后的状态")


class ContractFacts(Shape):
    """What a service contract says (物业服务合同)."""

    compound_id: UUID = Field(description="小区编号")
    company_id: UUID = Field(description="物业服务企业编号")
    signed_on: Day = Field(description="签订日期")
    starts_on: Day = Field(description="服务开始日期")
    ends_on: Day = Field(description="服务结束日期")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.ends_on <= self.starts_on:
            raise ValueError("服务结束日期应晚于开始日期。")
        return self


class ContractIn(
    ContractFacts,
    Body,
    title="物业服务合同",
    example={
        "compound_id": "01990000-0000-7000-8000-000000000000",
        "company_id": "01990000-0000-7000-8000-000000000001",
        "signed_on": "2024-05-20",
        "starts_on": "2024-06-01",
        "ends_on": "2027-06-01",
    },
):
    """A service contract as it is entered (物业服务合同)."""


class ReturnIn(Body, title="备案退回", example={"reason": "缺少临时管理规约"}):
    """Why a contract goes back (备案退回)."""

    reason: str = Field(min_length=1, max_length=500, description="退回原因")


class AcceptIn(Body, title="备案", example={"filed_on": "2024-06-24", "on_paper": None}):
    """When a contract was filed, where it was not today (备案)."""

    filed_on: Day | None = Field(
        default=None, description="备案日期，不填为今天；不能晚于今天，不能早于签订日期"
    )
    on_paper: Text | None = Field(
        default=None, description="先有纸质备案、后在本系统报送的说明；备案日期早于报送日期时必填"
    )


class ContractOut(ContractFacts, Grounded, title="物业服务合同信息", clauses=("P-2.2.1b", "P-2.2.5")):
    """A service contract and its filing (物业服务合同)."""

    id: UUID = Field(description="合同编号")
    state: State = Field(description="signed 未报，submitted 已报，filed 已备案，returned 已退回")
    submitted_at: LocalTime | None = Field(description="最近一次报送时间")
    filed_on: date | None = Field(description="备案日期")
    on_paper: str | None = Field(
        description="先有纸质备案、后在本系统报送的说明", examples=["2023 年已在窗口备案"]
    )
    return_reason: str | None = Field(description="退回原因", examples=["缺少临时管理规约"])
    allowed: list[str] = Field(description="您目前可做的操作", examples=[["accept"]])


def _shown(row: Contract, context: Context) -> ContractOut:
    return ContractOut.of(row, allowed=FILING.allowed(row.state, context.caller))


router = routes.router("合同备案")


@router.post(
    "/contracts",
    status_code=201,
    summary="登记物业服务合同",
    description="登记一份已签订的物业服务合同，之后报区住房保障综合服务中心备案。",
    responses=problems(404),
    openapi_extra=clauses("P-2.2.1b"),
)
async def enter_contract(body: ContractIn, context: Writer, response: Response) -> ContractOut:
    """Enter a signed contract (P-2.2.1b)."""
    await own_compound(context, body.compound_id)
    await db.found(context.session, Company, body.company_id, "没有这家物业服务企业。")
    contract = Contract(id=db.new_id(), state="signed", **body.model_dump())
    context.session.add(contract)
    await context.session.flush()
    event = ContractEntered(contract=contract.id, compound=body.compound_id, company=body.company_id)
    context.record(event, str(contract.id))
    response.headers["Location"] = f"/property/v1/contracts/{contract.id}"
    return _shown(contract, context)


@router.get(
    "/contracts",
    summary="列出物业服务合同",
    description="按登记先后分页列出，可按小区、企业、备案状态筛选。",
    openapi_extra=clauses("P-2.2.5"),
)
async def list_contracts(
    context: Reader,
    paging: PageRequest,
    compound: Annotated[UUID | None, Query(description="小区编号")] = None,
    company: Annotated[UUID | None, Query(description="物业服务企业编号")] = None,
    state: Annotated[State | None, Query(description="备案状态")] = None,
) -> Page[ContractOut]:
    """The contracts."""
    asked = {"compound_id": compound, "company_id": company, "state": state}
    given = {name: value for name, value in asked.items() if value is not None}
    query = context.within(select(Contract).filter_by(**given), BELONGING)
    return await paging.page(context.session, query, lambda row: _shown(row, context), Contract.id)


@router.get(
    "/contracts/{id}",
    summary="查看物业服务合同",
    description="合同期限和备案情况。",
    responses=problems(404),
)
async def read_contract(id: ContractId, context: Reader) -> ContractOut:
    """A contract."""
    contract = await db.found(context.session, Contract, id, NO_SUCH_CONTRACT)
    await context.must_hold(BELONGING, Contract.id == id, NO_SUCH_CONTRACT)
    return _shown(contract, context)


@move(
    router,
    "/contracts/{id}",
    FILING,
    "submit",
    "把合同报区住房保障综合服务中心备案；退回后可再次报送。",
)
async def submit_contract(id: ContractId, context: Actor) -> ContractOut:
    """Hand a contract in."""
    return await _step(context, id, "submit", submitted_at=context.now)


@move(
    router,
    "/contracts/{id}",
    FILING,
    "accept",
    "区住房保障综合服务中心准予备案。备案日期不填为当日；在纸面上已备案的填写当时的日期。",
)
async def accept_contract(id: ContractId, context: Actor, body: AcceptIn | None = None) -> ContractOut:
    """File a contract as of the day on which it was filed, on paper or here."""
    given = body or AcceptIn()
    context.refuse_future(filed_on=given.filed_on)
    filed_on = given.filed_on or context.today
    contract = await db.found(context.session, Contract, id, NO_SUCH_CONTRACT)
    await context.must_hold(BELONGING, Contract.id == id, NO_SUCH_CONTRACT)
    if contract.state == "submitted":
        _refuse_early(contract, filed_on, given)
    return await _step(context, id, "accept", filed_on=filed_on, on_paper=given.on_paper)


def _refuse_early(contract: Contract, filed_on: date, given: AcceptIn) -> None:
    """Refuse a filing before the contract was signed, or, unless it was filed on paper, handed in.

    Raises: Invalid pointing at the day.
    """
    if filed_on < contract.signed_on:
        reason = f"早于签订日期 {contract.signed_on}"
    elif contract.submitted_at and filed_on < local_day(contract.submitted_at) and given.on_paper is None:
        reason = f"早于报送日期 {local_day(contract.submitted_at)}；先有纸质备案的请填写 on_paper 说明"
    else:
        return
    raise Invalid(
        "filed-too-early",
        "备案日期不对，请核对。",
        errors=[FieldError(pointer="/filed_on", reason=reason)],
        clauses=("P-2.2.1b",),
    )


@move(router, "/contracts/{id}", FILING, "return", "区住房保障综合服务中心退回，并写明原因。")
async def return_contract(id: ContractId, body: ReturnIn, context: Actor) -> ContractOut:
    """Send a contract back with the reason."""
    return await _step(context, id, "return", return_reason=body.reason)


async def _step(context: Context, id: UUID, action: str, **entered: date | str | None) -> ContractOut:
    """Take the filing a step further.

    Raises: NotFound; Forbidden; Conflict naming what is allowed.
    """
    contract = await db.locked(context.session, Contract, id, NO_SUCH_CONTRACT)
    await context.must_hold(BELONGING, Contract.id == id, NO_SUCH_CONTRACT)
    contract.state = FILING.check(contract.state, action, context.caller).target
    contract.filed_on = contract.return_reason = contract.on_paper = None
    for name, value in entered.items():
        setattr(contract, name, value)
    event = ContractMoved(contract=id, compound=contract.compound_id, action=action, state=contract.state)
    context.record(event, str(id))
    return _shown(contract, context)
