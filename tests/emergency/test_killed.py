"""The service killed in the middle of a report: nothing that was answered for is lost, nothing is made twice."""

import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import httpx2
import psycopg
import pytest

from kit.testing import Running
from services.emergency.app import service
from tests.emergency.processes import EmergencyProcess

REPORT = {"unit": "示例煤业公司", "place": "2 号井", "occurred_at": "now", "endangered": 2}


class Server(EmergencyProcess):
    """The API on a port of its own, answering."""

    def __init__(self, running: Running, port: int) -> None:
        super().__init__(running, "serve", port=str(port))
        self.address = f"http://127.0.0.1:{port}"
        until = time.monotonic() + 60
        while not self._ready():
            assert self.lives(), self.said()
            assert time.monotonic() < until
            time.sleep(0.05)

    def _ready(self) -> bool:
        try:
            return httpx2.get(f"{self.address}/health/ready").status_code == 200
        except httpx2.TransportError:
            return False


@pytest.fixture
def running(serve) -> Running:
    return serve(service)


@pytest.fixture
def start(running) -> Iterator[Callable[[], Server]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    started: list[Server] = []

    def begin() -> Server:
        started.append(Server(running, port))
        return started[-1]

    yield begin
    for process in started:
        process.kill()


def send(running: Running, process: Server, key: str) -> httpx2.Response:
    headers = running.client()._headers | {"Idempotency-Key": key}
    address = f"{process.address}/emergency/v1/incidents"
    return httpx2.post(address, json=REPORT, headers=headers, timeout=60)


def test_what_was_answered_for_outlives_the_kill_and_what_was_not_is_sent_again_and_made_once(running, start):
    process = start()
    answered = send(running, process, "first call").json()
    unanswered = kill_before_the_commit(running, process, "second call")
    assert isinstance(unanswered.exception(timeout=60), httpx2.TransportError)
    assert numbers(running) == [answered["number"]]

    process = start()
    replayed = send(running, process, "first call")
    taken, again = (send(running, process, "second call") for _ in range(2))

    assert (replayed.json(), replayed.headers["idempotency-replayed"]) == (answered, "true")
    assert (taken.status_code, again.status_code) == (201, 201)
    assert taken.json() == again.json()
    assert numbers(running) == [answered["number"], taken.json()["number"]]
    for table in ("incident_reports", "events"):
        assert running.sql(f"SELECT count(*) FROM {table}") == [(2,)]


def numbers(running: Running) -> list[str]:
    return [number for (number,) in running.sql("SELECT number FROM incidents ORDER BY number")]


def kill_before_the_commit(running: Running, process: Server, key: str) -> Future:
    """Kill the service when it has written the accident and waits to write its tasks."""
    url = running.url.replace("+psycopg", "")
    with psycopg.connect(url) as holder, ThreadPoolExecutor(1) as pool:
        holder.execute("LOCK TABLE assignments IN EXCLUSIVE MODE")
        answer = pool.submit(send, running, process, key)
        until = time.monotonic() + 30
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        while running.sql(waiting) == [(0,)]:
            assert time.monotonic() < until
            time.sleep(0.02)
        process.kill()
    return answer
