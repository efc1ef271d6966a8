"""The hazard ledger (安全隐患台账): found, dissuaded, reported when that fails, cleared (P-2.2.4a)."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import AfterValidator, Field
from sqlalchemy import CheckConstraint, ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from kit.context import Context
from kit.dispatch.requests import Sent, take
from kit.dispatch.tables import DispatchRequest
from kit.district import units
from kit.district.clock import Day, local_day
from kit.storage import db
from kit.web import routes
from kit.web.access import requires
from kit.web.course import CourseStepOut, NoteIn
from kit.web.ownership import Belonging, Whose
from kit.web.pages import Page, PageRequest, narrowed
from kit.web.problems import problems
from kit.web.routes import clauses, move
from kit.web.shapes import Body, Grounded, Name, Text
from services.property.base import Anybody, Base, Reader, Writer
from services.property.charges import Charge
from services.property.companies import Company
from services.property.compounds.models import states
from services.property.compounds.work import locked_compound, of_compound, street_of
from services.property.course import Course
from services.property.matters import LETTER, MATTERS, concerning
from services.property.plan.hazards import HAZARD, hazard_kinds

CLAUSES = ("P-2.2.4a",)
State = Literal["found", "dissuaded", "reported", "cleared"]
HazardId = Annotated[UUID, Path(description="隐患编号")]
#: Who takes a step; the table says who may.
Actor = Annotated[Context, requires(whose=Whose.PLACES)]
_UNIT = {matter.code: matter for matter in MATTERS}


def _kind(code: str) -> str:
    if code not in hazard_kinds():
        raise ValueError(f"没有这类隐患，可填：{'、'.join(hazard_kinds())}。")
    return code


Kind = Annotated[str, Field(max_length=40), AfterValidator(_kind)]


class Hazard(Base, db.Identified):
    """A hazard of a compound; company_id: in charge there as it was found; request: what the report became."""

    __tablename__ = "hazards"
    __table_args__ = (
        CheckConstraint("state in ('found','dissuaded','reported','cleared')", name="state"),
        CheckConstraint("state <> 'reported' or request is not null", name="reported"),
        CheckConstraint("request is null or state in ('reported','cleared')", name="request"),
    )

    compound_id: Mapped[UUID] = mapped_column(ForeignKey("compounds.id"), index=True)
    company_id: Mapped[UUID | None] = mapped_column(ForeignKey("companies.id"), index=True)
    kind: Mapped[str]
    place: Mapped[str]
    description: Mapped[str]
    found_on: Mapped[date]
    state: Mapped[str] = mapped_column(index=True)
    request: Mapped[str | None] = mapped_column(unique=True)


BELONGING = Belonging(
    of_compound(Hazard.compound_id).division,
    select(Company.uscc).where(Company.id == Hazard.company_id).scalar_subquery(),
)
COURSE = Course("hazard", Hazard, HAZARD, BELONGING)


class HazardKindOut(Grounded, title="隐患种类", clauses=CLAUSES):
    """A kind of hazard and who is responsible for it (隐患种类)."""

    code: str = Field(description="种类编码", examples=["falling-objects"])
    name: str = Field(description="种类名称", examples=["占用堵塞消防车通道和疏散通道"])
    matter: str = Field(description="劝阻无效时报告所用的事项编码", examples=["fire-lane"])
    unit: str = Field(description="责任单位编号", examples=["fire-rescue-brigade"])
    unit_name: str = Field(description="责任单位", examples=["区消防救援大队"])


class HazardIn(
    Body,
    title="隐患登记",
    example={
        "compound_id": "01990000-0000-7000-8000-000000000000",
        "kind": "fire-lane",
        "place": "3 号楼东侧消防车通道",
        "description": "长期停放私家车，堵塞消防车通道",
        "found_on": "2024-06-24",
    },
):
    """A hazard as it is found (隐患登记)."""

    compound_id: UUID = Field(description="小区编号")
    kind: Kind = Field(description="种类编码，见 /property/v1/hazard-kinds")
    place: Name = Field(description="部位")
    description: Text = Field(description="情况")
    found_on: Day = Field(description="发现日期")


class HazardOut(Grounded, title="隐患", clauses=CLAUSES):
    """A hazard and how far it has come (隐患)."""

    id: UUID = Field(description="隐患编号")
    compound_id: UUID = Field(description="小区编号")
    company_id: UUID | None = Field(description="发现时在管的物业服务企业编号")
    kind: str = Field(description="种类编码", examples=["fire-lane"])
    kind_name: str = Field(description="种类名称", examples=["占用堵塞消防车通道和疏散通道"])
    unit_name: str = Field(description="责任单位", examples=["区消防救援大队"])
    place: str = Field(description="部位")
    description: str = Field(description="情况")
    found_on: date = Field(description="发现日期")
    state: State = Field(
        description="found 已发现，dissuaded 已劝阻制止，reported 已报告责任单位，cleared 已销号"
    )
    request: str | None = Field(
        description="报告后转成的派单编号，在 /property/v1/dispatch/requests 查询办理情况",
        examples=["DS-PQ-20240624-0001"],
    )
    allowed: list[str] = Field(description="您目前可做的操作", examples=[["dissuade"]])


class HazardWithSteps(HazardOut, title="隐患及办理过程"):
    """A hazard with what was done (隐患及办理过程)."""

    steps: list[CourseStepOut] = Field(description="办理过程")


def _shown(row: Hazard, context: Context) -> HazardOut:
    return HazardOut.of(row, **_also(row, context))


def _also(row: Hazard, context: Context) -> dict[str, object]:
    kind = hazard_kinds()[row.kind]
    return {
        "kind_name": kind.name,
        "unit_name": _responsible(kind.matter).name,
        "allowed": HAZARD.allowed(row.state, context.caller),
    }


def _responsible(matter: str) -> units.Unit:
    return units.unit(_UNIT[matter].unit or "")


router = routes.router("安全隐患台账")


@router.get(
    "/hazard-kinds",
    summary="列出隐患种类",
    description="方案列明的隐患种类，各由哪个单位负责。",
    openapi_extra=clauses(*CLAUSES),
)
async def list_hazard_kinds(_: Anybody) -> list[HazardKindOut]:
    """The kinds of hazards with the units that are responsible (P-2.2.4a)."""
    return [
        HazardKindOut.of(kind, unit=_responsible(kind.matter).id, unit_name=_responsible(kind.matter).name)
        for kind in hazard_kinds().values()
    ]


@router.post(
    "/hazards",
    status_code=201,
    summary="登记隐患",
    description="巡查发现的隐患记入台账。限定企业的令牌只能登记本企业在管小区的隐患。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def enter_hazard(body: HazardIn, context: Writer, response: Response) -> HazardOut:
    """Enter a hazard (P-2.2.4a)."""
    context.refuse_future(found_on=body.found_on)
    await locked_compound(context, body.compound_id)
    company = await at_work(context, body.compound_id, body.found_on)
    hazard = Hazard(id=db.new_id(), state="found", company_id=company, **body.model_dump())
    await COURSE.begin(context, hazard)
    response.headers["Location"] = f"/property/v1/hazards/{hazard.id}"
    return _shown(hazard, context)


async def at_work(context: Context, compound: UUID, day: date) -> UUID | None:
    """The company in charge of a compound on a day; where nobody is entered as such, that of the newest survey."""
    charges = select(Charge.company_id).where(Charge.compound_id == compound, Charge.on(day))
    entered = (await context.session.scalars(charges)).all()
    if entered:
        return entered[0]
    state = states(day)
    return await context.session.scalar(select(state.company_id).where(state.compound_id == compound))


@router.get(
    "/hazards",
    summary="列出隐患台账",
    description="按登记先后分页列出，可按小区、种类、状态筛选。",
    openapi_extra=clauses(*CLAUSES),
)
async def list_hazards(
    context: Reader,
    paging: PageRequest,
    compound: Annotated[UUID | None, Query(description="小区编号")] = None,
    kind: Annotated[Kind | None, Query(description="种类编码")] = None,
    state: Annotated[State | None, Query(description="状态")] = None,
) -> Page[HazardOut]:
    """The ledger."""
    query = context.within(narrowed(select(Hazard), compound_id=compound, kind=kind, state=state), BELONGING)
    return await paging.page(context.session, query, lambda row: _shown(row, context), Hazard.id)


@router.get(
    "/hazards/{id}",
    summary="查看一项隐患",
    description="隐患情况、办理过程和派单编号。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def read_hazard(id: HazardId, context: Reader) -> HazardWithSteps:
    """A hazard with what was done."""
    row = await COURSE.read(context, id)
    return HazardWithSteps.of(row, **_also(row, context), steps=await COURSE.steps(context, row))


@move(router, "/hazards/{id}", HAZARD, "dissuade", "记录对责任人的劝阻、制止，写明经过。")
async def dissuade_hazard(id: HazardId, body: NoteIn, context: Actor) -> HazardOut:
    """Keep that whoever makes the hazard was told to end it."""
    row = await COURSE.lock(context, id)
    COURSE.step(context, row, "dissuade", body.note)
    return _shown(row, context)


@move(
    router,
    "/hazards/{id}",
    HAZARD,
    "report",
    "劝阻、制止无效的，报告责任单位；同时向责任单位派单，限期办理。未经劝阻的不能报告。",
)
async def report_hazard(id: HazardId, body: NoteIn, context: Actor) -> HazardOut:
    """Report a hazard to the unit that is responsible: it becomes a dispatch request, in the same transaction."""
    row = await COURSE.lock(context, id)
    HAZARD.check(row.state, "report", context.caller)  # before anything is sent
    number = await _dispatched(context, row, body.note)
    COURSE.step(context, row, "report", body.note)
    row.request = number
    return _shown(row, context)


async def take_hazard(context: Context, request: DispatchRequest) -> str | None:
    """Enter a hotline request that names a compound as a hazard that has been reported; its id is the reference."""
    await concerning(context, request)
    if request.compound is None:
        return None
    known = await context.session.scalar(select(Hazard.id).where(Hazard.request == request.number))
    if known is not None:
        return str(known)
    [kind] = [code for code, each in hazard_kinds().items() if each.matter == request.matter]
    day = local_day(request.received_at)
    hazard = Hazard(
        id=db.new_id(),
        compound_id=request.compound,
        company_id=await at_work(context, request.compound, day),
        kind=kind,
        place=request.address or "部位见诉求",
        description=request.description or request.summary,
        found_on=day,
        state="reported",
        request=request.number,
    )
    await COURSE.begin(context, hazard)
    return str(hazard.id)


async def _dispatched(context: Context, hazard: Hazard, note: str) -> str:
    kind = hazard_kinds()[hazard.kind]
    street, name = await street_of(context.session, hazard.compound_id)
    sent = Sent(
        matter=_UNIT[kind.matter],
        summary=f"{kind.name}（劝阻无效）",
        description=f"{hazard.description}\n劝阻无效：{note}",
        division=street,
        address=f"{name} {hazard.place}"[:200],
        citizen_name=None,
        citizen_phone=None,
        source="安全隐患台账",
        external_number=str(hazard.id),
        received_at=context.now,
        details={},
    )
    return (await take(context, LETTER, sent)).number


@move(router, "/hazards/{id}", HAZARD, "clear", "隐患消除后销号，写明结果。")
async def clear_hazard(id: HazardId, body: NoteIn, context: Actor) -> HazardOut:
    """Keep that a hazard is no more."""
    row = await COURSE.lock(context, id)
    COURSE.step(context, row, "clear", body.note)
    return _shown(row, context)
