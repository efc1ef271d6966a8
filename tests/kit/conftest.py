"""The notebook, running."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from kit.testing import Client, Running
from tests.kit.notebook.app import service


@pytest.fixture
def notebook(serve) -> Running:
    return serve(service)


@pytest.fixture
def client(notebook) -> Client:
    return notebook.client()


def eventually(found: Callable[[], Any], seconds: float = 20) -> Any:
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
