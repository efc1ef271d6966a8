"""What .ci/run does with the machine that it finds; its commands are stood in for."""

import shutil
import subprocess

import pytest

from deploy.plan import ROOT

NOT_RUN = "No container engine can be run on this machine: the tests in containers were NOT run."
ALL = [".venv/.browser", ".venv/.ok", "containers", "lint", "test", "test-browser", "test-containers"]
#: What a bare machine has, and what it is to get.
BARE = ("bash", "dirname", "mkdir", "seq", "tail")
PACKAGES = [
    "chromium",
    "debootstrap",
    "docker-compose",
    "docker.io",
    "fonts-noto-cjk",
    "prometheus",
    "systemd",
]


@pytest.fixture
def machine(tmp_path):
    """A folder with .ci/run, and commands that write down what they are asked for and do nothing."""
    (tmp_path / ".ci").mkdir()
    (tmp_path / ".ci" / "run").write_text((ROOT / ".ci" / "run").read_text())
    stand_in(tmp_path, "docker", "dockerd", "promtool", "systemd-analyze", "debootstrap", "docker-compose")
    stand_in(tmp_path, "chromium")
    stand_in(tmp_path, "make", does=f"echo $1 >> {tmp_path}/made")
    return tmp_path


def stand_in(folder, *names, does=":"):
    commands = folder / "commands"
    commands.mkdir(exist_ok=True)
    for name in names:
        (commands / name).write_text(f"#!/bin/sh\n{does}\n")
        (commands / name).chmod(0o755)


def run(folder, elsewhere=":/usr/bin:/bin", **settings):
    """The exit status, what was printed, and what was made."""
    done = subprocess.run(
        ["bash", folder / ".ci" / "run"],
        env={"PATH": f"{folder}/commands{elsewhere}", **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout.splitlines(), sorted((folder / "made").read_text().split())


def test_where_an_engine_answers_everything_is_run(machine):
    assert run(machine, CI="1")[::2] == (0, ALL)


@pytest.mark.parametrize(("settings", "status"), [({"CI": "1"}, 1), ({}, 0)], ids=["in CI", "elsewhere"])
def test_where_no_engine_can_be_run_the_last_line_says_so_and_ci_fails(machine, settings, status):
    stand_in(machine, "docker", "dockerd", does="exit 1")
    ended, printed, made = run(machine, **settings)
    assert (ended, printed[-1], made) == (status, NOT_RUN, [each for each in ALL if "containers" not in each])


def test_what_a_browser_s_tests_have_to_say_is_printed_where_they_fail_and_nothing_else_is_run_then(machine):
    stand_in(
        machine,
        "make",
        does=f'echo $1 >> {machine}/made; [ "$1" != test-browser ] || ! echo "a label is cut off"',
    )
    status, printed, made = run(machine)
    assert (status != 0, "a label is cut off" in printed, "test" in made) == (True, True, False)


@pytest.mark.parametrize("target", ALL)
def test_whatever_fails_fails_the_whole(machine, target):
    stand_in(machine, "make", does=f'echo $1 >> {machine}/made; [ "$1" != {target} ]')
    assert run(machine)[0] != 0


def test_a_bare_machine_gets_what_the_tests_need(machine):
    for command in (machine / "commands").iterdir():
        if command.name != "make":
            command.unlink()
    for name in BARE:
        (machine / "commands" / name).symlink_to(shutil.which(name))
    stand_in(machine, "apt-get", does=f'echo "$@" >> {machine}/installed')
    run(machine, elsewhere="")
    update, install = (machine / "installed").read_text().splitlines()
    assert update.startswith("update")
    assert sorted(word for word in install.split()[1:] if not word.startswith("-")) == PACKAGES
