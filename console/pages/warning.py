"""/warnings/{id}: one warning: what it says, where it went, what it asks of whom; adjusted or lifted here."""

from console.pages.warnings import CHANNELS, GRADES, content_of
from console.web.forms import refuse, wrong_of
from console.web.gateway import segment
from console.web.listing import portion
from console.web.page import Context, Given, NoSuch, Page, Wrong
from console.web.view import View

PAGE = Page(
    "/warnings/{id}",
    "预警",
    "warning.html",
    scopes=("emergency:read",),
    says={"adjust": "预警已调整。", "lift": "预警已解除。", "issue": "预警已发布。"},
)

#: Tasks, and messages, that are listed at once.
_TASKS, _SENT = 20, 15


@PAGE.show
async def show(view: View) -> Context:
    warning = await view.get(_base(view))
    if warning.status in (404, 422):
        raise NoSuch("没有这条预警，请从预警页面进入。")
    may = "emergency:warn" in view.person.scopes
    state = warning.body["state"] if warning else ""
    messages = warning.body["messages"][::-1] if warning else []
    sent, sent_way = portion(view, messages, "sent", _SENT)
    tasks, tasks_way = portion(view, warning.body["tasks"] if warning else [], "tasks", _TASKS)
    return {
        "warning": warning,
        "tasks": tasks,
        "tasks_way": tasks_way,
        "sent": sent,
        "sent_way": sent_way,
        "changes": may and state in ("issued", "adjusted") and not warning.body["expired"],
        "issues": may and state == "draft",
        "grades": (("", "不变"), *GRADES),
        "channels": dict(CHANNELS),
    }


@PAGE.form("issue")
async def issue(view: View, _given: Given) -> str:
    return await _act(view, "issue", {})


@PAGE.form("adjust")
async def adjust(view: View, given: Given) -> str:
    refuse(given, reason="调整原因")
    return await _act(
        view, "adjust", content_of(given) | await _colour(view, given) | {"reason": given["reason"]}
    )


async def _colour(view: View, given: Given) -> dict[str, str]:
    """The colour that goes with another grade, as the service has it: a warning that was issued keeps its own otherwise."""
    grade = given["expected_grade"]
    told = await view.get("/emergency/v1/warning-colours") if grade else None
    if not told:
        return {}
    found = next(each for each in told.body["items"] if each["expected_grade"] == grade)
    return {"colour": found["colour"]}


@PAGE.form("lift")
async def lift(view: View, given: Given) -> str:
    refuse(given, reason="解除原因")
    return await _act(view, "lift", {"reason": given["reason"]})


async def _act(view: View, verb: str, body: dict[str, object]) -> str:
    done = await view.post(f"{_base(view)}/{verb}", body)
    if not done:
        raise Wrong(wrong_of(done))
    return f"/warnings/{segment(view.path('id'))}"


def _base(view: View) -> str:
    return f"/emergency/v1/warnings/{segment(view.path('id'))}"
