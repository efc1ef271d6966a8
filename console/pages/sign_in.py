"""/sign-in: by an account that is kept here, or by an identity provider; there too it is said why that was refused."""

from console.people import signing_in
from console.people.arriving import SENTENCES
from console.people.signing_in import REFUSED, Refused
from console.web.page import Context, Given, Page, Wrong
from console.web.view import View, local

PAGE = Page("/sign-in", "登录", "sign_in.html", open=True)


@PAGE.show
async def show(view: View) -> Context:
    settings = view.console.settings
    said = SENTENCES.get(view.query("failed"), "").format(name=settings.oidc_name)
    return {
        "next": local(view.query("next")),
        "refused": said if settings.oidc_issuer else "",
        "provider": settings.oidc_name if settings.oidc_issuer else "",
        "passwords": settings.passwords,
    }


@PAGE.form("now")
async def sign_in(view: View, given: Given) -> str:
    if not view.console.settings.passwords:
        raise Wrong({"": f"不能用密码登录，请用{view.console.settings.oidc_name}登录。"}, status=403)
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
