"""Processes of the set: what they say, whether they are ready, and that they end."""

import http.server
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy import children
from deploy.children import Child, end_all, is_ready
from deploy.interrupts import Interrupted, Interrupts
from deploy.plan import Address

STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
while True: time.sleep(0.02)
"""


@pytest.fixture
def lock(tmp_path: Path) -> Iterator[int]:
    descriptor = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT)
    yield descriptor
    os.close(descriptor)


def child(log: Path, lock: int, program: str) -> Child:
    return Child([sys.executable, "-c", program], dict(os.environ), log, (lock,))


def waited(made: Child) -> Child:
    made.process.wait(10)
    return made


def test_the_last_words_are_those_since_the_start(tmp_path: Path, lock: int) -> None:
    log = tmp_path / "it.log"
    log.write_text("from an earlier start\n")
    made = waited(child(log, lock, "print('\\n'.join(map(str, range(50)))); raise SystemExit(3)"))
    assert made.ended == 3
    assert made.last_words().split("\n") == [str(number) for number in range(50 - children.SHOWN, 50)]


def test_a_log_that_has_grown_large_is_put_aside_at_the_next_start(
    tmp_path: Path, lock: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "LARGE", 10)
    for _ in range(2):
        waited(child(tmp_path / "it.log", lock, "print('x' * 20)"))
    assert (tmp_path / "it.old").read_text() == (tmp_path / "it.log").read_text() == "x" * 20 + "\n"


@pytest.mark.parametrize("hurry", [True, False])
def test_who_does_not_end_when_told_is_ended_by_force(
    tmp_path: Path, lock: int, hurry: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "PATIENCE", 60 if hurry else 0.1)
    stubborn = child(tmp_path / "stubborn.log", lock, STUBBORN)
    willing = child(tmp_path / "willing.log", lock, "import time; print('up', flush=True); time.sleep(60)")
    while not (stubborn.last_words() and willing.last_words()):
        pass
    end_all([stubborn, willing], hurried=lambda: hurry)
    assert stubborn.ended == -signal.SIGKILL
    assert willing.ended in (-signal.SIGTERM, -signal.SIGKILL)


@contextmanager
def answering(status: int, body: bytes) -> Iterator[Address]:
    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/health/ready" else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Address("127.0.0.1", server.server_port)
        server.shutdown()


@pytest.mark.parametrize(
    ("status", "body", "ready"),
    [
        (200, b'{"status": "ok"}', True),
        (200, b'{"status": "degraded"}', False),
        (503, b'{"status": 503, "type": "urn:dongsheng:problem:not-ready"}', False),
        (200, b"<html>something else</html>", False),
        (200, b"[]", False),
    ],
)
def test_only_who_says_that_all_is_well_is_ready(status: int, body: bytes, ready: bool) -> None:
    with answering(status, body) as address:
        assert is_ready(address) is ready


def test_where_nobody_listens_nobody_is_ready() -> None:
    with answering(200, b"") as address:
        pass
    assert not is_ready(address)


def test_a_signal_is_noticed_at_the_next_pause_and_not_before() -> None:
    former = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        interrupts = Interrupts()
        interrupts.pause(0.01)
        os.kill(os.getpid(), signal.SIGTERM)
        assert interrupts.count == 1
        with pytest.raises(Interrupted):
            interrupts.pause(60)
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
