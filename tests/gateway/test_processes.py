"""The gateway as it is in life: processes of their own, that are told to end, killed, and run side by side."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest

from kit.web.caller import Caller
from kit.web.tokens import sign
from tests.gateway.conftest import settings_of
from tests.gateway.upstreams import json_reply, reply

MEGABYTE = 1024 * 1024
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@dataclass
class Running:
    """A gateway process."""

    process: subprocess.Popen[bytes]
    port: int
    output: Path
    token: str
    address: str = field(init=False)

    def __post_init__(self) -> None:
        self.address = f"http://127.0.0.1:{self.port}"

    def client(self) -> httpx2.Client:
        """A caller with connections of its own."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx2.Client(base_url=self.address, headers=headers, timeout=20)

    def lives(self) -> bool:
        """Whether it answers."""
        try:
            return httpx2.get(f"{self.address}/health/live", timeout=5).status_code == 200
        except httpx2.HTTPError:
            return False

    def memory(self, line: str) -> int:
        """What it holds (VmRSS), or held at most (VmHWM), in bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(rf"^{line}:\s+(\d+) kB", status, re.MULTILINE)
        assert found
        return int(found[1]) * 1024


@pytest.fixture
def process(files, key, tmp_path) -> Iterator[Callable[..., Running]]:
    """`process(property=an_upstream)` starts a gateway in front of these services."""
    with ExitStack() as stack:

        def start(**services) -> Running:
            with socket.create_server(("127.0.0.1", 0)) as taken:
                port = taken.getsockname()[1]
            settings = settings_of(files, {name: it.address for name, it in services.items()})
            environment = {
                "GATEWAY_PORT": str(port),
                "GATEWAY_TOKEN_JWKS": str(settings.token_jwks),
                "GATEWAY_SIGNING_KEY": str(settings.signing_key),
                "GATEWAY_CLIENTS": str(settings.clients),
                "GATEWAY_UPSTREAMS": json.dumps({name: it.address for name, it in services.items()}),
                "GATEWAY_RATE": "100000",
                "GATEWAY_BURST": "100000",
            }
            output = tmp_path / f"{port}.log"
            with output.open("wb") as file:
                command = [sys.executable, "-m", "gateway", "serve"]
                made = subprocess.Popen(command, env={**os.environ, **environment}, stdout=file, stderr=file)
            stack.callback(made.wait, 20)
            stack.callback(made.kill)
            caller = Caller(client="tester", name="tester", scopes=frozenset(("property:read",)))
            running = Running(made, port, output, sign(caller, key, settings, 600))
            deadline = time.monotonic() + 30
            while not running.lives():
                assert time.monotonic() < deadline, output.read_text()
                time.sleep(0.05)
            return running

        yield start


class Load:
    """Callers who post one thing after another, each with a name of its own, until they are stopped or cut off."""

    def __init__(self, running: Running, name: str, callers: int = 6) -> None:
        self.answered: list[str] = []
        self.statuses = Counter[int]()
        self.unanswered: list[str] = []
        self._running, self._stopped = running, threading.Event()
        self._threads = [
            threading.Thread(target=self._post, args=(f"{name}{each}",)) for each in range(callers)
        ]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Wait until every caller has gone."""
        self._stopped.set()
        for thread in self._threads:
            thread.join(20)
            assert not thread.is_alive(), "a caller waits without end"

    def _post(self, name: str) -> None:
        with self._running.client() as http:
            for number in range(100_000):
                if self._stopped.is_set():
                    return
                try:
                    answer = http.post("/property/v1/x", content=f"{name}-{number}")
                except httpx2.HTTPError:
                    self.unanswered.append(f"{name}-{number}")
                    return
                self.statuses[answer.status_code] += 1
                self.answered.append(f"{name}-{number}")


def seen_by(there) -> Counter[str]:
    """How often each thing that was posted has arrived."""
    return Counter(seen.body.decode() for seen in there.seen if seen.method == "POST")


def test_told_to_end_under_load_it_answers_what_it_has_taken_and_sends_nothing_twice(process, upstream):
    async def quick(_, __, writer):
        writer.write(reply(200, b"ok"))

    there = upstream(quick)
    door = process(property=there)
    load = Load(door, "a")
    time.sleep(0.7)
    door.process.send_signal(signal.SIGTERM)

    assert door.process.wait(20) in (0, -signal.SIGTERM)
    load.end()
    arrived = seen_by(there)
    assert set(load.statuses) == {200}
    assert len(load.answered) > 20
    assert set(arrived.values()) == {1}
    assert arrived.keys() == set(load.answered), "taken and not answered"


def test_told_to_end_it_lets_a_long_answer_come_to_its_end(process, upstream):
    begun, go_on = threading.Event(), threading.Event()

    async def in_two_halves(_, __, writer):
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nhalf")
        await writer.drain()
        begun.set()
        await asyncio.to_thread(go_on.wait, 10)
        writer.write(b"half")

    door = process(property=upstream(in_two_halves))
    answers = []

    def ask():
        with door.client() as http:
            answers.append(http.get("/property/v1/x").text)

    caller = threading.Thread(target=ask)
    caller.start()
    assert begun.wait(10)
    door.process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    assert door.process.poll() is None
    assert not door.lives(), "it takes new callers while it ends"
    go_on.set()
    caller.join(10)

    assert answers == ["halfhalf"]
    assert door.process.wait(20) in (0, -signal.SIGTERM)


def test_of_two_gateways_one_is_killed_and_the_other_does_not_notice(process, upstream):
    there = upstream()
    one, other = process(property=there), process(property=there)
    loads = Load(one, "a", callers=3), Load(other, "b", callers=3)
    time.sleep(0.7)
    one.process.kill()
    time.sleep(0.7)
    for load in loads:
        load.end()

    killed, lives = loads
    assert len(killed.unanswered) == 3
    assert lives.unanswered == []
    assert set(lives.statuses) == {200}
    arrived = seen_by(there)
    assert set(arrived.values()) == {1}, "sent twice"
    assert set(killed.answered + lives.answered) <= arrived.keys()


def test_a_long_body_of_rows_goes_through_a_process_that_stays_small(process, upstream):
    async def counting(_, reader, writer):
        size = 0
        while size < 128 * MEGABYTE:
            size += len(await reader.read(MEGABYTE))
        writer.write(json_reply({"size": size}))

    door = process(property=upstream(counting, read_bodies=False))
    with door.client() as http:
        rows = {"Content-Type": "application/x-ndjson", "Content-Length": str(128 * MEGABYTE)}
        row = (b'{"name": "' + b"x" * 1000 + b'"}\n') * 1100
        before = door.memory("VmRSS")
        body = (row[:MEGABYTE] for _ in range(128))
        answer = http.put("/property/v1/sync/companies", content=body, headers=rows)

    assert answer.json() == {"size": 128 * MEGABYTE}
    assert door.memory("VmHWM") - before < 30 * MEGABYTE


def test_lines_about_a_request_bear_its_id_and_its_trace(process, upstream):
    there = upstream()
    door = process(property=there)
    there.stop()
    with door.client() as http:
        headers = {"Traceparent": f"00-{TRACE}-00f067aa0ba902b7-01", "X-Request-ID": "r-1"}
        assert http.get("/property/v1/x", headers=headers).status_code == 503
        assert http.get("/dispatch/v1/unknown", headers=headers).status_code == 404

    lines = [json.loads(line) for line in door.output.read_text().splitlines() if line.startswith("{")]
    told = [(each["event"], each["trace_id"]) for each in lines if each.get("request_id") == "r-1"]
    assert told == [("upstream-failed", TRACE), ("request", TRACE)]
