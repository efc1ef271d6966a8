"""Orders to withdraw: to every force on site, each of which answers for itself (E-4.5d)."""

from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import Field
from sqlalchemy import select

from kit.context import Context
from kit.district.clock import LocalTime
from kit.district.named_units import acts_for
from kit.storage.db import found
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.problems import Conflict, Forbidden, problems
from kit.web.routes import clauses
from kit.web.shapes import Answer, Body, Text
from services.emergency.case.case import Case, IncidentEvent, Key
from services.emergency.case.shapes import OfIncident
from services.emergency.command.forces import ForceKind
from services.emergency.command.models import Force, Withdrawal, WithdrawalNotice
from services.emergency.command.work import command_of, forces_of, withdrawal_in_force, withdrawals_of
from services.emergency.plan.command import WITHDRAWAL
from services.emergency.plan.roles import COMPANY, FIELD, HIGHER, MEMBER

Reader = Annotated[Context, requires("emergency:read", whose=Whose.PLACES)]
Commander = Annotated[
    Context, requires("emergency:read", one_of=WITHDRAWAL.roles("order"), whose=Whose.PLACES)
]
Addressee = Annotated[Context, requires("emergency:read", one_of=(MEMBER, FIELD, COMPANY), whose=Whose.UNITS)]
Lifter = Annotated[Context, requires("emergency:read", one_of=(FIELD, HIGHER), whose=Whose.PLACES)]

OrderId = Annotated[UUID, Path(description="撤离命令编号")]
NO_ORDER = "没有这道撤离命令，请核对编号。"

router = routes.router("现场队伍")


class WithdrawIn(Body, title="撤离命令", example={"reason": "顶板有二次垮落征兆"}):
    """Why everybody is to withdraw (撤离命令)."""

    reason: Text = Field(description="原因")
    occurred_at: LocalTime | None = Field(default=None, description="下达时间，事后补录时填写；不填为现在")


class NoticeIn(Body, title="回复撤离命令", example={"force": "01990000-0000-7000-8000-000000000000"}):
    """Which force acknowledges (回复撤离命令)."""

    force: UUID = Field(description="队伍编号")
    occurred_at: LocalTime | None = Field(default=None, description="回复时间，事后补录时填写；不填为现在")


class NoticeOut(Answer, title="撤离命令送达"):
    """The order as addressed to a force (撤离命令送达)."""

    force: UUID = Field(description="队伍编号")
    name: str = Field(description="队伍名称")
    in_zone: int = Field(description="危险区内人数")
    acknowledged_at: LocalTime | None = Field(description="回复时间")
    acknowledged_by: str | None = Field(description="回复人", examples=["区消防救援大队"])
    left: bool = Field(description="已离场，不再等待回复")


class WithdrawalOut(OfIncident, title="撤离命令情况", clauses=("E-4.5d",)):
    """An order to withdraw (撤离命令)."""

    id: UUID = Field(description="命令编号")
    reason: str = Field(description="原因")
    ordered_at: LocalTime = Field(description="下达时间")
    ordered_by: str = Field(description="下达人", examples=["区现场指挥部"])
    lifted_at: LocalTime | None = Field(description="解除时间；未解除时为空")
    notices: list[NoticeOut] = Field(description="每支队伍的回复，未回复的在前")
    unacknowledged: list[str] = Field(description="尚未回复的队伍", examples=[["天骄路消防救援站"]])


class WithdrawalOrdered(IncidentEvent, type="emergency.withdrawal.ordered", title="下令撤离"):
    """Every force on site is ordered to withdraw."""

    withdrawal: UUID = Field(description="撤离令编号")
    reason: str = Field(description="撤离的理由")
    forces: list[str] = Field(description="应当撤离的队伍名称")


class WithdrawalLifted(IncidentEvent, type="emergency.withdrawal.lifted", title="撤离令解除"):
    """The order to withdraw no longer stands."""

    withdrawal: UUID = Field(description="撤离令编号")


class WithdrawalAcknowledged(IncidentEvent, type="emergency.withdrawal.acknowledged", title="撤离令已收到"):
    """A force has acknowledged the order; how many have not yet."""

    withdrawal: UUID = Field(description="撤离令编号")
    name: str = Field(description="已收到撤离令的队伍名称")
    outstanding: int = Field(description="尚未收到的队伍数")


@router.post(
    "/incidents/{key}/withdrawals",
    status_code=201,
    summary="下达撤离命令",
    description="由现场指挥部或当时的指挥者下达，发给现场每一支队伍；谁尚未回复会列出。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-4.5d"),
)
async def order_withdrawal(key: Key, body: WithdrawIn, context: Commander) -> WithdrawalOut:
    """Order every force on site to withdraw (E-4.5d)."""
    context.refuse_future(occurred_at=body.occurred_at)
    case = await Case.open(context, key)
    WITHDRAWAL.check((await command_of(case)).commander.commander, "order", case.caller)
    if (standing := await withdrawal_in_force(case)) is not None:
        raise Conflict(
            "already-ordered",
            f"{standing.ordered_at:%H:%M} 的撤离命令尚未解除，请先查看未回复的队伍。",
            clauses=("E-4.5d",),
        )
    at = case.at(body.occurred_at)
    order = Withdrawal(incident_id=case.incident.id, reason=body.reason, ordered_at=at)
    order.ordered_by = case.caller.by
    case.session.add(order)
    await case.session.flush()
    forces = await forces_of(case, on_site=True)
    case.session.add_all(WithdrawalNotice(withdrawal_id=order.id, force_id=force.id) for force in forces)
    names = [force.name for force in forces]
    text = f"下达撤离命令：{body.reason}（{'、'.join(names) or '现场尚无登记队伍'}）"
    event = WithdrawalOrdered(withdrawal=order.id, reason=body.reason, forces=names)
    case.happened("withdrawal", text, "E-4.5d", at=at, event=event)
    return await _order(case, order)


@router.get(
    "/incidents/{key}/withdrawals",
    summary="列出撤离命令和回复情况",
    description="每道命令逐队列出是否回复。",
    responses=problems(404),
    openapi_extra=clauses("E-4.5d"),
)
async def list_withdrawals(key: Key, context: Reader) -> list[WithdrawalOut]:
    """The orders to withdraw, with who has not acknowledged (E-4.5d)."""
    case = await Case.see(context, key)
    return [await _order(case, row) for row in await withdrawals_of(case)]


@router.post(
    "/withdrawals/{id}/acknowledge",
    summary="回复撤离命令",
    description="由队伍所属单位（企业自己的队伍由该企业）回复，或由现场指挥部代为登记；重复回复不改变首次时间。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-4.5d"),
)
async def acknowledge(id: OrderId, body: NoticeIn, context: Addressee) -> WithdrawalOut:
    """A force acknowledges the order (E-4.5d); again changes nothing."""
    context.refuse_future(occurred_at=body.occurred_at)
    case, order = await Case.open_with(context, Withdrawal, id, NO_ORDER)
    missing = "这道撤离命令没有发给这支队伍，请核对编号。"
    notice = await found(case.session, WithdrawalNotice, (id, body.force), missing)
    force = await found(case.session, Force, body.force, missing)
    _must_answer_for(case, force)
    if notice.acknowledged_at is None:
        at = case.at(body.occurred_at, after=order.ordered_at)
        notice.acknowledged_at, notice.acknowledged_by = at, case.caller.by
        silent = (await _order(case, order)).unacknowledged
        event = WithdrawalAcknowledged(withdrawal=id, name=force.name, outstanding=len(silent))
        case.happened("withdrawal", f"{force.name}回复撤离命令", "E-4.5d", at=at, event=event)
    return await _order(case, order)


def _must_answer_for(case: Case, force: Force) -> None:
    """Only those who are with a force know that it has heard: its unit, its company, or the field headquarters."""
    caller = case.caller
    of_company = caller.company is not None and force.kind == ForceKind.COMPANY
    if not (caller.may(FIELD) or of_company or acts_for(caller, force.unit, force.name)):
        raise Forbidden(
            "another-units-force",
            f"{force.name}的回复由其所属单位作出，或由现场指挥部代为登记。",
            clauses=("E-4.5d",),
        )


@router.post(
    "/withdrawals/{id}/lift",
    summary="解除撤离命令",
    description="由现场指挥部解除，此后可再进入危险区。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-4.5d"),
)
async def lift(id: OrderId, context: Lifter) -> WithdrawalOut:
    """Lift the order; the first time stays (E-4.5d)."""
    case, order = await Case.open_with(context, Withdrawal, id, NO_ORDER)
    if order.lifted_at is None:
        order.lifted_at = case.now
        case.happened("withdrawal", "解除撤离命令", "E-4.5d", event=WithdrawalLifted(withdrawal=id))
    return await _order(case, order)


async def _order(case: Case, order: Withdrawal) -> WithdrawalOut:
    query = (
        select(WithdrawalNotice, Force)
        .join(Force, Force.id == WithdrawalNotice.force_id)
        .where(WithdrawalNotice.withdrawal_id == order.id)
        .order_by(WithdrawalNotice.acknowledged_at.is_not(None), Force.checked_in_at, Force.id)
    )
    rows = list(await case.session.execute(query))
    return WithdrawalOut.of(
        order,
        case.incident,
        notices=[
            NoticeOut.of(notice, force, force=force.id, left=force.checked_out_at is not None)
            for notice, force in rows
        ],
        unacknowledged=[
            force.name
            for notice, force in rows
            if notice.acknowledged_at is None and force.checked_out_at is None
        ],
    )
