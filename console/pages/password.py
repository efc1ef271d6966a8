"""/password: one's own."""

from console.people import accounts, passwords
from console.web.page import Context, Given, Page, Wrong
from console.web.view import View

PAGE = Page("/password", "修改密码", "password.html")


@PAGE.show
async def show(_view: View) -> Context:
    return {"rule": passwords.RULE}


@PAGE.form("change")
async def change(view: View, given: Given) -> str:
    if given["new"] != given["again"]:
        raise Wrong({"again": "两遍输入的新密码不一样。"})
    try:
        async with view.transaction() as session:
            await accounts.change_password(view.acting(session), view.person, given["old"], given["new"])
    except accounts.Wrong as wrong:
        raise Wrong({wrong.field: wrong.reason}) from None
    return "/"
