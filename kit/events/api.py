"""Endpoints for other systems: read what changed, subscribe, and take in signed events."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field, SecretStr, ValidationError
from standardwebhooks import Webhook, WebhookVerificationError

from kit.context import Context
from kit.events.described import SIGNATURE
from kit.events.feed import feed, parse_cursor
from kit.events.posting import MEDIA_TYPE
from kit.events.receiving import Handler, receive
from kit.events.subscriptions import CloudEvent, cloud_event
from kit.web import routes
from kit.web.access import Unnamed, requires
from kit.web.checks import takes, unsupported
from kit.web.ownership import Whose
from kit.web.problems import Invalid, Unauthorized, problems
from kit.web.shapes import Answer


class Changes(Answer, title="变更"):
    """A stretch of the change feed (变更)."""

    items: list[CloudEvent] = Field(description="按提交先后排列的事件")
    next: str = Field(description="下次从这里读起，放入 since 参数", examples=["75321-18"])
    more: bool = Field(description="后面是否还有")


def make_router(service: str, handlers: Mapping[str, Handler]) -> APIRouter:
    """The service's endpoints for other systems."""
    router = routes.router("数据共享")
    reader = Annotated[Context, requires(f"{service}:read", whose=Whose.WHOLE)]

    @router.get(
        "/changes",
        summary="读取某一时点以来的变更",
        description="按提交先后返回事件，不漏不重。首次不带 since，以后带上一次的 next。限定街道的令牌不能读取。",
        openapi_extra={"x-clauses": ["P-2.2.6"]} if service == "property" else None,
    )
    async def read_changes(
        context: reader,
        since: Annotated[str | None, Query(description="上一次返回的 next", examples=["75321-18"])] = None,
        limit: Annotated[int, Query(ge=1, le=1000, description="最多条数")] = 200,
    ) -> Changes:
        """Read what changed since a point (P-2.2.6)."""
        cursor = parse_cursor(since)
        rows = await feed(context.session, cursor, limit + 1)
        page = rows[:limit]
        if page:
            cursor = (page[-1].xid, page[-1].id)
        return Changes(
            items=[cloud_event(row, service) for row in page],
            next=f"{cursor[0]}-{cursor[1]}",
            more=len(rows) > limit,
        )

    if handlers:
        _add_receiver(router, handlers)
    return router


def _add_receiver(router: APIRouter, handlers: Mapping[str, Handler]) -> None:
    @router.post(
        "/events",
        status_code=204,
        summary="接收其他服务的事件",
        description="接收按 Standard Webhooks 签名的 CloudEvents 事件。重复的事件不再处理。",
        responses=problems(401, 422),
        openapi_extra={
            "security": [{SIGNATURE: []}],
            "requestBody": {
                "required": True,
                "content": {
                    MEDIA_TYPE: {
                        "schema": CloudEvent.model_json_schema(),
                        "example": {
                            "specversion": "1.0",
                            "id": "01990000-0000-7000-8000-000000000000",
                            "source": "/property",
                            "type": "property.company.registered",
                            "subject": "01990000-0000-7000-8000-000000000001",
                            "time": "2024-06-24T09:30:00+08:00",
                            "datacontenttype": "application/json",
                            "data": {},
                        },
                    }
                },
            },
        },
    )
    async def receive_event(request: Request, context: Unnamed) -> Response:
        """Take in a signed event of another service; a repeat changes nothing."""
        event = _signed_event(request, await request.body())
        await receive(context, event, handlers)
        return Response(status_code=204)


def _signed_event(request: Request, body: bytes) -> CloudEvent:
    secrets: dict[str, SecretStr] = request.app.state.settings.event_secrets
    for source, secret in secrets.items():
        try:
            Webhook(secret.get_secret_value()).verify(body, dict(request.headers), json_parse=False)
        except (WebhookVerificationError, ValueError):  # ValueError: a header or body that is no text at all
            continue
        if not takes((MEDIA_TYPE,), request.headers.get("content-type", MEDIA_TYPE)):
            raise unsupported((MEDIA_TYPE,))
        try:
            event = CloudEvent.model_validate_json(body)
        except ValidationError:
            raise Invalid("not-a-cloud-event", "内容不是 CloudEvents 1.0 事件。") from None
        if event.source == f"/{source}":
            return event
    raise Unauthorized("bad-signature", "事件的签名不符，请检查密钥和时间。")
