"""/credit/{uscc}: one company: its score step by step, each with its clause and evidence, and what has been done about it."""

import asyncio

from console.web.gateway import segment
from console.web.page import Context, NoSuch, Page
from console.web.view import View

PAGE = Page("/credit/{uscc}", "企业信用", "company.html", scopes=("credit:read",))
#: Entries of the file that are shown, the newest first.
_ENTRIES = 100


@PAGE.show
async def show(view: View) -> Context:
    score, file, figure = await asyncio.gather(
        view.get(_score(view)),
        view.get(f"/credit/v1/companies/{segment(view.path('uscc'))}/file?limit={_ENTRIES}"),
        view.figure(f"{_score(view)}?format=svg"),
    )
    if score.status in (404, 422):
        raise NoSuch("没有这个统一社会信用代码的企业，请从红黑榜查找。")
    return {"score": score, "file": file, "figure": figure}


def _score(view: View) -> str:
    return f"/credit/v1/companies/{segment(view.path('uscc'))}/score"


@PAGE.file("docx")
def as_report(view: View) -> str:
    return f"{_score(view)}?format=docx"


@PAGE.file("svg")
def as_figure(view: View) -> str:
    return f"{_score(view)}?format=svg&width=640"
