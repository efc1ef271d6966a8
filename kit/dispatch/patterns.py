"""Patterns among requests: a job looks for them once a day, each is told once, and they are listed (P-2.2.2b)."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from sqlalchemy import TextClause, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kit.context import Context
from kit.dispatch.bulletin_facts import NO_COMPANY
from kit.dispatch.early_warning import DAYS, MINIMUM, Signal, signal, window, windows_since
from kit.dispatch.moves import CLAUSE, READ
from kit.dispatch.tables import DispatchPattern, DispatchRequest
from kit.district.clock import LocalTime, local_day
from kit.district.workdays import ONE_DAY, SHANGHAI
from kit.events.event import Event
from kit.storage.db import new_id
from kit.web.access import requires
from kit.web.ownership import Belonging, Whose
from kit.web.pages import Page, PageRequest, narrowed
from kit.web.routes import clauses
from kit.web.shapes import Choice, Grounded, choices

_SEEN: Final = Path(__file__).with_name("data") / "patterns.sql"
#: Whose patterns are: of the street that all of their requests are of.
BELONGING: Final = Belonging(division=DispatchPattern.division, shared=False)


class PatternPlace(Choice):
    """What the requests of a pattern have in common besides their matter (聚集的对象)."""

    COMPOUND = "compound", "小区"
    COMPANY = "company", "企业"


class PatternNoticed(Event, type="dispatch.pattern.noticed", title="诉求异常聚集"):
    """Requests of one matter came in more often at a compound, or about a company, than its past led to expect."""

    matter: str = Field(description="事项编码")
    kind: str = Field(description="place 是什么：compound 小区，company 企业")
    place: str = Field(description="小区编号，或企业的统一社会信用代码")
    window_from: date = Field(description="自哪一天")
    window_to: date = Field(description="至哪一天")
    count: int = Field(description="这些天的件数")
    past: int = Field(description="此前各个 28 天共有的件数")
    windows: int = Field(description="此前有几个 28 天")
    probability: Decimal = Field(description="如果只是偶然，出现这么多件或更多的概率")
    words: str = Field(description="以上各数的说明")
    requests: list[str] = Field(description="这些诉求的编号")


#: What a service makes of a pattern among its own requests, in the transaction that notices it; the pattern's id comes first.
Noticing = Callable[[Context, UUID, PatternNoticed], Awaitable[None]]


class PatternOut(Grounded, title="诉求的异常聚集", clauses=(CLAUSE,)):
    """Requests of one matter that came in more often than expected (异常聚集)."""

    id: UUID = Field(description="异常聚集的编号")
    matter: str = Field(description="事项编码", examples=["lift-maintenance"])
    kind: PatternPlace = Field(description=f"聚集的对象：{choices(PatternPlace)}")
    place: str = Field(
        description="小区编号，或企业的统一社会信用代码", examples=["0197c1f2-7d4e-7000-8000-000000000001"]
    )
    place_name: str | None = Field(
        description="企业名称；小区为空", examples=["鄂尔多斯市某物业服务有限公司"]
    )
    division: str | None = Field(description="所在街道（镇）；不止一个时为空", examples=["天骄街道"])
    window_from: date = Field(description="自哪一天")
    window_to: date = Field(description="至哪一天")
    count: int = Field(description="这些天的件数", examples=[5])
    past: int = Field(description="此前各个 28 天共有的件数", examples=[6])
    windows: int = Field(description="此前有几个 28 天", examples=[12])
    expected: Decimal = Field(description="平均每 28 天的件数", examples=["0.5000"])
    probability: Decimal = Field(
        description="如果只是偶然，出现这么多件或更多的概率", examples=["0.0001721156"]
    )
    words: str = Field(description="以上各数的说明", examples=["最近 28 天有 5 件……"])
    requests: list[str] = Field(description="这些诉求的编号", examples=[["DS-PQ-20240624-0001"]])
    noticed_at: LocalTime = Field(description="发现时间")


class PatternFilters:
    """What patterns are asked for."""

    def __init__(
        self,
        matter: Annotated[str | None, Query(description="事项编码", max_length=60)] = None,
        kind: Annotated[Literal["compound", "company"] | None, Query(description="聚集的对象")] = None,
        place: Annotated[str | None, Query(description="小区编号或企业", max_length=100)] = None,
    ) -> None:
        self.plain = {"matter": matter, "kind": kind, "place": place}


AskedPatterns = Annotated[PatternFilters, Depends()]


@cache
def _statement(company: str | None) -> TextClause:
    return text(_SEEN.read_text(encoding="utf-8").replace("{company}", company or NO_COMPANY))


def asked(today: date, company: str | None = None) -> tuple[TextClause, dict[str, Any]]:
    """The query of what came in up to a day and before, with its values. company: as in `Service`."""
    past_begins, begins, last = window(today)
    return _statement(company), {
        "past_begins": _midnight(past_begins),
        "begins": _midnight(begins),
        "ends": _midnight(last + ONE_DAY),
        "window_from": begins,
        "minimum": MINIMUM,
    }


async def notice(context: Context, company: str | None = None, noticed: Noticing | None = None) -> None:
    """Keep and tell what came in more often than expected in the last 28 days. company, noticed: as in `Service`."""
    _, begins, today = window(context.today)
    windows = await _windows(context.session, begins)
    for row in (await context.session.execute(*asked(context.today, company))).all():
        found = signal(row._mapping["count"], row.past, windows)
        told = await _told(context, row, found, (begins, today)) if found.noticed else None
        if told is not None and noticed is not None:
            await noticed(context, *told)


async def _windows(session: AsyncSession, begins: date) -> int:
    """How many whole windows of this service's requests lie before a day."""
    first: datetime | None = await session.scalar(select(func.min(DispatchRequest.received_at)))
    return windows_since(local_day(first), begins) if first else 0


async def _told(
    context: Context, row: Any, found: Signal, between: tuple[date, date]
) -> tuple[UUID, PatternNoticed] | None:
    """The pattern, kept and told; None where another run, at the same moment, has told it."""
    words = {
        "matter": row.matter,
        "kind": row.kind,
        "place": row.place,
        "window_from": between[0],
        "window_to": between[1],
        "count": found.count,
        "past": found.past,
        "windows": found.windows,
        "probability": Decimal(found.probability).quantize(Decimal("1e-10")),
        "words": found.words,
        "requests": row.requests,
    }
    kept = (
        insert(DispatchPattern)
        .values(
            id=new_id(),
            place_name=row.place_name,
            division=row.division,
            expected=Decimal(found.expected).quantize(Decimal("1e-4")),
            noticed_at=context.now,
            **words,
        )
        .on_conflict_do_nothing()
        .returning(DispatchPattern.id)
    )
    id = await context.session.scalar(kept)
    if id is None:
        return None
    event = PatternNoticed.model_validate(words)
    context.record(event, str(id))
    return id, event


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, SHANGHAI)


def add(router: APIRouter) -> None:
    """The endpoint of the patterns."""

    @router.get(
        "/dispatch/patterns",
        summary="查询诉求的异常聚集",
        description=f"同一小区或同一企业的同一事项，最近 {DAYS} 天的件数明显多于以往的：每天核对一次，"
        f"以此前至多 12 个 {DAYS} 天的平均数"
        f"按泊松分布计算偶然出现的概率，低于百分之一且不少于 {MINIMUM} 件的列入，"
        "各数写在 words 中。由新到旧分页列出；"
        "限定街道的令牌只看到本街道的。",
        openapi_extra=clauses(CLAUSE),
    )
    async def list_patterns(
        context: Annotated[Context, requires(READ, whose=Whose.PLACES)],
        paging: PageRequest,
        filters: AskedPatterns,
    ) -> Page[PatternOut]:
        """What came in more often than expected, the newest first."""
        query = context.within(narrowed(select(DispatchPattern), **filters.plain), BELONGING)
        rows, following = await paging.fetch(
            context.session, query, DispatchPattern.noticed_at, DispatchPattern.id, descending=True
        )
        return Page(items=[PatternOut.of(row) for row in rows], next=following)
