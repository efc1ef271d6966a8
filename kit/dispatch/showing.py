"""A request as answers show it: whose it is, masked, with what the caller may do and who must act next."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from kit.context import Context
from kit.dispatch import requests
from kit.dispatch.desk import Desk, Opened, acts
from kit.dispatch.hindrances import Known
from kit.dispatch.limits import Limit, clocks
from kit.dispatch.matters import Matter
from kit.dispatch.moves import CLAUSE, SEND
from kit.dispatch.shapes import MatterLimitOut, MatterOut, RequestLegOut, RequestNextOut, RequestOut
from kit.dispatch.standing import next_of
from kit.dispatch.tables import DispatchLeg, DispatchRequest
from kit.district.citations import cite
from kit.district.units import name_of
from kit.personal.masking import mask_name, mask_phone
from kit.web.caller import Caller
from kit.web.problems import Forbidden

#: What stands for the words of a request that are not for everybody.
NOT_SHOWN = "（保密诉求，内容只供承办单位查看）"
_HOTLINE = "12345 热线"
_MADE = frozenset({"legs", "next_actor"})


def shown(
    desk: Desk,
    context: Context,
    request: DispatchRequest,
    legs: Sequence[DispatchLeg],
    *,
    reveal: bool = False,
) -> dict[str, Any]:
    """The fields of a request's answer. reveal: the citizen in full."""
    matter, cipher = desk.matters.get(request.matter), context.cipher
    name = cipher.open(request.citizen_name) if request.citizen_name else None
    phone = cipher.open(request.citizen_phone) if request.citizen_phone else None
    plain = {field: getattr(request, field, None) for field in RequestOut.model_fields if field not in _MADE}
    return (
        plain
        | {
            "matter_name": matter.name if matter else request.matter,
            "service": desk.service,
            "citizen_name": name if reveal or name is None else mask_name(name),
            "citizen_phone": phone if reveal or phone is None else mask_phone(phone),
            "unit_name": name_of(request.unit),
            "overdue": requests.is_overdue(request, context.now),
            "allowed": desk.allowed(Known(request, legs, context.now), context.caller),
            "next_actor": _next(desk, request, legs),
            "legs": [RequestLegOut.of(leg, unit_name=name_of(leg.unit)) for leg in legs],
            "basis": cite(*(matter.clauses if matter else (CLAUSE,))),
        }
        | _words(context, request, legs)
    )


def of(case: Opened) -> RequestOut:
    """The answer to an action."""
    return RequestOut(**shown(case.desk, case.context, case.request, case.legs))


def may_see(caller: Caller, request: DispatchRequest, legs: Sequence[DispatchLeg]) -> bool:
    """Whether what a request says, and who works on it, is for the caller: if secret, for who handed it in and its units, and
    for the hotline, which is who hands in and may see whom a request is of.
    """
    if not request.secret or requests.sees_secrets(caller) or any(acts(caller, leg) for leg in legs):
        return True
    return caller.may(SEND) and request.client == caller.party


def must_see(caller: Caller, request: DispatchRequest, legs: Sequence[DispatchLeg]) -> None:
    """Refuse whoever may know no more of a request than that it is. Raises: Forbidden."""
    if not may_see(caller, request, legs):
        raise Forbidden("secret-request", f"诉求 {request.number} 保密，内容只供承办单位和 12345 查看。")


def _words(context: Context, request: DispatchRequest, legs: Sequence[DispatchLeg]) -> dict[str, Any]:
    """What takes the place of what a request says, where that is not for the caller."""
    if may_see(context.caller, request, legs):
        return {}
    return {
        "summary": NOT_SHOWN,
        "description": "",
        "address": None,
        "attachments": [],
        "answer": NOT_SHOWN if request.answer else None,
        "coordinates": None,
        "longitude": None,
        "latitude": None,
        "compound": None,
        "legs": [],
    }


def _next(desk: Desk, request: DispatchRequest, legs: Sequence[DispatchLeg]) -> RequestNextOut | None:
    found = next_of(request, legs)
    if found is None:
        return None
    names = desk.legs.actions | desk.requests.actions
    return RequestNextOut(
        unit=found.unit,
        unit_name=name_of(found.unit) if found.unit else _HOTLINE,
        unit_of_leg=found.leg,
        unit_of_leg_name=name_of(found.leg) if found.leg else None,
        action=found.action,
        action_name=names[found.action],
        due_at=found.due_at,
    )


def matter_shown(desk: Desk, title: str, matter: Matter, context: Context) -> MatterOut:
    """A matter of the catalogue, with the limits that hold today."""
    sign, contact, source = clocks().on(context.today, matter.level)
    answer = matter.limit_on(context.today)
    return MatterOut.of(
        matter,
        group=matter.group or title,
        service=desk.service,
        prefix=f"DS-{desk.letter}Q-",
        hours=answer.hours,
        same_day=answer.same_day,
        workdays=answer.workdays,
        sign=_limit(sign),
        contact=_limit(contact),
        clocks_source=source,
        basis=cite(*matter.clauses),
    )


def _limit(limit: Limit) -> MatterLimitOut:
    return MatterLimitOut(**asdict(limit))
