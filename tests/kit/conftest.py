"""The notebook, running: in the test's own process, and as processes that can be killed."""

import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from kit.testing import PERSONAL_KEY, Client, Running
from tests.kit.notebook.app import service
from tests.processes import Process


@pytest.fixture
def notebook(serve) -> Running:
    return serve(service)


@pytest.fixture
def client(notebook) -> Client:
    return notebook.client()


def eventually(found: Callable[[], Any], seconds: float = 60) -> Any:
    """What `found` returns once it is true."""
    deadline = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
    return value


def in_the_middle(notebook: Running, transactions: int = 1) -> bool:
    """Whether so many requests have written and now wait with their transactions open."""
    [(count,)] = notebook.sql(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND state = 'idle in transaction' AND backend_xid IS NOT NULL"
    )
    return count >= transactions


def queueing(notebook: Running, transactions: int) -> bool:
    """Whether so many transactions wait for a lock that another holds."""
    [(count,)] = notebook.sql(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    return count >= transactions


class NotebookProcess(Process):
    """`python -m tests.kit.notebook COMMAND…` on the database of a running notebook, listening at `address`."""

    def __init__(self, notebook: Running, *command: str, **settings: str) -> None:
        port = free_port()
        environment = {
            "NOTEBOOK_DATABASE_URL": notebook.url,
            "NOTEBOOK_PERSONAL_KEY": PERSONAL_KEY.get_secret_value(),
            "NOTEBOOK_SUBSCRIBER_NETWORKS": '["127.0.0.0/8"]',
            "NOTEBOOK_TOKEN_JWKS": str(notebook.app.state.settings.token_jwks),
            "NOTEBOOK_PORT": str(port),
        } | settings
        super().__init__("tests.kit.notebook", *command, environment=environment)
        self.address = f"http://127.0.0.1:{port}/notebook/v1"


@pytest.fixture
def start(notebook) -> Iterator[Callable[..., NotebookProcess]]:
    """`start("worker")` or `start("serve")` on the notebook's database."""
    running: list[NotebookProcess] = []

    def command(*name: str) -> NotebookProcess:
        running.append(NotebookProcess(notebook, *name))
        return running[-1]

    yield command
    for each in running:
        each.kill()


def reachable(server: NotebookProcess) -> bool:
    """Whether a server is ready."""
    try:
        return httpx2.get(server.address.replace("/notebook/v1", "/health/ready")).status_code == 200
    except httpx2.HTTPError:
        return False


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
