"""Drills: the calendar of who must drill by when, the record, and problems that call for a revision (E-7.1, E-7.2)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.district.citations import Basis, cite, clause
from kit.district.clock import LocalTime, Now
from kit.district.named_units import UnitId, UnitShown, streets
from kit.district.natural_time import Day, local_day
from kit.events.event import Event, record
from kit.storage import db
from kit.storage.transactions import Session
from kit.web import routes
from kit.web.problems import problems
from kit.web.routes import clauses
from kit.web.tokens import Caller
from services.emergency.case.numbers import IncidentNumber, must_be_incident
from services.emergency.drills.models import Drill, Problem
from services.emergency.plan.catalogue import catalogue
from services.emergency.plan.drills import DrillState, drill_clock
from services.emergency.plans.plans import FOUND_IN_PRACTICE, Plan, open_trigger
from services.emergency.register import EntryOut, Reader, Register, Writer, keep, must_be_past, must_exist


class DrillKind(StrEnum):
    """How it is drilled."""

    TABLETOP = "tabletop"
    PRACTICAL = "practical"
    FUNCTIONAL = "functional"


KINDS = "tabletop 桌面推演，practical 实战演练，functional 单项演练"


class DrillProblemFound(Event, type="emergency.drill.problem_found"):
    """A drill showed a problem; `revision`: whether it calls for the plan's revision."""

    drill: UUID
    problem: UUID
    revision: bool


def organisations() -> dict[str, str]:
    """Who must drill (E-7.1): ids of the district, the supervising departments and each street, with why."""
    owing = {"district-government": "区人民政府"}
    owing |= {unit.id: "负有安全生产监管职责的部门" for unit in catalogue().units if unit.supervises}
    return owing | {unit.id: "镇街道" for unit in streets()}


async def last_drills(session: AsyncSession, today: date) -> dict[str, date]:
    """The day of each organisation's last drill up to today."""
    organiser = func.unnest(Drill.organisers).label("organiser")
    drills = select(organiser, Drill.held_on).where(Drill.held_on <= today).subquery()
    query = select(drills.c.organiser, func.max(drills.c.held_on)).group_by(drills.c.organiser)
    return dict((await session.execute(query)).all())


async def enter_problem(
    session: AsyncSession, caller: Caller, drill_id: UUID, body: "ProblemIn", now: datetime
) -> Problem:
    """Record what a drill showed; where the plan must change, a revision trigger is opened (E-7.2).

    Raises: NotFound.
    """
    drill = await db.locked(session, Drill, drill_id, "没有这次演练，请核对编号。")
    trigger = None
    if body.needs_revision:
        trigger = await open_trigger(
            session, caller, drill.plan_id, FOUND_IN_PRACTICE, body.found, now, source=str(drill_id)
        )
    problem = Problem(
        id=db.new_id(),
        drill_id=drill_id,
        found=body.found,
        advice=body.advice,
        trigger_id=trigger.id if trigger else None,
        entered_at=now,
    )
    session.add(problem)
    drill.changed_at = now
    await session.flush()
    event = DrillProblemFound(drill=drill_id, problem=problem.id, revision=trigger is not None)
    record(session, event, str(drill_id), caller, now)
    return problem


class DrillIn(BaseModel):
    """A drill as entered."""

    model_config = ConfigDict(
        title="演练记录",
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "罕台镇危化品泄漏演练（虚构）",
                    "plan_id": "01990000-0000-7000-8000-000000000000",
                    "organisers": ["罕台镇", "区应急管理局"],
                    "held_on": "2024-06-20",
                    "kind": "practical",
                    "place": "罕台镇某某园区（虚构）",
                    "participants": 86,
                    "summary": "按预案完成接报、疏散和堵漏。",
                }
            ]
        },
    )

    name: str = Field(min_length=2, max_length=200, description="演练名称")
    plan_id: UUID = Field(description="演练哪个预案")
    organisers: list[UnitId] = Field(
        min_length=1, max_length=40, description="组织单位；联合演练对每个组织单位都算"
    )
    held_on: Day = Field(description="演练日期")
    kind: DrillKind = Field(description=KINDS)
    place: str | None = Field(default=None, max_length=200, description="地点")
    participants: int = Field(ge=1, le=1_000_000, description="参加人数")
    incident: IncidentNumber | None = Field(default=None, description="演练用的事故编号，须标明为演练")
    summary: str | None = Field(default=None, max_length=4000, description="评估总结")


class ProblemIn(BaseModel):
    """A problem that a drill showed."""

    model_config = ConfigDict(
        title="演练发现的问题",
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "found": "集结点离上风向道路太远，队伍迟到。",
                    "advice": "预案中另定集结点。",
                    "needs_revision": True,
                }
            ]
        },
    )

    found: str = Field(min_length=2, max_length=1000, description="问题")
    advice: str | None = Field(default=None, max_length=1000, description="改进建议")
    needs_revision: bool = Field(default=False, description="是否需要修订预案；是则列为待修订情形")


class ProblemOut(BaseModel):
    """A problem."""

    model_config = ConfigDict(title="演练问题信息", from_attributes=True)

    id: UUID
    found: str
    advice: str | None
    trigger_id: UUID | None = Field(description="由此列出的预案修订情形")
    entered_at: LocalTime


class DrillOut(EntryOut):
    """A drill with what it showed."""

    model_config = ConfigDict(title="演练信息", from_attributes=True)

    name: str
    plan_id: UUID
    organisers: list[UnitShown]
    held_on: date
    kind: DrillKind = Field(description=KINDS)
    place: str | None
    participants: int
    incident: str | None
    summary: str | None
    problems: list[ProblemOut]


class DrillDue(BaseModel):
    """How an organisation stands with its drills."""

    model_config = ConfigDict(title="演练期限")

    organisation: UnitShown
    why: str = Field(description="为什么要演练")
    last_held_on: date | None = Field(description="最近一次演练；预案施行后还没有演练时为空")
    due_on: date = Field(description="最迟日期")
    days_left: int = Field(description="还有几天；负数为已超期天数")
    state: DrillState = Field(description="kept 未到期，due 即将到期，overdue 已超期")


class DrillCalendar(BaseModel):
    """Every organisation that must drill, the most pressing first."""

    model_config = ConfigDict(title="演练日历")

    items: list[DrillDue]
    basis: Basis


@dataclass
class DrillFilter:
    plan_id: Annotated[UUID | None, Query(description="演练的预案")] = None
    kind: Annotated[DrillKind | None, Query(description=KINDS)] = None
    held_on: Annotated[date | None, Query(description="演练日期")] = None


async def _of_a_plan_and_past(session: AsyncSession, body: DrillIn, _row: Any, now: datetime) -> None:
    must_be_past(body.held_on, now, "/held_on")
    await must_be_incident(session, body.incident, exercise=True)
    await must_exist(session, Plan, body.plan_id, "/plan_id", "应急预案")


DRILLS = Register(
    path="drills",
    noun="演练",
    about="各单位组织的预案演练和发现的问题。",
    model=Drill,
    entry=DrillIn,
    shown=DrillOut,
    filters=DrillFilter,
    check=_of_a_plan_and_past,
)

router = routes.router("演练")


async def _calendar(session: AsyncSession, now: datetime) -> list[DrillDue]:
    today, effective = local_day(now), clause("E-7.1").document.effective
    last = await last_drills(session, today)
    items = []
    for id, why in organisations().items():
        standing = drill_clock(last.get(id), effective, today)
        items.append(
            DrillDue.model_validate(
                {
                    "organisation": id,
                    "why": why,
                    "last_held_on": last.get(id),
                    "due_on": standing.due,
                    "days_left": (standing.due - today).days,
                    "state": standing.state,
                }
            )
        )
    return sorted(items, key=lambda item: item.due_on)


@router.get(
    "/drills/calendar",
    summary="查看演练日历",
    description="区政府、各监管部门和各镇街道每 2 年至少演练 1 次：各自最近一次、最迟日期、是否到期或超期。",
    openapi_extra=clauses("E-7.1"),
)
async def read_calendar(
    session: Session,
    _caller: Reader,
    now: Now,
    state: Annotated[
        DrillState | None, Query(description="kept 未到期，due 即将到期，overdue 已超期")
    ] = None,
) -> DrillCalendar:
    """By when each organisation must drill next (E-7.1)."""
    items = [item for item in await _calendar(session, now) if state in (None, item.state)]
    return DrillCalendar(items=items, basis=cite("E-7.1"))


@router.get(
    "/drills/lacking",
    summary="列出该演练而没有演练的单位",
    description="90 天内到期和已经超期的单位，最急的在前。",
    openapi_extra=clauses("E-7.1"),
)
async def list_drills_lacking(session: Session, _caller: Reader, now: Now) -> DrillCalendar:
    """Organisations whose drill is due or overdue (E-7.1)."""
    items = [item for item in await _calendar(session, now) if item.state is not DrillState.KEPT]
    return DrillCalendar(items=items, basis=cite("E-7.1"))


@router.post(
    "/drills/{id}/problems",
    status_code=201,
    summary="登记演练发现的问题",
    description="需要修订预案的，自动列为预案的待修订情形，修订并备案前一直显示。",
    responses=problems(404),
    openapi_extra=clauses("E-7.2"),
)
async def enter_drill_problem(
    id: UUID, body: ProblemIn, session: Session, caller: Writer, now: Now
) -> ProblemOut:
    """Record what a drill showed (E-7.2)."""
    return ProblemOut.model_validate(await enter_problem(session, caller, id, body, now))


keep(router, DRILLS)
