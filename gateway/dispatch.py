"""12345 at one address: the dispatch contract over all services, without a rule of its own (P-2.2.2b)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from gateway import routes
from gateway.headers import downward, upward
from gateway.matters import Matters
from gateway.request_lists import Asked, read
from gateway.services import Fields, Reply, Services
from gateway.upstream import Request as Question
from kit.context import Context
from kit.dispatch.api import (
    PHONE_HEADER,
    ActionIn,
    MatterOut,
    Number,
    RequestIn,
    RequestOut,
    RequestWithSteps,
    SoughtPhone,
    State,
)
from kit.dispatch.requests import READ, SEND
from kit.personal.cipher import UNMASK
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.problems import problems
from kit.web.shapes import Answer

Reader = Annotated[Context, requires(READ, whose=Whose.PLACES)]
Action = Literal["accept", "answer", "redo", "close"]
_CLAUSE = {"x-clauses": ["P-2.2.2b"]}
_MAX_LIMIT = 200


class MattersOut(Answer, title="全部诉求事项"):
    """All matters (诉求事项)."""

    items: list[MatterOut] = Field(description="事项")
    unavailable: list[str] = Field(
        description="目前没有应答的服务，其事项按最近一次所知列出", examples=[["lawstudy"]]
    )


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


def router(dispatching: Callable[[], Dispatch]) -> APIRouter:
    """The endpoints below `/dispatch/v1`."""
    own = routes.router("/dispatch/v1", "12345 派单")

    @own.get(
        "/matters",
        summary="列出全部诉求事项",
        description="各服务承办的事项、承办单位、办理时限及其出处。派单时按事项编码送到承办的服务。",
        openapi_extra=_CLAUSE,
    )
    async def list_all_matters(_context: Reader) -> MattersOut:
        """Every matter of every service."""
        catalogue = await dispatching().matters.catalogue()
        return MattersOut.model_validate(
            {"items": catalogue.all(), "unavailable": list(catalogue.unavailable)}
        )

    @own.post(
        "/requests",
        status_code=201,
        summary="派发一件诉求",
        description="按事项编码送到承办的服务，由它确定承办单位和办理时限；应答即该服务的应答。"
        "带 Idempotency-Key 请求头重复提交时，只受理一次。",
        response_model=RequestOut,
        responses=problems(503, 504),
        openapi_extra=_CLAUSE,
    )
    async def send_request(
        request: Request, body: RequestIn, _context: Annotated[Context, requires(SEND, whose=Whose.PLACES)]
    ) -> Response:
        """Give a request to the service that owns its matter."""
        owner = (await dispatching().matters.catalogue()).owner(body.matter)
        return await _pass_on(dispatching(), request, owner, "/dispatch/requests")

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
        state: Annotated[State | None, Query(description="状态")] = None,
        matter: Annotated[str | None, Query(description="事项编码")] = None,
        unit: Annotated[str | None, Query(description="承办单位编号")] = None,
        phone: SoughtPhone = None,  # noqa: ARG001 - for the documentation; the header goes on as it came
        overdue: Annotated[bool | None, Query(description="是否超时")] = None,
        limit: Annotated[int, Query(ge=1, le=_MAX_LIMIT, description="每页条数")] = 50,
        cursor: Annotated[str | None, Query(description="上一页给出的游标")] = None,
    ) -> Response:
        """Requests of all services, the newest first."""
        asked = {"state": state, "matter": matter, "unit": unit}
        filters = {name: value for name, value in asked.items() if value is not None}
        if overdue is not None:
            filters["overdue"] = str(overdue).lower()
        merged = await read(dispatching().services, Asked(filters, limit, _headers(request)), cursor)
        if merged.refusal is not None:
            return _as_it_is(merged.refusal)
        answer = {"items": merged.items, "next": merged.next, "unavailable": merged.unavailable}
        links = {}
        if merged.next:
            here = request.url.include_query_params(cursor=merged.next)
            links["Link"] = f'<{here.path}?{here.query}>; rel="next"'
        return JSONResponse(answer, headers=links)

    @own.get(
        "/requests/{number}",
        summary="查询一件诉求",
        description="由给出编号的服务应答。reveal=true 显示来电人完整信息，须有权限，并记入审计。",
        response_model=RequestWithSteps,
        responses=problems(404, 503, 504),
        openapi_extra=_CLAUSE,
    )
    async def read_one_request(
        request: Request,
        number: Number,
        _context: Reader,
        reveal: Annotated[bool, Query(description="显示完整的个人信息")] = False,
    ) -> Response:
        """A request with its steps, from the service that has it."""
        owner = (await dispatching().matters.catalogue()).owner_of_number(number)
        query = "?reveal=true" if reveal else ""
        return await _pass_on(
            dispatching(), request, owner, f"/dispatch/requests/{quote(number, safe='')}{query}"
        )

    @own.post(
        "/requests/{number}/{action}",
        summary="办理一件诉求",
        description="accept 签收、answer 答复、redo 退回重办、close 办结。由给出编号的服务应答；"
        "不在可做的状态时返回 409，并列出目前可做的操作。",
        response_model=RequestOut,
        responses=problems(404, 409, 503, 504),
        openapi_extra=_CLAUSE,
    )
    async def act_on_request(
        request: Request,
        number: Number,
        action: Annotated[Action, Path(description="操作")],
        body: ActionIn,  # noqa: ARG001 - for the documentation and an early answer; the bytes go on as they came
        _context: Annotated[Context, requires(whose=Whose.UNITS)],
    ) -> Response:
        """Carry an action out in the service that has the request."""
        owner = (await dispatching().matters.catalogue()).owner_of_number(number)
        return await _pass_on(
            dispatching(), request, owner, f"/dispatch/requests/{quote(number, safe='')}/{action}"
        )

    return own


async def _pass_on(dispatching: Dispatch, request: Request, owner: str, path: str) -> Response:
    """Ask the owner with the caller's own headers and body; its answer, unchanged."""
    body = await request.body() if request.method == "POST" else None
    question = Question(request.method, f"/{owner}/v1{path}", _headers(request), body)
    return _as_it_is(await dispatching.services.ask(owner, question, dispatching.patience))


def _headers(request: Request) -> Fields:
    host = request.headers.get("host", "").encode()
    return upward(request.scope, request.scope["state"]["request_id"], host)


def _as_it_is(reply: Reply) -> Response:
    response = Response(reply.body, reply.status)
    response.raw_headers = downward(reply.headers)
    return response
