"""Citizens' requests on pages: what their steps and states are called, and what is asked of whoever acts on one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from console.web.forms import instant_of
from console.web.page import Given
from kit.dispatch.moves import leg_moves, request_moves

_LEG, _WHOLE = leg_moves(""), request_moves("")
#: What stands in a record: what it keeps by itself, and what is done.
STEPS: Final = {
    "take": "受理",
    "dispatch": "派单",
    "raise": "自动提级",
    "refer": "转入业务办理",
    "take-back": "撤回",
    **_LEG.actions,
    **_WHOLE.actions,
}
STATES: Final = _WHOLE.states
#: Of a unit's part in a request.
LEG_STATES: Final = _LEG.states

#: How a field is filled in; `part` is one of the units that have the request, `matter` one of the matters that there are.
Kind = Literal["text", "area", "datetime-local", "yes-no", "choice", "part", "matter"]


@dataclass(frozen=True)
class Asked:
    """A field that is asked for. name: as the dispatch calls it; label, hint: Chinese; options: with what each is called."""

    name: str
    label: str
    kind: Kind = "text"
    hint: str = ""
    required: bool = False
    options: tuple[tuple[str, str], ...] = ()


_WORD: Final = Asked("note", "说明", "area")
_REASON: Final = Asked("note", "理由", "area", required=True)
_PART: Final = Asked("unit", "哪个单位承办的部分", "part")
_UNIT_HINT: Final = "写单位名称，例如 区住房和城乡建设局"
_SAID: Final = (("", "没有说"), ("yes", "是"), ("no", "否"))
_FIGURE: Final = Asked(
    "figure",
    "哪一项指标",
    "choice",
    options=(
        ("sign", "按时签收"),
        ("contact", "按时联系"),
        ("answer", "按时答复"),
        ("solved", "解决"),
        ("satisfied", "满意"),
    ),
)
_LEVEL: Final = Asked(
    "level",
    "督办等级",
    "choice",
    options=(("remind", "提醒"), ("urge", "催办"), ("supervise", "督办"), ("escalate", "提级")),
)

#: What is asked of whoever does something on most requests, in the order in which it is offered.
OFTEN: Final[Mapping[str, tuple[Asked, ...]]] = {
    "accept": (),
    "contact": (Asked("note", "联系的情况", "area", required=True),),
    "report": (Asked("note", "办到哪一步", "area", required=True),),
    "answer": (Asked("note", "怎样办理的，结果如何", "area", required=True),),
    "ask-return": (
        Asked("to_unit", "建议改派的单位", hint=_UNIT_HINT, required=True),
        Asked("duty", "依据哪一项职责不属本单位", "area", required=True),
        _REASON,
    ),
    "ask-extension": (Asked("until", "延期到", "datetime-local", required=True), _REASON),
    "grant-return": (_PART, _REASON),
    "refuse-return": (_PART, _REASON),
    "grant-extension": (_PART, _WORD),
    "refuse-extension": (_PART, _REASON),
    "audit": (_PART, _WORD),
    "send-back": (_PART, _REASON),
    "call-back": (
        Asked("reached", "联系上来电人没有", "yes-no", options=(("yes", "联系上了"), ("no", "没有联系上"))),
        Asked("solved", "来电人认为解决了吗", "yes-no", options=_SAID),
        Asked("satisfied", "来电人满意吗", "yes-no", options=_SAID),
        Asked("note", "来电人说了什么", "area"),
    ),
    "close": (_WORD,),
    "redo": (_REASON,),
}
#: And on few.
SELDOM: Final[Mapping[str, tuple[Asked, ...]]] = {
    "urge": (_PART, _LEVEL, _REASON),
    "pause": (_PART, _REASON),
    "resume": (_PART, _WORD),
    "join": (Asked("unit", "协办单位", hint=_UNIT_HINT, required=True), _REASON),
    "release": (_PART, _REASON),
    "remark": (Asked("note", "补充的情况", "area", required=True),),
    "place": (
        Asked("division", "街道（镇）"),
        Asked("address", "地址"),
        Asked("note", "从哪里知道的", "area", required=True),
    ),
    "merge": (Asked("into", "并入的诉求编号", required=True), _REASON),
    "transfer": (Asked("matter", "应属的事项", "matter", required=True), _REASON),
    "decline": (_REASON,),
    "reopen": (_REASON,),
    "explain": (Asked("note", "怎样解释的", "area", required=True),),
    "find-unreasonable": (_REASON,),
    "confirm-unreasonable": (
        Asked("agreed", "是否同意认定", "yes-no", options=(("yes", "同意"), ("no", "不同意"))),
        _REASON,
    ),
    "appeal": (_FIGURE, _REASON),
    "uphold-appeal": (_FIGURE, _WORD),
    "reject-appeal": (_FIGURE, _REASON),
}
ACTS: Final = {**OFTEN, **SELDOM}


def said_to(action: str, given: Given) -> dict[str, Any]:
    """What was filled in for an action, as the dispatch takes it. Raises: Wrong for a time that is none."""
    filled = [each for each in ACTS[action] if given[each.name]]
    return {each.name: _value(each, given[each.name]) for each in filled}


def _value(asked: Asked, typed: str) -> str | bool:
    if asked.kind == "yes-no":
        return typed == "yes"
    return instant_of(typed, asked.name) if asked.kind == "datetime-local" else typed
