"""A city's platform of a made-up kind, with what such interfaces do to their callers.

It answers HTTP 200 whatever happened, writes local time without zone, keeps every telling as often as it comes, cuts what is
long, and lists the newest first, so that what comes while a list is read moves the rest to other pages.
"""

import json
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import httpx2

Form = dict[str, str]
Row = dict[str, Any]
APP, SECRET = "dongsheng", "made-up"
_LONGEST = 1000


class LineDropped(Exception):
    """No answer comes, whether or not what was asked was done."""


def order(number: str, at: str = "2024-06-24 09:00:00", **fields: Any) -> Row:
    """An order as the platform has it."""
    return {
        "GDBH": number,
        "PDSJ": at,
        "GDBT": "楼道灯不亮",
        "GDNR": "3号楼2单元楼道灯坏了一周",
        "SXBM": "020199",
        "SSQH": "DS001",
        "DZ": "天骄路1号",
        "JJCD": 1,
        "SFBM": "0",
        "LDRXM": "张先生",
        "LDDH": "13800001234",
        "FJ": "",
        "JD": None,
        "WD": "null",
        "KSDM": "03",
    } | fields


@dataclass
class MadeUpPlatform:
    """What it holds, and what goes wrong next. faults: by the path that is asked, in the order in which they happen; instead: answers of paths."""

    orders: list[Row] = field(default_factory=list)
    replies: dict[str, list[Row]] = field(default_factory=dict)
    faults: dict[str, deque[str]] = field(default_factory=dict)
    instead: dict[str, Callable[[Form], tuple[str, Any]]] = field(default_factory=dict)
    page: int = 200
    before_page: Callable[[int], None] = lambda number: None
    tokens: set[str] = field(default_factory=set)
    asked: Counter[str] = field(default_factory=Counter)
    url: str = "http://city"

    def add(self, *orders: Row) -> None:
        self.orders += orders

    def fail(self, path: str, *how: str) -> None:
        """Let the next calls of a path go wrong: `busy`, `lost` (done, but no answer), `unheard` (not done), `html`, `expired`."""
        self.faults.setdefault(path, deque()).extend(how)

    def told(self, number: str) -> list[tuple[str, str]]:
        return [(reply["ZT"], reply["NR"]) for reply in self.replies.get(number, [])]

    # ------------------------------------------------------------------------------ what it answers
    def answer(self, path: str, form: Form) -> bytes:
        """The body of an answer. Raises: LineDropped."""
        self.asked[path] += 1
        fault = self.faults[path].popleft() if self.faults.get(path) else None
        if fault == "unheard":
            raise LineDropped
        if fault == "html":
            return b"<html><body>nginx</body></html>"
        if fault == "busy":
            return _envelope("500", None)
        if fault == "expired":
            self.tokens.clear()
        made = self._made(path, form)
        if fault == "lost":
            raise LineDropped
        return made

    def _made(self, path: str, form: Form) -> bytes:
        if path == "/token":
            if (form["appId"], form["appSecret"]) != (APP, SECRET):
                return _envelope("1002", None)
            self.tokens.add(token := f"t{self.asked['/token']}")
            return _envelope("0", {"token": token})
        if form.get("token") not in self.tokens:
            return _envelope(401, None)
        answers = {
            "/order/list": self._list,
            "/order/standings": self._standings,
            "/order/replies": self._replies,
            "/order/reply": self.reply,
        }
        return _envelope(*(answers | self.instead)[path](form))

    def _list(self, form: Form) -> tuple[str, Any]:
        return "0", self._paged(form, lambda row: row)

    def _standings(self, form: Form) -> tuple[str, Any]:
        return "0", self._paged(form, self._standing)

    def _paged(self, form: Form, shown: Callable[[Row], Row]) -> dict[str, Any]:
        number = int(form["pageNum"])
        self.before_page(number)
        found = [row for row in self.orders if form["startTime"] <= row["PDSJ"] <= form["endTime"]]
        found.sort(key=lambda row: row["PDSJ"], reverse=True)
        size = min(int(form["pageSize"]), self.page)
        return {
            "total": len(found),
            "rows": [shown(row) for row in found[(number - 1) * size : number * size]],
        }

    def _standing(self, row: Row) -> Row:
        replies = self.replies.get(row["GDBH"], [])
        last = replies[-1] if replies else {"ZT": "10", "NR": ""}
        return {"GDBH": row["GDBH"], "PDSJ": row["PDSJ"], "ZT": last["ZT"], "DFNR": last["NR"]}

    def _replies(self, form: Form) -> tuple[str, Any]:
        rows = self.replies.get(form["GDBH"], [])
        return "0", {"total": len(rows), "rows": rows}

    def reply(self, form: Form) -> tuple[str, Any]:
        if form["GDBH"] not in {row["GDBH"] for row in self.orders}:
            return "4004", None
        kept = {"ZT": form["ZT"], "NR": form["NR"][:_LONGEST].strip(), "SJ": form["SJ"]}
        self.replies.setdefault(form["GDBH"], []).append(kept)
        return "0", None

    # ------------------------------------------------------------------------------- how it is asked
    def handle(self, request: httpx2.Request) -> httpx2.Response:
        """For a transport of the tests."""
        try:
            body = self.answer(
                request.url.path, dict(parse_qsl(request.content.decode(), keep_blank_values=True))
            )
        except LineDropped:
            raise httpx2.ReadTimeout("dropped", request=request) from None
        return httpx2.Response(200, content=body)


def _envelope(code: str | int, data: Any) -> bytes:
    return json.dumps({"code": code, "msg": "", "data": data}, ensure_ascii=False).encode()
