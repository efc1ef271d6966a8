"""/keep: a session that goes on, by the one key that live.js offers before it ends."""

from console.web.page import Context, Given, Page
from console.web.view import View

PAGE = Page("/keep", "继续使用", "keep.html")


@PAGE.show
async def show(view: View) -> Context:
    return {"until": view.person.idle_at}


@PAGE.form("on")
async def keep_on(_view: View, _given: Given) -> str:
    return "/keep"  # whatever is asked for is an act
