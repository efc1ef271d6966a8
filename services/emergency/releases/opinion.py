"""Public-opinion watch: what the media report of accidents, found, checked, answered (E-3.2c)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import CheckConstraint, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, column_property, mapped_column

from kit.district.clock import LocalTime, Now
from kit.district.named_units import StreetId, UnitShown
from kit.events.event import Event, record
from kit.storage import db
from kit.storage.transactions import Session
from kit.web import routes
from kit.web.etags import set_etag
from kit.web.pages import Page, PageRequest
from kit.web.problems import problems
from kit.web.routes import clauses
from kit.web.tokens import Caller, requires
from services.emergency.base import Base
from services.emergency.case.exercise import MARK, exercised
from services.emergency.case.incident import Incident
from services.emergency.case.numbers import IncidentNumber, must_be_incident
from services.emergency.case.timeline import note_on
from services.emergency.plan.releases import RUMOUR
from services.emergency.plan_moves import PlanMoves
from services.emergency.register import Entry, EntryOut, Reader, Register, keep, must_be_past, page_of

MOVES = PlanMoves(
    RUMOUR,
    states_zh={"found": "舆情尚未核实", "checked": "舆情已核实", "answered": "舆情已回应"},
    actions_zh={"check": "核实", "answer": "回应"},
)
State = Literal["found", "checked", "answered"]
Verdict = Literal["true", "partly_true", "false", "unclear"]


class Opinion(Base, Entry):
    """A report in the media or on the net, from being found to being answered."""

    __tablename__ = "opinions"
    __table_args__ = (
        CheckConstraint("state in ('found','checked','answered')", name="state"),
        CheckConstraint("verdict in ('true','partly_true','false','unclear')", name="verdict"),
        CheckConstraint("(state = 'found') = (checked_at is null)", name="checked"),
        CheckConstraint("(state = 'answered') = (answered_at is not null)", name="answered"),
    )
    clauses = ("E-3.2c",)

    summary: Mapped[str]
    source: Mapped[str]
    address: Mapped[str | None]
    found_at: Mapped[datetime]
    street: Mapped[str | None] = mapped_column(index=True)
    incident: Mapped[str | None] = mapped_column(index=True)
    exercise: Mapped[bool] = column_property(
        select(Incident.id)
        .where(Incident.number == incident, Incident.exercise)
        .correlate_except(Incident)
        .exists()
    )
    state: Mapped[str] = mapped_column(index=True, default="found")
    verdict: Mapped[str | None]
    findings: Mapped[str | None]
    checked_at: Mapped[datetime | None]
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]

    @property
    def mark(self) -> str:
        """What a text of an exercise begins with."""
        return MARK if self.exercise else ""


class OpinionMoved(Event, type="emergency.opinion.moved"):
    """A report was checked or answered."""

    opinion: UUID
    action: str
    state: State
    exercise: bool


class OpinionIn(BaseModel):
    """A report as found."""

    model_config = ConfigDict(
        title="舆情",
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "summary": "网帖称某厂区发生爆炸",
                    "source": "短视频平台",
                    "address": "https://example.org/v/1",
                    "found_at": "2024-06-24T09:10:00+08:00",
                    "street": "罕台镇",
                }
            ]
        },
    )

    summary: str = Field(min_length=2, max_length=2000, description="内容概要")
    source: str = Field(min_length=1, max_length=100, description="来源")
    address: str | None = Field(default=None, max_length=2000, description="网址")
    found_at: LocalTime = Field(description="发现时间")
    street: StreetId | None = Field(default=None, description="涉及的镇街道")
    incident: IncidentNumber | None = Field(default=None, description="涉及的事故编号")


class OpinionOut(EntryOut):
    """A report and how far it has come."""

    model_config = ConfigDict(title="舆情信息", from_attributes=True)

    summary: str
    source: str
    address: str | None
    found_at: LocalTime
    street: UnitShown | None
    incident: str | None
    exercise: bool = Field(description="是否演练")
    mark: str = Field(description="演练时为“【演练】”，否则为空")
    state: State = Field(description="found 发现，checked 已核实，answered 已回应")
    verdict: Verdict | None = Field(
        description="true 属实，partly_true 部分属实，false 不实，unclear 尚不清楚"
    )
    findings: str | None = Field(description="核实情况")
    checked_at: LocalTime | None
    answer: str | None = Field(description="回应内容")
    answered_at: LocalTime | None


class OpinionCheckIn(BaseModel):
    """What checking found."""

    model_config = ConfigDict(
        title="核实舆情",
        extra="forbid",
        json_schema_extra={"examples": [{"verdict": "false", "findings": "现场查看，厂区正常生产。"}]},
    )

    verdict: Verdict = Field(description="true 属实，partly_true 部分属实，false 不实，unclear 尚不清楚")
    findings: str = Field(min_length=2, max_length=4000, description="核实情况")


class OpinionAnswerIn(BaseModel):
    """What was answered."""

    model_config = ConfigDict(
        title="回应舆情",
        extra="forbid",
        json_schema_extra={"examples": [{"answer": "经核实，网传内容不实。"}]},
    )

    answer: str = Field(min_length=2, max_length=4000, description="回应内容")


@dataclass
class OpinionFilter:
    state: Annotated[State | None, Query(description="found 发现，checked 已核实，answered 已回应")] = None
    street: Annotated[StreetId | None, Query(description="涉及的镇街道")] = None
    incident: Annotated[str | None, Query(max_length=40, description="涉及的事故编号")] = None


async def _found_already(session: AsyncSession, body: OpinionIn, _row: Any, now: datetime) -> None:
    must_be_past(body.found_at, now, "/found_at")
    await must_be_incident(session, body.incident)


OPINIONS = Register(
    path="opinions",
    noun="舆情",
    about="媒体和网络上有关事故的报道，从发现、核实到回应。",
    model=Opinion,
    entry=OpinionIn,
    shown=OpinionOut,
    filters=OpinionFilter,
    search="summary",
    check=_found_already,
)

router = routes.router("舆情")
Mover = Annotated[Caller, requires("emergency:read")]


@router.get(
    "/opinions/lacking",
    summary="列出尚未回应的舆情",
    description="已发现而还没有核实、回应的舆情。",
    openapi_extra=clauses("E-3.2c"),
)
async def list_opinions_lacking(session: Session, _caller: Reader, paging: PageRequest) -> Page[OpinionOut]:
    """Reports that nobody has answered yet (E-3.2c)."""
    return await page_of(session, paging, select(Opinion).where(Opinion.state != "answered"), OPINIONS)


async def _move(
    session: AsyncSession, caller: Caller, id: UUID, action: str, now: datetime, facts: dict[str, Any]
) -> Opinion:
    """Take a report a step further.

    Raises: NotFound; Conflict or Forbidden by the table of moves.
    """
    opinion = await db.locked(session, Opinion, id, "没有这条舆情，请核对编号。")
    move = MOVES.check(opinion.state, action, caller)
    opinion.state = move.target
    for name, value in facts.items():
        setattr(opinion, name, value)
    opinion.changed_at = now
    await session.flush()
    await session.refresh(opinion)
    kind = exercised(OpinionMoved) if opinion.exercise else OpinionMoved
    event = kind.model_validate(
        {"opinion": id, "action": action, "state": opinion.state, "exercise": opinion.exercise}
    )
    record(session, event, str(id), caller, now)
    if opinion.incident is not None:
        text = f"舆情（{opinion.source}，{opinion.found_at:%m-%d %H:%M} 发现）“{opinion.summary}”"
        says = f"核实：{opinion.findings}" if action == "check" else f"回应：{opinion.answer}"
        await note_on(session, opinion.incident, "rumour", f"{text}，{says}", caller, now, move.clause)
    return opinion


@router.post(
    "/opinions/{id}/check",
    summary="登记舆情核实情况",
    description="由宣传、网信等部门核实后登记。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-3.2c"),
)
async def check_opinion(
    id: UUID, body: OpinionCheckIn, session: Session, caller: Mover, now: Now, response: Response
) -> OpinionOut:
    """Enter what checking a report found (E-3.2c)."""
    opinion = await _move(session, caller, id, "check", now, body.model_dump() | {"checked_at": now})
    set_etag(response, opinion)
    return OpinionOut.model_validate(opinion)


@router.post(
    "/opinions/{id}/answer",
    summary="登记舆情回应",
    description="核实之后才能回应。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-3.2c", "E-4.8"),
)
async def answer_opinion(
    id: UUID, body: OpinionAnswerIn, session: Session, caller: Mover, now: Now, response: Response
) -> OpinionOut:
    """Enter the answer to a report (E-3.2c)."""
    opinion = await _move(session, caller, id, "answer", now, body.model_dump() | {"answered_at": now})
    set_etag(response, opinion)
    return OpinionOut.model_validate(opinion)


keep(router, OPINIONS)
