"""A forked process is what `python -m …` would be: environment, output, signals, exit code, and its end with ours."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.children import Child
from deploy.forking import fork

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="nothing is forked elsewhere"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning"),  # pytest-xdist is
]

SLEEPS = "import time; print('up', flush=True); time.sleep(60)"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


@pytest.fixture
def lock(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT)
    yield descriptor
    os.close(descriptor)


def forked(folder: Path, lock: int, program: str, **environment: str) -> Child:
    name = f"made_{time.monotonic_ns()}"
    (folder / f"{name}.py").write_text(program)
    command = (sys.executable, "-m", name, "an argument")
    return Child(command, environment, folder / "it.log", (lock,), fork)


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not true() and time.monotonic() < end:
        time.sleep(0.01)


def test_it_has_the_environment_and_the_arguments_that_it_was_given_and_logs(folder: Path, lock: int) -> None:
    program = "import os, sys; print(__name__, sys.argv[1:], dict(os.environ)); print('bad', file=sys.stderr)"
    child = forked(folder, lock, program, ONLY="this")
    assert child.process.wait() == 0
    assert sorted(child.last_words().splitlines()) == ["__main__ ['an argument'] {'ONLY': 'this'}", "bad"]


@pytest.mark.parametrize(
    ("program", "code", "said"),
    [
        ("raise SystemExit(3)", 3, ""),
        ("raise SystemExit('a reason')", 1, "a reason"),
        ("1 / 0", 1, "ZeroDivisionError: division by zero"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", -signal.SIGTERM, ""),
    ],
)
def test_how_it_ends_is_known(folder: Path, lock: int, program: str, code: int, said: str) -> None:
    child = forked(folder, lock, program)
    assert (child.process.wait(), child.ended) == (code, code)
    assert child.last_words().endswith(said)


def test_nothing_but_the_lock_stays_open_in_it(folder: Path, lock: int) -> None:
    program = "import os; print([fd for fd in range(100) if os.path.exists(f'/proc/self/fd/{fd}')])"
    with (folder / "ours").open("w"):
        child = forked(folder, lock, program)
        child.process.wait()
    assert child.last_words() == str([0, 1, 2, lock])


def test_it_ends_when_told_with_a_session_and_a_name_of_its_own(folder: Path, lock: int) -> None:
    child = forked(folder, lock, SLEEPS)
    until(child.last_words)
    pid = child.process.pid
    assert os.getsid(pid) == pid != os.getsid(0)
    assert Path(f"/proc/{pid}/comm").read_text().startswith("made_")
    child.process.terminate()
    assert child.process.wait() == -signal.SIGTERM


def test_signals_that_we_only_count_end_it(folder: Path, lock: int) -> None:
    former = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        child = forked(folder, lock, SLEEPS)
        child.process.terminate()  # at once, before it has come to itself
        assert child.process.wait() == -signal.SIGTERM
    finally:
        signal.signal(signal.SIGTERM, former)


PARENT = """
import os, sys, time
from deploy.forking import fork
output = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)
print(fork((sys.executable, "-m", "sleeps"), {}, output, ()).pid, flush=True)
time.sleep(60)
"""


def test_it_ends_when_its_parent_is_killed(folder: Path) -> None:
    (folder / "sleeps.py").write_text(SLEEPS)
    (folder / "parent.py").write_text(PARENT)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), str(folder)])}
    command = [sys.executable, str(folder / "parent.py"), str(folder / "log")]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        until(lambda: (folder / "log").read_text())
        assert Path(f"/proc/{pid}").exists()
        parent.kill()
    until(lambda: not _lives(pid))
    assert not _lives(pid)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
