"""Load through the gateways while something is harmed, and what must be so afterwards: each accepted write once."""

import itertools
import threading
import time
from collections import Counter, deque
from types import TracebackType
from typing import Any, Self

import httpx2
import psycopg

from deploy.plan import SERVICES
from tests.containers.engine import Containers
from tests.scenarios.door import eventually

#: Writers at a time, and the seconds that each rests between two writes: a load that two processors bear.
WRITERS, REST = 3, 0.15
#: Writes that a writer keeps to send again before it stops making new ones.
WAITING = 20
#: Seconds in which a write must have been accepted at last.
AT_LAST = 90.0
#: Seconds in which what was written is in the change feeds.
FEED = 30.0
#: A matter of each service that needs no more than words.
MATTERS = {
    "property": "property-service",
    "credit": "credit-list-query",
    "emergency": "safety-hazard",
    "lawstudy": "law-consultation",
    "office": "government-affairs",
}
_RUNS = itertools.count(1)
#: A request as it is handed in.
Sent = dict[str, str]


class Load:
    """Requests of citizens, handed in by several writers for as long as it is entered.

    patient: a write that fails is sent again, with its number, until it is accepted, as the hotline does; without, each
    failure is kept in `failures`.
    """

    def __init__(self, district: Containers, *, patient: bool) -> None:
        self.accepted: dict[str, dict[str, Any]] = {}
        self.failures: list[str] = []
        self._district, self._patient = district, patient
        self._numbers, self._turns = itertools.count(1), itertools.count()
        self.run = next(_RUNS)
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._write, daemon=True) for _ in range(WRITERS)]

    def __enter__(self) -> Self:
        self._district.token("hotline")
        for thread in self._threads:
            thread.start()
        self.wait(20)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(AT_LAST + 60)
        assert error is not None or not any(thread.is_alive() for thread in self._threads)

    def wait(self, more: int, seconds: float = 60) -> None:
        """Wait until so many more writes have been accepted."""
        wanted = len(self.accepted) + more
        assert eventually(lambda: len(self.accepted) >= wanted, seconds), self.failures[-3:]

    def _write(self) -> None:
        """Hand in new ones, and between them again what was not accepted; at the end that alone."""
        token = {"Authorization": f"Bearer {self._district.token('hotline')}"}
        waiting: deque[Sent] = deque()
        with httpx2.Client(headers=token, timeout=30) as http:
            while not self._stopping.is_set():
                if len(waiting) < WAITING:
                    self._hand_in(http, self._next(), waiting)
                if waiting:
                    self._hand_in(http, waiting.popleft(), waiting)
                time.sleep(REST)
            until = time.monotonic() + AT_LAST
            while waiting and time.monotonic() < until:
                self._hand_in(http, waiting.popleft(), waiting)
                time.sleep(REST)
            self.failures += [f"never accepted: {sent['matter']}" for sent in waiting]

    def _next(self) -> Sent:
        number, matters = next(self._numbers), tuple(MATTERS.values())
        return {
            "matter": matters[number % len(matters)],
            "summary": "楼道灯不亮",
            "division": "天骄街道",
            "external_number": f"{self.run}-{number}",
        }

    def _hand_in(self, http: httpx2.Client, sent: Sent, waiting: deque[Sent]) -> None:
        told = self._told(http, sent)
        if not isinstance(told, str):
            self.accepted[sent["external_number"]] = told
        elif self._patient:
            waiting.append(sent)
        else:
            self.failures.append(told)

    def _told(self, http: httpx2.Client, sent: Sent) -> dict[str, Any] | str:
        """The request as it was accepted, or why it was not; by the gateways in turn, as from a balancer in front."""
        bases = self._district.bases
        try:
            answer = http.post(f"{bases[next(self._turns) % len(bases)]}/dispatch/v1/requests", json=sent)
        except httpx2.HTTPError as error:
            return f"{type(error).__name__} {sent['matter']}"
        return dict(answer.json()) if answer.is_success else f"{answer.status_code} {answer.text[:300]}"


def holds(district: Containers, load: Load) -> None:
    """Every accepted write is there once, the change feeds have it once, and the audit of every service holds."""
    assert len(load.accepted) > 20
    kept: Counter[str] = Counter()
    for service in SERVICES:
        with psycopg.connect(district.database(service)) as database:
            found = database.execute(
                "SELECT external_number FROM dispatch_requests WHERE external_number LIKE %s",
                [f"{load.run}-%"],
            )
            kept.update(number for (number,) in found)
    assert {number: kept[number] for number in load.accepted} == dict.fromkeys(load.accepted, 1)
    assert not [number for number, times in kept.items() if times > 1]

    wanted = {request["number"] for request in load.accepted.values()}
    with district.client("operator") as operator:
        # An event is hidden as long as a transaction that is older still runs.
        eventually(lambda: wanted <= _taken(operator).keys(), FEED)
        taken = _taken(operator)
        assert {number: taken[number] for number in wanted} == dict.fromkeys(wanted, 1)
        for service in SERVICES:
            told = operator.get(f"/{service}/v1/audit/verify").json()
            assert told["holds"], (service, told)


def _taken(operator: httpx2.Client) -> Counter[str]:
    """How often each request is said to be taken in, in the change feeds of all services."""
    return Counter(
        event["data"]["number"]
        for service in SERVICES
        for event in _feed(operator, service)
        if event["type"] == "dispatch.request.taken"
    )


def _feed(operator: httpx2.Client, service: str) -> list[dict[str, Any]]:
    """All events of a service."""
    found: list[dict[str, Any]] = []
    since: dict[str, str] = {}
    while True:
        page = operator.get(f"/{service}/v1/changes", params={"limit": 500, **since}).json()
        found += page["items"]
        since = {"since": page["next"]}
        if not page["more"]:
            return found
