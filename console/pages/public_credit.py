"""/public/credit: the lists and the grades that are published, for everybody, without sign-in."""

from typing import Final

from console.pages.credit import LISTS, by_list, found
from console.web.page import Context, Page
from console.web.view import View

PAGE = Page("/public/credit", "物业服务企业信用公示", "public_credit.html", open=True)
_MOST: Final = 200


@PAGE.show
async def show(view: View) -> Context:
    lists = await view.get(f"/credit/v1/public/lists?limit={_MOST}")
    return {"lists": LISTS, "told": lists, "rows": by_list(lists), **await found(view)}
