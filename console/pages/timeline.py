"""/accidents/{number}/timeline: everything that happened to an accident, the newest first, as much of it as a page holds."""

from typing import Final

from console.web.gateway import segment
from console.web.listing import after, fitting
from console.web.page import Context, NoSuch, Page
from console.web.view import View

PAGE = Page("/accidents/{number}/timeline", "事故经过", "timeline.html", scopes=("emergency:read",))
#: Characters that stand on one page, and of one entry.
_ROOM, _CLIPPED = 8000, 6000
_WHOLE: Final = 10**6


@PAGE.show
async def show(view: View) -> Context:
    number = view.path("number")
    timeline = await view.get(f"/emergency/v1/incidents/{segment(number)}/timeline")
    if timeline.status == 404:
        raise NoSuch(f"没有事故 {number}，请从事故看板进入。")
    clipped, past = (_WHOLE, 0) if view.filed else (_CLIPPED, after(view))
    entries = timeline.body["entries"][::-1] if timeline else []
    rest = entries[past:]
    shown = rest if view.filed else fitting(rest, lambda each: each["text"][:clipped], _ROOM)
    return {
        "number": number,
        "timeline": timeline,
        "all": len(entries),
        "past": past,
        "shown": shown,
        "left": len(rest) - len(shown),
        "clipped": clipped,
    }
