"""/credit: who is on the red list and who on the black, and any company by its name."""

from typing import Any, Final

from console.web.gateway import Told
from console.web.listing import Way, part, way
from console.web.page import Context, Page
from console.web.view import View

PAGE = Page("/credit", "红黑榜", "credit.html", scopes=("credit:read",), group="信用")
LISTS: Final = {"red": "红榜", "black": "黑榜"}
#: Companies of a list that are shown at once.
_MOST: Final = 25


@PAGE.show
async def show(view: View) -> Context:
    return {"lists": await listed(view, "/credit/v1/lists?newest=true"), **await found(view)}


async def listed(view: View, path: str) -> list[tuple[str, Told, list[dict[str, Any]], Way]]:
    """(the list, what told of it, its entries that hold, the way through them), of both lists."""
    asked = [part(view, f"{path}&listed={name}", name, _MOST) for name in LISTS]
    told = await view.all(*asked)
    return [
        (name, each, still_listed(each), way(view, each, name))
        for name, each in zip(LISTS, told, strict=True)
    ]


def still_listed(told: Told) -> list[dict[str, Any]]:
    """The entries of a list without those that have left it. Pure."""
    return [each for each in told.body["items"] if not each["left_on"]] if told else []


async def found(view: View) -> Context:
    """The companies of the name that is looked for."""
    name = view.query("name")
    if not name:
        return {"name": "", "companies": None}
    return {"name": name, "companies": await view.get("/credit/v1/public/companies", name=name, limit=20)}


@PAGE.file("xlsx")
def as_workbook(_view: View) -> str:
    return "/credit/v1/lists?newest=true&format=xlsx"
