"""/credit: who is on the red list and who on the black, and any company by its name."""

from typing import Any, Final

from console.web.gateway import Told
from console.web.page import Context, Page
from console.web.view import View

PAGE = Page("/credit", "红黑榜", "credit.html", scopes=("credit:read",), group="信用")
LISTS: Final = {"red": "红榜", "black": "黑榜"}
_MOST: Final = 200


@PAGE.show
async def show(view: View) -> Context:
    lists = await view.get(f"/credit/v1/lists?newest=true&limit={_MOST}")
    return {"lists": LISTS, "told": lists, "rows": by_list(lists), **await found(view)}


def by_list(lists: Told) -> dict[str, list[dict[str, Any]]]:
    """The entries of each list that hold: who has left the black list stands there no more."""
    items = lists.body["items"] if lists else []
    return {
        name: [each for each in items if each["listed"] == name and not each["left_on"]] for name in LISTS
    }


async def found(view: View) -> Context:
    """The companies of the name that is looked for."""
    name = view.query("name")
    if not name:
        return {"name": "", "companies": None}
    return {"name": name, "companies": await view.get("/credit/v1/public/companies", name=name, limit=20)}


@PAGE.file("xlsx")
def as_workbook(_view: View) -> str:
    return "/credit/v1/lists?newest=true&format=xlsx"
