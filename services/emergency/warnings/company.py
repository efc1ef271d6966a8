"""A company's own warning, and how it reaches the supervising department of the place (E-3.3a)."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import CheckConstraint, ForeignKey, Index, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from kit.district import units as canon
from kit.district.citations import Basis, cite
from kit.district.clock import LocalTime, Now
from kit.district.named_units import StreetId, UnitId, UnitShown, unit_of
from kit.events.event import Event, record
from kit.storage import db
from kit.storage.transactions import Session
from kit.web import routes
from kit.web.pages import Page, PageRequest
from kit.web.problems import Forbidden, problems
from kit.web.routes import clauses
from kit.web.tokens import Caller, requires
from services.emergency.base import Base
from services.emergency.case.exercise import exercised
from services.emergency.companies.companies import Company
from services.emergency.plan import roles
from services.emergency.plan.warnings import Colour
from services.emergency.plan_moves import PlanMoves
from services.emergency.register import Reader, must_be_past
from services.emergency.warnings.shapes import Sentence

CLAUSES = ("E-3.3a",)
State = Literal["sent", "received"]
MOVES = PlanMoves(
    (
        ("none", "send", roles.COMPANY, "sent", "E-3.3a"),
        ("none", "send", roles.OFFICE, "sent", "E-3.3a"),
        ("sent", "receive", roles.MEMBER, "received", "E-3.3a"),
        ("sent", "receive", roles.OFFICE, "received", "E-3.3a"),
    ),
    states_zh={"none": "企业预警尚未发出", "sent": "企业预警已发出", "received": "企业预警已接收"},
    actions_zh={"send": "发出企业预警", "receive": "接收企业预警"},
)


class CompanyWarning(Base, db.Identified):
    """A company's own warning on its way to the department that supervises it."""

    __tablename__ = "company_warnings"
    __table_args__ = (
        CheckConstraint("state in ('sent','received')", name="state"),
        CheckConstraint("(state = 'received') = (received_at is not null)", name="received"),
        CheckConstraint("colour in ('blue','yellow','orange','red')", name="colour"),
        Index("ix_company_warnings_unread", "department", postgresql_where="state = 'sent'"),
    )

    company_id: Mapped[UUID] = mapped_column(ForeignKey("companies.id"), index=True)
    department: Mapped[str] = mapped_column(index=True)
    street: Mapped[str] = mapped_column(index=True)
    exercise: Mapped[bool]
    colour: Mapped[str | None]
    signs: Mapped[str]
    measures: Mapped[str | None]
    found_at: Mapped[datetime]
    state: Mapped[str]
    sent_at: Mapped[datetime]
    received_at: Mapped[datetime | None]
    received_by: Mapped[str | None]
    finding: Mapped[str | None]


class CompanyWarned(Event, type="emergency.company_warning.sent"):
    """A company warned; `department` is the unit that it must reach."""

    company: UUID
    department: str
    street: str
    exercise: bool


class CompanyWarningReceived(Event, type="emergency.company_warning.received"):
    """The department has a company's warning."""

    department: str
    exercise: bool


class CompanyWarningIn(BaseModel):
    """What a company warns of."""

    model_config = ConfigDict(
        title="企业预警",
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "company_id": "01990000-0000-7000-8000-000000000000",
                    "signs": "3 号储罐压力持续升高",
                    "measures": "已停止进料，撤离周边人员。",
                    "found_at": "2024-06-24T09:20:00+08:00",
                    "colour": "blue",
                }
            ]
        },
    )

    company_id: UUID = Field(description="生产经营单位")
    signs: Sentence = Field(description="发现的异常")
    measures: Sentence | None = Field(default=None, description="已采取的措施")
    found_at: LocalTime = Field(description="发现时间")
    colour: Colour | None = Field(default=None, description="本单位预警级别")
    exercise: bool = Field(default=False, description="是否演练")


class ReceiveIn(BaseModel):
    """What the department makes of it."""

    model_config = ConfigDict(
        title="接收企业预警",
        extra="forbid",
        json_schema_extra={"examples": [{"finding": "已派员核查，建议区指挥部办公室发布蓝色预警。"}]},
    )

    finding: Sentence | None = Field(default=None, description="研判意见")


class CompanyWarningOut(BaseModel):
    """A company's warning and whether the department has it."""

    model_config = ConfigDict(title="企业预警信息", from_attributes=True)

    id: UUID
    company_id: UUID
    department: UnitShown = Field(description="应收到的监管部门")
    street: UnitShown
    exercise: bool
    colour: Colour | None
    signs: str
    measures: str | None
    found_at: LocalTime
    state: State = Field(description="sent 已发出，received 监管部门已收到")
    sent_at: LocalTime
    received_at: LocalTime | None
    received_by: str | None
    finding: str | None
    basis: Basis = Field(default_factory=lambda: cite(*CLAUSES))


async def send(
    session: AsyncSession, caller: Caller, body: CompanyWarningIn, now: datetime
) -> CompanyWarning:
    """Send a company's warning to the department that supervises it (E-3.3a).

    Raises: NotFound; Forbidden for another company; Invalid for a time to come.
    """
    state = MOVES.check("none", "send", caller).target
    must_be_past(body.found_at, now, "/found_at")
    company = await db.found(session, Company, body.company_id, "没有这家生产经营单位，请先登记。")
    if not caller.may(roles.OFFICE) and caller.unit not in (company.uscc, company.name):
        raise Forbidden(
            "another-company", "只能发布本单位的预警；代为登记请由指挥部办公室办理。", clauses=CLAUSES
        )
    warning = CompanyWarning(
        id=db.new_id(),
        department=company.supervisor,
        street=company.street,
        state=state,
        sent_at=now,
        **body.model_dump(),
    )
    session.add(warning)
    await session.flush()
    kind = exercised(CompanyWarned) if warning.exercise else CompanyWarned
    event = kind(
        company=company.id, department=warning.department, street=warning.street, exercise=warning.exercise
    )
    record(session, event, str(warning.id), caller, now)
    return warning


async def receive(
    session: AsyncSession, caller: Caller, id: UUID, finding: str | None, now: datetime
) -> CompanyWarning:
    """Enter that the department has a company's warning; only that department or the office may (E-3.3a).

    Raises: NotFound, Conflict, Forbidden.
    """
    warning = await db.locked(session, CompanyWarning, id, "没有这条企业预警，请核对编号。")
    move = MOVES.check(warning.state, "receive", caller)
    if not caller.may(roles.OFFICE) and unit_of(caller) != warning.department:
        raise Forbidden(
            "another-department", f"这条预警应由{canon.unit(warning.department).name}接收。", clauses=CLAUSES
        )
    warning.state, warning.received_at, warning.received_by = move.target, now, caller.client
    warning.finding = finding
    await session.flush()
    kind = exercised(CompanyWarningReceived) if warning.exercise else CompanyWarningReceived
    event = kind(department=warning.department, exercise=warning.exercise)
    record(session, event, str(id), caller, now)
    return warning


router = routes.router("企业预警")
Anybody = Annotated[Caller, requires("emergency:read")]


@router.post(
    "/company-warnings",
    status_code=201,
    summary="企业发布本单位预警",
    description="企业发现异常时发布，自动送到所在地的监管部门。指挥部办公室可代为登记。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def send_company_warning(
    body: CompanyWarningIn, session: Session, caller: Anybody, now: Now
) -> CompanyWarningOut:
    """A company's own warning, to its supervising department (E-3.3a)."""
    return CompanyWarningOut.model_validate(await send(session, caller, body, now))


@router.get(
    "/company-warnings",
    summary="列出企业预警",
    description="按发出先后列出；可按监管部门、镇街道和是否已收到筛选。",
    openapi_extra=clauses(*CLAUSES),
)
async def list_company_warnings(
    session: Session,
    _caller: Reader,
    paging: PageRequest,
    department: Annotated[UnitId | None, Query(description="监管部门")] = None,
    street: Annotated[StreetId | None, Query(description="所在镇街道")] = None,
    state: Annotated[State | None, Query(description="sent 已发出，received 已收到")] = None,
) -> Page[CompanyWarningOut]:
    """Companies' warnings: a department finds here what has reached it (E-3.3a)."""
    query = select(CompanyWarning)
    for column, value in (
        (CompanyWarning.department, department),
        (CompanyWarning.street, street),
        (CompanyWarning.state, state),
    ):
        if value is not None:
            query = query.where(column == value)
    rows, following = await paging.fetch(session, query, CompanyWarning.id)
    return Page(items=[CompanyWarningOut.model_validate(row) for row in rows], next=following)


@router.post(
    "/company-warnings/{id}/receive",
    summary="接收企业预警",
    description="监管部门确认收到，并可写明研判意见。",
    responses=problems(404, 409),
    openapi_extra=clauses(*CLAUSES),
)
async def receive_company_warning(
    id: UUID, body: ReceiveIn, session: Session, caller: Anybody, now: Now
) -> CompanyWarningOut:
    """The department has a company's warning (E-3.3a)."""
    return CompanyWarningOut.model_validate(await receive(session, caller, id, body.finding, now))
