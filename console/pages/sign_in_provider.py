"""/sign-in/provider: by whom an identity provider says that somebody is; a link, as its own address may be anywhere."""

from urllib.parse import urlencode

from console.people.arriving import Arriving, Failed
from console.web.page import Context, Elsewhere, NoSuch, Page
from console.web.view import View, local

PAGE = Page("/sign-in/provider", "登录", "sign_in.html", open=True)


@PAGE.show
async def leave(view: View) -> Context:
    going_to = local(view.query("next"))
    arriving = arriving_of(view)
    try:
        address, view.under_way = await arriving.leave(view.now, going_to)
    except Failed as failed:
        failed.going_to = going_to
        await refuse(view, arriving, failed)
    raise Elsewhere(address)


def arriving_of(view: View) -> Arriving:
    """Those who come from the provider. Raises: NoSuch where there is none."""
    console = view.console
    if console.provider is None:
        raise NoSuch("没有这个页面。请用账号密码登录。")
    return Arriving(console.sessions, console.settings, console.provider)


async def refuse(view: View, arriving: Arriving, failed: Failed) -> None:
    """Lead back to where people sign in, which says why. Raises: Elsewhere."""
    await arriving.note(view.now, view.browser, failed)
    raise Elsewhere(f"/sign-in?{urlencode({'failed': failed.reason, 'next': failed.going_to})}")
