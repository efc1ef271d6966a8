"""What the tests of the embedded server ask of it, and who they run as."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

ROOT = Path(__file__).parents[2]
NOBODY = 65534
IS_ROOT = os.geteuid() == 0
as_root = pytest.mark.skipif(not IS_ROOT, reason="takes root")


def connect(url: str) -> psycopg.Connection[tuple[Any, ...]]:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def ask(url: str, question: str) -> Any:
    with connect(url) as db:
        row = db.execute(question.encode()).fetchone()
    return row[0] if row else None


def tell(url: str, *statements: str) -> None:
    with connect(url) as db:
        for statement in statements:
            db.execute(statement.encode())


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def eventually(true: Any, seconds: float = 5.0) -> bool:
    until = time.monotonic() + seconds
    while not (held := true()) and time.monotonic() < until:
        time.sleep(0.02)
    return bool(held)


@dataclass(frozen=True)
class Place:
    """A folder, and how to run a program in it as the account it belongs to."""

    folder: Path
    uid: int | None = None
    prefix: tuple[str, ...] = ()
    path: str = os.environ["PATH"]

    @contextmanager
    def python(self, script: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """Root's children give up root only after the imports, as the interpreter may lie in root's home."""
        drop = f"os.setgroups([]); os.setgid({self.uid}); os.setuid({self.uid})" if self.uid else ""
        prelude = f"import os, sys\nfrom pathlib import Path\nfrom deploy.postgres import *\n{drop}\nos.environ['PATH'] = {self.path!r}\n"
        command = [*self.prefix, sys.executable, "-c", prelude + script, *arguments]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as process:
            try:
                yield process
            finally:
                process.kill()


#: A program that serves until it is ended.
SERVE = """
server = start(Path(sys.argv[1]), 0, fast=True)
print(server.port, server.process.pid, server.ensure_database("property"), flush=True)
sys.stdin.readline()
"""
