"""Endpoints of companies' own warnings (E-3.3a)."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query
from pydantic import Field
from sqlalchemy import select

from kit.context import Context
from kit.district.clock import LocalTime
from kit.district.named_units import StreetId, UnitId, UnitShown
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest, narrowed
from kit.web.problems import problems
from kit.web.routes import clauses, move
from kit.web.shapes import Body, Grounded, Shape, Text
from services.emergency.company_warnings import work
from services.emergency.company_warnings.models import CompanyWarning
from services.emergency.plan.roles import COMPANY, OFFICE
from services.emergency.plan.warnings import COMPANY_WARNINGS, Colour

Reader = Annotated[Context, requires("emergency:read", whose=Whose.PLACES)]
Company = Annotated[Context, requires("emergency:read", one_of=(COMPANY, OFFICE), whose=Whose.PLACES)]
Receiver = Annotated[Context, requires("emergency:read", whose=Whose.UNITS)]
State = Literal["sent", "received"]
STATES = "sent 已发出，received 监管部门已收到"

router = routes.router("企业预警")


class Facts(Shape, title="企业预警内容"):
    """What a company warns of (企业预警)."""

    company_id: UUID = Field(description="生产经营单位")
    signs: Text = Field(description="发现的异常")
    measures: Text | None = Field(default=None, description="已采取的措施")
    found_at: LocalTime = Field(description="发现时间")
    colour: Colour | None = Field(default=None, description="本单位预警级别")
    exercise: bool = Field(default=False, description="是否演练")


class CompanyWarningIn(
    Facts,
    Body,
    title="企业预警",
    example={
        "company_id": "01990000-0000-7000-8000-000000000000",
        "signs": "3 号储罐压力持续升高",
        "measures": "已停止进料，撤离周边人员。",
        "found_at": "2024-06-24T09:20:00+08:00",
        "colour": "blue",
    },
):
    """A company's warning as it is sent (企业预警)."""


class ReceiveIn(
    Body, title="接收企业预警", example={"finding": "已派员核查，建议区指挥部办公室发布蓝色预警。"}
):
    """What the department makes of it (研判意见)."""

    finding: Text | None = Field(default=None, description="研判意见")


class CompanyWarningOut(Facts, Grounded, title="企业预警信息", clauses=(work.CLAUSE,)):
    """A company's warning and whether the department has it (企业预警)."""

    id: UUID = Field(description="企业预警编号")
    department: UnitShown = Field(description="应收到的监管部门")
    street: UnitShown = Field(description="所在镇街道")
    state: State = Field(description=STATES)
    sent_at: LocalTime = Field(description="发出时间")
    received_at: LocalTime | None = Field(description="接收时间")
    received_by: str | None = Field(description="接收者", examples=["区应急管理局"])
    finding: str | None = Field(description="研判意见")


@router.post(
    "/company-warnings",
    status_code=201,
    summary="发出企业预警",
    description="企业发现异常时发布，自动送到所在地的监管部门。指挥部办公室可代为登记。",
    responses=problems(404),
    openapi_extra=clauses(work.CLAUSE),
)
async def send_company_warning(body: CompanyWarningIn, context: Company) -> CompanyWarningOut:
    """A company's own warning, to its supervising department (E-3.3a)."""
    return CompanyWarningOut.of(await work.send(context, body.model_dump()))


@router.get(
    "/company-warnings",
    summary="列出企业预警",
    description="按发出先后列出；可按监管部门、镇街道和是否已收到筛选。",
    openapi_extra=clauses(work.CLAUSE),
)
async def list_company_warnings(
    context: Reader,
    paging: PageRequest,
    department: Annotated[UnitId | None, Query(description="监管部门")] = None,
    street: Annotated[StreetId | None, Query(description="所在镇街道")] = None,
    state: Annotated[State | None, Query(description=STATES)] = None,
) -> Page[CompanyWarningOut]:
    """Companies' warnings: a department finds here what has reached it (E-3.3a)."""
    query = context.within(
        narrowed(select(CompanyWarning), department=department, street=street, state=state), work.BELONGING
    )
    return await paging.page(context.session, query, CompanyWarningOut.of, CompanyWarning.id)


@move(
    router,
    "/company-warnings/{id}",
    COMPANY_WARNINGS,
    "receive",
    "监管部门确认收到，并可写明研判意见。",
)
async def receive_company_warning(
    id: Annotated[UUID, Path(description="企业预警编号")], body: ReceiveIn, context: Receiver
) -> CompanyWarningOut:
    """The department has a company's warning (E-3.3a)."""
    return CompanyWarningOut.of(await work.receive(context, id, body.finding))
