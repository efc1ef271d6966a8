"""Public-opinion watch: what the media report of accidents, found, checked, answered (E-3.2c).

A report that names an accident leaves its trace in that accident's timeline (E-4.8).
"""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Response
from pydantic import Field
from sqlalchemy import CheckConstraint, select
from sqlalchemy.orm import Mapped, column_property, mapped_column

from kit.context import Context
from kit.district.clock import LocalTime
from kit.district.named_units import StreetId
from kit.events.event import Event, exercised
from kit.storage.db import locked
from kit.web import routes
from kit.web.access import requires
from kit.web.etags import set_etag
from kit.web.ownership import Belonging, Whose
from kit.web.register_endpoints import add_register
from kit.web.registers import Entry, EntryId, EntryOut, Register, must_hold
from kit.web.routes import move
from kit.web.shapes import Body, Choice, choices
from services.emergency.base import Base, Marked
from services.emergency.case.case import case_of_number
from services.emergency.case.incident import Incident
from services.emergency.case.numbers import IncidentNumber, must_be_incident
from services.emergency.plan.releases import RUMOUR

Reader = Annotated[Context, requires("emergency:read", whose=Whose.PLACES)]
State = Literal["found", "checked", "answered"]


class Verdict(Choice):
    """What checking a report found (核实结论)."""

    TRUE = "true", "属实"
    PARTLY_TRUE = "partly_true", "部分属实"
    FALSE = "false", "不实"
    UNCLEAR = "unclear", "尚不清楚"


class Opinion(Base, Marked, Entry):
    """A report in the media or on the net (舆情), from being found to being answered."""

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


class OpinionMoved(Event, type="emergency.opinion.moved", title="舆情处置进展"):
    """A report was checked or answered."""

    opinion: UUID = Field(description="舆情编号")
    action: str = Field(description="所作的操作")
    state: State = Field(description="操作后的状态")
    exercise: bool = Field(description="是否演练")


class OpinionIn(
    Body,
    title="舆情",
    example={
        "summary": "网帖称某厂区发生爆炸",
        "source": "短视频平台",
        "address": "https://example.org/v/1",
        "found_at": "2024-06-24T09:10:00+08:00",
        "street": "罕台镇",
    },
):
    """A report as found (舆情)."""

    summary: str = Field(min_length=2, max_length=2000, description="内容概要")
    source: str = Field(min_length=1, max_length=100, description="来源")
    address: str | None = Field(default=None, max_length=2000, description="网址")
    found_at: LocalTime = Field(description="发现时间")
    street: StreetId | None = Field(default=None, description="涉及的镇街道")
    incident: IncidentNumber | None = Field(default=None, description="涉及的事故编号")


class OpinionOut(EntryOut, title="舆情信息"):
    """How far a report has come (舆情)."""

    exercise: bool = Field(description="是否演练")
    mark: str = Field(description="演练时为“【演练】”，否则为空", examples=[""])
    state: State = Field(description="found 发现，checked 已核实，answered 已回应")
    verdict: Verdict | None = Field(description=choices(Verdict))
    findings: str | None = Field(description="核实情况")
    checked_at: LocalTime | None = Field(description="核实时间")
    answer: str | None = Field(description="回应内容")
    answered_at: LocalTime | None = Field(description="回应时间")


class OpinionCheckIn(
    Body, title="核实舆情", example={"verdict": "false", "findings": "现场查看，厂区正常生产。"}
):
    """What checking found (核实舆情)."""

    verdict: Verdict = Field(description=choices(Verdict))
    findings: str = Field(min_length=2, max_length=4000, description="核实情况")


class OpinionAnswerIn(Body, title="回应舆情", example={"answer": "经核实，网传内容不实。"}):
    """What was answered (回应舆情)."""

    answer: str = Field(min_length=2, max_length=4000, description="回应内容")


async def _found_already(context: Context, body: OpinionIn, _row: Opinion | None) -> None:
    context.refuse_future(found_at=body.found_at)
    await must_be_incident(context.session, body.incident)


OPINIONS = Register(
    "opinions",
    "舆情",
    Opinion,
    OpinionIn,
    about="媒体和网络上有关事故的报道，从发现、核实到回应。",
    shown=OpinionOut,
    filters=("state", "street", "incident"),
    search="summary",
    lacking=("尚未回应的舆情", Opinion.state != "answered"),
    check=_found_already,
    belongs=Belonging(division=Opinion.street),
)

router = routes.router("舆情")


@move(
    router,
    "/opinions/{id}",
    RUMOUR,
    "check",
    "由宣传、网信等部门核实后登记。",
    response_model=OPINIONS.out,
)
async def check_opinion(id: EntryId, body: OpinionCheckIn, context: Reader, response: Response) -> Any:
    """Enter what checking a report found (E-3.2c)."""
    return await _moved(context, id, "check", body, response)


@move(
    router,
    "/opinions/{id}",
    RUMOUR,
    "answer",
    "核实之后才能回应。",
    also=("E-3.2c",),
    response_model=OPINIONS.out,
)
async def answer_opinion(id: EntryId, body: OpinionAnswerIn, context: Reader, response: Response) -> Any:
    """Enter the answer to a report (E-3.2c, E-4.8)."""
    return await _moved(context, id, "answer", body, response)


async def _moved(context: Context, id: UUID, action: str, body: Body, response: Response) -> EntryOut:
    """Take a report a step further. Raises: NotFound; Conflict or Forbidden by the table of moves."""
    opinion = await locked(context.session, Opinion, id, OPINIONS.missing)
    await must_hold(context, OPINIONS, id)
    exercise, move_ = opinion.exercise, RUMOUR.check(opinion.state, action, context.caller)
    for name, value in body.model_dump().items():
        setattr(opinion, name, value)
    opinion.state, opinion.changed_at = move_.target, context.now
    if action == "check":
        opinion.checked_at, said = context.now, f"核实：{opinion.findings}"
    else:
        opinion.answered_at, said = context.now, f"回应：{opinion.answer}"
    kind = exercised(OpinionMoved) if exercise else OpinionMoved
    told = {"opinion": id, "action": action, "state": opinion.state, "exercise": exercise}
    context.record(kind.model_validate(told), str(id))
    if opinion.incident is not None:
        text = f"舆情（{opinion.source}，{opinion.found_at:%m-%d %H:%M} 发现）“{opinion.summary}”，{said}"
        case = await case_of_number(context, opinion.incident)
        if case is not None:
            case.happened("rumour", text, move_.clause)
    await context.session.flush()
    await context.session.refresh(opinion)  # what it says of an exercise is computed
    set_etag(response, opinion)
    return OPINIONS.out.of(opinion)


add_register(router, "emergency", OPINIONS)
