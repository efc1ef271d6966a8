"""Endpoints of an accident's timeline, the flow it goes along, its whole file, and that file's closing."""

from typing import Annotated

from fastapi import Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from kit.context import Context
from kit.district.citations import Basis, cite
from kit.district.clock import LocalTime
from kit.figures.canvas import USUAL
from kit.web import routes
from kit.web.access import requires
from kit.web.downloads import SVG, FigureWidth, drawn, in_parts
from kit.web.ownership import Whose
from kit.web.problems import problems
from kit.web.routes import clauses
from kit.web.shapes import Answer, Grounded
from services.emergency.case import timeline
from services.emergency.case.case import Case, Key
from services.emergency.case.shapes import OfIncident
from services.emergency.dossier import closing, flow
from services.emergency.dossier.archive import archive
from services.emergency.incidents.shapes import OUTCOMES_ZH, Outcome
from services.emergency.plan.roles import OFFICE
from services.emergency.response.shapes import ReasonIn

Reader = Annotated[Context, requires("emergency:read", whose=Whose.PLACES)]
Office = Annotated[Context, requires("emergency:read", one_of=(OFFICE,), whose=Whose.PLACES)]

router = routes.router("事故案卷")


class CloseIn(ReasonIn, title="结案", example={"reason": "处置、善后、调查评估均已完成"}):
    """Why a file is closed (结案)."""

    accident: bool = Field(default=True, description="false 表示经核实不是生产安全事故")


class OwedOut(Answer, title="结案所缺"):
    """A thing that keeps a file open (结案所缺)."""

    what: str = Field(description="缺什么", examples=["事故调查报告"])
    basis: Basis


class FileState(OfIncident, title="案卷状态", clauses=("E-4.1f", "E-5.1", "E-5.4")):
    """Whether a file is closed, and what keeps it open (案卷状态)."""

    closed_at: LocalTime | None = Field(description="结案时间；未结案时为空")
    outcome: Outcome | None = Field(description=OUTCOMES_ZH)
    owed: list[OwedOut] = Field(description="还缺什么；已结案时为空")


class TimelineEntryOut(Grounded, title="时间线条目"):
    """Something that happened (时间线条目)."""

    seq: int = Field(description="记录的先后，也是链上的位置")
    kind: str = Field(description="种类，例如 report、response、command", examples=["response"])
    text: str = Field(description="内容", examples=["启动Ⅲ级响应"])
    occurred_at: LocalTime = Field(description="发生时间")
    recorded_at: LocalTime = Field(description="记录时间")
    client: str = Field(description="记录者", examples=["emergency-bureau"])
    client_unit: str | None = Field(description="记录单位", examples=["emergency-bureau"])
    hash: str = Field(
        description="SHA-256，覆盖本条和前一条",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    )


class TimelineOut(OfIncident, title="事故时间线"):
    """Everything in one order (事故时间线)."""

    entries: list[TimelineEntryOut] = Field(description="按发生时间排列")


class VerifiedOut(OfIncident, title="时间线校验"):
    """Whether the timeline's chain holds (时间线校验)."""

    holds: bool = Field(description="是否完整")
    entries: int = Field(description="应有的条数")
    broken_at: int | None = Field(description="从第几条起对不上")
    head: str = Field(
        description="链尾的 SHA-256",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    )


class FlowStepOut(Grounded, title="流程环节"):
    """A step of the flow (流程环节)."""

    id: str = Field(description="环节编号")
    name: str = Field(description="环节名称", examples=["先期处置"])
    standing: str = Field(description="done 已完成，current 现在，ahead 尚未，passed 未经此步")
    at: LocalTime | None = Field(description="完成时间")


class FlowOut(OfIncident, title="应急响应流程", clauses=("E-A3",)):
    """How far an accident has come (应急响应流程)."""

    steps: list[FlowStepOut] = Field(description="各个环节")


@router.get(
    "/incidents/{key}/timeline",
    summary="查看事故时间线",
    description="所有经过按发生时间排列，旁列记录时间、记录者和条款。",
    responses=problems(404),
)
async def read_timeline(key: Key, context: Reader) -> TimelineOut:
    """Everything in one order of what happened."""
    case = await Case.see(context, key)
    rows = await timeline.entries(case.session, case.incident)
    return TimelineOut.of(case.incident, entries=[TimelineEntryOut.of(row) for row in rows])


@router.get(
    "/incidents/{key}/timeline/verify",
    summary="校验时间线",
    description="重算 SHA-256 链：改动、增删任何一条都会被发现，并指出从哪一条起对不上。",
    responses=problems(404),
)
async def verify_timeline(key: Key, context: Reader) -> VerifiedOut:
    """Whether the timeline's chain holds, and where it breaks."""
    case = await Case.see(context, key)
    chain = await timeline.chain_of(case.session, case.incident)
    return VerifiedOut.of(chain, case.incident, holds=chain.broken_at is None)


@router.get(
    "/incidents/{key}/flow",
    summary="查看响应流程走到哪一步",
    description="附件3 的各环节、时间和现在所处的一步。",
    responses=problems(404),
    openapi_extra=clauses("E-A3"),
)
async def read_flow(key: Key, context: Reader) -> FlowOut:
    """The flow with the step it stands at (E-A3)."""
    case = await Case.see(context, key)
    steps = [FlowStepOut.of(step) for step in await flow.steps_of(case)]
    return FlowOut.of(case.incident, steps=steps)


@router.get(
    "/incidents/{key}/flow.svg",
    summary="应急响应流程图",
    description="附件3 的流程图，标明现在所处的一步。",
    responses=problems(404) | {200: {"content": {SVG: {}}, "description": "SVG 图"}},
    response_class=Response,
    openapi_extra=clauses("E-A3"),
)
async def draw_flow(key: Key, context: Reader, width: FigureWidth = USUAL) -> Response:
    """The flow as a drawing (E-A3)."""
    case = await Case.see(context, key)
    return drawn(flow.draw(case.incident, await flow.steps_of(case), width))


@router.get(
    "/incidents/{key}/file",
    summary="下载全部案卷",
    description="一个 ZIP：case.json（全部内容）、timeline.html、route.svg、flow.svg、reports/、attachments/。"
    "文字中的个人信息隐去；附件为原件，含附件的下载记入审计。",
    responses=problems(404) | {200: {"content": {"application/zip": {}}, "description": "ZIP 文件"}},
    response_class=Response,
    openapi_extra=clauses("E-A2", "E-A3", "E-4.1f"),
)
async def read_file(key: Key, context: Reader) -> Response:
    """The whole file as one ZIP."""
    # The file is of one moment, whoever writes meanwhile; a reader's statements else stand each for itself.
    await context.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    case = await Case.see(context, key)
    name = f"{case.incident.number}{'-exercise' if case.incident.exercise else ''}.zip"
    return StreamingResponse(
        in_parts(await archive(case)),
        media_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.get(
    "/incidents/{key}/closing",
    summary="查看结案还缺什么",
    description="逐项列出妨碍结案的事项和条款。",
    responses=problems(404),
    openapi_extra=clauses("E-4.1f", "E-4.5c", "E-4.9", "E-5.1", "E-5.4", "E-6.3"),
)
async def read_closing(key: Key, context: Reader) -> FileState:
    """What keeps a file open."""
    return await _state(await Case.see(context, key))


@router.post(
    "/incidents/{key}/close",
    summary="结案归档",
    description="响应终止、队伍离场、物资归还、终报、后期处置、调查评估和改进措施齐全后结案，此后不能再改。"
    "缺什么会逐项列出。经核实不是事故的，accident 填 false；已有死伤或启动过响应的不能按非事故结案。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-4.1f", "E-5.1", "E-5.4"),
)
async def close_file(key: Key, body: CloseIn, context: Office) -> FileState:
    """Close the file."""
    case = await Case.open(context, key)
    await closing.close(case, body.accident, body.reason)
    return await _state(case)


@router.post(
    "/incidents/{key}/reopen",
    summary="重新打开案卷",
    description="结案后伤亡人数在补报期内变化等情况，先重新打开再续报。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-4.1e"),
)
async def reopen_file(key: Key, body: ReasonIn, context: Office) -> FileState:
    """Open a closed file again (E-4.1e)."""
    case = await Case.see(context, key)
    await closing.reopen(case, body.reason)
    return await _state(case)


async def _state(case: Case) -> FileState:
    left = () if case.incident.closed_at else await closing.owed_of(case)
    return FileState.of(case.incident, owed=[OwedOut.of(each, basis=cite(each.clause)) for each in left])
