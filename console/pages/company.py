"""/credit/{uscc}: one company: its score step by step, each with its clause and evidence, and what has been done about it."""

import asyncio
from typing import Any, Final

from console.web.gateway import Told, segment
from console.web.listing import part, portion, way
from console.web.page import Context, NoSuch, Page
from console.web.view import View

PAGE = Page("/credit/{uscc}", "企业信用", "company.html", scopes=("credit:read",))
#: Entries of the file, the newest first, and steps of the score that are listed at once.
_ENTRIES, _STEPS = 8, 12
_CREDIT: Final = "/credit/v1"


@PAGE.show
async def show(view: View) -> Context:
    company = segment(view.path("uscc"))
    entries = part(view, f"{_CREDIT}/companies/{company}/file?newest=true", "file", _ENTRIES)
    (score, file, records, open_to), figure = await asyncio.gather(
        view.all(
            _score(view),
            entries,
            f"{_CREDIT}/records?company={company}&limit=500",
            f"{_CREDIT}/evaluations?state=published&limit=5",
        ),
        view.figure(f"{_score(view)}?format=svg"),
    )
    if score.status in (404, 422):
        raise NoSuch("没有这个统一社会信用代码的企业，请从红黑榜查找。")
    lines, lines_way = portion(view, score.body["lines"] if score else [], "lines", _STEPS)
    return {
        "score": score,
        "file": file,
        "file_way": way(view, file, "file"),
        "figure": figure,
        "lines": lines,
        "lines_way": lines_way,
        "proofs": proofs(records),
        "open_to": open_to,
    }


def proofs(records: Told) -> dict[str, str]:
    """What each record is proved by, by the record's id. Pure."""
    items: list[dict[str, Any]] = records.body["items"] if records else []
    return {each["id"]: "、".join(one["title"] for one in each["evidence"]) for each in items}


def _score(view: View) -> str:
    return f"/credit/v1/companies/{segment(view.path('uscc'))}/score"


@PAGE.file("docx")
def as_report(view: View) -> str:
    return f"{_score(view)}?format=docx"


@PAGE.file("svg")
def as_figure(view: View) -> str:
    return f"{_score(view)}?format=svg&width=640"
