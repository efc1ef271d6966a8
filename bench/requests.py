"""Citizens' requests: 100,000 of them in one service against 10,000, and one list of all services against the slowest of them.

    python -m bench.requests [--rounds 15] [--check]

The property service, as it ships, has 1,000 requests of this month in both cases; what grows is its past, closed requests
with their legs and steps. The whole set has 60 requests in each service; its list is asked at the gateway, as are theirs.
"""

import http.client
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any, LiteralString
from urllib.parse import quote

import psycopg

from bench.command import run
from bench.served import property_service
from bench.timing import seconds
from bench.whole_set import operator_token, whole_set
from deploy.plan import SERVICES
from kit.district.clock import SHANGHAI

#: What is promised: how many times of its time among few a question takes among many, and the common list of the slowest's.
GROWTH, COMMON = 1.5, 1.3
CURRENT, FEW, MANY, EACH = 1_000, 10_000, 100_000, 60
_MATTERS = {
    "property": "property-service",
    "credit": "credit-objection",
    "emergency": "production-accident",
    "lawstudy": "law-consultation",
    "office": "government-affairs",
}
_SENT = {
    "summary": "物业服务反映",
    "description": "楼道保洁不及时，请处理",
    "division": "天骄街道",
    "address": "和谐家园小区",
    "source": "12345",
}
#: A request, its legs and its steps once more, from number to number: so many hours older each, with words of its own.
_COPIED: LiteralString = """
WITH made AS (
    SELECT n, gen_random_uuid() AS request, gen_random_uuid() AS leg, n * %(apart)s::interval AS older
    FROM generate_series(%(first)s::int, %(last)s::int) n
), request AS (
    INSERT INTO dispatch_requests SELECT (jsonb_populate_record(r, jsonb_build_object(
        'id', request, 'number', 'N' || n, 'external_number', 'N' || n,
        'received_at', r.received_at - older, 'recorded_at', r.recorded_at - older, 'updated_at', r.updated_at - older,
        'due_at', r.due_at - older)
        || CASE WHEN %(closed)s THEN jsonb_build_object('state', 'closed', 'grams', ARRAY['过去'],
            'answered_at', r.received_at - older, 'closed_at', r.received_at - older) ELSE '{}' END)).*
    FROM dispatch_requests r, made WHERE r.number = %(number)s
), leg AS (
    INSERT INTO dispatch_legs SELECT (jsonb_populate_record(l, jsonb_build_object(
        'id', leg, 'request_id', request, 'dispatched_at', l.dispatched_at - older,
        'sign_due_at', l.sign_due_at - older, 'contact_due_at', l.contact_due_at - older,
        'answer_due_at', l.answer_due_at - older, 'next_rung_at', NULL)
        || CASE WHEN %(closed)s THEN jsonb_build_object('state', 'audited', 'signed_at', l.dispatched_at - older,
            'contacted_at', l.dispatched_at - older, 'answered_at', l.dispatched_at - older,
            'answer', '已处理') ELSE '{}' END)).*
    FROM dispatch_legs l JOIN dispatch_requests r ON r.id = l.request_id, made WHERE r.number = %(number)s
)
INSERT INTO dispatch_steps SELECT (jsonb_populate_record(s, jsonb_build_object(
    'id', gen_random_uuid(), 'request_id', request, 'leg_id', leg, 'at', s.at - older))).*
FROM dispatch_steps s JOIN dispatch_requests r ON r.id = s.request_id, made WHERE r.number = %(number)s
"""

Timed = dict[str, float]


@dataclass(frozen=True)
class Figures:
    """growth: of each question, its time among many by that among few; common: the list of all by the slowest's."""

    growth: Timed
    common: float

    def broken(self) -> list[str]:
        """What takes longer than promised."""
        found = [
            f"{name} of requests takes {times:.2f} times as long among {MANY:,} as among {FEW:,}"
            for name, times in self.growth.items()
            if times > GROWTH
        ]
        late = f"the list of all services takes {self.common:.2f} of the slowest's"
        return [*found, late] if self.common > COMMON else found


def main() -> None:
    """Run from the command line."""
    run("Lists, counts and the bulletin of citizens' requests.", measure, rounds=15)


def measure(rounds: int) -> Figures:
    """Measure and print."""
    few, many = _among_many(rounds)
    growth = {name: many[name] / few[name] for name in few}
    print(f"\nRequests in one service, medians of {rounds}\n")
    print(f"| | among {FEW:,} | among {MANY:,} | ratio |\n|---|---:|---:|---:|")
    for name, times in growth.items():
        print(f"| {name} | {few[name] * 1000:.1f} ms | {many[name] * 1000:.1f} ms | {times:.2f} |")
    common = _over_all(rounds)
    print(f"\nThe list of all services takes {common:.2f} times what the slowest of their own takes.")
    return Figures(growth, common)


def _among_many(rounds: int) -> tuple[Timed, Timed]:
    with property_service("dispatch:read", "dispatch:write") as serving:
        ask = _asker(serving.port, serving.token)
        sent = json.dumps(_SENT | {"matter": _MATTERS["property"], "external_number": "N0"}).encode()
        number: str = ask("/property/v1/dispatch/requests", sent)["number"]
        _copy(serving.database, number, (1, CURRENT), closed=False)
        found = []
        first = CURRENT + 1
        for last in (FEW, MANY):
            _copy(serving.database, number, (first, last), closed=True)
            serving.database.execute("VACUUM (ANALYZE)")
            ask = _asker(serving.port, serving.token)  # an idle connection has been closed meanwhile
            found.append({name: _asked(ask, path, rounds) for name, path in _questions().items()})
            first = last + 1
        return found[0], found[1]


def _copy(database: psycopg.Connection[Any], number: str, numbers: tuple[int, int], *, closed: bool) -> None:
    """The request of a number copied: what is closed is from before this month, an hour and a half apart."""
    first, last = numbers
    values = {"first": first, "last": last, "number": number, "closed": closed}
    database.execute(_COPIED, values | {"apart": "90 minutes" if closed else "1 second"})


def _questions() -> dict[str, str]:
    requests = "/property/v1/dispatch/requests"
    now = datetime.now(SHANGHAI)
    since = quote(now.replace(hour=0, minute=0, second=0, microsecond=0).isoformat())
    return {
        "the list": requests,
        "the list of a matter": f"{requests}?matter={_MATTERS['property']}",
        "the list of what is overdue": f"{requests}?overdue=true",
        "a search of the text": f"{requests}?q={quote('保洁')}",
        "what changed": f"{requests}?updated_since={since}",
        "the counts": "/property/v1/dispatch/counts",
        "the bulletin": f"/property/v1/dispatch/bulletin?month={now:%Y-%m}",
    }


def _over_all(rounds: int) -> float:
    """The common list's time by that of the slowest service's own, asked in turn."""
    with tempfile.TemporaryDirectory(prefix="dongsheng-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as another user where we are root
        with whole_set(folder) as (_, port, __):
            ask = _asker(port, operator_token(port, folder))
            for each in range(EACH):
                for matter in _MATTERS.values():  # as calls come in: now of this, now of that
                    sent = _SENT | {"matter": matter, "external_number": f"{matter}-{each}"}
                    ask("/dispatch/v1/requests", json.dumps(sent).encode())
            paths = [f"/{service}/v1/dispatch/requests" for service in SERVICES]
            ratios = []
            for _ in range(rounds):
                alone = max(_asked(ask, path, 3) for path in paths)
                ratios.append(_asked(ask, "/dispatch/v1/requests", 3) / alone)
            return median(ratios)


Ask = Callable[..., Any]


def _asker(port: int, token: str) -> Ask:
    """What asks over one kept connection; a body makes it a POST. Ends the program unless the answer is 2xx."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def ask(path: str, body: bytes | None = None) -> Any:
        connection.request("GET" if body is None else "POST", path, body, headers)
        answer = connection.getresponse()
        read = answer.read()
        if answer.status >= 300:
            sys.exit(f"{path} answered {answer.status}: {read[:500].decode(errors='replace')}")
        return json.loads(read)

    return ask


def _asked(ask: Ask, path: str, rounds: int) -> float:
    """Seconds of an answer, the median of rounds, the first of which nobody counts."""
    ask(path)
    return median(seconds(lambda: ask(path)) for _ in range(rounds))


if __name__ == "__main__":
    main()
