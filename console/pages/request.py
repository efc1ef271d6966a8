"""/hotline/{number}: one request of a citizen with its steps, and the forms to sign, to answer and to call back."""

from typing import Any, Final

from console.web.forms import wrong_of
from console.web.gateway import segment
from console.web.page import Context, Given, NoSuch, Page, Wrong
from console.web.requests import LEG_STATES, STATES, STEPS
from console.web.view import View

PAGE = Page(
    "/hotline/{number}",
    "热线诉求",
    "request.html",
    scopes=("dispatch:read",),
    says={"accept": "已签收。", "answer": "答复已提交。", "call-back": "回访结果已登记。"},
)
_YES_NO: Final = (("", "没有说"), ("yes", "是"), ("no", "否"))


@PAGE.show
async def show(view: View) -> Context:
    request = await view.get(_base(view))
    if request.status == 404:
        raise NoSuch(f"没有诉求 {view.path('number')}，请从热线办理进入。")
    return {
        "request": request,
        "steps": STEPS,
        "states": STATES,
        "leg_states": LEG_STATES,
        "once": view.new_once(),
        "reached": (("yes", "联系上了"), ("no", "没有联系上")),
        "yes_no": _YES_NO,
    }


@PAGE.form("accept")
async def accept(view: View, given: Given) -> str:
    return await _act(view, given, "accept", {})


@PAGE.form("answer")
async def answer(view: View, given: Given) -> str:
    return await _act(view, given, "answer", {"note": given["note"]})


@PAGE.form("call-back")
async def call_back(view: View, given: Given) -> str:
    said: dict[str, Any] = {"reached": given["reached"] != "no", "note": given["note"] or None}
    said |= {name: given[name] == "yes" for name in ("solved", "satisfied") if given[name]}
    return await _act(view, given, "call-back", said)


async def _act(view: View, given: Given, action: str, body: dict[str, Any]) -> str:
    """Carry an action out, once however often its form is sent. Raises: Wrong."""
    told = await view.post(f"{_base(view)}/{action}", body, once=given["once"])
    if not told:
        raise Wrong(wrong_of(told))
    return f"/hotline/{segment(view.path('number'))}"


def _base(view: View) -> str:
    return f"/dispatch/v1/requests/{segment(view.path('number'))}"
