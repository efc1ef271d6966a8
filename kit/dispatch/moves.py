"""What may be done with a request, by whom and when: a table for the request, and one for each unit's part in it (P-2.2.2b)."""

from collections.abc import Iterator
from typing import Final

from kit.web.caller import Role
from kit.web.moves import Moves

#: Scopes of the hotline: to send requests and decide about them, and to read them.
SEND, READ = Role("dispatch:write", "12345 热线"), Role("dispatch:read", "12345 热线")
#: To act on requests in place of whichever unit they were sent to.
ANY_UNIT = Role("dispatch:any-unit", "代各单位办理的系统管理员")
#: To work on requests that were sent to one's unit, whichever service has them, and on nothing else.
HANDLE = Role("dispatch:handle", "承办单位")
#: To hand on what another service took, with who handed it in there.
HAND_ON = Role("dispatch:hand-on", "各服务之间的移交")

CLAUSE: Final = "P-2.2.2b"
_WORKING = ("signed", "contacted", "in_progress")
_LIVE = ("dispatched", *_WORKING)

_Row = tuple[str, str, Role, str, str]


def units_of(service: str) -> tuple[Role, ...]:
    """The roles of the units that a service's requests are sent to: who writes in the service, or works on requests alone."""
    return Role(f"{service}:write", "承办单位"), HANDLE


def leg_moves(service: str) -> Moves:
    """A unit's part: dispatched, signed or asked to be taken back, contacted, in progress, answered, audited."""
    return Moves(
        "诉求",
        states={
            "dispatched": "诉求已派单、尚未签收",
            "return_asked": "承办单位已申请退单、尚未决定",
            "signed": "诉求已签收",
            "contacted": "已与来电人联系",
            "in_progress": "诉求正在办理",
            "answered": "承办单位已答复",
            "audited": "答复已审核通过",
            "returned": "诉求已改派其他单位",
            "released": "不再需要这个单位协办",
        },
        actions={
            "accept": "签收",
            "ask-return": "申请退单",
            "grant-return": "同意退单",
            "refuse-return": "驳回退单",
            "contact": "首次联系",
            "report": "报告阶段进展",
            "answer": "答复",
            "audit": "审核通过",
            "send-back": "审核退回",
            "ask-extension": "申请延期",
            "grant-extension": "同意延期",
            "refuse-extension": "驳回延期",
            "pause": "中止计时",
            "resume": "恢复计时",
            "urge": "督办",
            "release": "取消协办",
        },
        rows=[*_unit_rows(service), *_hotline_rows()],
    )


def _unit_rows(service: str) -> Iterator[_Row]:
    for unit in units_of(service):
        yield from _rows_of(unit)


def _rows_of(unit: Role) -> Iterator[_Row]:
    yield "dispatched", "accept", unit, "signed", CLAUSE
    yield "dispatched", "ask-return", unit, "return_asked", CLAUSE
    yield "dispatched", "answer", unit, "answered", CLAUSE
    yield "signed", "contact", unit, "contacted", CLAUSE
    yield "in_progress", "contact", unit, "in_progress", CLAUSE
    for state in _WORKING:
        yield state, "report", unit, "in_progress", CLAUSE
        yield state, "answer", unit, "answered", CLAUSE
        yield state, "ask-extension", unit, state, CLAUSE


def _hotline_rows() -> Iterator[_Row]:
    yield "return_asked", "grant-return", SEND, "returned", CLAUSE
    yield "return_asked", "refuse-return", SEND, "signed", CLAUSE
    for state in _WORKING:
        for action in ("grant-extension", "refuse-extension", "pause", "resume"):
            yield state, action, SEND, state, CLAUSE
    for state in _LIVE:
        yield state, "urge", SEND, state, CLAUSE
        yield state, "release", SEND, "released", CLAUSE
    yield "answered", "audit", SEND, "audited", CLAUSE
    yield "answered", "send-back", SEND, "in_progress", CLAUSE


def request_moves(service: str) -> Moves:
    """The request as a whole: worked on by its units, answered, closed or sent back; declined, merged, transferred."""
    return Moves(
        "诉求",
        states={
            "received": "诉求已派单、尚未签收",
            "accepted": "诉求已签收、正在办理",
            "answered": "诉求已答复",
            "closed": "诉求已办结",
            "declined": "诉求不予受理",
            "merged": "诉求已并入另一件",
            "transferred": "诉求已移交其他服务",
        },
        actions={
            "redo": "退回重办",
            "reopen": "重新受理",
            "explain": "解释说明",
            "close": "办结",
            "call-back": "回访",
            "join": "加派协办单位",
            "decline": "不予受理",
            "transfer": "转办",
            "merge": "并案",
            "find-unreasonable": "认定不合理诉求",
            "confirm-unreasonable": "复核不合理诉求",
            "remark": "补充情况",
            "place": "补充地点",
            "appeal": "申诉考核结果",
            "uphold-appeal": "支持考核申诉",
            "reject-appeal": "驳回考核申诉",
        },
        rows=_request_rows(service),
    )


def _request_rows(service: str) -> Iterator[_Row]:
    for state in ("received", "accepted"):
        for action, target in (("decline", "declined"), ("transfer", "transferred"), ("merge", "merged")):
            yield state, action, SEND, target, CLAUSE
        yield state, "join", SEND, state, CLAUSE
    # What is closed is redone where its citizen then says that it is not solved, or is not satisfied.
    for state in ("answered", "closed"):
        yield state, "redo", SEND, "accepted", CLAUSE
    # What ended without an answer, and its citizen does not accept that, is taken up again, or they are told why not.
    for state in ("declined", "merged"):
        yield state, "reopen", SEND, "received", CLAUSE
        yield state, "explain", SEND, state, CLAUSE
    yield "answered", "close", SEND, "closed", CLAUSE
    for state in ("received", "accepted", "answered"):
        for unit in units_of(service):
            yield state, "find-unreasonable", unit, state, CLAUSE
        yield state, "confirm-unreasonable", SEND, "declined", CLAUSE
    for state in ("received", "accepted", "answered"):
        yield state, "place", SEND, state, CLAUSE
    for state in ("received", "accepted", "answered", "closed", "merged"):
        yield state, "remark", SEND, state, CLAUSE
    for state in ("answered", "closed", "merged", "declined"):
        yield state, "call-back", SEND, state, CLAUSE
    for unit in units_of(service):
        yield "closed", "appeal", unit, "closed", CLAUSE
    for action in ("uphold-appeal", "reject-appeal"):
        yield "closed", action, SEND, "closed", CLAUSE
