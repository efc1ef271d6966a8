"""Endpoints of a response."""

from typing import Annotated

from kit.context import Context
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.problems import problems
from kit.web.routes import clauses, move
from services.emergency.assignments.shapes import shown
from services.emergency.assignments.work import assignments_of
from services.emergency.case.case import Case, Key
from services.emergency.plan.accidents.grading import ResponseLevel
from services.emergency.plan.assignments import Kind
from services.emergency.plan.response import RESPONSE
from services.emergency.response import work
from services.emergency.response.shapes import AdjustIn, ProposeIn, ResponseOut, StartIn, TimedReasonIn

Reader = Annotated[Context, requires("emergency:read", whose=Whose.PLACES)]
PATH = "/incidents/{key}/response"
#: Who leads at each level (E-4.4a to c).
_LED_BY = {
    ResponseLevel.IV: "区指挥部",
    ResponseLevel.III: "区指挥部，服从市指挥部统筹",
    ResponseLevel.II: "上级指挥部，区指挥部先期处置并协助",
    ResponseLevel.I: "上级指挥部，区指挥部先期处置并协助",
}

router = routes.router("应急响应")


@router.get(
    PATH,
    summary="查看应急响应",
    description="状态、级别、谁启动、结束依据和全部任务。",
    responses=problems(404),
    openapi_extra=clauses("E-2.1c", "E-4.4a", "E-4.4b", "E-4.4c", "E-4.9"),
)
async def read_response(key: Key, context: Reader) -> ResponseOut:
    """The response to an accident."""
    return await _out(await Case.see(context, key))


@move(router, PATH, RESPONSE, "propose", "由区指挥部办公室提请。级别不填按研判结果。")
async def propose_response(key: Key, body: ProposeIn, context: Reader) -> ResponseOut:
    """The office proposes a response (E-2.1d)."""
    context.refuse_future(occurred_at=body.occurred_at)
    case = await Case.open(context, key)
    await work.propose(case, body.level, work.Said.of(body))
    return await _out(case)


@move(
    router,
    PATH,
    RESPONSE,
    "start",
    "由区指挥部决定，紧急时可不经提请；终止后再次发生险情的，在同一案卷内再次启动，任务重新开列。"
    "四级：办公室、部门、指挥部的任务；三级另报市指挥部；一、二级先期处置并协助上级。",
    also=("E-4.4a", "E-4.4b", "E-4.4c"),
)
async def start_response(key: Key, body: StartIn, context: Reader) -> ResponseOut:
    """Headquarters starts the response (E-2.1c, E-4.4)."""
    context.refuse_future(occurred_at=body.occurred_at)
    case = await Case.open(context, key)
    await work.start(case, body.level, body.departments, work.Said.of(body))
    return await _out(case)


@move(
    router,
    PATH,
    RESPONSE,
    "adjust",
    "由区指挥部或其办公室调整，可升可降，须写理由。缺少的任务补上，已办的不删不重开。",
    summary="调整响应级别",
)
async def adjust_response(key: Key, body: AdjustIn, context: Reader) -> ResponseOut:
    """Adjust the level of the response (E-4.4d)."""
    context.refuse_future(occurred_at=body.occurred_at)
    case = await Case.open(context, key)
    await work.adjust(case, body.level, body.departments, work.Said.of(body))
    return await _out(case)


@move(router, PATH, RESPONSE, "confirm-end", "现场指挥部确认处置结束、危险基本消除。")
async def confirm_end(key: Key, body: TimedReasonIn, context: Reader) -> ResponseOut:
    """The field headquarters confirms that the response may end (E-4.9)."""
    context.refuse_future(occurred_at=body.occurred_at)
    case = await Case.open(context, key)
    await work.ask_for_end(case, "confirm-end", work.Said.of(body))
    return await _out(case)


@move(router, PATH, RESPONSE, "propose-end", "事故责任单位提出结束响应。")
async def propose_end(key: Key, body: TimedReasonIn, context: Reader) -> ResponseOut:
    """The responsible unit proposes the end (E-4.9)."""
    context.refuse_future(occurred_at=body.occurred_at)
    case = await Case.open(context, key)
    await work.ask_for_end(case, "propose-end", work.Said.of(body))
    return await _out(case)


@move(
    router,
    PATH,
    RESPONSE,
    "end",
    "谁启动谁终止；须先有现场指挥部确认或事发单位提出，且无人被困、失联，无人在危险区内。终止后进入后期处置。",
    also=("E-2.1c",),
)
async def end_response(key: Key, body: TimedReasonIn, context: Reader) -> ResponseOut:
    """Whoever started the response ends it (E-4.9)."""
    context.refuse_future(occurred_at=body.occurred_at)
    case = await Case.open(context, key)
    await work.end(case, work.Said.of(body))
    return await _out(case)


async def _out(case: Case) -> ResponseOut:
    row = await work.response_of(case)
    asked = ResponseLevel(case.incident.response_level)
    state = row.state if row else "none"
    level = ResponseLevel(row.level) if row else None
    runs = state in ("started", "adjusted")
    tasks = await assignments_of(case, Kind.RESPONSE)
    return ResponseOut.of(
        row,
        case.incident,
        state=state,
        state_zh=RESPONSE.states[state],
        led_by=_LED_BY[level] if level and runs else None,
        level_asked=asked,
        adjust_needed=runs and level is not None and level.rank < asked.rank,
        allowed=RESPONSE.allowed(state, case.caller),
        tasks=[shown(task, case.caller) for task in tasks],
    )
