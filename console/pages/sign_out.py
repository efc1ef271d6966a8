"""/sign-out: the end of a session, by the button in the frame."""

from console.people import sessions
from console.web.page import Context, Given, Page
from console.web.view import View

PAGE = Page("/sign-out", "退出登录", "sign_out.html", open=True)


@PAGE.show
async def show(_view: View) -> Context:
    return {"leads": ""}


@PAGE.form("now")
async def sign_out(view: View, _given: Given) -> str | Context:
    leads = ""
    if view.seat is not None:
        async with view.transaction() as session:
            await sessions.end(session, view.seat.key)
            await view.acting(session).note("sign-out.done", str(view.seat.id))
        if view.seat.outside and view.console.provider is not None:
            leads = await view.console.provider.end_address()
    view.cookie = ""
    if not leads:
        return "/sign-out"
    # A page that leads there, since a form of ours may lead nowhere else (Content-Security-Policy).
    view.seat = None
    return {"leads": leads}
