"""A child that we tie to ourselves ends when we do."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy.lifeline import Account, tied

ROOT = Path(__file__).parents[2]

PARENT = """
import subprocess, sys
from deploy.lifeline import tied
child = subprocess.Popen(**tied(["/bin/sh", "-c", "trap 'echo told > $0; exit' INT; echo up; while :; do sleep 0.02; done", sys.argv[1]]))
child.wait()
"""


def test_the_child_is_told_to_end_when_its_parent_is_killed(tmp_path: Path) -> None:
    parent = [sys.executable, "-c", PARENT, str(tmp_path / "last words")]
    with subprocess.Popen(parent, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stdout.readline() == "up\n"
        process.kill()
    until = time.monotonic() + 5
    while not (tmp_path / "last words").exists() and time.monotonic() < until:
        time.sleep(0.02)
    assert (tmp_path / "last words").read_text() == "told\n"


def test_a_child_whose_parent_died_too_early_to_be_watched_does_not_start(tmp_path: Path) -> None:
    command = tied(["touch", tmp_path / "started"])["args"]
    adopted = ["/bin/sh", "-c", '"$@"; true', "a stranger as parent", *command]
    subprocess.run(adopted, check=True)
    assert not (tmp_path / "started").exists()
    subprocess.run(command, check=True)
    assert (tmp_path / "started").exists()


def test_the_child_has_a_session_of_its_own_so_that_ctrl_c_reaches_only_us() -> None:
    with subprocess.Popen(**tied(["sleep", "10"])) as child:
        assert os.getsid(child.pid) == child.pid != os.getsid(0)
        child.kill()


def test_another_account_needs_setpriv(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(FileNotFoundError, match="setpriv"):
        tied(["true"], Account(65534, 65534))
