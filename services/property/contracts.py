"""Service contracts and their filing (备案) with the housing centre (P-2.2.1b, P-2.2.5)."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import CheckConstraint, ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from kit.district.citations import Citation, cite
from kit.district.clock import LocalTime, Now
from kit.events.event import Event, record
from kit.storage import db
from kit.storage.transactions import Session
from kit.web import routes
from kit.web.moves import Moves
from kit.web.pages import Page, PageRequest
from kit.web.problems import FieldError, Invalid, problems
from kit.web.routes import clauses
from kit.web.tokens import Caller, requires
from services.property.base import Base
from services.property.companies import Company
from services.property.compounds.work import own_compound

State = Literal["signed", "submitted", "filed", "returned"]
#: Scope of the housing centre, which files contracts.
FILING = "property:filing"
CLAUSES = ("P-2.2.1b", "P-2.2.5")

MOVES = Moves(
    ("signed", "submit", "property:write", "submitted", "P-2.2.1b"),
    ("returned", "submit", "property:write", "submitted", "P-2.2.1b"),
    ("submitted", "accept", FILING, "filed", "P-2.2.1b"),
    ("submitted", "return", FILING, "returned", "P-2.2.1b"),
)


class Contract(Base, db.Identified, db.Versioned):
    """A service contract of a compound."""

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


class ContractEntered(Event, type="property.contract.entered"):
    """A service contract was entered."""

    contract: UUID
    compound: UUID
    company: UUID


class ContractMoved(Event, type="property.contract.moved"):
    """A contract's filing went a step."""

    contract: UUID
    compound: UUID
    action: str
    state: str


class ContractIn(BaseModel):
    """A service contract as it is entered."""

    model_config = ConfigDict(
        title="物业服务合同",
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "compound_id": "01990000-0000-7000-8000-000000000000",
                    "company_id": "01990000-0000-7000-8000-000000000001",
                    "signed_on": "2024-05-20",
                    "starts_on": "2024-06-01",
                    "ends_on": "2027-06-01",
                }
            ]
        },
    )

    compound_id: UUID = Field(description="小区")
    company_id: UUID = Field(description="物业服务企业")
    signed_on: date = Field(description="签订日期")
    starts_on: date = Field(description="服务开始日期")
    ends_on: date = Field(description="服务结束日期")

    @model_validator(mode="after")
    def _consistent(self) -> "ContractIn":
        if self.ends_on <= self.starts_on:
            raise ValueError("服务结束日期应晚于开始日期。")
        return self


class FilingNote(BaseModel):
    """A note to a step of the filing."""

    model_config = ConfigDict(
        title="备案意见", extra="forbid", json_schema_extra={"examples": [{"reason": "缺少临时管理规约"}]}
    )

    reason: str | None = Field(default=None, min_length=1, max_length=500, description="退回时必填的原因")


class ContractOut(BaseModel):
    """A service contract and its filing."""

    model_config = ConfigDict(title="物业服务合同信息")

    id: UUID
    compound_id: UUID
    company_id: UUID
    signed_on: date
    starts_on: date
    ends_on: date
    state: State = Field(description="signed 未报，submitted 已报，filed 已备案，returned 已退回")
    submitted_at: LocalTime | None
    filed_on: date | None = Field(description="备案日期")
    return_reason: str | None = Field(description="退回原因")
    allowed: list[str] = Field(description="目前可做的操作")
    basis: list[Citation] = Field(description="依据的文件条款")

    @classmethod
    def of(cls, row: Contract) -> "ContractOut":
        """The row as an answer."""
        own = {name: getattr(row, name) for name in cls.model_fields if name not in ("allowed", "basis")}
        return cls(**own, allowed=MOVES.allowed(row.state), basis=cite(*CLAUSES))


router = routes.router("合同备案")


@router.post(
    "/contracts",
    status_code=201,
    summary="登记物业服务合同",
    description="登记一份已签订的物业服务合同，之后报区住房保障综合服务中心备案。",
    responses=problems(404),
    openapi_extra=clauses("P-2.2.1b"),
)
async def enter_contract(
    body: ContractIn,
    session: Session,
    caller: Annotated[Caller, requires("property:write")],
    now: Now,
    response: Response,
) -> ContractOut:
    """Enter a signed contract (P-2.2.1b)."""
    await own_compound(session, body.compound_id, caller)
    await db.found(session, Company, body.company_id, "没有这家物业服务企业。")
    contract = Contract(id=db.new_id(), state="signed", **body.model_dump())
    session.add(contract)
    await session.flush()
    event = ContractEntered(contract=contract.id, compound=body.compound_id, company=body.company_id)
    record(session, event, str(contract.id), caller, now)
    response.headers["Location"] = f"/property/v1/contracts/{contract.id}"
    return ContractOut.of(contract)


@router.get(
    "/contracts",
    summary="列出物业服务合同",
    description="按登记先后分页列出，可按小区、企业、备案状态筛选。",
    openapi_extra=clauses("P-2.2.5"),
)
async def list_contracts(
    session: Session,
    _caller: Annotated[Caller, requires("property:read")],
    paging: PageRequest,
    compound: Annotated[UUID | None, Query(description="小区")] = None,
    company: Annotated[UUID | None, Query(description="物业服务企业")] = None,
    state: Annotated[State | None, Query(description="备案状态")] = None,
) -> Page[ContractOut]:
    """The contracts."""
    query = select(Contract)
    for column, value in (
        (Contract.compound_id, compound),
        (Contract.company_id, company),
        (Contract.state, state),
    ):
        if value is not None:
            query = query.where(column == value)
    rows, following = await paging.fetch(session, query, Contract.id)
    return Page(items=[ContractOut.of(row) for row in rows], next=following)


@router.get(
    "/contracts/{id}",
    summary="查看物业服务合同",
    description="合同期限和备案情况。",
    responses=problems(404),
)
async def read_contract(
    id: UUID, session: Session, _caller: Annotated[Caller, requires("property:read")]
) -> ContractOut:
    """A contract."""
    return ContractOut.of(await db.found(session, Contract, id, "没有这份合同。"))


async def move_contract(
    session: AsyncSession, caller: Caller, id: UUID, action: str, now: datetime, reason: str | None
) -> Contract:
    """Take the filing a step further.

    Raises: NotFound; Conflict naming what is allowed; Forbidden; Invalid when a return has no reason.
    """
    contract = await db.locked(session, Contract, id, "没有这份合同。")
    await own_compound(session, contract.compound_id, caller)
    target = MOVES.check(contract.state, action, caller).target
    if action == "return" and not reason:
        raise Invalid(
            "no-reason",
            "退回时请写明原因。",
            errors=[FieldError(pointer="/reason", reason="缺少这一项，请填写。")],
            clauses=("P-2.2.1b",),
        )
    contract.state = target
    contract.submitted_at = now if action == "submit" else contract.submitted_at
    contract.filed_on = now.date() if action == "accept" else None
    contract.return_reason = reason if action == "return" else None
    await session.flush()
    event = ContractMoved(contract=id, compound=contract.compound_id, action=action, state=target)
    record(session, event, str(id), caller, now)
    return contract


def _add_step(action: str, summary: str, description: str, scope: str) -> None:
    async def step(
        id: UUID,
        body: FilingNote,
        session: Session,
        caller: Annotated[Caller, requires(scope)],
        now: Now,
    ) -> ContractOut:
        return ContractOut.of(await move_contract(session, caller, id, action, now, body.reason))

    router.add_api_route(
        f"/contracts/{{id}}/{action}",
        step,
        methods=["POST"],
        name=f"{action}_contract",
        summary=summary,
        description=description,
        responses=problems(404, 409),
        openapi_extra=clauses("P-2.2.1b"),
    )


_add_step("submit", "报送备案", "把合同报区住房保障综合服务中心备案；退回后可再次报送。", "property:write")
_add_step("accept", "予以备案", "区住房保障综合服务中心准予备案，当日为备案日期。", FILING)
_add_step("return", "退回备案", "区住房保障综合服务中心退回，并写明原因。", FILING)
