"""12345 at one address: the dispatch contract over all services, without a rule of its own (P-2.2.2b)."""

from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from gateway import bulletin, patterns, routes
from gateway.counts import AllCountsOut, counted
from gateway.headers import own_question, own_reading
from gateway.known_requests import Marks, known_elsewhere, mark_of
from gateway.matters import Matters
from gateway.merged_lists import REQUESTS, Asked, Cursor, Limit, read
from gateway.services import Reply, Services
from gateway.upstream import Request as Question
from kit.context import Context
from kit.dispatch.actions import ACTIONS, Action, Number
from kit.dispatch.api import (
    AGAIN,
    AGAIN_HEADER,
    PHONE_HEADER,
    WITH_ETAG,
    AskedFor,
    SoughtPhone,
    matter_needed,
)
from kit.dispatch.moves import READ, SEND
from kit.dispatch.shapes import MatterOut, RequestIn, RequestOut, RequestStandingOut, RequestWithSteps
from kit.dispatch.words import accident_words, propose
from kit.district.clock import LocalTime
from kit.personal.cipher import UNMASK
from kit.web.access import requires
from kit.web.caller import Role
from kit.web.ownership import Whose
from kit.web.problems import problems
from kit.web.shapes import Answer, Body, Text

Reader = Annotated[Context, requires(READ, whose=Whose.PLACES)]
_CLAUSE = {"x-clauses": ["P-2.2.2b"]}


class MattersOut(Answer, title="全部诉求事项"):
    """All matters (诉求事项)."""

    items: list[MatterOut] = Field(description="事项")
    unavailable: list[str] = Field(
        description="目前没有应答的服务，其事项按最近一次所知列出", examples=[["lawstudy"]]
    )


class TextIn(Body, title="来电人的话", example={"text": "电梯坏了三天没人修，老人下不了楼"}):
    """What a citizen says (来电人的话)."""

    text: Text = Field(description="来电人的话")


class ProposalOut(Answer, title="建议的事项"):
    """A matter that a text may be of, and the words that led there (建议的事项)."""

    matter: str = Field(description="事项编码", examples=["lift-maintenance"])
    name: str = Field(description="事项名称", examples=["电梯故障和维保"])
    score: int = Field(description="相合的词共有几个字", examples=[2])
    words: list[str] = Field(description="据以建议的词", examples=[["电梯"]])


class ProposalsOut(Answer, title="建议的全部事项"):
    """The matters that a text may be of (建议的全部事项)."""

    items: list[ProposalOut] = Field(description="建议的事项，最可能的在前")
    alarm: list[str] = Field(description="疑似事故的词", examples=[["被困"]])
    unavailable: list[str] = Field(description="从未应答、因此没有考虑其事项的服务", examples=[["lawstudy"]])


class RequestsOut(Answer, title="各服务的诉求"):
    """A page of the requests of all services (诉求)."""

    items: list[RequestOut] = Field(description="本页内容，按受理时间由新到旧")
    next: str | None = Field(
        description="下一页的游标，放入 cursor 参数；没有下一页时为空", examples=["WyIyMDI0LTA2LTI0Il0"]
    )
    unavailable: list[str] = Field(
        description="目前没有应答的服务，本页不含其诉求；恢复后会在之后的页中列出", examples=[["lawstudy"]]
    )


@dataclass(frozen=True)
class Dispatch:
    """What the endpoints work with; patience: seconds that a service may take over a request."""

    services: Services
    matters: Matters
    patience: float
    marks: Marks = field(default_factory=Marks)


def of(request: Request) -> Dispatch:
    """What the application that was asked works with."""
    dispatching: Dispatch = request.app.state.running.dispatching
    return dispatching


@cache
def router(services: tuple[str, ...]) -> APIRouter:
    """The endpoints below `/dispatch/v1`. services: behind the gateway, whose units may act.

    To make them takes most of the time that making a gateway takes; several in a process share them.
    """
    own = routes.router("/dispatch/v1", "12345 派单")

    @own.get(
        "/matters",
        summary="列出全部诉求事项",
        description="各服务承办的事项、承办单位、办理时限及其出处。派单时按事项编码送到承办的服务。",
        response_model=MattersOut,
        openapi_extra=_CLAUSE,
    )
    async def list_all_matters(request: Request, _context: Reader) -> Response:
        """Every matter of every service, as the services describe them."""
        catalogue = await of(request).matters.catalogue()
        return JSONResponse({"items": catalogue.all(), "unavailable": list(catalogue.unavailable)})

    @own.post(
        "/matters/proposals",
        summary="按文字建议诉求事项",
        description="来电人的话里出现了哪些事项的词，最可能的在前，最多五项；由来电人或坐席选定。"
        "文字中疑似事故的词列在 alarm 中，派单后会提高紧急程度并告知应急管理服务。",
        openapi_extra=_CLAUSE,
    )
    async def propose_matters(request: Request, body: TextIn, _context: Reader) -> ProposalsOut:
        """Which matters a text may be of."""
        catalogue = await of(request).matters.catalogue()
        named = {matter.code: matter for matter in catalogue.named()}
        found = propose(body.text, [*named.values()])
        return ProposalsOut(
            items=[
                ProposalOut(
                    matter=each.code, name=named[each.code].name, score=each.score, words=list(each.words)
                )
                for each in found
            ],
            alarm=[each.word for each in accident_words(body.text) if each.kind == "accident"],
            unavailable=list(catalogue.unavailable),
        )

    @own.get(
        "/counts",
        summary="统计各服务的诉求",
        description="目前各状态、超时、督办的诉求数，全区合计、各服务，以及按主办单位、事项、街道（镇）。"
        "没有应答的服务列在 unavailable 中，不计在内。",
        response_model=AllCountsOut,
        openapi_extra=_CLAUSE,
    )
    async def count_all_requests(request: Request, _context: Reader) -> Response:
        """Counts of all services for a screen."""
        found = await counted(of(request).services, own_question(request.scope), of(request).patience)
        return found.as_it_is() if isinstance(found, Reply) else JSONResponse(found)

    bulletin.add(own, lambda request: (of(request).services, of(request).patience))
    patterns.add(own, lambda request: of(request).services)

    @own.post(
        "/requests",
        status_code=201,
        summary="派发一件诉求",
        description="按事项编码送到承办的服务，由它确定承办单位和办理时限；应答即该服务的应答。"
        "带 Idempotency-Key 请求头重复提交时，只受理一次；同一来源的同一工单编号，无论事项属于哪个服务，"
        "只受理一次，再次派发时返回已有的诉求（200）。",
        response_model=RequestOut,
        responses=AGAIN | problems(503, 504),
        openapi_extra=_CLAUSE,
    )
    async def send_request(
        request: Request, body: RequestIn, _context: Annotated[Context, requires(SEND, whose=Whose.PLACES)]
    ) -> Response:
        """Give a request to the service that owns its matter."""
        catalogue = await of(request).matters.catalogue()
        if body.matter is None:
            raise matter_needed(f"{body.summary}\n{body.description}", catalogue.named())
        owner = catalogue.owner(body.matter)
        # What a service hands on keeps its source's number, and is a second request on purpose.
        mark = None if body.handed_on else mark_of(body.source, body.external_number)
        async with of(request).marks.turn(mark):
            if mark is not None:
                asked = own_reading(request.scope)
                known = await known_elsewhere(of(request).services, owner, mark, asked)
                if known is not None:
                    return JSONResponse(known, headers={AGAIN_HEADER: "true"})
            return await _pass_on(of(request), request, owner, "/dispatch/requests")

    @own.get(
        "/requests",
        summary="查询各服务的诉求",
        description="各服务的诉求合并列出，按受理时间由新到旧。没有应答的服务列在 unavailable 中。"
        f"按来电人电话查找时，号码放在请求头 {PHONE_HEADER} 中，不放在地址里；需要 {UNMASK} 权限，并记入审计。",
        response_model=RequestsOut,
        openapi_extra=_CLAUSE,
    )
    async def list_all_requests(
        request: Request,
        _context: Reader,
        _filters: AskedFor,
        phone: SoughtPhone = None,  # noqa: ARG001 - for the documentation; the header goes on as it came
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Response:
        """Requests of all services, the newest first."""
        asked = Asked.of(REQUESTS, request, limit)
        merged = await read(of(request).services, asked, cursor)
        if merged.refusal is not None:
            return merged.refusal.as_it_is()
        if not merged.items and not merged.unavailable and "matter" in asked.filters:
            # Requests of a matter that was given up are still found by it; where there are none it may be misspelt.
            (await of(request).matters.catalogue()).owner(asked.filters["matter"], "?matter")
        return merged.answer(request)

    @own.get(
        "/requests/{number}",
        summary="查询一件诉求",
        description="由给出编号的服务应答。reveal=true 显示来电人完整信息，须有权限，并记入审计。",
        response_model=RequestWithSteps,
        responses=problems(404, 503, 504) | WITH_ETAG,
        openapi_extra=_CLAUSE,
    )
    async def read_one_request(
        request: Request,
        number: Number,
        _context: Reader,
        reveal: Annotated[bool, Query(description="显示完整的个人信息")] = False,  # noqa: ARG001 - goes on as it came
    ) -> Response:
        """A request with its steps, from the service that has it."""
        return await _pass_to_owner(of(request), request, number)

    @own.get(
        "/requests/{number}/standing",
        summary="查询诉求在某时的状况",
        description="由给出编号的服务应答。由只增不改的办理过程推算任一时刻的状态、主办单位、时限和是否超时。",
        response_model=RequestStandingOut,
        responses=problems(404, 503, 504),
        openapi_extra=_CLAUSE,
    )
    async def read_one_standing(
        request: Request,
        number: Number,
        _context: Reader,
        at: Annotated[  # noqa: ARG001 - goes on as it came
            LocalTime | None, Query(description="时刻；不填为现在", examples=["2024-06-24T10:00:00+08:00"])
        ] = None,
    ) -> Response:
        """How a request stood at a moment, from the service that has it."""
        return await _pass_to_owner(of(request), request, number, "/standing")

    for action in ACTIONS.values():
        _add_action(own, action, action.roles(services))
    return own


def _add_action(own: APIRouter, action: Action, roles: tuple[Role, ...]) -> None:
    default: Any = action.default

    @own.post(
        f"/requests/{{number}}/{action.name}",
        name=f"{action.function}_at_owner",
        summary=f"{action.zh}诉求",
        description=f"{action.zh}。由给出编号的服务应答；不在可做的状态时返回 409，并列出目前可做的操作。",
        response_model=RequestOut,
        responses=problems(404, 409, 503, 504),
        openapi_extra=_CLAUSE,
    )
    async def act_on_request(
        request: Request,
        number: Number,
        _context: Annotated[Context, requires(one_of=roles, whose=Whose.UNITS)],
        body: action.body = default,  # type: ignore[name-defined]  # noqa: ARG001 - the bytes go on as they came
    ) -> Response:
        """Carry an action out in the service that has the request."""
        return await _pass_to_owner(of(request), request, number, f"/{action.name}")


async def _pass_to_owner(dispatching: Dispatch, request: Request, number: str, below: str = "") -> Response:
    """Ask the service that gave out a number, about what the caller asks."""
    owner = (await dispatching.matters.catalogue()).owner_of_number(number)
    query = f"?{request.url.query}" if request.url.query else ""
    path = f"/dispatch/requests/{quote(number, safe='')}{below}{query}"
    return await _pass_on(dispatching, request, owner, path)


async def _pass_on(dispatching: Dispatch, request: Request, owner: str, path: str) -> Response:
    """Ask the owner with the caller's own headers and body; its answer, unchanged."""
    body = await request.body() if request.method == "POST" else None
    question = Question(request.method, f"/{owner}/v1{path}", own_question(request.scope), body)
    return (await dispatching.services.ask(owner, question, dispatching.patience)).as_it_is()
