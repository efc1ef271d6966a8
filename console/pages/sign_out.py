"""/sign-out: the end of a session, by the button in the frame."""

from console.people import sessions
from console.web.page import Given, Page
from console.web.view import View

PAGE = Page("/sign-out", "退出登录", "sign_out.html", open=True)


@PAGE.form("now")
async def sign_out(view: View, _given: Given) -> str:
    if view.seat is not None:
        async with view.transaction() as session:
            await sessions.end(session, view.seat.key)
            await view.acting(session).note("sign-out.done", str(view.seat.id))
    view.cookie = ""
    return "/sign-out"
