import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.postgres import Server, start
from gateway import clients


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> Iterator[None]:
    """Sixty clients' secrets are hashed each time a set is prepared: three seconds at the cost that is real."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clients, "_COST", 2**10)
        yield


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pristine")
    start(folder / "pg", 0, fast=True).stop()
    return folder


@pytest.fixture
def made(pristine: Path, tmp_path: Path) -> Path:
    """A folder that has served before; spares the test its initdb."""
    subprocess.run(["cp", "-a", pristine, tmp_path / "made"], check=True)
    return tmp_path / "made" / "pg"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with start(tmp_path_factory.mktemp("server") / "pg", 0, fast=True) as server:
        yield server
