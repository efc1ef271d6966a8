"""The record of a request, which only grows, and what others are told of it."""

from datetime import datetime
from typing import Any

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.context import Context
from kit.dispatch.tables import DispatchLeg, DispatchRequest, DispatchStep
from kit.events.event import Event


class RequestTaken(Event, type="dispatch.request.taken", title="受理诉求"):
    """A service took a citizen's request."""

    number: str = Field(description="诉求编号")
    matter: str = Field(description="事项编码")
    unit: str = Field(description="承办单位编号")
    due_at: datetime = Field(description="办结期限")
    reference: str | None = Field(description="诉求在本服务转成的业务编号；没有时为空")
    external_number: str | None = Field(description="派单方的工单号；没有时为空")


class RequestMoved(Event, type="dispatch.request.moved", title="诉求办理进展"):
    """Something was done with a citizen's request."""

    number: str = Field(description="诉求编号")
    action: str = Field(description="所作的操作")
    state: str = Field(description="操作后的状态")
    unit: str | None = Field(description="所涉承办单位编号；整件诉求的操作为空")
    external_number: str | None = Field(description="派单方的工单号；没有时为空")


class RequestAlarming(Event, type="dispatch.request.alarming", title="诉求疑似事故"):
    """The words of a request tell of an accident, whatever its matter is."""

    number: str = Field(description="诉求编号")
    matter: str = Field(description="事项编码")
    words: list[str] = Field(description="文字中疑似事故的词")
    division: str | None = Field(description="所在街道（镇）")
    received_at: datetime = Field(description="受理时间")


def keep(
    context: Context,
    request: DispatchRequest,
    action: str,
    note: str | None = None,
    *,
    leg: DispatchLeg | None = None,
    **seen: Any,
) -> None:
    """Keep a step in the record; the states are already those after it. The request is locked.

    A call that waited for the lock began before what it waited for: its step is not dated before that one.
    """
    caller, at = context.caller, max(context.now, request.updated_at)
    if leg is not None:
        seen |= {"lead": leg.lead, "contact_due_at": leg.contact_due_at.isoformat()}
    step = DispatchStep(
        request_id=request.id,
        at=at,
        action=action,
        client=caller.by,
        unit=caller.unit,
        note=note,
        state=request.state,
        leg_id=leg.id if leg else None,
        unit_of_leg=leg.unit if leg else None,
        leg_state=leg.state if leg else None,
        due_at=leg.answer_due_at if leg else request.due_at,
        round=leg.round if leg else None,
        term=leg.term if leg else None,
        rung=seen.get("rung"),
        seen=seen,
    )
    context.session.add(step)
    request.updated_at = at


def tell(context: Context, request: DispatchRequest, action: str, unit: str | None = None) -> None:
    """Tell others that something was done with a request."""
    moved = RequestMoved(
        number=request.number,
        action=action,
        state=request.state,
        unit=unit,
        external_number=request.external_number,
    )
    context.record(moved, request.number, concerns=request.client)


async def refer(context: Context, request: DispatchRequest, reference: str, note: str) -> None:
    """Keep what a request that was taken as something else became in the service. The request is locked."""
    request.reference = reference
    keep(context, request, "refer", note)
    tell(context, request, "refer")


async def steps_of(session: AsyncSession, request: DispatchRequest) -> list[DispatchStep]:
    """What was done with the request, in order."""
    query = select(DispatchStep).where(DispatchStep.request_id == request.id)
    return list(await session.scalars(query.order_by(DispatchStep.at, DispatchStep.id)))
