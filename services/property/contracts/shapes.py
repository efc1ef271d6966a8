"""What goes in and out of the endpoints of service contracts."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from kit.district.clock import Day, LocalTime
from kit.web.shapes import Answer, Body, Grounded, Shape, Text, choices
from services.property.contracts.models import Contract
from services.property.plan.tenders import ContractKind, TenderMethod

State = Literal["signed", "submitted", "filed", "returned"]
Fee = Annotated[Decimal, Field(ge=0, max_digits=9, decimal_places=4)]
_TENDER = {
    "number": "DSWY-2024-018",
    "method": "open",
    "decided_on": "2024-05-10",
    "winner_id": "01990000-0000-7000-8000-000000000001",
}


class TenderFacts(Shape):
    """How the company was chosen by tender (招标记录)."""

    number: str = Field(min_length=1, max_length=100, description="招标编号")
    method: TenderMethod = Field(description=f"招标方式：{choices(TenderMethod)}")
    decided_on: Day = Field(description="中标日期")
    winner_id: UUID = Field(description="中标的物业服务企业编号")


class TenderIn(TenderFacts, Body, title="招标记录", example=_TENDER):
    """A tender as it is entered (招标记录)."""


class TenderOut(TenderFacts, Answer, title="招标记录信息"):
    """A tender (招标记录)."""

    @classmethod
    def of_contract(cls, row: Contract) -> Self | None:
        """The tender of a contract, if there was one; who won it is the company that signed."""
        if row.tender_number is None:
            return None
        return cls.of(
            number=row.tender_number,
            method=row.tender_method,
            decided_on=row.tendered_on,
            winner_id=row.company_id,
        )


class ContractFacts(Shape):
    """What a service contract says (物业服务合同)."""

    compound_id: UUID = Field(description="小区编号")
    company_id: UUID = Field(description="物业服务企业编号")
    kind: ContractKind = Field(
        default=ContractKind.ORDINARY, description=f"合同类别：{choices(ContractKind)}"
    )
    signed_on: Day = Field(description="签订日期")
    starts_on: Day = Field(description="服务开始日期")
    ends_on: Day = Field(description="服务结束日期")
    interim_rules: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="同时报送的临时管理规约的名称或文号；前期合同报送前必须有",
        examples=["甲小区临时管理规约"],
    )
    fee: Fee | None = Field(
        default=None, description="物业费标准，元/平方米/月；合同没有约定时为空", examples=["1.20"]
    )
    grade: Annotated[int, Field(ge=1, le=5)] | None = Field(
        default=None, description="服务等级，1 至 5 级；合同没有约定时为空", examples=[3]
    )

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

    tender: TenderIn | None = Field(default=None, description="招标记录；没有招标时为空，前期合同必填")


class SubmitIn(Body, title="报送备案", example={"interim_rules": "甲小区临时管理规约"}):
    """What is handed in with a contract (报送备案)."""

    interim_rules: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="同时报送的临时管理规约的名称或文号；不填为登记时所填的",
    )


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


class ContractOut(
    ContractFacts, Grounded, title="物业服务合同信息", clauses=("P-2.2.1a", "P-2.2.1b", "P-2.2.5")
):
    """A service contract and its filing (物业服务合同)."""

    id: UUID = Field(description="合同编号")
    tender: TenderOut | None = Field(description="招标记录；没有招标时为空")
    state: State = Field(description="signed 未报，submitted 已报，filed 已备案，returned 已退回")
    submitted_at: LocalTime | None = Field(description="最近一次报送时间")
    filed_on: date | None = Field(description="备案日期")
    on_paper: str | None = Field(
        description="先有纸质备案、后在本系统报送的说明", examples=["2023 年已在窗口备案"]
    )
    return_reason: str | None = Field(description="退回原因", examples=["缺少临时管理规约"])
    allowed: list[str] = Field(description="您目前可做的操作", examples=[["accept"]])
