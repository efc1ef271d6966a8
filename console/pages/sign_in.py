"""/sign-in: by an account that is kept here."""

from console.people import signing_in
from console.people.signing_in import REFUSED, Refused
from console.web.page import Context, Given, Page, Wrong
from console.web.view import View, local

PAGE = Page("/sign-in", "登录", "sign_in.html", open=True)


@PAGE.show
async def show(view: View) -> Context:
    return {"next": local(view.query("next"))}


@PAGE.form("now")
async def sign_in(view: View, given: Given) -> str:
    wanted = (("login", "账号"), ("password", "密码"))
    if missing := {name: f"请填写{zh}。" for name, zh in wanted if not given[name]}:
        raise Wrong(missing)
    console = view.console
    try:
        view.cookie = await signing_in.sign_in(
            console.sessions, console.settings, view.now, view.browser, (given["login"], given["password"])
        )
    except Refused:
        raise Wrong({"": REFUSED}, status=401) from None
    return local(given["next"])
