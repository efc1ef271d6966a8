"""Open311 GeoReport v2 below /open311/v2/, and the updates that FixMyStreet asks for: our dispatch in others' words.

Nothing is decided here. It stands apart from the OpenAPI document, as it has a specification and a discovery of its own.
"""

import asyncio
import hashlib
import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute

from gateway.dispatch import Dispatch
from gateway.headers import REQUEST_ID
from gateway.known_requests import known_elsewhere, mark_of
from gateway.open311 import forms, shapes, updates
from gateway.open311.callers import Callers, no_key
from gateway.open311.searching import (
    Reader,
    Refused,
    Search,
    all_matters,
    matter_of,
    moment,
    too_much,
    turn_of,
    window,
)
from gateway.open311.written import answer, form_of
from gateway.services import Fields, Reply
from gateway.upstream import Request as Question
from kit.web.problems import FieldError, NotFound

_SPECIFICATION: Final = "http://wiki.open311.org/GeoReport_v2"
_CHANGESET: Final = "2024-06-24T00:00:00+08:00"
_ABOUT: Final = Path(__file__).with_name("about.html").read_text(encoding="utf-8")
#: How long back updates are given where no time is asked for, and seconds in which they have to be found.
_RECENTLY, _PATIENCE = timedelta(days=1), 50.0
#: What a citizen's update says of the request beside its words.
_SAID: Final = {
    "fixed": "来电人表示已解决。",
    "closed": "来电人表示不再需要办理。",
    "reopen": "来电人表示没有解决。",
}
_WORDS: Final = "来电人补充："
#: Characters of a request's source, and those of a hash at its end.
_LONGEST_SOURCE, _MARK = 30, 12


@dataclass(frozen=True)
class Open311:
    """What the endpoints work with. public: whether requests are shown, without what was told, to who has no key."""

    dispatching: Dispatch
    callers: Callers
    clock: Callable[[], datetime]
    jurisdiction: str
    public: bool

    def check(self, jurisdiction: str | None) -> None:
        """Refuse another jurisdiction. Raises: NotFound."""
        if jurisdiction and jurisdiction != self.jurisdiction:
            reason = f"没有 {jurisdiction}，本接口的 jurisdiction_id 是 {self.jurisdiction}，可以不填。"
            error = FieldError(pointer="jurisdiction_id", reason=reason)
            raise NotFound("unknown-jurisdiction", reason, errors=[error])

    async def reader(self, request: Request) -> tuple[Reader, bool]:
        """Who reads requests, and whether only what everybody may see. Raises: Forbidden; Unauthorized; TooMany."""
        known = await self.callers.known(request, request.query_params.get("api_key"))
        if known is None and not self.public:
            raise no_key()
        if known is None:
            return Reader(self.dispatching, _headers(self.callers.own_token()), None), True
        token, client = known
        return Reader(self.dispatching, _headers(token), _source(client)), False


class _Endpoint(APIRoute):
    """Answers what a service refuses as the service does."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The endpoint, which may raise Refused."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handle(request)
            except Refused as refused:
                return refused.reply.as_it_is()

        return handled


def router(parts: Callable[[], Open311]) -> APIRouter:
    """The endpoints below `/open311`."""
    own = APIRouter(prefix="/open311", include_in_schema=False, route_class=_Endpoint)
    _add_catalogue(own, parts)
    _add_reading(own, parts)
    _add_writing(own, parts)

    @own.api_route("/{rest:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    async def refuse_others(request: Request) -> Response:
        raise NotFound("no-such-path", f"没有这个地址：{request.url.path}，说明见 /open311/。")

    return own


def _add_catalogue(own: APIRouter, parts: Callable[[], Open311]) -> None:
    @own.get("/")
    async def read_about(request: Request) -> Response:
        parts().callers.admit(request)
        return HTMLResponse(_ABOUT.replace("{jurisdiction}", parts().jurisdiction))

    @own.get("/discovery.{form}")
    @own.get("/v2/discovery.{form}")
    async def read_discovery(request: Request, form: str) -> Response:
        parts().callers.admit(request)
        return answer(form_of(form), "discovery", _discovery(str(request.base_url)))

    @own.get("/v2/services.{form}")
    async def list_services(request: Request, form: str) -> Response:
        here, kind = _open(parts(), request), form_of(form)
        catalogue = await here.dispatching.matters.catalogue()
        found = [
            shapes.service(each, each.get("group") or each["service"]) for each in all_matters(catalogue)
        ]
        return answer(kind, "services", found)

    @own.get("/v2/services/{code}.{form}")
    async def read_definition(request: Request, code: str, form: str) -> Response:
        here, kind = _open(parts(), request), form_of(form)
        matter = matter_of(await here.dispatching.matters.catalogue(), code)
        return answer(kind, "service_definition", shapes.definition(matter))


def _add_reading(own: APIRouter, parts: Callable[[], Open311]) -> None:
    @own.get("/v2/requests.{form}")
    async def list_requests(request: Request, form: str) -> Response:
        here, kind, given = _asked(parts(), request), form_of(form), request.query_params
        reader, public = await here.reader(request)
        rows = await reader.found(Search.of(given, here.clock()))
        return answer(kind, "service_requests", [*_shown(rows, request, public=public)])

    @own.get("/v2/requests/{number}.{form}")
    async def read_request(request: Request, number: str, form: str) -> Response:
        here, kind = _asked(parts(), request), form_of(form)
        return answer(kind, "service_requests", [await _one(here, request, number)])

    @own.get("/v2/tokens/{number}.{form}")
    async def read_token(request: Request, number: str, form: str) -> Response:
        here, kind = _asked(parts(), request), form_of(form)
        await _one(here, request, number)
        return answer(kind, "service_requests", [{"service_request_id": number, "token": number}])

    @own.get("/v2/servicerequestupdates.{form}")
    async def list_updates(request: Request, form: str) -> Response:
        here, kind, given = _asked(parts(), request), form_of(form), request.query_params
        reader, public = await here.reader(request)
        if public:
            raise no_key()
        now = here.clock()
        if moment(given, "start_date") or moment(given, "end_date"):
            since, until = window(given, "start_date", "end_date", now)
        else:
            since, until = now - _RECENTLY, now
        found: list[shapes.Json] = []
        try:
            async with asyncio.timeout(_PATIENCE):
                async for row in reader.changed(since, until, turn_of(given)):
                    found += updates.of(row, since, until)
        except TimeoutError:
            raise too_much("没有在限定时间内查完") from None
        found.sort(key=lambda update: update["updated_datetime"])
        return answer(kind, "service_request_updates", found)


def _add_writing(own: APIRouter, parts: Callable[[], Open311]) -> None:
    @own.post("/v2/requests.{form}")
    async def create_request(request: Request, form: str) -> Response:
        here, kind = parts(), form_of(form)
        fields = await forms.read(request)
        token, client = await _writer(here, request, fields)
        code = forms.needed(fields, "service_code")
        catalogue = await here.dispatching.matters.catalogue()
        matter = matter_of(catalogue, code)
        body = forms.handed_in(fields, matter, _source(client))
        owner = catalogue.owner(code)
        key = request.headers.get("idempotency-key")
        mark = mark_of(body["source"], body.get("external_number"))
        async with here.dispatching.marks.turn(mark):
            if mark is not None:
                services, asked = here.dispatching.services, _headers(token)
                known = await known_elsewhere(services, owner, mark, asked)
                if known is not None:
                    return answer(kind, "service_requests", [shapes.created(known)])
            reply = await _post(here, token, (owner, "/dispatch/requests"), body, key)
        return answer(kind, "service_requests", [shapes.created(reply.json())], reply.status)

    @own.post("/v2/servicerequestupdates.{form}")
    async def create_update(request: Request, form: str) -> Response:
        here, kind = parts(), form_of(form)
        fields = await forms.read(request)
        token, _ = await _writer(here, request, fields)
        number = forms.needed(fields, "service_request_id")
        said = _SAID.get((forms.first(fields, "status") or "").lower(), "")
        note = f"{forms.first(fields, 'description') or ''}{said}"
        if not note:
            raise forms.wrong("description", "缺少这一项，请填写。")
        catalogue = await here.dispatching.matters.catalogue()
        owner = catalogue.owner_of_number(number)
        path = f"/dispatch/requests/{quote(number, safe='')}/remark"
        sent = forms.first(fields, "update_id")
        key = _told_again_by(number, sent) if sent else request.headers.get("idempotency-key")
        reply = await _post(here, token, (owner, path), {"note": f"{_WORDS}{note}"}, key)
        update = {"update_id": updates.id_of(number, "remark", reply.json()["updated_at"])}
        return answer(kind, "service_request_updates", [update], 201)


def _open(here: Open311, request: Request) -> Open311:
    """For what is open to all."""
    here.callers.admit(request)
    return _asked(here, request)


def _asked(here: Open311, request: Request) -> Open311:
    here.check(request.query_params.get("jurisdiction_id"))
    return here


async def _writer(here: Open311, request: Request, fields: forms.Fields) -> tuple[str, str]:
    """Token and party of who hands something in. Raises: NotFound; Forbidden; Unauthorized; TooMany."""
    key = forms.first(fields, "api_key") or request.query_params.get("api_key")
    known = await here.callers.known(request, key)
    if known is None:
        raise no_key()
    here.check(forms.first(fields, "jurisdiction_id") or request.query_params.get("jurisdiction_id"))
    return known


def _source(client: str) -> str:
    """What reports of a client are told from others' by: its id, or where that is too long, as much of it and its hash."""
    whole = f"open311:{client}"
    if len(whole) <= _LONGEST_SOURCE:
        return whole
    mark = hashlib.sha256(client.encode()).hexdigest()[:_MARK]
    return f"{whole[: _LONGEST_SOURCE - _MARK - 1]}-{mark}"


def _told_again_by(number: str, update_id: str) -> str:
    """The key of a platform's own update: of letters that a header may have, whatever the platform wrote."""
    return f"open311-{hashlib.sha256(f'{number} {update_id}'.encode()).hexdigest()}"


async def _post(here: Open311, token: str, target: tuple[str, str], body: Any, key: str | None) -> Reply:
    """Hand something to a service: (service, path), once where there is a key by which to tell it again. Raises: Refused."""
    service, path = target
    headers = [*_headers(token), (b"content-type", b"application/json")]
    if key:
        headers.append((b"idempotency-key", key.encode("ascii", "backslashreplace")[:200]))
    question = Question("POST", f"/{service}/v1{path}", headers, json.dumps(body).encode())
    reply = await here.dispatching.services.ask(service, question, here.dispatching.patience)
    if reply.status not in (200, 201):
        raise Refused(reply)
    return reply


def _headers(token: str) -> Fields:
    id = structlog.contextvars.get_contextvars().get("request_id", "")
    return [(b"authorization", f"Bearer {token}".encode()), (REQUEST_ID, id.encode())]


async def _one(here: Open311, request: Request, number: str) -> shapes.Json:
    """A request that whoever asks may see. Raises: NotFound; Refused."""
    reader, public = await here.reader(request)
    shown = _shown(await reader.by_numbers([number]), request, public=public)
    if not shown:
        raise _no_request(number)
    return shown[0]


def _shown(rows: list[shapes.Json], request: Request, *, public: bool) -> list[shapes.Json]:
    if public:
        return [shapes.public_request(row) for row in rows]
    extended = request.query_params.get("extensions", "").lower() in ("true", "v1")
    return [shapes.request(row, extended=extended) for row in rows]


def _no_request(number: str) -> NotFound:
    return NotFound(
        "not-found",
        f"没有编号为 {number} 的诉求。",
        errors=[FieldError(pointer="service_request_id", reason=f"没有编号为 {number} 的诉求。")],
    )


def _discovery(base: str) -> shapes.Json:
    endpoint = {
        "specification": _SPECIFICATION,
        "url": f"{base.rstrip('/')}/open311/v2",
        "changeset": _CHANGESET,
        "type": "production",
        "formats": ["text/xml", "application/json"],
    }
    return {
        "changeset": _CHANGESET,
        "contact": "东胜区 12345 热线派单接口，说明见 /open311/。",
        "key_service": "向管理员申请客户端，api_key 为“客户端编号:密钥”。",
        "endpoints": [endpoint],
    }
