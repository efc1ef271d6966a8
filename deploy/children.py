"""The processes of the running set: started with their logs, asked whether they are ready, and ended."""

import json
import subprocess
import time
from collections import deque
from collections.abc import Callable, Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Protocol

from deploy.lifeline import tied
from deploy.plan import ROOT, Address, Environment

#: A log that has grown beyond this is put aside as `.old` at the next start.
LARGE = 20 * 1024**2
#: Lines of its log that are shown when a process has failed.
SHOWN = 12
#: Seconds that a process has to end by itself.
PATIENCE = 15.0


class Process(Protocol):
    """What is asked of a process, forked or started anew."""

    pid: int

    def poll(self) -> int | None: ...
    def wait(self) -> int: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...


#: Starts a command in an environment, with a descriptor for its output and further ones that stay open in it.
Start = Callable[[Sequence[str], Environment, int, Sequence[int]], Process]


def spawn(
    command: Sequence[str], environment: Environment, output: int, inherits: Sequence[int]
) -> subprocess.Popen[bytes]:
    """Start a command anew, tied to us."""
    return subprocess.Popen(
        **tied(command), env=environment, cwd=ROOT, stdout=output, stderr=output, pass_fds=inherits
    )


class Child:
    """A process tied to ours, so that it ends with us; its output goes to a log file.

    inherits: descriptors that it keeps open, a lock by which others see that it still lives among them.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Environment,
        log: Path,
        inherits: Sequence[int],
        start: Start = spawn,
    ) -> None:
        self.log = log
        if log.exists() and log.stat().st_size > LARGE:
            log.replace(log.with_suffix(".old"))
        with log.open("ab") as output:
            self._begin = output.tell()
            self.process = start(command, environment, output.fileno(), inherits)

    @property
    def ended(self) -> int | None:
        """The exit code, or None while it runs."""
        return self.process.poll()

    def last_words(self) -> str:
        """The last lines that it logged since its start."""
        with self.log.open("rb") as log:
            log.seek(self._begin)
            lines = deque(log, SHOWN)
        return "".join(line.decode(errors="replace") for line in lines).rstrip()


def end_all(children: Sequence[Child], hurried: Callable[[], bool] = lambda: False) -> None:
    """End the processes together, by force those that take too long or once we are hurried."""
    for child in children:
        child.process.terminate()
    until = time.monotonic() + PATIENCE
    while any(child.ended is None for child in children) and time.monotonic() < until and not hurried():
        time.sleep(0.02)
    for child in children:
        child.process.kill()
        child.process.wait()


def is_ready(address: Address) -> bool:
    """Whether the process at this address says that it is ready, and so is all that it needs."""
    connection = HTTPConnection(address.reached, address.port, timeout=3)
    try:
        connection.request("GET", "/health/ready")
        return bool(json.loads(connection.getresponse().read())["status"] == "ok")
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return False
    finally:
        connection.close()
