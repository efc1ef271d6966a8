"""/sessions: where one is signed in, and the end of it elsewhere or everywhere."""

from console.people import sessions
from console.web.page import Context, Given, Page
from console.web.view import View

PAGE = Page("/sessions", "我的登录", "sessions.html", says={"end-others": "其他浏览器已退出。"})


@PAGE.show
async def show(view: View) -> Context:
    async with view.transaction() as session:
        return {"sessions": await sessions.of_person(session, view.person.id, view.now)}


@PAGE.form("end-others")
async def end_others(view: View, _given: Given) -> str:
    await _end(view, but=view.person.key)
    return "/sessions"


@PAGE.form("end-all")
async def end_all(view: View, _given: Given) -> str:
    await _end(view, but=None)
    view.cookie = ""
    return "/sign-out"


async def _end(view: View, but: bytes | None) -> None:
    async with view.transaction() as session:
        ended = await sessions.end_all(session, view.person.id, but=but)
        await view.acting(session).note("sign-out.others", str(view.person.id), ended=ended)
