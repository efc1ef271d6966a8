"""Endpoints for receivers of events: each client's own subscriptions, and how all of them fare."""

from typing import Annotated, Any
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from pydantic import AnyHttpUrl, Field
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from kit.context import Context
from kit.district.clock import LocalTime
from kit.events.addresses import is_refused_as_written
from kit.events.event import types_of
from kit.events.feed import parse_cursor
from kit.events.standing import standings
from kit.events.subscriptions import wanted
from kit.settings import WebhookSecret
from kit.storage import db
from kit.storage.tables import Subscription
from kit.web import routes
from kit.web.access import requires
from kit.web.etags import IfMatch, set_etag
from kit.web.ownership import Owner, Whose
from kit.web.problems import Conflict, FieldError, Forbidden, Invalid, NotFound, problems
from kit.web.shapes import Answer, Body

SubscriptionId = Annotated[UUID, Path(description="订阅编号")]
EventPattern = Annotated[str, Field(pattern=r"^(\*|[a-z0-9_-]+(\.[a-z0-9_-]+)*(\.\*)?)$", max_length=100)]
Types = Annotated[
    list[EventPattern],
    Field(
        min_length=1, max_length=50, description="事件类型，可用 dispatch.* 或 *；演练事件须写明 exercise.*"
    ),
]
Url = Annotated[
    AnyHttpUrl, Field(max_length=2000, description="接收地址：公网地址，或管理员允许的网络；不带用户名和密码")
]
Since = Annotated[
    str,
    Field(
        pattern=r"^(beginning|now|[0-9]{1,19}-[0-9]{1,18})$",
        description="从哪里起投递：beginning 最早的事件，now 现在，或变更接口给出的 next",
        examples=["now", "75321-18"],
    ),
]
Secret = Annotated[WebhookSecret, Field(description="签名密钥（Standard Webhooks），不再显示")]
#: States of a subscription, in Chinese.
STATES = "active 投递中，paused 已暂停，gone 接收方应答 410、已停止"
MISSING = "没有这个订阅，请核对编号；各客户端只看到自己的订阅。"


class SubscriptionIn(
    Body,
    title="订阅",
    example={
        "name": "smart-platform",
        "url": "https://platform.example/hooks",
        "types": ["dispatch.*"],
        "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    },
):
    """A receiver of events (订阅)."""

    name: str = Field(min_length=1, max_length=100, description="订阅名称，本客户端内不能重复")
    url: Url
    types: Types = Field(default=["*"])
    secret: Secret
    since: Since = Field(default="beginning")


class SubscriptionChange(Body, title="修改订阅", example={"url": "https://platform.example/new-hooks"}):
    """What is to be different; what is left out stays (修改订阅)."""

    url: Url | None = Field(default=None, description="新的接收地址")
    types: Types | None = Field(default=None, description="新的事件类型")
    secret: Secret | None = Field(default=None, description="新的签名密钥，不再显示")
    since: Since | None = Field(default=None, description="从哪里起重新投递，写法同订阅时")


class SubscriptionOut(Answer, title="订阅情况"):
    """A subscription and how it fares (订阅情况)."""

    id: UUID = Field(description="订阅编号")
    name: str = Field(description="订阅名称")
    url: str = Field(description="接收地址")
    types: list[str] = Field(description="事件类型")
    state: str = Field(description=STATES)
    failures: int = Field(description="连续失败次数")
    next_attempt_at: LocalTime | None = Field(description="失败后下次重试时间")
    last_error: str | None = Field(description="最近一次失败的原因", examples=["接收方应答 503"])
    created_at: LocalTime = Field(description="订阅时间")


class EventDeliveryOut(Answer, title="投递情况"):
    """How a subscription of anybody's fares (投递情况)."""

    name: str = Field(description="订阅名称", examples=["智慧平台"])
    client: str | None = Field(description="订阅的客户端；部署配置声明的为空", examples=["smart-platform"])
    receiver: str = Field(description="接收方的主机", examples=["https://platform.example"])
    types: list[str] = Field(description="事件类型", examples=[["dispatch.request.taken"]])
    state: str = Field(description=STATES)
    behind: int = Field(description="尚未投递的事件数，数到 10000 为止")
    seconds: float = Field(description="最早一件未投递的事件距今秒数")
    failures: int = Field(description="连续失败次数")
    last_error: str | None = Field(description="最近一次失败的原因", examples=["接收方应答 503"])
    next_attempt_at: LocalTime | None = Field(description="失败后下次重试时间")


def make_router(service: str) -> APIRouter:
    """The service's endpoints for receivers of its events."""
    router = routes.router("数据共享")
    subscribe_scope = f"{service}:subscribe"
    newcomer = Annotated[Context, requires(subscribe_scope, whose=Whose.WHOLE)]
    subscriber = Annotated[Context, requires(subscribe_scope, whose=Whose.CLIENTS)]
    auditor = Annotated[Context, requires(f"{service}:audit", whose=Whose.WHOLE)]

    @router.get(
        "/subscriptions", summary="列出自己的订阅", description="列出本客户端的订阅和投递情况，不含密钥。"
    )
    async def list_subscriptions(context: subscriber) -> list[SubscriptionOut]:
        """List the caller's own subscriptions, without their secrets."""
        client = context.caller.client
        context.owns(Owner(client=client))
        query = select(Subscription).where(Subscription.client == client).order_by(Subscription.name)
        return [SubscriptionOut.of(row) for row in await context.session.scalars(query)]

    @router.get(
        "/subscriptions/{id}",
        summary="查看自己的一个订阅",
        description="订阅和投递情况，不含密钥。ETag 供修改时使用。",
        responses=problems(404),
    )
    async def read_subscription(
        id: SubscriptionId, context: subscriber, response: Response
    ) -> SubscriptionOut:
        """One of the caller's own subscriptions."""
        row = await _own(context, id)
        set_etag(response, row)
        return SubscriptionOut.of(row)

    @router.post(
        "/subscriptions",
        status_code=201,
        summary="订阅事件",
        description="登记一个接收地址。事件按 Standard Webhooks 签名，按顺序投递，失败后重试（按对方的 Retry-After，"
        "最长一天）；对方应答 410 即停止。限定街道的令牌不能订阅。",
        responses=problems(409),
    )
    async def subscribe(
        body: SubscriptionIn, context: newcomer, request: Request, response: Response
    ) -> SubscriptionOut:
        """Register a receiver."""
        given = _given(context, service, body, request)
        statement = (
            insert(Subscription)
            .values(
                id=db.new_id(), client=context.caller.client, name=body.name, created_at=context.now, **given
            )
            .on_conflict_do_nothing(index_elements=["client", "name"])
            .returning(Subscription)
        )
        row = (await context.session.scalars(statement)).one_or_none()
        if row is None:
            raise Conflict("subscription-exists", f"已有名为“{body.name}”的订阅，请换一个名称。")
        context.audit(f"{service}.subscription.created", body.name, url=row.url)
        set_etag(response, row)
        return SubscriptionOut.of(row)

    @router.patch(
        "/subscriptions/{id}",
        summary="修改自己的订阅",
        description="可改接收地址、事件类型、密钥和投递起点，不填写的不变；改后立即再投递。",
        responses=problems(403, 404, 412, 428),
    )
    async def change_subscription(
        id: SubscriptionId,
        body: SubscriptionChange,
        context: subscriber,
        if_match: IfMatch,
        request: Request,
        response: Response,
    ) -> SubscriptionOut:
        """Change what a subscription says."""
        row = await _own(context, id, to_change=True)
        if_match.check(row)
        given = _given(context, service, body, request)
        _change(row, **given)
        told = {"url": row.url} if "url" in given else {}
        context.audit(f"{service}.subscription.changed", row.name, fields=sorted(given), **told)
        return await _answer(context, row, response)

    @router.delete(
        "/subscriptions/{id}",
        status_code=204,
        summary="取消自己的订阅",
        description="取消订阅，不再投递。部署配置声明的订阅不能取消。",
        responses=problems(403, 404),
    )
    async def unsubscribe(id: SubscriptionId, context: subscriber) -> None:
        """End a subscription."""
        row = await _own(context, id, to_change=True)
        context.audit(f"{service}.subscription.ended", row.name, url=row.url)
        await context.session.delete(row)

    def add_action(action: str, summary: str, description: str, state: str | None) -> None:
        @router.post(
            f"/subscriptions/{{id}}/{action}",
            name=f"{action}_subscription",
            summary=summary,
            description=description,
            responses=problems(403, 404, 409),
        )
        async def act(id: SubscriptionId, context: subscriber, response: Response) -> SubscriptionOut:
            row = await _own(context, id, to_change=True)
            if state is None and row.state != "active":
                raise Conflict("subscription-stopped", "订阅已暂停或已停止，请先恢复（resume）。")
            _change(row, state=state or row.state)
            context.audit(f"{service}.subscription.{action}", row.name)
            return await _answer(context, row, response)

    add_action("pause", "暂停自己的订阅", "暂停投递；恢复后从停下的地方继续，不会遗漏。", "paused")
    add_action("resume", "恢复自己的订阅", "恢复已暂停的、或因对方应答 410 而停止的订阅。", "active")
    add_action("retry", "立即重试投递", "不等下次重试时间，立即再投递。", None)

    @router.get(
        "/deliveries",
        summary="查看全部订阅的投递情况",
        description="所有客户端的和部署配置声明的订阅落后多少、失败几次；只显示接收方的主机。",
    )
    async def list_deliveries(context: auditor) -> list[EventDeliveryOut]:
        """How all subscriptions fare; of their addresses no more than the host."""
        found = await standings(context.session, context.now)
        return [EventDeliveryOut.of(each, each.row, receiver=_host(each.row.url)) for each in found]

    return router


async def _own(context: Context, id: UUID, *, to_change: bool = False) -> Subscription:
    """The caller's own subscription, locked where it is to be changed.

    Raises: NotFound; Forbidden for one that the deployment names.
    """
    row = await context.session.get(Subscription, id, with_for_update=to_change)
    if row is None:
        raise NotFound("not-found", MISSING)
    if row.client is None and to_change:
        raise Forbidden("declared-subscription", "这个订阅由部署配置声明，不能通过接口修改或取消。")
    context.must_own(Owner(client=row.client or ""), MISSING)
    return row


def _given(
    context: Context, service: str, body: SubscriptionIn | SubscriptionChange, request: Request
) -> dict[str, Any]:
    """What a body says, as columns.

    Raises: Invalid for an address that is not allowed, a type that the service has not, a place that is none.
    """
    found: dict[str, Any] = {}
    if body.url is not None:
        _must_be_allowed(body.url, request)
        found["url"] = str(body.url)
    if body.types is not None:
        _must_be_known(body.types, service)
        found["types"] = body.types
    if body.secret is not None:
        found["secret"] = context.cipher.seal(body.secret.get_secret_value())
    if body.since == "now":
        found |= {"cursor_xid": func.pg_snapshot_xmin(func.pg_current_snapshot()), "cursor_id": 0}
    elif body.since is not None:
        xid, id = parse_cursor(None if body.since == "beginning" else body.since)
        found |= {"cursor_xid": xid, "cursor_id": id}
    return found


def _must_be_allowed(url: AnyHttpUrl, request: Request) -> None:
    reason = ""
    if url.username is not None or url.password is not None:
        reason = "地址中不能带用户名和密码；接收方凭签名辨认事件"
    elif is_refused_as_written(url.host or "", request.app.state.settings.subscriber_networks):
        reason = "地址指向本机或内部网络，不在允许的范围内"
    if reason:
        raise Invalid(
            "unreachable-address",
            f"不能向这个地址投递：{reason}。",
            errors=[FieldError(pointer="/url", reason=reason)],
        )


def _must_be_known(types: list[str], service: str) -> None:
    known = types_of(service)
    wrong = [place for place, type in enumerate(types) if not any(wanted(each, [type]) for each in known)]
    if wrong:
        names = "、".join(sorted(each for each in known if not each.startswith("exercise.")))
        raise Invalid(
            "unknown-event-type",
            f"本服务没有这些类型的事件。可用的类型：{names}；也可写 * 或 名称.*，演练的前面加 exercise.。",
            errors=[
                FieldError(pointer=f"/types/{place}", reason="本服务没有这个类型的事件") for place in wrong
            ],
        )


def _change(row: Subscription, **columns: Any) -> None:
    """Change a subscription, which is then tried at once; a delivery that is on its way no longer counts."""
    for name, value in columns.items():
        setattr(row, name, value)
    row.version, row.failures, row.next_attempt_at = row.version + 1, 0, None


async def _answer(context: Context, row: Subscription, response: Response) -> SubscriptionOut:
    await context.session.flush()
    set_etag(response, row)
    return SubscriptionOut.of(row)


def _host(url: str) -> str:
    """A URL without its credentials, path and query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
