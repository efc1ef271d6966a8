"""The district on one screen: what each service says of its part, side by side, without a rule of its own."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request
from pydantic import Field

from gateway import routes
from gateway.bulletin import merged
from gateway.counts import counted
from gateway.headers import own_reading
from gateway.merged_lists import PATTERNS, Asked, read
from gateway.services import Fields, Reply, Services
from gateway.upstream import Request as Question
from kit.context import Context
from kit.dispatch.bulletin import BulletinFigure, Grouping
from kit.dispatch.moves import READ
from kit.district.citations import cite
from kit.district.clock import LocalTime
from kit.district.periods import Month
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.problems import Problem
from kit.web.shapes import Answer, Choice, Grounded, choices

Reader = Annotated[Context, requires(READ, whose=Whose.PLACES)]
_FORBIDDEN: Final = (401, 403)
#: The three rates (三率) that hotlines are compared by.
_RATES: Final = (BulletinFigure.RESPONSE, BulletinFigure.SOLVED, BulletinFigure.SATISFIED)
#: How many patterns fit the screen.
_NEWEST: Final = 10
#: Which service is named for what the gateway adds up.
_OWN: Final = "gateway"


class Part(Choice):
    """Which part of the overview (总览的部分)."""

    TARGETS = "targets", "年度目标"
    REQUESTS = "requests", "在办诉求"
    RATES = "rates", "本月诉求办理比率"
    ACCIDENTS = "accidents", "未结案的事故"
    WARNINGS = "warnings", "预警期内的预警"
    PATTERNS = "patterns", "诉求的异常聚集"
    LISTS = "lists", "信用红黑榜"
    SESSION = "session", "下一次学法"


class PartState(Choice):
    """Whether a part has figures (有无数据)."""

    OK = "ok", "有数据"
    AWAY = "away", "服务没有给出数据"
    FORBIDDEN = "forbidden", "令牌没有权限"


class PartOut(Grounded, title="总览的一部分"):
    """A part of the overview, as the service that has it answers (总览的一部分)."""

    part: Part = Field(description=f"部分：{choices(Part)}")
    name: str = Field(description="名称", examples=["未结案的事故"])
    service: str = Field(description="给出数据的服务；gateway 为各服务合计", examples=["emergency"])
    state: PartState = Field(description=f"有无数据：{choices(PartState)}")
    as_of: LocalTime = Field(description="询问的时间")
    path: str = Field(
        description="数据所在的地址，可以用同一令牌查询", examples=["/emergency/v1/incidents?state=open"]
    )
    data: dict[str, Any] | None = Field(
        description="该地址的应答，原样给出；rates 只取合计的响应率、解决率、满意率；没有数据时为空",
        examples=[{"items": [], "next": None}],
    )


class OverviewOut(Answer, title="全区总览"):
    """The district on one screen (全区总览)."""

    items: list[PartOut] = Field(description="各部分，次序固定")


@dataclass(frozen=True)
class Means:
    """What the parts are asked with; patience: seconds that a service may take."""

    services: Services
    headers: Fields
    patience: float


@dataclass(frozen=True)
class _Row:
    """Where a part's figures are, and the clauses that ask for them; `{month}` is today's."""

    part: Part
    service: str
    path: str
    clauses: tuple[str, ...]


_TABLE: Final = (
    _Row(Part.TARGETS, "property", "/property/v1/coverage", ("P-1.1", "P-1.2", "P-1.3", "P-2.2.5")),
    _Row(Part.REQUESTS, _OWN, "/dispatch/v1/counts", ("P-2.2.2b",)),
    _Row(Part.RATES, _OWN, "/dispatch/v1/bulletin?month={month}", ("P-2.2.2b",)),
    _Row(Part.ACCIDENTS, "emergency", "/emergency/v1/incidents?state=open", ("E-1.3",)),
    _Row(Part.WARNINGS, "emergency", "/emergency/v1/warnings?active=true&exercise=false", ("E-3.2b",)),
    _Row(Part.PATTERNS, _OWN, f"/dispatch/v1/patterns?limit={_NEWEST}", ("P-2.2.2b",)),
    _Row(Part.LISTS, "credit", "/credit/v1/lists?newest=true", ("P-2.3.4b",)),
    _Row(Part.SESSION, "lawstudy", "/lawstudy/v1/sessions/coming?limit=1", ("L-3b",)),
)

_Told = tuple[PartState, dict[str, Any] | None]


def router(asking: Callable[[], tuple[Services, float]]) -> APIRouter:
    """The endpoint. asking: the services, and the seconds that one may take."""
    own = routes.router("", "全区总览")

    @own.get(
        "/overview",
        summary="查看全区总览",
        description="一屏列出年度目标、在办诉求、本月比率、未结案的事故、预警期内的预警、诉求的异常聚集、"
        "最近公布的红黑榜和下一次学法。"
        "各部分由有关服务按来人的权限应答，网关只并列，不作判断：没有权限的部分为 forbidden，没有应答的为 away，"
        "其余照常给出。列表只取第一页，下一页到 path 所示的地址查询。",
        openapi_extra={"x-clauses": list(dict.fromkeys(clause for row in _TABLE for clause in row.clauses))},
    )
    async def read_overview(request: Request, context: Reader) -> OverviewOut:
        """Every part, asked of all services at once."""
        services, patience = asking()
        month = Month(context.today.year, context.today.month)

        async def one(row: _Row) -> PartOut:
            path = row.path.format(month=month)
            told = Means(services, own_reading(request.scope), patience)
            state, data = await _told(row, path, month, told)
            return PartOut(
                part=row.part,
                name=row.part.zh,
                service=row.service,
                state=state,
                as_of=context.now,
                path=path,
                data=data,
                basis=cite(*row.clauses),
            )

        return OverviewOut(items=list(await asyncio.gather(*map(one, _TABLE))))

    return own


async def _told(row: _Row, path: str, month: Month, means: Means) -> _Told:
    if row.part is Part.REQUESTS:
        return await _counts(means)
    if row.part is Part.RATES:
        return await _rates(month, means)
    if row.part is Part.PATTERNS:
        return await _patterns(means)
    return await _answered(row.service, path, means)


async def _answered(service: str, path: str, means: Means) -> _Told:
    if service not in means.services.pools:
        return PartState.AWAY, None
    try:
        reply = await means.services.ask(service, Question("GET", path, means.headers), means.patience)
        return (PartState.OK, reply.json()) if reply.status == 200 else (_refused(reply), None)
    except (Problem, ValueError):
        return PartState.AWAY, None


def _refused(reply: Reply) -> PartState:
    return PartState.FORBIDDEN if reply.status in _FORBIDDEN else PartState.AWAY


async def _counts(means: Means) -> _Told:
    found = await counted(means.services, means.headers, means.patience)
    if isinstance(found, Reply):
        return _refused(found), None
    return (PartState.OK, found) if found["services"] else (PartState.AWAY, None)


async def _patterns(means: Means) -> _Told:
    found = await read(means.services, Asked(PATTERNS, {}, _NEWEST, means.headers), None)
    if found.refusal is not None:
        return _refused(found.refusal), None
    told = {"items": found.items, "next": found.next, "unavailable": found.unavailable}
    return (
        (PartState.OK, told) if set(found.unavailable) < set(means.services.pools) else (PartState.AWAY, None)
    )


async def _rates(month: Month, means: Means) -> _Told:
    """The rates of the whole district only: the rest of the bulletin fills more than a screen."""
    replies = await means.services.ask_all(
        f"/dispatch/bulletin?month={month}&by={Grouping.UNIT}", means.headers, means.patience
    )
    refused = [reply for reply in replies.values() if reply is not None and reply.status != 200]
    if refused:
        return _refused(refused[0]), None
    whole = merged(month, Grouping.UNIT, replies).model_dump(mode="json")
    if not whole["services"]:
        return PartState.AWAY, None
    rates = [each for each in whole["total"] if each["figure"] in _RATES]
    kept = {name: whole[name] for name in ("month", "services", "unavailable", "incomplete")}
    return PartState.OK, kept | {"total": rates}
