"""What stands against an action although the state allows it: one rule for the refusal and for what is offered. Pure.

A rule looks at the record alone. What depends on what is said to the action is looked at where it is carried out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kit.dispatch.limits import clocks
from kit.dispatch.moves import CLAUSE
from kit.dispatch.shapes import Figure
from kit.dispatch.standing import is_refuted, live
from kit.dispatch.tables import DispatchLeg, DispatchRequest
from kit.district.units import name_of
from kit.web.problems import Conflict


@dataclass(frozen=True)
class Known:
    """A request as the record has it at a moment."""

    request: DispatchRequest
    legs: Sequence[DispatchLeg]
    now: datetime


def hindrance(known: Known, action: str, leg: DispatchLeg | None) -> Conflict | None:
    """The problem of an action that the state allows, if there is one; leg: whose part it is about, or who does it."""
    rule = _RULES.get(action)
    if rule is not None:
        return rule(known)
    of_leg = _RULES_OF_LEGS.get(action)
    return of_leg(known, leg) if of_leg is not None and leg is not None else None


def is_known_here(request: DispatchRequest, action: str) -> bool:
    """Whether a state in which the table knows an action is really that state, by what was said of the request since.

    What is closed is redone once its citizen refuted it and no appeal waits; what was declined or merged is taken up again,
    or explained, once its citizen refuted it.
    """
    if action in ("reopen", "explain"):
        return is_refuted(request) and request.explained_at is None
    return action != "redo" or request.state != "closed" or (is_refuted(request) and not request.appeals)


def _nothing_found(known: Known) -> Conflict | None:
    if known.request.unreasonable_by is not None:
        return None
    return Conflict("nothing-found-unreasonable", "没有单位认定过这件诉求不合理。", clauses=(CLAUSE,))


def _found_already(known: Known) -> Conflict | None:
    if known.request.unreasonable_by is None:
        return None
    return Conflict("already-found-unreasonable", "已认定过，请等待 12345 热线复核。", clauses=(CLAUSE,))


def _no_appeal(known: Known) -> Conflict | None:
    return None if known.request.appeals else no_appeal()


def no_appeal() -> Conflict:
    """The problem of a decision about an appeal that nobody made."""
    return Conflict("no-appeal", "没有待决定的这项申诉。", clauses=(CLAUSE,))


def _returned_enough(known: Known, leg: DispatchLeg) -> Conflict | None:
    rules = clocks()
    ends = rules.returns_within.due(leg.dispatched_at).at
    if known.now > ends:
        return Conflict(
            "return-too-late",
            f"应在 {ends:%m月%d日 %H:%M} 前申请退单，现已超过。请先办理，或请 12345 热线转办。",
            clauses=(CLAUSE,),
        )
    asked = sum(each.state == "return_asked" for each in live(known.legs))
    if known.request.returns + asked < rules.returns:
        return None
    return Conflict(
        "returned-too-often",
        f"这件诉求已退单或正在申请退单 {rules.returns} 次，不能再退。请先办理，意见可写在进展中。",
        clauses=(CLAUSE,),
    )


def _extended_enough(known: Known, leg: DispatchLeg) -> Conflict | None:
    most = clocks().extensions
    if leg.extension_until is not None:
        return Conflict("extension-pending", "已申请延期，请等待 12345 热线决定。", clauses=(CLAUSE,))
    if (leg.paused_at or known.now) > leg.answer_due_at:
        return Conflict(
            "extension-too-late",
            f"答复时限 {leg.answer_due_at:%m月%d日 %H:%M} 已过，不能再申请延期，请尽快答复。",
            clauses=(CLAUSE,),
        )
    if leg.extensions < most:
        return None
    return Conflict(
        "extended-too-often",
        f"本轮办理已同意延期 {most} 次，不能再延。请在答复时限前答复，办不完的把进展和原因写在答复中。",
        clauses=(CLAUSE,),
    )


def _nothing_asked(_known: Known, leg: DispatchLeg) -> Conflict | None:
    if leg.extension_until is not None:
        return None
    return Conflict("nothing-asked", f"{name_of(leg.unit)}没有申请延期。", clauses=(CLAUSE,))


def _stands_still(_known: Known, leg: DispatchLeg) -> Conflict | None:
    if leg.paused_at is None:
        return None
    return Conflict("already-paused", "已中止计时，请先恢复。", clauses=(CLAUSE,))


def _runs(_known: Known, leg: DispatchLeg) -> Conflict | None:
    if leg.paused_at is not None:
        return None
    return Conflict("not-paused", "没有中止计时。", clauses=(CLAUSE,))


def _contacted_already(_known: Known, leg: DispatchLeg) -> Conflict | None:
    if leg.contacted_at is None:
        return None
    return Conflict("already-contacted", "已登记过首次联系，进展请报告阶段进展。", clauses=(CLAUSE,))


def _leads(_known: Known, leg: DispatchLeg) -> Conflict | None:
    return (
        Conflict("lead-stays", "主办单位不能取消，请转办或同意退单。", clauses=(CLAUSE,))
        if leg.lead
        else None
    )


def _appealed_all(_known: Known, leg: DispatchLeg) -> Conflict | None:
    return already_appealed() if set(leg.appealed) >= set(Figure) else None


def already_appealed() -> Conflict:
    """The problem of a second appeal against the same figure of a round."""
    return Conflict("already-appealed", "对这项指标已申诉过。", clauses=(CLAUSE,))


_RULES: Final[Mapping[str, Callable[[Known], Conflict | None]]] = {
    "find-unreasonable": _found_already,
    "confirm-unreasonable": _nothing_found,
    "uphold-appeal": _no_appeal,
    "reject-appeal": _no_appeal,
}
_RULES_OF_LEGS: Final[Mapping[str, Callable[[Known, DispatchLeg], Conflict | None]]] = {
    "ask-return": _returned_enough,
    "ask-extension": _extended_enough,
    "grant-extension": _nothing_asked,
    "refuse-extension": _nothing_asked,
    "pause": _stands_still,
    "resume": _runs,
    "contact": _contacted_already,
    "release": _leads,
    "appeal": _appealed_all,
}
