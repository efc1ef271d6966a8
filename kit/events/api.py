"""Endpoints for other systems: read what changed, subscribe, and take in signed events."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import AnyHttpUrl, Field, SecretStr, ValidationError
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from standardwebhooks import Webhook, WebhookVerificationError

from kit.context import Context
from kit.district.clock import LocalTime
from kit.events.delivery import MEDIA_TYPE
from kit.events.feed import feed
from kit.events.subscriptions import CloudEvent, cloud_event
from kit.personal.originals import take_in
from kit.settings import WebhookSecret
from kit.storage import db
from kit.storage.tables import Received, Subscription
from kit.web import routes
from kit.web.access import Unnamed, requires
from kit.web.checks import takes, unsupported
from kit.web.ownership import Whose
from kit.web.pages import bad_cursor
from kit.web.problems import Conflict, Invalid, NotFound, Unauthorized, problems
from kit.web.shapes import Answer, Body

#: What a service does with an event of another, in the receiving transaction.
Handler = Callable[[Context, CloudEvent], Awaitable[None]]

SubscriptionId = Annotated[UUID, Path(description="订阅编号")]


class Changes(Answer, title="变更"):
    """A stretch of the change feed (变更)."""

    items: list[CloudEvent] = Field(description="按提交先后排列的事件")
    next: str = Field(description="下次从这里读起，放入 since 参数", examples=["75321-18"])
    more: bool = Field(description="后面是否还有")


EventPattern = Annotated[str, Field(pattern=r"^(\*|[a-z0-9_-]+(\.[a-z0-9_-]+)*(\.\*)?)$", max_length=100)]


class SubscriptionIn(
    Body,
    title="订阅",
    example={
        "name": "smart-platform",
        "url": "https://platform.example/hooks",
        "types": ["property.*"],
        "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    },
):
    """A receiver of events (订阅)."""

    name: str = Field(min_length=1, max_length=100, description="订阅名称，不能重复")
    url: AnyHttpUrl = Field(max_length=2000, description="接收地址")
    types: list[EventPattern] = Field(
        default=["*"],
        min_length=1,
        max_length=50,
        description="事件类型，可用 property.* 或 *；演练事件须写明 exercise.*",
    )
    secret: WebhookSecret = Field(description="签名密钥（Standard Webhooks），不再显示")


class SubscriptionOut(Answer, title="订阅情况"):
    """A subscription and how it fares (订阅情况)."""

    id: UUID = Field(description="订阅编号")
    name: str = Field(description="订阅名称")
    url: str = Field(description="接收地址")
    types: list[str] = Field(description="事件类型")
    failures: int = Field(description="连续失败次数")
    next_attempt_at: LocalTime | None = Field(description="失败后下次重试时间")
    last_error: str | None = Field(description="最近一次失败的原因")
    created_at: LocalTime = Field(description="订阅时间")


def parse_cursor(since: str | None) -> tuple[str, int]:
    """The cursor of the change feed; None is the beginning.

    Raises: Invalid.
    """
    if since is None:
        return "0", 0
    match = re.fullmatch(r"([0-9]{1,19})-([0-9]{1,18})", since)
    if match is None:
        raise bad_cursor()
    return match[1], int(match[2])


def make_router(service: str, handlers: Mapping[str, Handler]) -> APIRouter:
    """The service's endpoints for other systems."""
    router = routes.router("数据共享")
    reader = Annotated[Context, requires(f"{service}:read", whose=Whose.WHOLE)]
    subscriber = Annotated[Context, requires(f"{service}:subscribe", whose=Whose.WHOLE)]

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

    @router.get("/subscriptions", summary="列出订阅", description="列出所有订阅和投递情况，不含密钥。")
    async def list_subscriptions(context: subscriber) -> list[SubscriptionOut]:
        """List the subscriptions, without their secrets."""
        rows = await context.session.scalars(select(Subscription).order_by(Subscription.name))
        return [SubscriptionOut.of(row) for row in rows]

    @router.post(
        "/subscriptions",
        status_code=201,
        summary="订阅事件",
        description="登记一个接收地址。事件按 Standard Webhooks 签名，从最早的事件起按顺序投递，失败后重试。"
        "限定街道的令牌不能订阅。",
        responses=problems(409),
    )
    async def subscribe(body: SubscriptionIn, context: subscriber) -> SubscriptionOut:
        """Register a receiver; it gets the feed from its beginning."""
        statement = (
            insert(Subscription)
            .values(
                id=db.new_id(),
                name=body.name,
                url=str(body.url),
                types=body.types,
                secret=context.cipher.seal(body.secret.get_secret_value()),
                created_at=context.now,
            )
            .on_conflict_do_nothing(index_elements=["name"])
            .returning(Subscription)
        )
        row = (await context.session.scalars(statement)).one_or_none()
        if row is None:
            raise Conflict("subscription-exists", f"已有名为 {body.name} 的订阅，请换一个名称。")
        context.audit(f"{service}.subscription.created", body.name, url=str(body.url))
        return SubscriptionOut.of(row)

    @router.delete(
        "/subscriptions/{id}",
        status_code=204,
        summary="取消订阅",
        description="取消订阅，不再投递。",
        responses=problems(404),
    )
    async def unsubscribe(id: SubscriptionId, context: subscriber) -> None:
        """End a subscription."""
        row = await context.session.get(Subscription, id)
        if row is None:
            raise NotFound("not-found", "没有这个订阅。")
        context.audit(f"{service}.subscription.ended", row.name, url=row.url)
        await context.session.delete(row)

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
            }
        },
    )
    async def receive_event(request: Request, context: Unnamed) -> Response:
        """Take in a signed event of another service; a repeat changes nothing."""
        event = _signed_event(request, await request.body())
        received = insert(Received).values(event_id=event.id, type=event.type, received_at=context.now)
        claim = received.on_conflict_do_nothing().returning(Received.event_id)
        fresh = await context.session.execute(claim.execution_options(bookkeeping=True))
        handler = handlers.get(event.type)
        if fresh.scalar_one_or_none() is not None and handler is not None:
            await handler(context, take_in(context.session, event))
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
