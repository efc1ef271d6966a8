"""As much of a gateway as the adapter needs, in memory; the real one is in tests/scenarios/test_adapter.py."""

import json
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import httpx2

from tests.adapter.clock import NOW

Row = dict[str, Any]


@dataclass
class FakeGateway:
    """Requests by number. faults: what goes wrong next, by path; refusals: pointers that are not taken, by external number."""

    requests: dict[str, Row] = field(default_factory=dict)
    faults: dict[str, deque[str | int]] = field(default_factory=dict)
    refusals: dict[str, list[str]] = field(default_factory=dict)
    proposals: Row = field(default_factory=lambda: {"items": [], "alarm": []})
    unavailable: list[str] = field(default_factory=list)
    sent: list[Row] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    now: datetime = NOW

    def fail(self, path: str, *how: str | int) -> None:
        """Let the next calls of a path go wrong: a status, `lost` (done, but no answer) or `unheard`."""
        self.faults.setdefault(path, deque()).extend(how)

    def of(self, external_number: str) -> Row:
        """The request of a number of the platform's."""
        (found,) = [row for row in self.requests.values() if row["external_number"] == external_number]
        return found

    def move(self, external_number: str, state: str, answer: str | None = None, **more: Any) -> None:
        """A request's state changes."""
        self.now += timedelta(seconds=1)
        self.of(external_number).update(state=state, answer=answer, updated_at=self.now.isoformat(), **more)

    def handle(self, request: httpx2.Request) -> httpx2.Response:
        """For a transport of the tests."""
        path = request.url.path
        self.asked[f"{request.method} {path}"] += 1
        fault = self.faults[path].popleft() if self.faults.get(path) else None
        if isinstance(fault, int):
            return httpx2.Response(fault, json={"type": f"/problems/p{fault}", "status": fault})
        if fault == "unheard":
            raise httpx2.ReadTimeout("dropped", request=request)
        answer = self._answer(request, path)
        if fault == "lost":
            raise httpx2.ReadTimeout("dropped", request=request)
        return answer

    def _answer(self, request: httpx2.Request, path: str) -> httpx2.Response:
        if path == "/auth/v1/token":
            form = dict(parse_qsl(request.content.decode()))
            right = form["client_secret"] == "right"
            return httpx2.Response(200 if right else 401, json={"access_token": "t"})
        if path.endswith("/proposals"):
            return httpx2.Response(200, json=self.proposals)
        if request.method == "POST":
            return self._take(json.loads(request.content))
        if path == "/dispatch/v1/requests":
            return httpx2.Response(200, json=self._page(dict(request.url.params)))
        number = path.rsplit("/", 1)[1]
        merged = [each["number"] for each in self.requests.values() if each["merged_into"] == number]
        return httpx2.Response(200, json=self.requests[number] | {"merged": merged})

    def _take(self, body: Row) -> httpx2.Response:
        self.sent.append(body)
        wrong = [
            each for each in self.refusals.get(body["external_number"], []) if each.split("/")[1] in body
        ]
        if wrong:
            errors = [{"pointer": each, "reason": "no"} for each in wrong]
            return httpx2.Response(422, json={"type": "/problems/invalid-request", "errors": errors})
        known = [row for row in self.requests.values() if row["external_number"] == body["external_number"]]
        if known:
            return httpx2.Response(200, json=known[0])
        number = f"DS-PQ-{len(self.requests) + 1:04}"
        self.requests[number] = body | {
            "number": number,
            "state": "received",
            "answer": None,
            "merged_into": None,
            "steps": [],
            "updated_at": self.now.isoformat(),
        }
        return httpx2.Response(201, json=self.requests[number])

    def _page(self, asked: dict[str, str]) -> Row:
        found = [row for row in self.requests.values() if _fits(row, asked)]
        size, begins = min(int(asked["limit"]), 3), int(asked.get("cursor", 0))
        after = begins + size
        return {
            "items": found[begins:after],
            "next": str(after) if after < len(found) else None,
            "unavailable": self.unavailable,
        }


def _fits(row: Row, asked: dict[str, str]) -> bool:
    updated, received = (datetime.fromisoformat(row[name]) for name in ("updated_at", "received_at"))
    since = {
        name: datetime.fromisoformat(value)
        for name, value in asked.items()
        if name.endswith(("since", "before"))
    }
    return (
        row["source"] == asked["source"]
        and row["external_number"] == asked.get("external_number", row["external_number"])
        and updated >= since.get("updated_since", updated)
        and received >= since.get("received_since", received)
        and ("received_before" not in since or received < since["received_before"])
    )
