import contextlib
import subprocess
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import httpx2
import pytest

from services.property.sample import SURVEYED, write_sample
from services.property.surveys.form import Survey
from tests.scenarios.district import District
from tests.scenarios.door import Door

HERE = Path(__file__).parent
#: The day of the sample surveys.
DAY: date = SURVEYED.date()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Scenarios first: they are many seconds of waiting, and one test process then runs them all.

    With --containers those alone that go in by the door, wherever the set is.
    """
    items.sort(key=lambda item: HERE not in item.path.parents)
    if config.getoption("--containers"):
        items[:] = [item for item in items if HERE not in item.path.parents or _by_the_door(item)]


def _by_the_door(item: pytest.Item) -> bool:
    used = getattr(item, "fixturenames", ())
    return "district" in used and item.get_closest_marker("processes") is None


@pytest.fixture(scope="session")
def _processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[District]:
    district = District(tmp_path_factory.mktemp("district") / "checkout")
    yield district
    if district.process is not None and district.process.poll() is None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            district.stop()
        district.process.kill()


@pytest.fixture
def district(request: pytest.FixtureRequest) -> Door:
    """The running set; started again when a test ended it. With --containers the one in containers."""
    if request.config.getoption("--containers"):
        containers: Door = request.getfixturevalue("containers")
        return containers
    processes: District = request.getfixturevalue("_processes")
    processes.start()
    return processes


@pytest.fixture(scope="session")
def surveys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Survey]]:
    """The sample district: the folder of its workbooks, and what they say by street."""
    folder = tmp_path_factory.mktemp("sample")
    return folder, write_sample(folder)


@pytest.fixture
def hand_in(district: District, surveys: tuple[Path, dict[str, Survey]]) -> Callable[..., httpx2.Response]:
    """`hand_in("street-tianjiao", "01-天骄街道.xlsx")` sends a sample workbook as that client."""

    def send(client: str, file: str, *, dry_run: bool = False, as_of: date = DAY) -> httpx2.Response:
        query = {"as_of": as_of.isoformat(), "dry_run": str(dry_run).lower()}
        data = (surveys[0] / file).read_bytes()
        with district.client(client) as http:
            return http.post("/property/v1/surveys", params=query, files={"file": (Path(file).name, data)})

    return send
