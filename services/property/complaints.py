"""Complaints of the hotline about the company in charge of a compound, and whether they were found right (P-2.2.2b, P-2.3.2a)."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query
from pydantic import Field
from sqlalchemy import CheckConstraint, ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from kit.context import Context
from kit.dispatch.tables import DispatchRequest
from kit.district.clock import local_day
from kit.events.event import Event
from kit.storage import db
from kit.web import routes
from kit.web.access import requires
from kit.web.course import CourseStepOut, NoteIn
from kit.web.ownership import Belonging, Whose
from kit.web.pages import Page, PageRequest, narrowed
from kit.web.problems import Conflict, problems
from kit.web.routes import clauses, move
from kit.web.shapes import Grounded
from services.property.base import Base, Reader
from services.property.companies import Company
from services.property.compounds.work import of_compound
from services.property.course import Course
from services.property.hazards import at_work
from services.property.matters import concerning
from services.property.plan.complaints import COMPLAINT
from services.property.projects.api import ProjectCompound

CLAUSES = ("P-2.2.2b", "P-2.3.2a")
State = Literal["received", "confirmed", "rejected", "withdrawn"]
STATES = "received 尚未认定，confirmed 属实，rejected 不属实，withdrawn 认定已撤销"
ComplaintId = Annotated[UUID, Path(description="投诉编号")]
#: Who takes a step; the table says who may.
Actor = Annotated[Context, requires(whose=Whose.PLACES)]


class Complaint(Base, db.Identified):
    """A complaint (物业投诉) on a compound; company_id: in charge there as it came in; request: of the hotline."""

    __tablename__ = "complaints"
    __table_args__ = (
        CheckConstraint("state in ('received','confirmed','rejected','withdrawn')", name="state"),
    )

    request: Mapped[str] = mapped_column(unique=True)
    matter: Mapped[str]
    compound_id: Mapped[UUID] = mapped_column(ForeignKey("compounds.id"), index=True)
    company_id: Mapped[UUID | None] = mapped_column(ForeignKey("companies.id"), index=True)
    received_on: Mapped[date]
    state: Mapped[str] = mapped_column(index=True)


class ComplaintConfirmed(Event, type="property.complaint.confirmed", title="投诉认定属实"):
    """A complaint about a company was found right."""

    complaint: UUID = Field(description="投诉编号")
    request: str = Field(description="诉求编号")
    matter: str = Field(description="事项编码")
    compound: UUID = Field(description="小区编号")
    company: UUID = Field(description="受理当日在管企业编号")
    project: UUID | None = Field(description="小区所在服务项目编号；没有编入的为空")
    received_on: date = Field(description="受理日期")


class ComplaintWithdrawn(Event, type="property.complaint.withdrawn", title="撤销投诉认定"):
    """A complaint that was found right is so no more."""

    complaint: UUID = Field(description="投诉编号")


#: Which company a request `r` of the hotline is about, for its bulletin: in charge of the compound as it came in.
COMPANY_OF_REQUEST = """
SELECT coalesce(company.uscc, CAST(company.id AS text)), company.name
FROM (
    SELECT company_id FROM complaints WHERE complaints.request = r.number
    UNION ALL
    SELECT company_id FROM hazards WHERE hazards.request = r.number
) AS about
JOIN companies AS company ON company.id = about.company_id
LIMIT 1
"""
BELONGING = Belonging(
    of_compound(Complaint.compound_id).division,
    select(Company.uscc).where(Company.id == Complaint.company_id).scalar_subquery(),
)
COURSE = Course("complaint", Complaint, COMPLAINT, BELONGING)


class ComplaintOut(Grounded, title="物业投诉", clauses=CLAUSES):
    """A complaint and what was found of it (物业投诉)."""

    id: UUID = Field(description="投诉编号")
    request: str = Field(description="诉求编号", examples=["DS-PQ-20240624-0001"])
    matter: str = Field(description="事项编码", examples=["property-service"])
    compound_id: UUID = Field(description="小区编号")
    company_id: UUID | None = Field(description="受理当日在管企业编号；没有的为空")
    received_on: date = Field(description="受理日期")
    state: State = Field(description=STATES)
    allowed: list[str] = Field(description="您目前可做的操作", examples=[["confirm", "reject"]])


class ComplaintWithSteps(ComplaintOut, title="物业投诉及办理过程"):
    """A complaint with what was done (物业投诉)."""

    steps: list[CourseStepOut] = Field(description="办理过程")


def _shown(row: Complaint, context: Context) -> ComplaintOut:
    return ComplaintOut.of(row, allowed=COMPLAINT.allowed(row.state, context.caller))


async def take_complaint(context: Context, request: DispatchRequest) -> str | None:
    """Enter a hotline request that names a compound as a complaint about who is in charge there; its id is the reference."""
    await concerning(context, request)
    if request.compound is None:
        return None
    known = await context.session.scalar(select(Complaint.id).where(Complaint.request == request.number))
    if known is not None:
        return str(known)
    day = local_day(request.received_at)
    complaint = Complaint(
        id=db.new_id(),
        request=request.number,
        matter=request.matter,
        compound_id=request.compound,
        company_id=await at_work(context, request.compound, day),
        received_on=day,
        state="received",
    )
    await COURSE.begin(context, complaint)
    return str(complaint.id)


router = routes.router("物业投诉")


@router.get(
    "/complaints",
    summary="列出物业投诉",
    description="12345 诉求中写明小区的服务和收费投诉，按受理先后分页列出，可按小区、企业、状态筛选。",
    openapi_extra=clauses(*CLAUSES),
)
async def list_complaints(
    context: Reader,
    paging: PageRequest,
    compound: Annotated[UUID | None, Query(description="小区编号")] = None,
    company: Annotated[UUID | None, Query(description="企业编号")] = None,
    state: Annotated[State | None, Query(description=STATES)] = None,
) -> Page[ComplaintOut]:
    """The complaints."""
    rows = narrowed(select(Complaint), compound_id=compound, company_id=company, state=state)
    query = context.within(rows, BELONGING)
    return await paging.page(context.session, query, lambda row: _shown(row, context), Complaint.id)


@router.get(
    "/complaints/{id}",
    summary="查看一件物业投诉",
    description="投诉的认定情况和过程；诉求的办理情况按诉求编号查询。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def read_complaint(id: ComplaintId, context: Reader) -> ComplaintWithSteps:
    """A complaint with what was done."""
    row = await COURSE.read(context, id)
    also = {"allowed": COMPLAINT.allowed(row.state, context.caller)}
    return ComplaintWithSteps.of(row, **also, steps=await COURSE.steps(context, row))


@move(
    router,
    "/complaints/{id}",
    COMPLAINT,
    "confirm",
    "诉求办结后认定投诉属实，写明依据；受理当日有在管企业的，告知信用评价，每件一次。",
)
async def confirm_complaint(id: ComplaintId, body: NoteIn, context: Actor) -> ComplaintOut:
    """Keep that a complaint was right, and tell the evaluation of companies once (P-2.3.2a)."""
    row = await COURSE.lock(context, id)
    COMPLAINT.check(row.state, "confirm", context.caller)
    state = select(DispatchRequest.state).where(DispatchRequest.number == row.request)
    if await context.session.scalar(state) != "closed":
        raise Conflict(
            "request-not-closed", f"诉求 {row.request} 尚未办结，办结后再认定。", clauses=("P-2.3.2a",)
        )
    COURSE.step(context, row, "confirm", body.note)
    if row.company_id is not None:
        event = ComplaintConfirmed(
            complaint=row.id,
            request=row.request,
            matter=row.matter,
            compound=row.compound_id,
            company=row.company_id,
            project=await _project(context, row),
            received_on=row.received_on,
        )
        context.record(event, str(row.id))
    return _shown(row, context)


async def _project(context: Context, row: Complaint) -> UUID | None:
    on_the_day = ProjectCompound.compound_id == row.compound_id, ProjectCompound.on(row.received_on)
    project: UUID | None = await context.session.scalar(select(ProjectCompound.project_id).where(*on_the_day))
    return project


@move(router, "/complaints/{id}", COMPLAINT, "reject", "认定投诉不属实，写明依据；不告知信用评价。")
async def reject_complaint(id: ComplaintId, body: NoteIn, context: Actor) -> ComplaintOut:
    """Keep that a complaint was not right."""
    row = await COURSE.lock(context, id)
    COURSE.step(context, row, "reject", body.note)
    return _shown(row, context)


@move(
    router,
    "/complaints/{id}",
    COMPLAINT,
    "withdraw",
    "申诉成立或认定有误的，撤销属实的认定；信用评价随之撤回。",
    summary="撤销投诉认定",
)
async def withdraw_complaint(id: ComplaintId, body: NoteIn, context: Actor) -> ComplaintOut:
    """Take back that a complaint was right, and tell the evaluation of companies (P-2.3.2a)."""
    row = await COURSE.lock(context, id)
    COURSE.step(context, row, "withdraw", body.note)
    if row.company_id is not None:
        context.record(ComplaintWithdrawn(complaint=row.id), str(row.id))
    return _shown(row, context)
