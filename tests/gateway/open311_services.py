"""A service whose requests have all that Open311 shows, listed and changed as the dispatch contract says."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.gateway.conftest import SECRET
from tests.gateway.upstreams import Seen, Upstream, json_reply, reply

KEY = f"hotline:{SECRET}"
V2 = "/open311/v2"
FORM = {
    "api_key": KEY,
    "service_code": "parking",
    "description": "消防通道停满了车",
    "address_string": "天骄街道天骄路1号",
}
DAYS = {"start_date": "2024-06-01T00:00:00+08:00", "end_date": "2024-07-01T00:00:00+08:00"}
MATTER = {
    "group": "物业服务",
    "service": "property",
    "prefix": "DS-PQ-",
    "handling": "on_the_spot",
    "hours": None,
    "same_day": False,
    "workdays": 3,
    "source": "测试",
    "questions": {},
    "words": [],
    "basis": [],
}
MATTERS = [
    MATTER
    | {"code": "property-service", "name": "物业服务质量投诉", "unit": None, "words": ["物业", "保洁"]},
    MATTER
    | {
        "code": "lift-maintenance",
        "name": "电梯故障和维保",
        "unit": "market-supervision-bureau",
        "same_day": True,
        "workdays": None,
        "questions": {
            "type": "object",
            "required": ["lift"],
            "properties": {
                "lift": {"type": "string", "title": "电梯编号", "description": "轿厢内的注册代码"},
                "trapped": {"type": "boolean", "title": "是否困人"},
                "people": {"type": "integer", "title": "困住几人"},
                "signs": {"type": "array", "title": "现象", "items": {"enum": ["异响", "急停"]}},
                "since": {"type": "string", "format": "date-time", "title": "何时开始"},
            },
        },
    },
    MATTER | {"code": "parking", "name": "停车", "unit": "no-such-unit", "hours": 2, "workdays": None},
    MATTER | {"code": "fire-lane", "name": "消防通道被堵", "unit": "fire-brigade", "place": "required"},
]
ROW = {
    "source": "12345",
    "external_number": None,
    "matter": "property-service",
    "matter_name": "物业服务质量投诉",
    "service": "property",
    "summary": "楼道灯不亮",
    "description": "楼道灯不亮，一周未修",
    "division": "天骄街道",
    "address": "天骄路1号",
    "longitude": "109.9900000",
    "latitude": "39.8200000",
    "unit": "tianjiao-street",
    "unit_name": "天骄街道办事处",
    "due_at": "2024-06-27T23:59:59+08:00",
    "overdue": False,
    "state": "received",
    "attachments": ["https://example.com/1.jpg", "https://example.com/2.jpg"],
    "secret": False,
    "answer": None,
    "answered_at": None,
    "closed_at": None,
    "solved": None,
    "satisfied": None,
}


class Property:
    """The service, on a real socket."""

    def __init__(self, upstream: Callable[..., Upstream]) -> None:
        self.rows: list[dict[str, Any]] = []
        self.failing: tuple[int, dict[str, Any]] | None = None
        #: Whether requests are not shown.
        self.unread = False
        #: Answers to what was posted with a key, given again for the same key.
        self.told: dict[str, bytes] = {}
        self.there = upstream(self._handle)

    def has(self, received_at: str = "2024-06-24T09:30:00+08:00", **fields: Any) -> str:
        """A request that is there; its number."""
        number = f"DS-PQ-{received_at[:10].replace('-', '')}-{len(self.rows) + 1:04d}"
        row = ROW | {"number": number, "received_at": received_at, "updated_at": received_at} | fields
        row.setdefault("steps", [{"at": received_at, "action": "take", "note": None, "state": "received"}])
        self.rows.append(row)
        return number

    def posted(self, ending: str = "/requests") -> tuple[Seen, dict[str, Any]]:
        """The one thing that was posted to a path with this ending, and its body."""
        [seen] = [each for each in self.there.seen if each.method == "POST" and each.path.endswith(ending)]
        return seen, json.loads(seen.body)

    async def _handle(self, seen: Seen, _: Any, writer: Any) -> None:
        key = seen.header("idempotency-key")
        made = self.told.get(key or "") or self._answer(seen)
        if key and self.failing is None:
            self.told[key] = made
        writer.write(made)

    def _answer(self, seen: Seen) -> bytes:
        below = seen.path.removeprefix("/property/v1/dispatch")
        if below == "/matters":
            return json_reply(MATTERS)
        if self.failing is not None:
            status, problem = self.failing
            return refusal(status, problem)
        if below == "/requests" and seen.method == "POST":
            body = json.loads(seen.body)
            name = next(each["name"] for each in MATTERS if each["code"] == body["matter"])
            self.has(matter=body["matter"], matter_name=name, description=body["description"])
            return json_reply(self.rows[-1], 201)
        if below == "/requests":
            return self._page({name: each[0] for name, each in parse_qs(urlsplit(seen.target).query).items()})
        number, _, action = below.removeprefix("/requests/").partition("/")
        row = next((each for each in self.rows if each["number"] == number), None)
        if row is None:
            return refusal(404, {"type": "urn:dongsheng:problem:not-found", "detail": "没有这件诉求。"})
        if not action and self.unread:
            return refusal(403, {"type": "urn:dongsheng:problem:missing-scope", "detail": "没有权限。"})
        if action:
            note = json.loads(seen.body)["note"]
            row["updated_at"] = at = f"2024-06-24T10:00:{len(row['steps']):02d}.000001+08:00"
            row["steps"].append({"at": at, "action": action, "note": note, "state": row["state"]})
            return json_reply({name: value for name, value in row.items() if name != "steps"})
        return json_reply(row)

    def _page(self, query: dict[str, str]) -> bytes:
        bounds = {
            "received_since": lambda row, at: moment(row["received_at"]) >= at,
            "received_before": lambda row, at: moment(row["received_at"]) < at,
            "updated_since": lambda row, at: moment(row["updated_at"]) >= at,
        }
        found = [
            row
            for row in sorted(self.rows, key=lambda row: moment(row["received_at"]), reverse=True)
            if query.get("matter", row["matter"]) == row["matter"]
            and all(fits(row, moment(query[name])) for name, fits in bounds.items() if name in query)
        ]
        begin, limit = int(query.get("cursor", "0")), int(query["limit"])
        following = str(begin + limit) if begin + limit < len(found) else None
        return json_reply({"items": found[begin : begin + limit], "next": following})


def refusal(status: int, problem: dict[str, Any]) -> bytes:
    """A service's own refusal."""
    body = json.dumps(problem | {"status": status}).encode()
    return reply(status, body, kind="application/problem+json")


def moment(text: str) -> datetime:
    """A time as it is written."""
    return datetime.fromisoformat(text)


def get(door, path, **params):
    """What anybody gets."""
    return door.http.get(f"{V2}/{path}", params=params)


def read(door, path="requests.json", **params):
    """What whoever has a key gets."""
    return get(door, path, api_key=KEY, **params)


def post(door, path="requests.json", **fields):
    """A form that is handed in, but for these fields a right one."""
    return door.http.post(f"{V2}/{path}", data=FORM | fields)


def errors(answer):
    """(code, description) of each error of an answer in JSON."""
    assert answer.headers["content-type"].startswith("application/json"), answer.text
    return [(each["code"], each["description"]) for each in answer.json()]
