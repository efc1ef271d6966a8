"""Drills: the calendar of who must drill by when, the record, and problems that call for a revision."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query
from pydantic import Field
from sqlalchemy import select

from kit.context import Context
from kit.district.citations import clause
from kit.district.clock import Day, LocalTime
from kit.district.named_units import UnitId, UnitShown
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Belonging, Whose
from kit.web.problems import problems
from kit.web.register_endpoints import add_register
from kit.web.registers import EntryOut, Register, must_exist, must_hold
from kit.web.routes import clauses
from kit.web.shapes import Answer, Body, Grounded
from services.emergency.case.numbers import IncidentNumber, must_be_incident
from services.emergency.drills.models import Drill
from services.emergency.drills.work import enter_problem, last_drills
from services.emergency.plan.drills import DrillState, drill_clock, organisations
from services.emergency.plans.plans import BELONGING as OF_PLANS
from services.emergency.plans.plans import Plan

Reader = Annotated[Context, requires("emergency:read", whose=Whose.DISTRICTS)]
Writer = Annotated[Context, requires("emergency:write", whose=Whose.PLACES)]
STATES = "kept 未到期，due 即将到期，overdue 已超期"


class DrillKind(StrEnum):
    """How it is drilled (演练方式)."""

    TABLETOP = "tabletop"
    PRACTICAL = "practical"
    FUNCTIONAL = "functional"


class DrillIn(
    Body,
    title="演练记录",
    example={
        "name": "罕台镇危化品泄漏演练（虚构）",
        "plan_id": "01990000-0000-7000-8000-000000000000",
        "organisers": ["罕台镇", "区应急管理局"],
        "held_on": "2024-06-20",
        "kind": "practical",
        "place": "罕台镇某某园区（虚构）",
        "participants": 86,
        "summary": "按预案完成接报、疏散和堵漏。",
    },
):
    """A drill as entered (演练)."""

    name: str = Field(min_length=2, max_length=200, description="演练名称")
    plan_id: UUID = Field(description="演练哪个预案")
    organisers: list[UnitId] = Field(
        min_length=1, max_length=40, description="组织单位；联合演练对每个组织单位都算"
    )
    held_on: Day = Field(description="演练日期")
    kind: DrillKind = Field(description="tabletop 桌面推演，practical 实战演练，functional 单项演练")
    place: str | None = Field(default=None, max_length=200, description="地点")
    participants: int = Field(ge=1, le=1_000_000, description="参加人数")
    incident: IncidentNumber | None = Field(default=None, description="演练用的事故编号，须标明为演练")
    summary: str | None = Field(default=None, max_length=4000, description="评估总结")


class ProblemIn(
    Body,
    title="演练发现的问题",
    example={
        "found": "集结点离上风向道路太远，队伍迟到。",
        "advice": "预案中另定集结点。",
        "needs_revision": True,
    },
):
    """A problem that a drill showed (演练问题)."""

    found: str = Field(min_length=2, max_length=1000, description="问题")
    advice: str | None = Field(default=None, max_length=1000, description="改进建议")
    needs_revision: bool = Field(default=False, description="是否需要修订预案；是则列为待修订情形")


class ProblemOut(Answer, title="演练问题信息"):
    """A problem (演练问题)."""

    id: UUID = Field(description="问题编号")
    found: str = Field(description="问题")
    advice: str | None = Field(description="改进建议")
    trigger_id: UUID | None = Field(description="由此列出的预案修订情形")
    entered_at: LocalTime = Field(description="登记时间")


class DrillOut(EntryOut, title="演练信息"):
    """What a drill shows besides what was entered (演练)."""

    problems: list[ProblemOut] = Field(description="发现的问题")


class DrillDue(Answer, title="演练期限"):
    """How an organisation stands with its drills (演练期限)."""

    organisation: UnitShown = Field(description="应当演练的单位")
    why: str = Field(description="为什么要演练", examples=["每年至少组织一次综合演练"])
    last_held_on: date | None = Field(description="最近一次演练；预案施行后还没有演练时为空")
    due_on: date = Field(description="最迟日期")
    days_left: int = Field(description="还有几天；负数为已超期天数")
    state: DrillState = Field(description=STATES)


class DrillCalendar(Grounded, title="演练日历", clauses=("E-7.1",)):
    """Organisations that must drill, the most pressing first (演练日历)."""

    items: list[DrillDue] = Field(description="各单位的演练期限，最急的在前")


async def _of_a_plan_and_past(context: Context, body: DrillIn, _row: Any) -> None:
    context.refuse_future(held_on=body.held_on)
    await must_be_incident(context.session, body.incident, exercise=True)
    await must_exist(context.session, Plan, body.plan_id, "/plan_id", "应急预案")


_ITS_PLAN = Drill.plan_id == Plan.id
#: Whose drills are: whose their plan is.
OF_DRILLS = Belonging(
    select(OF_PLANS.division).where(_ITS_PLAN).scalar_subquery(),
    select(OF_PLANS.company).where(_ITS_PLAN).scalar_subquery(),
)
DRILLS = Register(
    "drills",
    "演练",
    Drill,
    DrillIn,
    about="各单位组织的预案演练和发现的问题。",
    shown=DrillOut,
    filters=("plan_id", "kind", "held_on"),
    check=_of_a_plan_and_past,
    belongs=OF_DRILLS,
)

router = routes.router("演练")


@router.get(
    "/drills/calendar",
    summary="查看演练日历",
    description="区政府、各监管部门和各镇街道每 2 年至少演练 1 次：各自最近一次、最迟日期、是否到期或超期。",
    openapi_extra=clauses("E-7.1"),
)
async def read_calendar(
    context: Reader, state: Annotated[DrillState | None, Query(description=STATES)] = None
) -> DrillCalendar:
    """By when each organisation must drill next (E-7.1)."""
    return await _calendar(context, *([state] if state else DrillState))


@router.get(
    "/drills/lacking",
    summary="列出该演练而没有演练的单位",
    description="90 天内到期和已经超期的单位，最急的在前。",
    openapi_extra=clauses("E-7.1"),
)
async def list_drills_lacking(context: Reader) -> DrillCalendar:
    """Organisations whose drill is due or overdue (E-7.1)."""
    return await _calendar(context, DrillState.DUE, DrillState.OVERDUE)


async def _calendar(context: Context, *states: DrillState) -> DrillCalendar:
    today, effective = context.today, clause("E-7.1").document.effective
    last = await last_drills(context)
    items = []
    for id, why in organisations().items():
        clock = drill_clock(last.get(id), effective, today)
        shown = DrillDue(
            organisation=id,
            why=why,
            last_held_on=last.get(id),
            due_on=clock.due,
            days_left=(clock.due - today).days,
            state=clock.state,
        )
        items.append(shown)
    asked = (item for item in items if item.state in states)
    return DrillCalendar.of(items=sorted(asked, key=lambda item: item.due_on))


@router.post(
    "/drills/{id}/problems",
    status_code=201,
    summary="登记演练发现的问题",
    description="需要修订预案的，自动列为预案的待修订情形，修订并备案前一直显示。",
    responses=problems(404),
    openapi_extra=clauses("E-7.2"),
)
async def enter_drill_problem(
    id: Annotated[UUID, Path(description="演练编号")], body: ProblemIn, context: Writer
) -> ProblemOut:
    """Record what a drill showed; where the plan must change, a revision trigger is opened (E-7.2)."""
    await must_hold(context, DRILLS, id)
    problem = await enter_problem(context, id, body.found, body.advice, needs_revision=body.needs_revision)
    return ProblemOut.of(problem)


add_register(router, "emergency", DRILLS)
