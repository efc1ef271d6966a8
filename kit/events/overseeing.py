"""Endpoints for whoever runs the set: how all subscriptions fare, and setting those going again that are stuck."""

from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter

from kit.context import Context
from kit.events import given_up
from kit.events.shapes import DeadEventOut, EventDeliveryOut, EventId, SubscriptionId
from kit.events.standing import Standing, standings
from kit.events.switching import change
from kit.storage.tables import Subscription
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.problems import Conflict, NotFound, problems

_MISSING = "没有这个订阅，请核对编号。"


def make_router(service: str) -> APIRouter:
    """The service's endpoints for the operator of everybody's subscriptions."""
    router = routes.router("数据共享")
    auditor = Annotated[Context, requires(f"{service}:audit", whose=Whose.WHOLE)]
    operator = Annotated[Context, requires(f"{service}:audit", f"{service}:subscribe", whose=Whose.WHOLE)]

    @router.get(
        "/deliveries",
        summary="查看全部订阅的投递情况",
        description="所有客户端的和部署配置声明的订阅落后多少、失败几次；只显示接收方的主机。",
    )
    async def list_deliveries(context: auditor) -> list[EventDeliveryOut]:
        """How all subscriptions fare; of their addresses no more than the host."""
        return [_shown(each) for each in await standings(context.session, context.now)]

    @router.get(
        "/deliveries/{id}/dead",
        summary="列出任一订阅放弃投递的事件",
        description="重试三天仍没有收下、已放弃的事件，最早的在前，最多 500 件；不含事件内容。",
        responses=problems(404),
    )
    async def list_dead_of_any(id: SubscriptionId, context: auditor) -> list[DeadEventOut]:
        """The events that were given up, of anybody's subscription."""
        return await given_up.listed(context.session, await _any(context, id))

    @router.post(
        "/deliveries/{id}/dead/{event}/resend",
        summary="代为重新投递放弃的事件",
        description="立即再投递给任一订阅，失败后照常重试三天；同一对象尚未投递的后续事件等候其后。",
        responses=problems(404, 409),
    )
    async def resend_for_any(id: SubscriptionId, event: EventId, context: operator) -> EventDeliveryOut:
        """Send an event again that was given up."""
        row = await _any(context, id, to_change=True)
        await given_up.resend(context, service, row, event)
        return await _answer(context, row)

    @router.post(
        "/deliveries/{id}/switch-on",
        summary="代为恢复停用的订阅",
        description="恢复任一已停用、或因对方应答 410 而停止的订阅，从停下的地方继续；客户端自己暂停的由其自行恢复。",
        responses=problems(404, 409),
    )
    async def switch_on(id: SubscriptionId, context: operator) -> EventDeliveryOut:
        """Serve a subscription again that was switched off, or whose receiver said that it was gone."""
        row = await _any(context, id, to_change=True)
        if row.state not in ("off", "gone"):
            raise Conflict(
                "subscription-not-off", "这个订阅没有停用，不需要恢复；已暂停的由其客户端自行恢复。"
            )
        await change(context, row, state="active")
        context.audit(f"{service}.subscription.switch-on", row.name)
        return await _answer(context, row)

    return router


async def _any(context: Context, id: UUID, *, to_change: bool = False) -> Subscription:
    row = await context.session.get(Subscription, id, with_for_update=to_change)
    if row is None:
        raise NotFound("not-found", _MISSING)
    return row


async def _answer(context: Context, row: Subscription) -> EventDeliveryOut:
    await context.session.flush()
    found = await standings(context.session, context.now)
    return next(_shown(each) for each in found if each.row.id == row.id)


def _shown(each: Standing) -> EventDeliveryOut:
    return EventDeliveryOut.of(each, each.row, receiver=_host(each.row.url))


def _host(url: str) -> str:
    """A URL without its credentials, path and query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
