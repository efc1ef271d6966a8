"""The whole set as a user has it: a checkout of its own, `deploy.local run` in it, ports of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from random import SystemRandom

from deploy.lifeline import tied
from deploy.plan import PORTS
from deploy.tokens import read_environment, token_of
from tests.scenarios.door import Door, eventually

ROOT = Path(__file__).parents[2]
#: Seconds in which a set must be ready on a machine that runs the other tests as well.
READY = 110.0
STOPPED = 20.0


def checkout(folder: Path) -> Path:
    """The project under another path: links to its files, an environment that counts as installed, no data."""
    folder.mkdir()
    for entry in ROOT.iterdir():
        if entry.name not in ("var", ".git", ".venv"):
            (folder / entry.name).symlink_to(entry)
    (folder / ".venv").mkdir()
    for entry in Path(sys.prefix).iterdir():
        if entry.name != ".ok":
            (folder / ".venv" / entry.name).symlink_to(entry)
    (folder / ".venv" / ".ok").touch()
    return folder


class District(Door):
    """A set of its own; `start` it before use."""

    def __init__(self, folder: Path) -> None:
        self.folder = checkout(folder)
        self.output = folder / "output"
        names = (*(f"{name}_PORT".upper() for name in PORTS), "LOCAL_POSTGRES_PORT")
        ports = free_ports(len(names))
        self.settings = {name: str(port) for name, port in zip(names, ports, strict=True)}
        self.settings["PROPERTY_SUBSCRIBER_NETWORKS"] = '["127.0.0.0/8"]'  # receivers of the tests' own
        self.base = f"http://127.0.0.1:{self.settings['GATEWAY_PORT']}"
        self.environment = {**_bare_environment(), **self.settings, "BASE": self.base}
        self.process: subprocess.Popen[bytes] | None = None
        self._tokens: dict[str, str] = {}

    @property
    def var(self) -> Path:
        return self.folder / "var"

    # ------------------------------------------------------------------------------ its life
    def start(self) -> None:
        """Start it, unless it runs, and wait until it is ready."""
        if self.process is not None and self.process.poll() is None:
            return
        command = tied([sys.executable, "-m", "deploy.local", "run"])
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                **command, cwd=self.folder, env=self.environment, stdout=output, stderr=output
            )
        process = self.process
        eventually(lambda: "Ready" in self.said() or process.poll() is not None, READY)
        assert "Ready" in self.said(), self.said()

    def said(self) -> str:
        """What it has printed since its start."""
        return self.output.read_text()

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `python -m deploy.local …` beside it."""
        command = [sys.executable, "-m", "deploy.local", *arguments]
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )

    def stop(self) -> float:
        """Ctrl-C; the seconds until it had stopped."""
        assert self.process is not None
        begun = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(STOPPED)
        return time.monotonic() - begun

    def pid(self, name: str) -> int:
        """The process of a service, or of `gateway`, `worker` or `postgres`."""
        wanted = {"worker": "deploy.worker", "postgres": "postgres"}.get(name, f"{name} serve")
        (found,) = [pid for pid in self.processes() if _name(pid) == wanted]
        return found

    def processes(self) -> dict[int, str]:
        """The command lines of the launcher and its children by process id."""
        assert self.process is not None
        return {
            pid: command
            for pid, (parent, command) in _all_processes().items()
            if self.process.pid in (pid, parent)
        }

    def token(self, name: str) -> str:
        """A token of one of the set's clients."""
        if name not in self._tokens:  # the gateway gives out only so many a second
            self._tokens[name] = token_of(self.var, name)
        return self._tokens[name]

    def database(self, service: str) -> str:
        """The address of a service's database."""
        return read_environment(self.var)[f"{service}_DATABASE_URL".upper()].replace("+psycopg", "")


def alive(pids: Iterable[int]) -> set[int]:
    """Those of the processes that still run."""
    return set(pids) & set(_all_processes())


def _all_processes() -> dict[int, tuple[int, str]]:
    """Parent and command line by process id; those that have ended are left out."""
    found = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (place / "stat").read_text().rpartition(")")[2].split()[:2]
            command = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if state != "Z":
            found[int(place.name)] = (int(parent), command)
    return found


def _name(pid: int) -> str:
    """What `ps -e` shows of a process."""
    return Path(f"/proc/{pid}/comm").read_text().rstrip("\n")


def _bare_environment() -> dict[str, str]:
    """Our environment without settings of a set that the user may run beside the tests."""
    prefixes = tuple(f"{name}_".upper() for name in (*PORTS, "local"))
    return {name: value for name, value in os.environ.items() if not name.startswith(prefixes)}


def free_ports(count: int) -> list[int]:
    """Ports below the range that the system gives to outgoing connections, so that none of those takes one."""
    ports: list[int] = []
    while len(ports) < count:
        port = SystemRandom().randrange(20000, 32000)
        with socket.socket() as probe:
            if port not in ports and probe.connect_ex(("127.0.0.1", port)) != 0:
                ports.append(port)
    return ports
