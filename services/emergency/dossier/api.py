"""Endpoints of an accident's timeline, the flow it goes along, and its whole file."""

from typing import Annotated

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import text

from kit.district.citations import Citation, cite
from kit.district.clock import LocalTime, Now
from kit.storage.transactions import Session
from kit.web import routes
from kit.web.problems import problems
from kit.web.routes import clauses
from kit.web.tokens import Caller, requires
from services.emergency.case import timeline
from services.emergency.case.exercise import OfIncident
from services.emergency.case.lookup import Key, seen
from services.emergency.case.timeline import TimelineEntry
from services.emergency.dossier import flow
from services.emergency.dossier.archive import archive
from services.emergency.plan.catalogue import catalogue

Reader = Annotated[Caller, requires("emergency:read")]

router = routes.router("事故案卷")


class TimelineEntryOut(BaseModel):
    """Something that happened."""

    model_config = ConfigDict(title="时间线条目")

    seq: int = Field(description="记录的先后，也是链上的位置")
    kind: str = Field(description="种类，例如 report、response、command")
    text: str
    occurred_at: LocalTime = Field(description="发生时间")
    recorded_at: LocalTime = Field(description="记录时间")
    client: str = Field(description="记录者")
    client_unit: str | None = Field(description="记录单位")
    hash: str = Field(description="SHA-256，覆盖本条和前一条")
    basis: list[Citation] = Field(description="依据的文件条款")

    @classmethod
    def of(cls, row: TimelineEntry) -> "TimelineEntryOut":
        own = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        return cls(**own, basis=cite(row.clause))


class TimelineOut(OfIncident):
    """Everything in one order."""

    model_config = ConfigDict(title="事故时间线")

    entries: list[TimelineEntryOut] = Field(description="按发生时间排列")


class VerifiedOut(OfIncident):
    """Whether the timeline's chain holds."""

    model_config = ConfigDict(title="时间线校验")

    holds: bool = Field(description="是否完整")
    entries: int = Field(description="应有的条数")
    broken_at: int | None = Field(description="从第几条起对不上")
    head: str = Field(description="链尾的 SHA-256")


class StepOut(BaseModel):
    """A step of the flow."""

    model_config = ConfigDict(title="流程环节")

    id: str
    name: str
    standing: str = Field(description="done 已完成，current 现在，ahead 尚未，passed 未经此步")
    at: LocalTime | None
    basis: list[Citation] = Field(description="依据的文件条款")


class FlowOut(OfIncident):
    """How far an accident has come."""

    model_config = ConfigDict(title="应急响应流程")

    steps: list[StepOut]
    basis: list[Citation] = Field(description="依据的文件条款")


@router.get(
    "/incidents/{key}/timeline",
    summary="查看事故时间线",
    description="所有经过按发生时间排列，旁列记录时间、记录者和条款。",
    responses=problems(404),
)
async def read_timeline(key: Key, session: Session, caller: Reader) -> TimelineOut:
    """Everything in one order of what happened."""
    incident = await seen(session, key, caller)
    return TimelineOut.shown(
        incident,
        entries=[TimelineEntryOut.of(row) for row in await timeline.entries(session, incident)],
    )


@router.get(
    "/incidents/{key}/timeline/verify",
    summary="校验时间线",
    description="重算 SHA-256 链：改动、增删任何一条都会被发现，并指出从哪一条起对不上。",
    responses=problems(404),
)
async def verify_timeline(key: Key, session: Session, caller: Reader) -> VerifiedOut:
    """Whether the timeline's chain holds, and where it breaks."""
    incident = await seen(session, key, caller)
    chain = await timeline.chain_of(session, incident)
    return VerifiedOut.shown(incident, chain, holds=chain.broken_at is None)


@router.get(
    "/incidents/{key}/flow",
    summary="查看响应流程走到哪一步",
    description="附件3 的各环节、时间和现在所处的一步。",
    responses=problems(404),
    openapi_extra=clauses("E-A3"),
)
async def read_flow(key: Key, session: Session, caller: Reader) -> FlowOut:
    """The flow with the step it stands at (E-A3)."""
    incident = await seen(session, key, caller)
    named = {step.id: step for step in catalogue().flow}
    steps = [
        StepOut(
            id=step.id,
            name=named[step.id].name,
            standing=step.standing,
            at=step.at,
            basis=cite(named[step.id].clause),
        )
        for step in await flow.steps_of(session, incident)
    ]
    return FlowOut.shown(
        incident,
        steps=steps,
        basis=cite("E-A3"),
    )


@router.get(
    "/incidents/{key}/flow.svg",
    summary="应急响应流程图",
    description="附件3 的流程图，标明现在所处的一步。",
    responses=problems(404) | {200: {"content": {"image/svg+xml": {}}, "description": "SVG 图"}},
    response_class=Response,
    openapi_extra=clauses("E-A3"),
)
async def draw_flow(key: Key, session: Session, caller: Reader) -> Response:
    """The flow as a drawing (E-A3)."""
    incident = await seen(session, key, caller)
    drawing = flow.draw(incident, await flow.steps_of(session, incident))
    return Response(drawing, media_type="image/svg+xml")


@router.get(
    "/incidents/{key}/file",
    summary="下载全部案卷",
    description="一个 ZIP：case.json（全部内容）、timeline.html、route.svg、flow.svg、reports/。个人信息隐去。",
    responses=problems(404) | {200: {"content": {"application/zip": {}}, "description": "ZIP 文件"}},
    response_class=Response,
    openapi_extra=clauses("E-A2", "E-A3", "E-4.1f"),
)
async def read_file(key: Key, session: Session, caller: Reader, now: Now) -> Response:
    """The whole file as one ZIP."""
    # The file is of one moment, whoever writes meanwhile.
    await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
    incident = await seen(session, key, caller)
    name = f"{incident.number}{'-exercise' if incident.exercise else ''}.zip"
    return Response(
        await archive(session, incident, caller, now),
        media_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
