"""What a process of a service does until it is ready, against importing the libraries that it stands on.

    python -m bench.start [--rounds 5] [--check]

Ours is `python -m services.property serve` on a database that has been laid, from its start until /health/ready answers,
in processor time of the process: what else the machine does counts little. The reference is a Python that imports the
libraries, and does nothing with them.
"""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.error import URLError
from urllib.request import urlopen

from bench.command import run
from bench.processes import free_ports, running
from bench.served import property_service

#: What is promised: how many times the processor time of its libraries a service takes until it is ready.
START = 3.0
_SERVE = [sys.executable, "-m", "services.property", "serve"]
_LIBRARIES = (
    "import fastapi, httptools, joserfc.jwt, procrastinate, prometheus_client, psycopg_pool, pydantic_settings,"
    " sqlalchemy.ext.asyncio, sqlalchemy.dialects.postgresql.psycopg, structlog, uvicorn, uvloop, yaml"
)


@dataclass(frozen=True)
class Figures:
    """Processor seconds until ready, seconds by the clock, and how many times the libraries' own processor time."""

    processor: float
    clock: float
    ratio: float

    def broken(self) -> list[str]:
        """What takes longer than promised."""
        said = f"a service's start takes more than {START} of importing its libraries"
        return [said] if self.ratio > START else []


def main() -> None:
    """Run from the command line."""
    run("A service's start.", measure, rounds=5)


def measure(rounds: int) -> Figures:
    """Measure and print."""
    # Bytecode is written once, as in the image, and only read after that.
    settings = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with property_service() as serving:
        settings |= serving.environment
        _until_ready(settings)
        taken = [(*_until_ready(settings), _libraries(settings)) for _ in range(rounds)]
    figures = Figures(
        median(ours for ours, _, _ in taken),
        median(clock for _, clock, _ in taken),
        median(ours / bare for ours, _, bare in taken),
    )
    print(f"\nThe property service is ready after {figures.processor:.2f} s of processor time,")
    print(f"{figures.clock:.2f} s by the clock; its libraries alone are imported in", end=" ")
    print(f"{median(bare for _, _, bare in taken):.2f} s of processor time.")
    print(f"The start takes {figures.ratio:.2f} of that; promised: {START}.")
    return figures


def _until_ready(settings: dict[str, str]) -> tuple[float, float]:
    """Seconds of processor time, and by the clock."""
    (port,) = free_ports(1)
    started = time.perf_counter()
    with running(_SERVE, None, settings | {"PROPERTY_PORT": str(port)}) as process:
        while True:
            try:
                urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=10).close()
                break
            except URLError:
                if process.poll() is not None:
                    sys.exit("the service ended")
                time.sleep(0.01)
        return _processor(process.pid), time.perf_counter() - started


def _processor(pid: int) -> float:
    """Processor seconds that a process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _libraries(settings: dict[str, str]) -> float:
    before = os.times()
    subprocess.run([sys.executable, "-c", _LIBRARIES], env=settings, check=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


if __name__ == "__main__":
    main()
