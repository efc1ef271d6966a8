"""Attention (重点关注) to a compound where requests of one matter came in more often than expected (P-2.2.2b)."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path, Query
from pydantic import Field
from sqlalchemy import CheckConstraint, ForeignKey, Select, case, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from kit.context import Context
from kit.dispatch.patterns import PatternNoticed, PatternPlace
from kit.district.clock import SHANGHAI, LocalTime
from kit.events.receiving import in_name_of, read
from kit.events.subscriptions import CloudEvent
from kit.storage import db
from kit.web import routes
from kit.web.access import requires
from kit.web.course import CourseStepOut, NoteIn
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest, narrowed
from kit.web.problems import problems
from kit.web.routes import clauses, move
from kit.web.shapes import Grounded
from services.property.base import Base, Reader
from services.property.compounds.happened import Happened, What, at
from services.property.compounds.models import Compound
from services.property.compounds.work import of_compound
from services.property.course import Course, Step
from services.property.matters import MATTERS
from services.property.plan.attention import ATTENTION

CLAUSES = ("P-2.2.2b",)
State = Literal["open", "closed"]
STATES = "open 关注中，closed 已结束"
AttentionId = Annotated[UUID, Path(description="重点关注编号")]
#: Who takes a step; the table says who may.
Actor = Annotated[Context, requires(whose=Whose.PLACES)]


class Attention(Base, db.Identified):
    """A pattern (异常聚集) of requests at a compound, until somebody ends the attention that it calls for.

    pattern: its id in the service whose requests they are; words: the numbers, and what follows from them.
    """

    __tablename__ = "attentions"
    __table_args__ = (CheckConstraint("state in ('open','closed')", name="state"),)

    pattern: Mapped[UUID] = mapped_column(unique=True)
    service: Mapped[str]
    compound_id: Mapped[UUID] = mapped_column(ForeignKey("compounds.id"), index=True)
    matter: Mapped[str]
    window_from: Mapped[date]
    window_to: Mapped[date]
    count: Mapped[int]
    words: Mapped[str]
    requests: Mapped[list[str]]
    noticed_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(index=True)


COURSE = Course("attention", Attention, ATTENTION, of_compound(Attention.compound_id))


class AttentionOut(Grounded, title="重点关注", clauses=CLAUSES):
    """A compound at which requests of one matter came in more often than expected (重点关注)."""

    id: UUID = Field(description="重点关注编号")
    pattern: UUID = Field(description="所来自的诉求异常聚集的编号")
    service: str = Field(description="受理这些诉求的服务", examples=["property"])
    compound_id: UUID = Field(description="小区编号")
    matter: str = Field(description="事项编码", examples=["lift-maintenance"])
    window_from: date = Field(description="自哪一天")
    window_to: date = Field(description="至哪一天")
    count: int = Field(description="这些天的件数", examples=[5])
    words: str = Field(description="与以往相比的说明", examples=["最近 28 天有 5 件……"])
    requests: list[str] = Field(description="这些诉求的编号", examples=[["DS-PQ-20240624-0001"]])
    noticed_at: LocalTime = Field(description="发现时间")
    state: State = Field(description=STATES)
    allowed: list[str] = Field(description="您目前可做的操作", examples=[["close"]])


class AttentionWithSteps(AttentionOut, title="重点关注及办理过程"):
    """Attention to a compound with what was done (重点关注)."""

    steps: list[CourseStepOut] = Field(description="办理过程")


async def attend(context: Context, event: CloudEvent) -> None:
    """Give a compound attention for a pattern that another service noticed, each pattern once.

    Raises: Invalid when the event does not say what was agreed.
    """
    told = read(event, PatternNoticed)
    source = event.source.removeprefix("/")
    await _attend(in_name_of(context, event), (source, UUID(event.subject), event.time), told)


async def attend_own(context: Context, pattern: UUID, told: PatternNoticed) -> None:
    """The same for a pattern among this service's own requests, in the transaction that notices it."""
    await _attend(context, ("property", pattern, context.now), told)


async def _attend(context: Context, origin: tuple[str, UUID, datetime], told: PatternNoticed) -> None:
    service, pattern, noticed_at = origin
    compound = await _compound(context, told) if told.kind == PatternPlace.COMPOUND else None
    attention = None
    if compound is not None:
        said = told.model_dump(include={"matter", "window_from", "window_to", "count", "words", "requests"})
        values = {"id": db.new_id(), "pattern": pattern, "service": service, "compound_id": compound, **said}
        fresh = insert(Attention).values(**values, noticed_at=noticed_at, state="open")
        once = fresh.on_conflict_do_nothing(index_elements=["pattern"]).returning(Attention)
        attention = await context.session.scalar(once)
    if attention is None:
        context.audit("property.pattern.passed-over", str(pattern), service=service)
    else:
        COURSE.keep(context, attention, "open", None, {})


async def _compound(context: Context, told: PatternNoticed) -> UUID | None:
    """The compound that a pattern is at, or what that was merged into; locked, so that neither is merged meanwhile."""
    try:
        id: UUID | None = UUID(told.place)
    except ValueError:
        return None
    while id is not None:
        compound = await context.session.get(Compound, id, with_for_update={"read": True})
        if compound is None or compound.withdrawn_on is None:
            return None if compound is None else compound.id
        id = compound.merged_into_id
    return None


def _shown(row: Attention, context: Context) -> AttentionOut:
    return AttentionOut.of(row, allowed=ATTENTION.allowed(row.state, context.caller))


router = routes.router("小区重点关注")


@router.get(
    "/attentions",
    summary="列出重点关注",
    description="同一事项的诉求明显多于以往的小区，无论诉求由哪个服务受理；按发现先后分页列出，可按小区、事项和状态筛选。",
    openapi_extra=clauses(*CLAUSES),
)
async def list_attentions(
    context: Reader,
    paging: PageRequest,
    compound: Annotated[UUID | None, Query(description="小区编号")] = None,
    matter: Annotated[str | None, Query(description="事项编码", max_length=60)] = None,
    state: Annotated[State | None, Query(description=STATES)] = None,
) -> Page[AttentionOut]:
    """Compounds that have, or had, attention."""
    rows = narrowed(select(Attention), compound_id=compound, matter=matter, state=state)
    query = context.within(rows, COURSE.belongs)
    return await paging.page(context.session, query, lambda row: _shown(row, context), Attention.id)


@router.get(
    "/attentions/{id}",
    summary="查看一项重点关注",
    description="诉求的件数和与以往的比较，以及办理过程；各件诉求按编号查询。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def read_attention(id: AttentionId, context: Reader) -> AttentionWithSteps:
    """Attention to a compound with what was done."""
    row = await COURSE.read(context, id)
    also = {"allowed": ATTENTION.allowed(row.state, context.caller)}
    return AttentionWithSteps.of(row, **also, steps=await COURSE.steps(context, row))


@move(
    router,
    "/attentions/{id}",
    ATTENTION,
    "close",
    "小区所在街道（镇）或区住房保障综合服务中心写明查明的原因和处理情况，结束关注。",
    summary="结束重点关注",
)
async def close_attention(id: AttentionId, body: NoteIn, context: Actor) -> AttentionOut:
    """End the attention to a compound, with what was found and done."""
    row = await COURSE.lock(context, id)
    COURSE.step(context, row, "close", body.note)
    return _shown(row, context)


_NAME: Any = case({each.code: each.name for each in MATTERS}, value=Attention.matter, else_=Attention.matter)


def _begun(id: UUID) -> Select[Any]:
    what = What(
        Attention.id,
        func.timezone(SHANGHAI.key, Attention.noticed_at),
        func.concat("“", _NAME, "”的诉求明显多于以往，列入重点关注：", Attention.words),
        at("attentions", Attention.id),
        *CLAUSES,
    )
    return select(*what.columns).where(Attention.compound_id == id)


def _ended(id: UUID) -> Select[Any]:
    what = What(
        Attention.id,
        func.timezone(SHANGHAI.key, Step.at),
        func.concat("对“", _NAME, "”诉求的重点关注结束：", Step.note),
        at("attentions", Attention.id),
        *CLAUSES,
    )
    closed = select(*what.columns).join(Step, Step.subject_id == Attention.id)
    return closed.where(Attention.compound_id == id, Step.action == "close")


HAPPENED = (
    Happened("attention_begun", "列入重点关注", _begun),
    Happened("attention_ended", "结束重点关注", _ended),
)
