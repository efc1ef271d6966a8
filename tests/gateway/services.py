"""Services that take citizens' requests by the dispatch contract, in memory."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.gateway.upstreams import Seen, Upstream, json_reply, reply

NINE = datetime(2024, 6, 24, 9, tzinfo=timezone(timedelta(hours=8)))


class Shelf:
    """The requests and patterns of one service, listed by pages as the contract says: by (time, id), the newest first."""

    def __init__(self, service: str, letter: str) -> None:
        self.service, self.letter = service, letter
        self.rows: list[dict[str, Any]] = []
        self.patterns: list[dict[str, Any]] = []

    def take(self, received_at: datetime = NINE, **fields: Any) -> dict[str, Any]:
        """A new request."""
        number = f"DS-{self.letter}Q-{received_at:%Y%m%d}-{len(self.rows) + 1:04d}"
        row = {"number": number, "received_at": received_at.isoformat(), "state": "received", **fields}
        self.rows.append(row)
        return row

    def notice(self, noticed_at: datetime = NINE, **fields: Any) -> dict[str, Any]:
        """A new pattern."""
        id = f"{self.service}-{len(self.patterns) + 1}"
        row = {"id": id, "noticed_at": noticed_at.isoformat(), "kind": "compound", **fields}
        self.patterns.append(row)
        return row

    def list_of(self, path: str) -> Callable[..., dict[str, Any]]:
        """What lists a service's requests, or its patterns."""
        return self.page if path.endswith("/requests") else partial(_page, self.patterns, "noticed_at")

    def page(self, limit: int, cursor: str | None, **filters: str) -> dict[str, Any]:
        """The page of requests after the cursor."""
        return _page(self.rows, "received_at", limit, cursor, **filters)


def _page(
    rows: list[dict[str, Any]], time: str, limit: int, cursor: str | None, **filters: str
) -> dict[str, Any]:
    """The page after the cursor, which only a shelf understands."""
    listed = sorted(
        (datetime.fromisoformat(row[time]).timestamp(), place)
        for place, row in enumerate(rows)
        if all(str(row.get(name)) == value for name, value in filters.items())
    )[::-1]
    if cursor is not None:
        listed = [key for key in listed if key < tuple(json.loads(cursor))]
    page, rest = listed[:limit], listed[limit:]
    items = [rows[place] for _, place in page]
    return {"items": items, "next": json.dumps(page[-1]) if rest else None}


class DispatchService:
    """A service on a real socket that takes requests of these matters, given by code and name."""

    def __init__(self, upstream: Callable[..., Upstream], service: str, letter: str, **matters: str) -> None:
        self.service = service
        self.matters = [
            {
                "code": code.replace("_", "-"),
                "name": name,
                "service": service,
                "prefix": f"DS-{letter}Q-",
                "unit": None,
                "handling": "on_the_spot",
                "hours": 2,
                "same_day": False,
                "workdays": None,
                "source": "测试",
                "basis": [],
            }
            for code, name in matters.items()
        ]
        self.shelf = Shelf(service, letter)
        self.failing: int | None = None
        self.there = upstream(self._handle)

    @property
    def asked(self) -> list[Seen]:
        """What arrived but for the questions after the matters."""
        return [seen for seen in self.there.seen if not seen.path.endswith("/matters")]

    async def _handle(self, seen: Seen, _: Any, writer: Any) -> None:
        writer.write(reply(self.failing) if self.failing else self._answer(seen))

    def _answer(self, seen: Seen) -> bytes:
        below = seen.path.removeprefix(f"/{self.service}/v1/dispatch")
        if below == "/matters":
            return json_reply(self.matters)
        if below == "/requests" and seen.method == "POST":
            told = json.loads(seen.body)
            kept = {name: told[name] for name in ("external_number", "source") if name in told}
            again = next((row for row in self.shelf.rows if kept and kept.items() <= row.items()), None)
            if again is not None:
                return json_reply(again, 200, ("Already-Received", "true"))
            row = self.shelf.take(matter=told["matter"], **kept)
            where = f"/{self.service}/v1/dispatch/requests/{row['number']}"
            return json_reply(row, 201, ("Location", where), ("ETag", '"1"'))
        if below in ("/requests", "/patterns"):
            query = {name: values[0] for name, values in parse_qs(urlsplit(seen.target).query).items()}
            limit, cursor = int(query.pop("limit")), query.pop("cursor", None)
            return json_reply(self.shelf.list_of(below)(limit, cursor, **query))
        number, _, action = below.removeprefix("/requests/").partition("/")
        row = next((row for row in self.shelf.rows if row["number"] == number), None)
        if row is None:
            return json_reply({"type": "urn:dongsheng:problem:not-found", "status": 404}, 404)
        return json_reply(row | {"action": action})
