"""The whole set as `make run` starts it: how soon it is ready, what it holds when idle, how fast a survey goes in.

    python -m bench.whole_set

In a folder and on ports of its own, so that it disturbs no set that runs. The survey is one workbook of 2,000
compounds, handed in at the gateway; beside it stands how long merely reading the same workbook takes, and how long
it takes with a child process that may end.
"""

import http.client
import io
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from python_calamine import CalamineWorkbook

from bench.processes import free_ports, megabytes, running
from deploy.plan import PORTS
from deploy.tokens import ask_token
from kit.workbooks.reading import read
from services.property.sample import SURVEYED, district
from services.property.surveys.form import Survey, write

ROWS = 2000
_STREET = "天骄街道"
_SETTLED = 5.0


@dataclass(frozen=True)
class Figures:
    """Seconds of a first and of a second start, megabytes when idle, seconds for a survey and for reading it.

    reading: by the library alone; guarded: by `kit.workbooks`, in a child process with limits.
    """

    first_start: float
    second_start: float
    memory: int | None
    survey: float
    reading: float
    guarded: float


def main() -> None:
    """Run from the command line."""
    show(measure())


def measure() -> Figures:
    """Start the set twice in a new folder, and hand surveys in at the second."""
    with tempfile.TemporaryDirectory(prefix="dongsheng-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as another user where we are root
        with whole_set(folder) as (first, _, __):
            pass
        with whole_set(folder) as (second, port, pid):
            time.sleep(_SETTLED)
            memory = megabytes(pid)
            token = operator_token(port, folder)
            workbooks = [workbook(seed) for seed in range(3)]
            surveys = [_hand_in(port, token, data, day) for day, data in enumerate(workbooks, 1)]
        return Figures(
            first,
            second,
            memory,
            median(surveys),
            median(map(_read, workbooks)),
            median(map(_guarded, workbooks)),
        )


def show(figures: Figures) -> None:
    """Print the figures."""
    held = f"{figures.memory} MB" if figures.memory is not None else "an unknown amount"
    print(
        f"\nThe whole set is ready {figures.first_start:.1f} s after the first start (databases are made then),"
    )
    print(f"{figures.second_start:.1f} s after the second, and holds {held} when idle.")
    ratio = figures.survey / figures.reading
    print(f"\nA survey of {ROWS:,} compounds is taken in within {figures.survey:.2f} s,")
    print(f"{ratio:.0f} times what merely reading its workbook takes ({figures.reading * 1000:.0f} ms).")
    ratio = figures.guarded / figures.reading
    print(f"With a child process of its own, reading takes {ratio:.1f} times that.")


def workbook(seed: int) -> bytes:
    """A survey of 2,000 made-up compounds in one street, in the official form."""
    sample = district(seed)[_STREET]
    rng = random.Random(seed)
    rows = [rng.choice(sample.rows) for _ in range(ROWS)]
    numbered = (replace(row, compound=f"{row.compound}{number}区") for number, row in enumerate(rows, 1))
    communities = sorted(numbered, key=lambda row: row.community)
    return write(
        Survey(sample.unit, sample.contact, sample.phone, tuple(communities), sample.added), created=SURVEYED
    )


@contextmanager
def whole_set(folder: Path) -> Iterator[tuple[float, int, int]]:
    """The running set: seconds until it was ready, the gateway's port, and the id of the process that holds all."""
    names = (*(name.upper() for name in PORTS), "LOCAL_POSTGRES")
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    environment = {f"{name}_PORT": str(port) for name, port in ports.items()}
    environment |= {"LOCAL_FOLDER": str(folder), "GATEWAY_BURST": "100000", "GATEWAY_RATE": "100000"}
    started = time.monotonic()
    command = [sys.executable, "-m", "deploy.local", "run"]
    with running(command, ports["GATEWAY"], environment, patience=120) as process:
        _wait_until_ready(ports["GATEWAY"])
        yield time.monotonic() - started, ports["GATEWAY"], process.pid


def _wait_until_ready(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if json.loads(_ask(port, "GET", "/health/ready")).get("status") == "ok":
            return
        time.sleep(0.02)
    sys.exit("the set does not become ready")


def operator_token(port: int, folder: Path) -> str:
    secret = (folder / "secrets" / "clients" / "operator").read_text()
    return ask_token(f"http://127.0.0.1:{port}", "operator", secret)


def _hand_in(port: int, token: str, data: bytes, day: int) -> float:
    """Seconds until a survey has been taken in, each on a day of its own."""
    body, kind = _form(data)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": kind}
    started = time.perf_counter()
    answer = json.loads(_ask(port, "POST", f"/property/v1/surveys?as_of=2024-06-{day:02}", body, headers))
    seconds = time.perf_counter() - started
    if answer.get("compounds") != ROWS or answer.get("errors"):
        sys.exit(f"the survey was not taken in: {json.dumps(answer, ensure_ascii=False)[:1000]}")
    return seconds


def _form(data: bytes) -> tuple[bytes, str]:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="survey.xlsx"\r\n\r\n'
    return head + data + b"\r\n--x--\r\n", "multipart/form-data; boundary=x"


def _read(data: bytes) -> float:
    """Seconds for reading every cell of a workbook."""
    started = time.perf_counter()
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    assert len(rows) > ROWS
    return time.perf_counter() - started


def _guarded(data: bytes) -> float:
    """Seconds for the same with a child process that has limits."""
    started = time.perf_counter()
    assert len(read(data)[0].rows) > ROWS
    return time.perf_counter() - started


def _ask(
    port: int, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body, dict(headers or {}))
        return connection.getresponse().read()
    finally:
        connection.close()


if __name__ == "__main__":
    main()
