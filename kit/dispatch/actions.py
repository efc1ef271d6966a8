"""Endpoints of the actions on a request, made from the two tables of moves."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request

from kit.context import Context
from kit.dispatch import deciding, placing, working
from kit.dispatch.action_shapes import (
    ActionIn,
    RequestAppealDecisionIn,
    RequestAppealIn,
    RequestCallBackIn,
    RequestCloseIn,
    RequestConfirmIn,
    RequestDecisionIn,
    RequestExtensionIn,
    RequestJoinIn,
    RequestMergeIn,
    RequestPlaceIn,
    RequestReturnIn,
    RequestTransferIn,
    RequestUrgeIn,
)
from kit.dispatch.deciding import CalledBack
from kit.dispatch.desk import Desk, Opened
from kit.dispatch.handing_on import HandingOn
from kit.dispatch.moves import SEND, leg_moves, request_moves
from kit.dispatch.placing import Place, point_of
from kit.dispatch.shapes import RequestOut
from kit.dispatch.showing import of
from kit.dispatch.working import WORDLESS, Told
from kit.web.access import requires
from kit.web.caller import Role
from kit.web.moves import Moves
from kit.web.ownership import Whose
from kit.web.problems import FieldError, Invalid
from kit.web.routes import move
from kit.web.shapes import Body

Number = Annotated[str, Path(description="诉求编号", examples=["DS-PQ-20240624-0001"], max_length=40)]
_PATH = "/dispatch/requests/{number}"
_NO_NOTE = ActionIn()
_CLOSED = RequestCloseIn()
_BODIES: dict[str, type[ActionIn]] = {
    "ask-return": RequestReturnIn,
    "ask-extension": RequestExtensionIn,
    "urge": RequestUrgeIn,
}


@dataclass(frozen=True)
class Action:
    """An action as every document shows it. body: what is said to it; default: where nothing need be said."""

    name: str
    zh: str
    body: type[Body]
    default: Any

    @property
    def function(self) -> str:
        """What its endpoint is called."""
        return f"{self.name.replace('-', '_')}_request"

    def roles(self, services: Iterable[str]) -> tuple[Role, ...]:
        """Who may do it in some of the services."""
        tables = [make(service) for service in services for make in (leg_moves, request_moves)]
        return tuple(dict.fromkeys(role for table in tables for role in table.roles(self.name)))


#: What carries out a decision about a request: (context, desk, number, body, request).
_Decide = Callable[[Context, Desk, str, Any, Request], Awaitable[Opened]]


def add(router: APIRouter, desk: Desk) -> None:
    """The endpoints of all actions."""
    for action in desk.legs.actions:
        _add_leg_action(router, desk, action)
    for action in desk.requests.actions:
        _add_decision(router, desk, action)


def _actor(table: Moves, action: str) -> Any:
    of_hotline = SEND in table.roles(action)
    return requires(whose=Whose.PLACES if of_hotline else Whose.UNITS)


def _told(table: Moves, action: str) -> str:
    return f"{table.actions[action]}。不在可做的状态时返回 409，并列出目前可做的操作。"


def _add_leg_action(router: APIRouter, desk: Desk, action: str) -> None:
    told = ACTIONS[action]
    default: Any = told.default
    actor = Annotated[Context, _actor(desk.legs, action)]

    @move(router, _PATH, desk.legs, action, _told(desk.legs, action), name=told.function)
    async def act(number: Number, context: actor, body: told.body = default) -> RequestOut:  # type: ignore[name-defined]
        if action not in WORDLESS and not (body.note or "").strip():
            raise Invalid(
                "no-note",
                f"{desk.legs.actions[action]}时请填写说明。",
                errors=[FieldError(pointer="/note", reason="缺少这一项，请填写。")],
            )
        return of(await working.act(context, desk, number, action, Told(**body.model_dump())))


def _add_decision(router: APIRouter, desk: Desk, action: str) -> None:
    told, decide = ACTIONS[action], _DECISIONS[action][1]
    default: Any = told.default
    actor = Annotated[Context, _actor(desk.requests, action)]

    @move(router, _PATH, desk.requests, action, _told(desk.requests, action), name=told.function)
    async def act(
        number: Number,
        context: actor,
        request: Request,
        body: told.body = default,  # type: ignore[name-defined]
    ) -> RequestOut:
        return of(await decide(context, desk, number, body, request))


async def _redo(context: Context, desk: Desk, number: str, body: RequestDecisionIn, _: Request) -> Opened:
    return await deciding.redo(context, desk, number, body.note)


async def _reopen(context: Context, desk: Desk, number: str, body: RequestDecisionIn, _: Request) -> Opened:
    return await deciding.reopen(context, desk, number, body.note)


async def _explain(context: Context, desk: Desk, number: str, body: RequestDecisionIn, _: Request) -> Opened:
    return await deciding.explain(context, desk, number, body.note)


async def _close(context: Context, desk: Desk, number: str, body: RequestCloseIn, _: Request) -> Opened:
    return await deciding.close(context, desk, number, body.note)


async def _call_back(
    context: Context, desk: Desk, number: str, body: RequestCallBackIn, _: Request
) -> Opened:
    said = CalledBack(body.reached, body.solved, body.satisfied)
    return await deciding.call_back(context, desk, number, body.note, said)


async def _join(context: Context, desk: Desk, number: str, body: RequestJoinIn, _: Request) -> Opened:
    return await deciding.join(context, desk, number, body.unit, body.note)


async def _decline(context: Context, desk: Desk, number: str, body: RequestDecisionIn, _: Request) -> Opened:
    return await deciding.decline(context, desk, number, body.note)


async def _transfer(
    context: Context, desk: Desk, number: str, body: RequestTransferIn, request: Request
) -> Opened:
    handing_on = HandingOn.of(request, request.app.state.settings.gateway)
    return await deciding.transfer(context, desk, number, (body.matter, body.note), handing_on)


async def _merge(context: Context, desk: Desk, number: str, body: RequestMergeIn, _: Request) -> Opened:
    return await deciding.merge(context, desk, number, body.into, body.note)


async def _find(context: Context, desk: Desk, number: str, body: RequestDecisionIn, _: Request) -> Opened:
    return await deciding.find_unreasonable(context, desk, number, body.note)


async def _confirm(context: Context, desk: Desk, number: str, body: RequestConfirmIn, _: Request) -> Opened:
    return await deciding.confirm_unreasonable(context, desk, number, body.note, agreed=body.agreed)


async def _remark(context: Context, desk: Desk, number: str, body: RequestDecisionIn, _: Request) -> Opened:
    return await deciding.remark(context, desk, number, body.note)


async def _place(context: Context, desk: Desk, number: str, body: RequestPlaceIn, _: Request) -> Opened:
    told = Place(body.division, body.address, body.compound, point_of(body.coordinates))
    return await placing.place(context, desk, number, body.note, told)


async def _appeal(context: Context, desk: Desk, number: str, body: RequestAppealIn, _: Request) -> Opened:
    return await deciding.appeal(context, desk, number, body.figure, body.note)


async def _uphold(
    context: Context, desk: Desk, number: str, body: RequestAppealDecisionIn, _: Request
) -> Opened:
    return await deciding.decide_appeal(context, desk, number, (body.figure, body.note), uphold=True)


async def _reject(
    context: Context, desk: Desk, number: str, body: RequestAppealDecisionIn, _: Request
) -> Opened:
    return await deciding.decide_appeal(context, desk, number, (body.figure, body.note), uphold=False)


_DECISIONS: dict[str, tuple[type[Body], _Decide]] = {
    "redo": (RequestDecisionIn, _redo),
    "reopen": (RequestDecisionIn, _reopen),
    "explain": (RequestDecisionIn, _explain),
    "close": (RequestCloseIn, _close),
    "call-back": (RequestCallBackIn, _call_back),
    "join": (RequestJoinIn, _join),
    "decline": (RequestDecisionIn, _decline),
    "transfer": (RequestTransferIn, _transfer),
    "merge": (RequestMergeIn, _merge),
    "find-unreasonable": (RequestDecisionIn, _find),
    "confirm-unreasonable": (RequestConfirmIn, _confirm),
    "remark": (RequestDecisionIn, _remark),
    "place": (RequestPlaceIn, _place),
    "appeal": (RequestAppealIn, _appeal),
    "uphold-appeal": (RequestAppealDecisionIn, _uphold),
    "reject-appeal": (RequestAppealDecisionIn, _reject),
}


def _action(name: str, zh: str) -> Action:
    body = _DECISIONS[name][0] if name in _DECISIONS else _BODIES.get(name, ActionIn)
    defaults: dict[type[Body], Any] = {ActionIn: _NO_NOTE, RequestCloseIn: _CLOSED}
    return Action(name, zh, body, defaults.get(body, ...))


#: Every action by its name; what it is called is the same in every service.
ACTIONS = {
    name: _action(name, zh)
    for moves in (leg_moves(""), request_moves(""))
    for name, zh in moves.actions.items()
}
