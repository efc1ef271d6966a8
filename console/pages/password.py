"""/password: one's own."""

from console.people import accounts, passwords, tries
from console.web.page import Context, Given, Page, Wrong
from console.web.view import View

#: Said to somebody before another's screen who guesses the password in force.
TOO_OFTEN = "试的次数太多，请 30 分钟后再试，或请系统管理员重置密码。"

PAGE = Page("/password", "修改密码", "password.html")


@PAGE.show
async def show(_view: View) -> Context:
    return {"rule": passwords.RULE}


@PAGE.form("change")
async def change(view: View, given: Given) -> str:
    if given["new"] != given["again"]:
        raise Wrong({"again": "两遍输入的新密码不一样。"})
    login = view.person.login
    async with view.transaction() as session:  # counted before, as at sign-in, whatever comes of it
        if not await tries.count(session, view.now, [tries.account(login)]):
            raise Wrong({"old": TOO_OFTEN}, status=401)
    try:
        async with view.transaction() as session:
            await accounts.change_password(view.acting(session), view.person, given["old"], given["new"])
            await tries.unlock(session, login)
    except accounts.Wrong as wrong:
        raise Wrong({wrong.field: wrong.reason}) from None
    return "/"
