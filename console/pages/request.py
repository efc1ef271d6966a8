"""/hotline/{number}: one request of a citizen with its steps, and a form for whatever the person may do about it."""

from typing import Any

from console.web.forms import wrong_of
from console.web.gateway import segment
from console.web.listing import portion
from console.web.page import Context, Do, Given, NoSuch, Page, Wrong
from console.web.requests import ACTS, LEG_STATES, OFTEN, SELDOM, STATES, STEPS, said_to
from console.web.view import View

PAGE = Page(
    "/hotline/{number}",
    "热线诉求",
    "request.html",
    scopes=("dispatch:read",),
    says={action: f"已{STEPS[action]}。" for action in ACTS},
)
#: Units that have no part in a request any more.
_GONE = ("returned", "released")
#: Steps that are listed at once, the newest first.
_STEPS = 15


@PAGE.show
async def show(view: View) -> Context:
    request = await view.get(_base(view))
    if request.status == 404:
        raise NoSuch(f"没有诉求 {view.path('number')}，请从热线办理进入。")
    allowed = request.body["allowed"] if request else []
    steps, steps_way = portion(view, (request.body["steps"] or [])[::-1] if request else [], "steps", _STEPS)
    matters = await view.get("/dispatch/v1/matters") if "transfer" in allowed else None
    return {
        "request": request,
        "taken": steps,
        "taken_way": steps_way,
        "steps": STEPS,
        "states": STATES,
        "leg_states": LEG_STATES,
        "often": {action: asked for action, asked in OFTEN.items() if action in allowed},
        "seldom": {action: asked for action, asked in SELDOM.items() if action in allowed},
        "parts": _parts(request.body["legs"] if request else []),
        "matters": [(each["code"], each["name"]) for each in matters.body["items"]] if matters else [],
        "once": view.new_once(),
    }


def _parts(legs: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """The units that an action may be meant for; none to choose from where one unit has all of it."""
    found = [(leg["unit"], leg["unit_name"]) for leg in legs if leg["state"] not in _GONE]
    return [("", "主办单位"), *found] if len(found) > 1 else []


def _does(action: str) -> Do:
    """What the form of an action does: carries it out, once however often the form is sent."""

    async def act(view: View, given: Given) -> str:
        told = await view.post(f"{_base(view)}/{action}", said_to(action, given), once=given["once"])
        if not told:
            raise Wrong(wrong_of(told))
        return f"/hotline/{segment(view.path('number'))}"

    return act


for _action in ACTS:
    PAGE.form(_action)(_does(_action))


def _base(view: View) -> str:
    return f"/dispatch/v1/requests/{segment(view.path('number'))}"
