"""What the gateway costs: a real service through it against the same asked directly, and a body of 1 GB through it.

    python -m bench.door [--rounds 5] [--seconds 3] [--megabytes 1024] [--check]

The service is the property service as it ships, listing companies, 16 connections. Rounds are interleaved, and the first
of each is now one, now the other. The body is rows of NDJSON to a service that counts bytes; what the gateway's process holds
is read while it passes. Needs Debian's package wrk for the first; without it that is left out and said.
"""

import json
import re
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.command import run
from bench.gateway import asgi, environment_of, keys_and_token, wrk
from bench.processes import free_ports, running
from bench.served import property_service

#: What is promised: the share of the requests that the service answers when asked directly; megabytes that a body adds.
SHARE, MEMORY = 0.8, 30
CONNECTIONS = 16
_MEGABYTE = 1024 * 1024
_PATH = "/property/v1/companies?limit=50"
_ROWS = ((b'{"name": "' + b"x" * 1000 + b'"}\n') * 1100)[:_MEGABYTE]


@dataclass(frozen=True)
class Figures:
    """The gateway's share of direct requests, None where it was left out; megabytes that a body added, and took a second."""

    share: float | None
    added: float
    speed: float

    def broken(self) -> list[str]:
        """What is less than promised."""
        found = [
            (self.share is not None and self.share < SHARE, f"the gateway does less than {SHARE} of direct"),
            (self.added >= MEMORY, f"a long body adds {MEMORY} MB or more to the gateway"),
        ]
        return [text for is_broken, text in found if is_broken]


def main() -> None:
    """Run from the command line."""
    run("What the gateway costs.", measure, rounds=5, seconds=3, megabytes=1024)


def measure(rounds: int, seconds: int, megabytes: int) -> Figures:
    """Measure and print."""
    share = None
    if shutil.which("wrk") is None:
        print("door: a real service is left out, as wrk cannot be found (apt-get install wrk)")
    else:
        share = _share(rounds, seconds)
    added, speed = _body(megabytes)
    print(
        f"\nA body of {megabytes} MB adds {added:.1f} MB to the gateway's process and takes {speed:.0f} MB/s"
    )
    return Figures(share, added, speed)


@contextmanager
def _gateway(folder: Path, behind: int) -> Iterator[tuple[int, int]]:
    """A gateway with the folder's keys in front of what listens on that port; its own port and its process."""
    (port,) = free_ports(1)
    with running(
        [sys.executable, "-m", "gateway", "serve"], port, environment_of(folder, port, behind)
    ) as door:
        yield port, door.pid


def _share(rounds: int, seconds: int) -> float:
    with property_service() as service, _gateway(service.folder, service.port) as (port, _):
        with closing(HTTPConnection("127.0.0.1", service.port)) as http:
            _fill(http, service.token)
        addresses = {"direct": service.port, "gateway": port}
        rates: dict[str, list[float]] = {name: [] for name in addresses}
        for number in range(rounds + 1):
            for name in sorted(addresses, reverse=bool(number % 2)):
                address = f"http://127.0.0.1:{addresses[name]}{_PATH}"
                rates[name].append(wrk(address, CONNECTIONS, seconds, service.token).rate)
    pairs = [*zip(rates["gateway"], rates["direct"], strict=True)][1:]  # nobody is measured cold
    share = median(through / direct for through, direct in pairs)
    print(
        f"\nA list of 50 companies, medians of {rounds} interleaved rounds of {seconds} s, one worker each\n"
    )
    print(f"| direct | through the gateway | share |\n|{'-' * 7}:|{'-' * 20}:|{'-' * 6}:|")
    direct, through = median(direct for _, direct in pairs), median(through for through, _ in pairs)
    print(f"| {direct:,.0f}/s | {through:,.0f}/s | {share:.2f} |")
    return share


def _fill(http: HTTPConnection, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    for number in range(50):
        http.request("POST", "/property/v1/companies", json.dumps({"name": f"第{number}物业公司"}), headers)
        answer = http.getresponse()
        said = answer.read()
        if answer.status != 201:
            sys.exit(f"a company is refused: {said.decode()}")


def _body(megabytes: int) -> tuple[float, float]:
    """Megabytes that the gateway's process grew by at most, and megabytes that went through it in a second."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="dongsheng-bench-")))
        token = keys_and_token(folder)
        (sink,) = free_ports(1)
        stack.enter_context(running(asgi("bench.sink:app", sink), sink))
        port, pid = stack.enter_context(_gateway(folder, sink))
        _send(port, token, 1)  # what is loaded at first use is no growth
        before, started = _resident(pid), time.perf_counter()
        peak, ended = before, threading.Event()

        def watch() -> None:
            nonlocal peak
            while not ended.wait(0.01):
                peak = max(peak, _resident(pid))

        watching = threading.Thread(target=watch)
        watching.start()
        try:
            _send(port, token, megabytes)
        finally:
            ended.set()
            watching.join()
        return peak - before, megabytes / (time.perf_counter() - started)


def _send(port: int, token: str, megabytes: int) -> None:
    http = HTTPConnection("127.0.0.1", port, timeout=600)
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/x-ndjson",
        "Transfer-Encoding": "chunked",
    }
    rows = (_ROWS for _ in range(megabytes))
    http.request("PUT", "/property/v1/sync/companies", rows, headers, encode_chunked=True)
    answer = http.getresponse()
    answer.read()
    http.close()
    if answer.getheader("X-Taken") != str(megabytes * _MEGABYTE):
        sys.exit(f"{answer.status}: {answer.getheader('X-Taken')} bytes arrived")


def _resident(pid: int) -> float:
    """Megabytes that a process holds."""
    found = re.search(r"^VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


if __name__ == "__main__":
    main()
