"""One PostgreSQL for the whole run, started by the process that starts the workers."""

import os
import tempfile
from pathlib import Path

import pytest

from deploy.postgres import Server, start

_STARTED = pytest.StashKey[tuple[Server, tempfile.TemporaryDirectory[str]]]()


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or "TEST_POSTGRES_URL" in os.environ:
        return
    folder = tempfile.TemporaryDirectory(prefix="dongsheng-tests-", ignore_cleanup_errors=True)
    server = start(Path(folder.name) / "postgres", 0, fast=True)
    config.stash[_STARTED] = (server, folder)
    os.environ["TEST_POSTGRES_URL"] = server.admin_url.replace("postgresql+psycopg", "postgresql")


def pytest_unconfigure(config: pytest.Config) -> None:
    if _STARTED in config.stash:
        server, folder = config.stash[_STARTED]
        server.stop()
        folder.cleanup()
        del os.environ["TEST_POSTGRES_URL"]
