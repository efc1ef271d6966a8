"""The units of one server: every process of the plan has one, with its own secrets, closed as far as it can work, in order."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from deploy.parts import DRAIN
from deploy.plan import SERVICES
from tests.deploy.units import COMMON, UNITS, read, unit, words

SERVE = {f"dongsheng-service@{name}.service": name for name in SERVICES}
WORK = {f"dongsheng-worker@{name}.service": name for name in SERVICES}
ALL = {
    **SERVE,
    **WORK,
    "dongsheng-gateway.service": "gateway",
    "dongsheng-console.service": "console",
    "dongsheng-adapter.service": "adapter",
    "dongsheng-prepare.service": "prepare",
    "dongsheng-backup.service": "backup",
    "dongsheng-drill.service": "drill",
}
PLACE = "/var/lib/dongsheng"
#: Those that end when their work is done, and see the whole folder for it.
WHOLE = ("prepare", "backup", "drill")
#: systemd's own figure of how much a process could do, from 0 to 10.
EXPOSED = 1.5
#: uvicorn's patience with what it has let in, behind the seconds in which a process still answers.
GRACE = 10


def test_the_target_wants_every_process_of_the_plan_and_a_backup():
    wanted = words(read(UNITS / "dongsheng.target"), "Unit.Wants")
    timed = {"backup", "drill"}
    started = {name for name, part in ALL.items() if part not in timed} | {
        f"dongsheng-{part}.timer" for part in timed
    }
    assert sorted(wanted) == sorted(started)


@pytest.mark.parametrize("name", ALL)
def test_a_process_is_given_its_own_settings_and_sees_no_others(name):
    said, part = unit(name), ALL[name]
    own = dict.fromkeys(WHOLE, "run.env").get(part, f"parts/{part}")
    assert said["Service.LoadCredential"] == [f"settings:{PLACE}/{own}"]
    assert "SETTINGS_FILE=%d/settings" in words(said, "Service.Environment")
    bound = words(said, "Service.BindReadOnlyPaths") + words(said, "Service.BindPaths")
    seen = {path.lstrip("-").removeprefix(PLACE) for path in bound}
    allowed = {
        "gateway": {"/keys", "/clients.yaml", "/issuers.yaml"},
        "console": {"/secrets/console.assertion-key"},
        "adapter": set(),
        **{each: set() for each in WHOLE},
    }
    assert seen == allowed.get(part, {"/keys/public", "/issuers.yaml", f"/files/{part}"})
    hidden = [] if part in WHOLE else [f"{PLACE}:ro"]
    assert said.get("Service.TemporaryFileSystem", []) == hidden


def test_only_files_a_backup_and_what_the_adapter_notes_are_written():
    for name, part in ALL.items():
        said = unit(name)
        written = words(said, "Service.ReadWritePaths")
        if part in SERVICES:
            assert written == [f"-{PLACE}/files/{part}"], "those that keep no files have no such folder"
            assert words(said, "Service.BindPaths") == written
        else:
            allowed = {"backup": [PLACE, "/var/backups/dongsheng"], "drill": [PLACE]}
            assert written == allowed.get(part, [])
        assert said["Service.ProtectSystem"] == ["strict"]
        assert ("Service.StateDirectory" in said) == (part == "adapter")


@pytest.mark.parametrize("name", {**SERVE, **WORK, "dongsheng-console.service": 0})
def test_a_service_its_worker_and_the_console_wait_for_their_database(name):
    said = unit(name)
    assert said["Unit.Requires"] == ["dongsheng-prepare.service"]
    assert "dongsheng-prepare.service" in words(said, "Unit.After")
    verb = "worker" if name in WORK else "serve"
    module = f"services.{ALL[name]}" if ALL[name] in SERVICES else ALL[name]
    assert said["Service.ExecStart"] == [f"/opt/dongsheng/bin/python -m {module} {verb}"]


def test_the_gateway_begins_when_every_service_says_that_it_is_ready():
    assert set(SERVE) <= set(words(unit("dongsheng-gateway.service"), "Unit.After"))
    assert "dongsheng-gateway.service" in words(unit("dongsheng-console.service"), "Unit.After")
    for name in (*SERVE, "dongsheng-gateway.service", "dongsheng-console.service"):
        assert unit(name)["Service.Type"] == ["notify"]


@pytest.mark.parametrize(
    "name", [*SERVE, *WORK, *(f"dongsheng-{part}.service" for part in ("gateway", "console", "adapter"))]
)
def test_a_process_that_fails_is_started_again_without_end_and_has_time_to_end(name):
    said = unit(name)
    assert said["Service.Restart"] == ["on-failure"]
    assert said["Unit.StartLimitIntervalSec"] == ["0"]
    assert int(said["Service.TimeoutStopSec"][0]) > DRAIN + GRACE
    assert said["Unit.PartOf"] == ["dongsheng.target"]


@pytest.fixture(scope="module")
def laid(tmp_path_factory):
    """The units with a python that is here, as systemd finds them."""
    if shutil.which("systemd-analyze") is None:
        assert "CI" not in os.environ, "the CI installs systemd"
        pytest.skip("takes systemd-analyze")
    folder = tmp_path_factory.mktemp("systemd") / "system"
    shutil.copytree(UNITS, folder)
    for file in folder.rglob("*.service"):
        file.write_text(file.read_text().replace("/opt/dongsheng/bin/python", sys.executable))
    for name in (*SERVE, *WORK):
        template = f"{name.partition('@')[0]}@.service"
        (folder / name).symlink_to(template)
    return folder


def analysed(folder, *arguments):
    environment = {**os.environ, "SYSTEMD_UNIT_PATH": f"{folder}:"}
    command = ["systemd-analyze", *arguments]
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_systemd_finds_nothing_wrong_with_them(laid):
    names = [*ALL, "dongsheng.target", "dongsheng-backup.timer", "dongsheng-drill.timer"]
    assert analysed(laid, "verify", "--man=no", *names) == (0, "")


def test_systemd_finds_what_is_wrong(laid, tmp_path):
    folder = tmp_path / "system"
    shutil.copytree(laid, folder, symlinks=True)
    (folder / COMMON.parent.name / COMMON.name).write_text("[Service]\nProtectSystems=strict\n")
    _, told = analysed(folder, "verify", "--man=no", "dongsheng-gateway.service")
    assert "ProtectSystems" in told


@pytest.mark.parametrize("name", ALL)
def test_what_a_process_could_do_is_little(laid, name):
    _, told = analysed(laid, "security", "--offline=yes", "--no-pager", name)
    found = re.search(r"exposure level for \S+: ([\d.]+)", told)
    assert found, told
    assert float(found[1]) <= EXPOSED
