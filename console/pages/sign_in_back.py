"""/sign-in/provider/back: where the identity provider sends people back to."""

from console.pages.sign_in_provider import arriving_of, refuse
from console.people.arriving import Failed
from console.web.page import Context, Elsewhere, Page
from console.web.view import UNDER_WAY, View

PAGE = Page("/sign-in/provider/back", "登录", "sign_in.html", open=True)


@PAGE.show
async def arrive(view: View) -> Context:
    arriving = arriving_of(view)
    cookie, view.under_way = view.kept(UNDER_WAY), ""
    try:
        given = (cookie, dict(view.request.query_params))
        view.cookie, going_to = await arriving.arrive(view.now, view.browser, *given)
    except Failed as failed:
        await refuse(view, arriving, failed)
    raise Elsewhere(going_to)
