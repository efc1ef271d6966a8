"""Endpoints of service contracts and of their filing (备案) with the housing centre (P-2.2.1b, P-2.2.5)."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import Field
from sqlalchemy import select

from kit.context import Context
from kit.district.clock import local_day
from kit.events.event import Event
from kit.storage import db
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest, narrowed
from kit.web.problems import FieldError, Invalid, problems
from kit.web.routes import clauses, move
from services.property.base import Reader, Writer
from services.property.companies import Company
from services.property.compounds.work import own_compound
from services.property.contracts.models import BELONGING, Contract
from services.property.contracts.shapes import (
    AcceptIn,
    ContractIn,
    ContractOut,
    ReturnIn,
    State,
    SubmitIn,
    TenderOut,
)
from services.property.developers import is_of_developer
from services.property.plan.filing import FILING
from services.property.plan.tenders import ContractKind, Signed, needs_interim_rules, refused

ContractId = Annotated[UUID, Path(description="合同编号")]
#: Who takes a step of the filing; the table says who may.
Actor = Annotated[Context, requires(whose=Whose.PLACES)]
NO_SUCH_CONTRACT = "没有这份合同。"


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


def _shown(row: Contract, context: Context) -> ContractOut:
    return ContractOut.of(
        row, tender=TenderOut.of_contract(row), allowed=FILING.allowed(row.state, context.caller)
    )


router = routes.router("合同备案")


@router.post(
    "/contracts",
    status_code=201,
    summary="登记物业服务合同",
    description=(
        "登记一份已签订的物业服务合同，之后报区住房保障综合服务中心备案。前期合同须有招标记录；"
        "在开发建设单位名下的企业，没有招标记录的不予登记。"
    ),
    responses=problems(404),
    openapi_extra=clauses("P-2.2.1a", "P-2.2.1b"),
)
async def enter_contract(body: ContractIn, context: Writer, response: Response) -> ContractOut:
    """Enter a signed contract (P-2.2.1a, P-2.2.1b)."""
    await own_compound(context, body.compound_id)
    await db.found(context.session, Company, body.company_id, "没有这家物业服务企业。")
    await _refuse_untendered(context, body)
    contract = Contract(id=db.new_id(), state="signed", **body.model_dump(exclude={"tender"}))
    if body.tender is not None:
        contract.tender_number, contract.tender_method = body.tender.number, body.tender.method
        contract.tendered_on = body.tender.decided_on
    context.session.add(contract)
    await context.session.flush()
    event = ContractEntered(contract=contract.id, compound=body.compound_id, company=body.company_id)
    context.record(event, str(contract.id))
    response.headers["Location"] = f"/property/v1/contracts/{contract.id}"
    return _shown(contract, context)


async def _refuse_untendered(context: Context, body: ContractIn) -> None:
    """Refuse a contract that needs a tender and has none, or another's (P-2.2.1a). Raises: Invalid."""
    tender = body.tender
    signed = Signed(
        body.kind,
        body.signed_on,
        tendered_on=tender.decided_on if tender else None,
        won=tender is None or tender.winner_id == body.company_id,
        of_developer=await is_of_developer(context.session, body.company_id, body.compound_id),
    )
    if found := refused(signed):
        pointer, reason = found
        raise Invalid(
            "no-tender",
            "招标记录不符合前期物业管理招投标的要求，请核对。",
            errors=[FieldError(pointer=pointer, reason=reason)],
            clauses=("P-2.2.1a",),
        )


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
    query = context.within(
        narrowed(select(Contract), compound_id=compound, company_id=company, state=state), BELONGING
    )
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
    "把合同和临时管理规约一并报区住房保障综合服务中心备案；前期合同没有临时管理规约的不能报送。退回后可再次报送。",
)
async def submit_contract(id: ContractId, context: Actor, body: SubmitIn | None = None) -> ContractOut:
    """Hand a contract in, with the compound's interim rules."""
    contract = await _asked(context, id, "submit")
    rules = (body and body.interim_rules) or contract.interim_rules
    if rules is None and needs_interim_rules(ContractKind(contract.kind)):
        raise Invalid(
            "no-interim-rules",
            "前期物业服务合同要与临时管理规约一并报送备案，请填写临时管理规约的名称或文号。",
            errors=[FieldError(pointer="/interim_rules", reason="缺少这一项，请填写。")],
            clauses=("P-2.2.1b",),
        )
    return _step(context, contract, "submit", submitted_at=context.now, interim_rules=rules)


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
    contract = await _asked(context, id, "accept")
    _refuse_early(contract, filed_on, given)
    return _step(context, contract, "accept", filed_on=filed_on, on_paper=given.on_paper)


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
    contract = await _asked(context, id, "return")
    return _step(context, contract, "return", return_reason=body.reason)


async def _asked(context: Context, id: UUID, action: str) -> Contract:
    """The contract, locked, of which the action may be done now.

    Raises: NotFound; Forbidden; Conflict naming what is allowed.
    """
    contract = await db.locked(context.session, Contract, id, NO_SUCH_CONTRACT)
    await context.must_hold(BELONGING, Contract.id == id, NO_SUCH_CONTRACT)
    FILING.check(contract.state, action, context.caller)
    return contract


def _step(context: Context, contract: Contract, action: str, **entered: date | str | None) -> ContractOut:
    """Take the filing a step further."""
    contract.state = FILING.check(contract.state, action, context.caller).target
    contract.filed_on = contract.return_reason = contract.on_paper = None
    for name, value in entered.items():
        setattr(contract, name, value)
    event = ContractMoved(
        contract=contract.id, compound=contract.compound_id, action=action, state=contract.state
    )
    context.record(event, str(contract.id))
    return _shown(contract, context)
