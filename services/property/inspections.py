"""Joint inspections (联合执法检查) of compounds, and what they found, each followed to its end (P-2.2.3a, P-2.2.3b)."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import AfterValidator, Field
from sqlalchemy import CheckConstraint, ForeignKey, Select, func, select
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from kit.context import Context
from kit.dispatch.moves import ANY_UNIT
from kit.district import units
from kit.district.clock import Day
from kit.district.named_units import UnitId, UnitShown, acts_for
from kit.duties.owing import Owed, Who
from kit.storage import db
from kit.web import routes
from kit.web.access import requires
from kit.web.course import CourseStepOut, NoteIn
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest, narrowed
from kit.web.problems import Forbidden, problems
from kit.web.routes import clauses, move
from kit.web.shapes import Body, Grounded, Name, Text
from services.property.base import Anybody, Base, Reader
from services.property.compounds.happened import Happened, What, at
from services.property.compounds.models import Compound, Observation, located, state_of_each
from services.property.compounds.work import of_compound, own_compound
from services.property.course import Course
from services.property.coverage.work import is_covered, standing_compounds
from services.property.divisions import STREET
from services.property.plan.coverage import COVERED
from services.property.plan.duties import DUTIES
from services.property.plan.inspections import FINDING, problem_kinds
from services.property.plan.roles import STREET as LEADER

A, B = CLAUSES = ("P-2.2.3a", "P-2.2.3b")
State = Literal["sent", "acted", "declined", "checked", "closed"]
InspectionId = Annotated[UUID, Path(description="检查编号")]
FindingId = Annotated[UUID, Path(description="问题编号")]
#: Who takes a step; the table says who may.
Actor = Annotated[Context, requires(whose=Whose.PLACES)]
#: The unit that a finding was sent to.
Unit = Annotated[Context, requires(whose=Whose.UNITS)]
NO_SUCH_INSPECTION = "没有这次检查，请核对编号。"


def _kind(code: str) -> str:
    if code not in problem_kinds():
        raise ValueError(f"没有这类问题，可填：{'、'.join(problem_kinds())}。")
    return code


Kind = Annotated[str, Field(max_length=40), AfterValidator(_kind)]


class Finding(Base, db.Identified):
    """A problem that an inspection found; unit: who acts on it."""

    __tablename__ = "findings"
    __table_args__ = (
        CheckConstraint("state in ('sent','acted','declined','checked','closed')", name="state"),
    )

    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspections.id"), index=True)
    compound_id: Mapped[UUID] = mapped_column(ForeignKey("compounds.id"), index=True)
    kind: Mapped[str]
    place: Mapped[str]
    description: Mapped[str]
    unit: Mapped[str] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(index=True)


class Inspection(Base, db.Identified):
    """A joint inspection of a compound on a day, with the units that took part."""

    __tablename__ = "inspections"

    compound_id: Mapped[UUID] = mapped_column(ForeignKey("compounds.id"), index=True)
    held_on: Mapped[date]
    units: Mapped[list[str]]
    findings: Mapped[list[Finding]] = relationship(lazy="selectin", order_by=Finding.id)


BELONGING = of_compound(Inspection.compound_id)
COURSE = Course("finding", Finding, FINDING, of_compound(Finding.compound_id))


class ProblemKindOut(Grounded, title="检查问题种类", clauses=(B,)):
    """A kind of problem and the unit that acts on it (检查问题种类)."""

    code: str = Field(description="种类编码", examples=["illegal-fees"])
    name: str = Field(description="种类名称", examples=["物业服务乱收费"])
    unit: UnitShown = Field(description="承办单位")


_FOUND = {"kind": "blocked-fire-lane", "place": "2 号楼北侧", "description": "消防通道停满车辆"}


class FindingIn(Body, title="检查发现的问题", example=_FOUND):
    """A problem as it is found (检查发现的问题)."""

    kind: Kind = Field(description="种类编码，见 /property/v1/problem-kinds")
    place: Name = Field(description="部位")
    description: Text = Field(description="情况")


class InspectionIn(
    Body,
    title="联合执法检查",
    example={
        "compound_id": "01990000-0000-7000-8000-000000000000",
        "held_on": "2024-06-24",
        "units": ["区住建局", "区消防救援大队"],
        "findings": [{"kind": "blocked-fire-lane", "place": "2 号楼北侧", "description": "消防通道停满车辆"}],
    },
):
    """A joint inspection as it is entered (联合执法检查)."""

    compound_id: UUID = Field(description="小区编号")
    held_on: Day = Field(description="检查日期")
    units: list[UnitId] = Field(min_length=1, max_length=30, description="参加的单位，编号或名称")
    findings: list[FindingIn] = Field(max_length=200, description="发现的问题；没有发现问题时为空")


class FindingOut(Grounded, title="检查发现的问题及办理情况", clauses=CLAUSES):
    """A finding and how far it has come (检查发现的问题)."""

    id: UUID = Field(description="问题编号")
    inspection_id: UUID = Field(description="检查编号")
    compound_id: UUID = Field(description="小区编号")
    kind: str = Field(description="种类编码", examples=["blocked-fire-lane"])
    kind_name: str = Field(description="种类名称", examples=["占用消防通道"])
    place: str = Field(description="部位")
    description: str = Field(description="情况")
    unit: UnitShown = Field(description="承办单位")
    state: State = Field(
        description="sent 已交办，acted 已查处，declined 不予查处并说明理由，checked 已复查，closed 已销号"
    )
    allowed: list[str] = Field(description="您目前可做的操作", examples=[["check"]])


class FindingWithSteps(FindingOut, title="检查发现的问题及办理过程"):
    """A finding with what was done (检查发现的问题及办理过程)."""

    steps: list[CourseStepOut] = Field(description="办理过程")


class InspectionOut(Grounded, title="联合执法检查情况", clauses=(A,)):
    """A joint inspection (联合执法检查)."""

    id: UUID = Field(description="检查编号")
    compound_id: UUID = Field(description="小区编号")
    held_on: date = Field(description="检查日期")
    units: list[UnitShown] = Field(description="参加的单位")
    findings: list[FindingOut] = Field(description="发现的问题")


def _uninspected(day: date) -> Select[Any]:
    """Compounds that are covered on a day, since when without a break, and when they were inspected last."""
    state, earlier, seen = state_of_each(day), aliased(Observation), aliased(Observation)
    lapsed = (
        select(func.max(earlier.as_of))
        .where(earlier.compound_id == Compound.id, earlier.as_of <= day, earlier.status.not_in(COVERED))
        .correlate(Compound)
        .scalar_subquery()
    )
    since = (
        select(func.min(seen.as_of))
        .where(seen.compound_id == Compound.id, seen.as_of > func.coalesce(lapsed, date.min))
        .scalar_subquery()
    )
    last = (
        select(func.max(Inspection.held_on))
        .where(Inspection.compound_id == Compound.id, Inspection.held_on <= day)
        .scalar_subquery()
    )
    columns = Who(Compound.id, Compound.name, since, last, street=STREET.name).columns
    return located(standing_compounds(state, day)).add_columns(*columns).where(is_covered(state))


#: Every covered compound is inspected once a quarter (P-2.2.3a).
OWED = (Owed(DUTIES["joint-inspection"], _uninspected),)


def _finding(row: Finding, context: Context) -> FindingOut:
    return FindingOut.of(row, **_also(row, context))


def _also(row: Finding, context: Context) -> dict[str, object]:
    return {
        "kind_name": problem_kinds()[row.kind].name,
        "allowed": FINDING.allowed(row.state, context.caller),
    }


def _shown(row: Inspection, context: Context) -> InspectionOut:
    return InspectionOut.of(row, findings=[_finding(each, context) for each in row.findings])


router = routes.router("联合执法检查")


@router.get(
    "/problem-kinds",
    summary="列出检查问题种类",
    description="联合执法检查重点查处的十二类问题，各由哪个单位承办。",
    openapi_extra=clauses(B),
)
async def list_problem_kinds(_: Anybody) -> list[ProblemKindOut]:
    """The kinds of problems with the units that act on them (P-2.2.3b)."""
    return [ProblemKindOut.of(kind) for kind in problem_kinds().values()]


@router.post(
    "/inspections",
    status_code=201,
    summary="登记联合执法检查",
    description="由街道（镇）登记一次联合执法检查；发现的问题即时交办给承办单位。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def enter_inspection(
    body: InspectionIn,
    context: Annotated[Context, requires(one_of=(LEADER,), whose=Whose.PLACES)],
    response: Response,
) -> InspectionOut:
    """Enter a joint inspection, each of whose findings goes to its unit at once (P-2.2.3a, P-2.2.3b)."""
    context.refuse_future(held_on=body.held_on)
    await own_compound(context, body.compound_id)
    row = Inspection(
        id=db.new_id(),
        compound_id=body.compound_id,
        held_on=body.held_on,
        units=list(dict.fromkeys(body.units)),
        findings=[],
    )
    context.session.add(row)
    await context.session.flush()
    context.audit("property.inspection.entered", str(row.id), compound=str(body.compound_id))
    for each in body.findings:
        await _send(context, row, each)
    response.headers["Location"] = f"/property/v1/inspections/{row.id}"
    return _shown(row, context)


async def _send(context: Context, inspection: Inspection, found: FindingIn) -> None:
    finding = Finding(
        id=db.new_id(),
        inspection_id=inspection.id,
        compound_id=inspection.compound_id,
        unit=problem_kinds()[found.kind].unit,
        state="sent",
        **found.model_dump(),
    )
    inspection.findings.append(finding)
    await COURSE.begin(context, finding, unit=finding.unit)


@router.get(
    "/inspections",
    summary="列出联合执法检查",
    description="按登记先后分页列出，可按小区和日期筛选。本季度还没有检查的小区见履责清单。",
    openapi_extra=clauses(A),
)
async def list_inspections(
    context: Reader,
    paging: PageRequest,
    compound: Annotated[UUID | None, Query(description="小区编号")] = None,
    since: Annotated[Day | None, Query(description="这一天及以后的")] = None,
    until: Annotated[Day | None, Query(description="这一天及以前的")] = None,
) -> Page[InspectionOut]:
    """The inspections."""
    query = context.within(select(Inspection), BELONGING)
    if compound is not None:
        query = query.where(Inspection.compound_id == compound)
    if since is not None:
        query = query.where(Inspection.held_on >= since)
    if until is not None:
        query = query.where(Inspection.held_on <= until)
    return await paging.page(context.session, query, lambda row: _shown(row, context), Inspection.id)


@router.get(
    "/inspections/{id}",
    summary="查看一次联合执法检查",
    description="参加的单位和发现的问题。",
    responses=problems(404),
    openapi_extra=clauses(A),
)
async def read_inspection(id: InspectionId, context: Reader) -> InspectionOut:
    """An inspection."""
    row = await db.found(context.session, Inspection, id, NO_SUCH_INSPECTION)
    await context.must_hold(BELONGING, Inspection.id == id, NO_SUCH_INSPECTION)
    return _shown(row, context)


@router.get(
    "/findings",
    summary="列出检查发现的问题",
    description="按登记先后分页列出，可按小区、承办单位、状态筛选。",
    openapi_extra=clauses(*CLAUSES),
)
async def list_findings(
    context: Reader,
    paging: PageRequest,
    compound: Annotated[UUID | None, Query(description="小区编号")] = None,
    unit: Annotated[UnitId | None, Query(description="承办单位，编号或名称")] = None,
    state: Annotated[State | None, Query(description="状态")] = None,
) -> Page[FindingOut]:
    """The findings of all inspections."""
    query = context.within(
        narrowed(select(Finding), compound_id=compound, unit=unit, state=state), COURSE.belongs
    )
    return await paging.page(context.session, query, lambda row: _finding(row, context), Finding.id)


@router.get(
    "/findings/{id}",
    summary="查看一项检查发现的问题",
    description="问题情况和办理过程。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def read_finding(id: FindingId, context: Reader) -> FindingWithSteps:
    """A finding with what was done."""
    row = await COURSE.read(context, id)
    return FindingWithSteps.of(row, **_also(row, context), steps=await COURSE.steps(context, row))


def _add_step(action: str, description: str, *, of_unit: bool = False) -> None:
    actor = Unit if of_unit else Actor

    @move(router, "/findings/{id}", FINDING, action, description, name=f"{action}_finding")
    async def act(id: FindingId, body: NoteIn, context: actor) -> FindingOut:  # type: ignore[valid-type]
        """Take a finding a step further; what its unit does, it alone may do."""
        row = await COURSE.lock(context, id)
        if of_unit:
            _must_be_unit(context, row)
        COURSE.step(context, row, action, body.note)
        return _finding(row, context)


def _must_be_unit(context: Context, finding: Finding) -> None:
    name = units.unit(finding.unit).name
    if not acts_for(context.caller, finding.unit, name) and not context.caller.may(ANY_UNIT):
        raise Forbidden("another-units-request", f"这个问题由{name}承办，请由其办理。", clauses=(B,))


_add_step("act", "承办单位依法查处，写明结果。", of_unit=True)
_add_step("decline", "承办单位不予查处的，写明理由。", of_unit=True)
_add_step("redo", "街道（镇）退回承办单位重新办理，写明原因。")
_add_step("check", "街道（镇）到现场复查，写明结果。")
_add_step("close", "复查通过后，或接受不予查处的理由后销号。")


def _inspected(id: UUID) -> Select[Any]:
    found = select(func.count()).where(Finding.inspection_id == Inspection.id).scalar_subquery()
    sentence = func.concat("联合执法检查，发现问题", found, "件")
    what = What(Inspection.id, Inspection.held_on, sentence, at("inspections", Inspection.id), A)
    return select(*what.columns).where(Inspection.compound_id == id)


HAPPENED = (Happened("inspected", "联合执法检查", _inspected),)
