"""An identity provider (oidc-provider-mock) in a process of its own, as it brings an older httpx and warnings."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from deploy.lifeline import tied
from tests.scenarios.door import eventually

HOST = "127.0.0.1"
QUIET = {"PYTHONWARNINGS": "ignore"}


@contextmanager
def running(port: int, environment: dict[str, str] | None = None) -> Iterator[str]:
    """The provider; its issuer. Whoever comes there says who they are, and is believed."""
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(**tied(command), **quiet, env={**os.environ, **(environment or {}), **QUIET})
    try:
        eventually(lambda: _listens(port), 30)
        yield issuer(port)
    finally:
        process.terminate()
        process.wait(10)


def issuer(port: int) -> str:
    """What it calls itself."""
    return f"http://{HOST}:{port}"


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection((HOST, port), 0.2):
        return True
    return False
