"""/public/credit: the lists and the grades that are published, for everybody, without sign-in."""

from console.pages.credit import found, listed
from console.web.page import Context, Page
from console.web.view import View

PAGE = Page("/public/credit", "物业服务企业信用公示", "public_credit.html", open=True)


@PAGE.show
async def show(view: View) -> Context:
    return {"lists": await listed(view, "/credit/v1/public/lists?newest=true"), **await found(view)}
