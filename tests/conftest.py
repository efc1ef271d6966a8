"""One PostgreSQL for the whole run, started by the process that starts the workers."""

import gc
import json
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import hypothesis
import psycopg
import pytest
from psycopg import sql
from xdist.scheduler import LoadScopeScheduling

from deploy.postgres import Server, start
from kit.starting import uncollected
from kit.workbooks import reader, reading

# Speed is measured by `make bench`, never by a test; CI tries the same examples each time.
hypothesis.settings.register_profile("house", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("house")

#: The reaper of testcontainers is an image of a registry; what tests start they end.
os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")

_STARTED = pytest.StashKey[tuple[Server, tempfile.TemporaryDirectory[str]]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--containers",
        action="store_true",
        help="run tests/containers, and the scenarios on a set in containers",
    )
    parser.addoption("--browser", action="store_true", help="run tests/browser")


#: What is run where it is asked for by an option: Docker and the images of `make containers`, or a Chromium, is needed.
_ASKED_FOR = {Path(__file__).with_name(name): f"--{name}" for name in ("containers", "browser")}


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    option = _ASKED_FOR.get(collection_path)
    return True if option is not None and not config.getoption(option) else None


@pytest.fixture(scope="session")
def containers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The set of deploy/compose.yaml in containers, started once."""
    from tests.containers.engine import Containers  # here, since it is not for every run

    made = Containers(tmp_path_factory.mktemp("containers"))
    try:
        made.start()
        yield made
    finally:
        made.end()


def pytest_configure(config: pytest.Config) -> None:
    if (
        hasattr(config, "workerinput")
        or "TEST_POSTGRES_URL" in os.environ
        or config.getoption("--containers")
        or config.getoption("--browser")
    ):
        return
    folder = tempfile.TemporaryDirectory(
        prefix="dongsheng-tests-", dir=_in_memory(), ignore_cleanup_errors=True
    )
    server = start(Path(folder.name) / "postgres", 0, fast=True)
    config.stash[_STARTED] = (server, folder)
    address = server.admin_url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(address, autocommit=True) as database:  # few iterations: half the time to sign in
        database.execute(sql.SQL("ALTER ROLE CURRENT_USER PASSWORD {}").format(database.info.password))
    os.environ["TEST_POSTGRES_URL"] = address


def _in_memory() -> str | None:
    """A folder in memory where there is enough of it: cloning a database is ten times as fast there."""
    memory = Path("/dev/shm")
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 4 * 1024**3:
        return str(memory)
    return None


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, Any, Any]:
    """Modules and tests stay until the end: looking for cycles among them was a third of collecting, a sixth of many tests."""
    with uncollected():
        found = yield
    gc.set_threshold(20_000, 20, 50)  # as a server has it
    return found


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first: it mostly waits, while the other processes work."""
    items.sort(key=lambda item: "scenarios" not in item.path.parts)


class _OfOneSet(LoadScopeScheduling):  # type: ignore[misc]
    """One test process has the set in containers, and harms it; beside it the handbook's commands make their own."""

    def _split_scope(self, nodeid: str) -> str:
        return "handbook" if "test_handbook" in nodeid else "set"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    """Who runs which test; None: as the command says."""
    return _OfOneSet(config, log) if config.getoption("--containers") else None


def pytest_unconfigure(config: pytest.Config) -> None:
    if _STARTED in config.stash:
        server, folder = config.stash[_STARTED]
        server.stop()
        folder.cleanup()
        del os.environ["TEST_POSTGRES_URL"]


@pytest.fixture
def empty() -> Iterator[str]:
    """The address of an empty database."""
    admin, name = os.environ["TEST_POSTGRES_URL"], f"empty_{uuid4().hex}"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield f"{admin.rsplit('/', 1)[0]}/{name}".replace("postgresql", "postgresql+psycopg")
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def reads_here() -> Iterator[None]:
    """Workbooks are opened in the test's own process, for laws of what is read; a child takes longer than the reading.

    What the child keeps from harm is tried in tests/kit/test_workbooks.py.
    """

    def opened(data: bytes, bounds: reading.Bounds) -> dict[str, Any]:
        answer = reader.opened(data, bounds.rows, bounds.columns)
        told: dict[str, Any] = json.loads(json.dumps(answer, default=reader.shown))
        for found in told.get("sheets", ()):
            found["rows"] = reading.cells_of(found["rows"])
        return told

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "_opened", opened)
        yield
