"""Endpoints for receivers of events: each client's own subscriptions, and how all of them fare."""

import base64
import os
from datetime import timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import AnyHttpUrl
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from kit.context import Context
from kit.events import given_up, holding
from kit.events.addresses import is_refused_as_written
from kit.events.event import types_of
from kit.events.feed import parse_cursor
from kit.events.shapes import (
    DeadEventOut,
    EventId,
    NewSecretOut,
    SubscriptionChange,
    SubscriptionId,
    SubscriptionIn,
    SubscriptionOut,
)
from kit.events.standing import lacking
from kit.events.subscriptions import wanted
from kit.events.switching import change
from kit.storage import db
from kit.storage.pending import pending
from kit.storage.tables import Subscription
from kit.web import routes
from kit.web.access import requires
from kit.web.caller import Role
from kit.web.etags import IfMatch, set_etag
from kit.web.ownership import Owner, Whose
from kit.web.problems import Conflict, FieldError, Forbidden, Invalid, NotFound, problems

#: Whoever has this hands requests in, and may hear what becomes of its own.
HANDS_IN: Final = "dispatch:write"
#: For how long a secret that was changed signs beside the new one.
BOTH_VALID: Final = timedelta(days=1)
MISSING = "没有这个订阅，请核对编号；各客户端只看到自己的订阅。"


def make_router(service: str) -> APIRouter:
    """The service's endpoints for receivers of its events."""
    router = routes.router("数据共享")
    may = (Role(f"{service}:subscribe", "订阅事件的系统"), Role(HANDS_IN, "交办诉求的系统（只限自己交办的）"))
    subscriber = Annotated[Context, requires(one_of=may, whose=Whose.CLIENTS)]

    @router.get(
        "/subscriptions", summary="列出自己的订阅", description="列出本客户端的订阅和投递情况，不含密钥。"
    )
    async def list_subscriptions(context: subscriber) -> list[SubscriptionOut]:
        """List the caller's own subscriptions, without their secrets."""
        client = context.caller.party
        context.owns(Owner(client=client))
        query = select(Subscription).where(Subscription.client == client).order_by(Subscription.name)
        rows = list(await context.session.scalars(query))
        found = await lacking(context.session, [row.id for row in rows])
        return [SubscriptionOut.of(found[row.id], row) for row in rows]

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
        return await _answer(context, await _own(context, id), response)

    @router.post(
        "/subscriptions",
        status_code=201,
        summary="订阅事件",
        description="登记一个接收地址。事件按 Standard Webhooks 签名，同一对象的事件按顺序投递，至少一次；对方没有收下的重试三天"
        "（间隔渐长，或按对方的 Retry-After，最长一天），其间同一对象的后续事件等候；三天后放弃，后续事件带 undelivered 说明。"
        "对方三天没有收下任何事件即停用，应答 410 即停止，恢复后从停下的地方继续。"
        "限定街道（镇）或企业的令牌只能订阅与自己交办的诉求有关的事件。",
        responses=problems(409),
    )
    async def subscribe(
        body: SubscriptionIn, context: subscriber, request: Request, response: Response
    ) -> SubscriptionOut:
        """Register a receiver."""
        context.owns(Owner(client=context.caller.party))
        given = _given(context, service, body, request)
        statement = (
            insert(Subscription)
            .values(
                id=db.new_id(), client=context.caller.party, name=body.name, created_at=context.now, **given
            )
            .on_conflict_do_nothing(index_elements=["client", "name"])
            .returning(Subscription)
        )
        row = (await context.session.scalars(statement)).one_or_none()
        if row is None:
            raise Conflict("subscription-exists", f"已有名为“{body.name}”的订阅，请换一个名称。")
        context.audit(f"{service}.subscription.created", body.name, url=row.url)
        return await _answer(context, row, response)

    @router.patch(
        "/subscriptions/{id}",
        summary="修改自己的订阅",
        description="可改接收地址、事件类型、密钥、投递起点和是否只要本客户端的，不填写的不变；改后立即再投递。",
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
        if body.since is not None:
            await holding.forget(context.session, row.id)
        await change(context, row, **given)
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
            await change(context, row, state=state or row.state)
            context.audit(f"{service}.subscription.{action}", row.name)
            return await _answer(context, row, response)

    add_action("pause", "暂停自己的订阅", "暂停投递；恢复后从停下的地方继续，不会遗漏。", "paused")
    add_action(
        "resume",
        "恢复自己的订阅",
        "恢复已暂停、已停用、或因对方应答 410 而停止的订阅，从停下的地方继续。",
        "active",
    )
    add_action("retry", "立即重试投递", "不等下次重试时间，立即再投递。", None)

    _add_rotation(router, service, subscriber)
    _add_dead(router, service, subscriber)
    return router


def _add_rotation(router: APIRouter, service: str, subscriber: Any) -> None:
    @router.post(
        "/subscriptions/{id}/rotate-secret",
        summary="更换自己的签名密钥",
        description="生成新的签名密钥，只显示这一次。此后一天内的投递同时带新旧两个密钥的签名（webhook-signature 中以空格隔开），"
        "之后只用新密钥。密钥泄露的，应改用修改订阅，使原密钥即刻失效。应答不因 Idempotency-Key 保留。",
        responses=problems(403, 404, 409),
    )
    async def rotate_secret(id: SubscriptionId, context: subscriber, response: Response) -> NewSecretOut:
        """Make a new secret; the old one signs for a day more."""
        row = await _own(context, id, to_change=True)
        if row.old_secret_until is not None and context.now < row.old_secret_until:
            raise Conflict(
                "secret-being-rotated",
                "上次更换的原密钥仍在使用，请在它失效后再更换；密钥泄露的请直接修改订阅。",
            )
        secret = "whsec_" + base64.b64encode(os.urandom(32)).decode()
        until = context.now + BOTH_VALID
        sealed = context.cipher.seal(secret)
        await change(context, row, secret=sealed, old_secret=row.secret, old_secret_until=until)
        context.audit(f"{service}.subscription.rotate-secret", row.name)
        pending(context.session).shown_once = True
        set_etag(response, row)
        return NewSecretOut(secret=secret, old_secret_until=until)


def _add_dead(router: APIRouter, service: str, subscriber: Any) -> None:
    @router.get(
        "/subscriptions/{id}/dead",
        summary="列出放弃投递的事件",
        description="重试三天仍没有收下、已放弃的事件，最早的在前，最多 500 件；内容可从变更接口读取。",
        responses=problems(404),
    )
    async def list_dead(id: SubscriptionId, context: subscriber) -> list[DeadEventOut]:
        """The events that were given up, of one of the caller's own subscriptions."""
        row = await _own(context, id)
        return await given_up.listed(context.session, row)

    @router.post(
        "/subscriptions/{id}/dead/{event}/resend",
        summary="重新投递放弃的事件",
        description="立即再投递，失败后照常重试三天；同一对象尚未投递的后续事件等候其后。",
        responses=problems(403, 404, 409),
    )
    async def resend(
        id: SubscriptionId, event: EventId, context: subscriber, response: Response
    ) -> SubscriptionOut:
        """Send an event again that was given up."""
        row = await _own(context, id, to_change=True)
        await given_up.resend(context, service, row, event)
        return await _answer(context, row, response)


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

    Raises: Forbidden where only one's own may be had; Invalid for an address that is not allowed, a type that the service
    has not, a place that is none.
    """
    found: dict[str, Any] = {}
    everything = f"{service}:subscribe"
    if body.mine is False and context.caller.limited:
        raise Forbidden(
            "own-events-only",
            "限定街道（镇）或企业的令牌只能订阅与自己交办的诉求有关的事件，请填写 mine 为 true。",
        )
    if body.mine is False and not context.caller.may(everything):
        raise Forbidden(
            "missing-scope",
            f"令牌缺少权限 {everything}，只能订阅与自己交办的诉求有关的事件，请填写 mine 为 true。",
            missing=[everything],
        )
    if body.url is not None:
        _must_be_allowed(body.url, request)
        found["url"] = str(body.url)
    if body.types is not None:
        _must_be_known(body.types, service)
        found["types"] = body.types
    if body.secret is not None:
        found["secret"] = context.cipher.seal(body.secret.get_secret_value())
        found["old_secret"] = found["old_secret_until"] = None
    if body.mine is not None:
        found["mine"] = body.mine
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


async def _answer(context: Context, row: Subscription, response: Response) -> SubscriptionOut:
    await context.session.flush()
    set_etag(response, row)
    return SubscriptionOut.of((await lacking(context.session, [row.id]))[row.id], row)
