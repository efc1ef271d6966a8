"""Processes that a measurement starts, and what they hold."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 on which nobody listens now."""
    with ExitStack() as stack:
        taken = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [server.getsockname()[1] for server in taken]


@contextmanager
def running(
    command: list[str],
    port: int | None,
    environment: Mapping[str, str] | None = None,
    *,
    patience: float = 20,
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that listens on the port, if any, before the block begins; ended with it.

    What it prints is left out.
    """
    process = subprocess.Popen(
        command, env={**os.environ, **(environment or {})}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        if port is not None:
            _wait_for(process, port, patience)
        yield process
    finally:
        process.terminate()
        try:
            process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def _wait_for(process: subprocess.Popen[bytes], port: int, patience: float) -> None:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if process.poll() is not None:
            assert process.stderr is not None
            sys.exit(f"{process.args!r} ended: {process.stderr.read().decode(errors='replace')[-2000:]}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    sys.exit(f"{process.args!r} does not listen on {port}")


def megabytes(pid: int) -> int | None:
    """What a process and its descendants hold in memory, pages that they share counted once.

    None where the system does not tell.
    """
    children: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            parent = re.search(r"PPid:\s+(\d+)", status.read_text())
        except OSError:  # it has ended
            continue
        if parent:
            children.setdefault(int(parent[1]), []).append(int(status.parent.name))
    family = [pid]
    for member in family:
        family += children.get(member, [])
    try:
        return sum(_kilobytes(member) for member in family) // 1024
    except OSError:
        return None


def _kilobytes(pid: int) -> int:
    try:
        found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    except ProcessLookupError:  # it has ended meanwhile
        return 0
    return int(found[1]) if found else 0
