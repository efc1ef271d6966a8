"""The set on one server, as the handbook lays it: its commands, and what its units start, in a root of the test's own."""

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest

from deploy.plan import PORTS, ROOT, SERVICES
from deploy.postgres import Server, find_binaries, start
from tests.deploy.units import UNITS, read, unit, words
from tests.scenarios.district import free_ports

#: What the machine itself has, told apart from what the handbook lays: these are noted and not done.
_NOTED = ("apt-get", "useradd", "systemctl")
_NOTE = '#!/bin/sh\necho "$(basename "$0") $*" >> "$NOTED"\n'
#: Files belong to whoever runs the test, and so do processes.
_INSTALL = """#!/bin/sh
[ "$1" != -d ] || { shift; [ "$1" != -o ] || shift 4; set -- -d "$@"; }
/usr/bin/install "$@"
for last; do :; done
[ -d "$last" ] || sed -i -E "s#([ =])/(opt|var)/#\\1$ROOT/\\2/#g" "$last"
"""
_RUNUSER = '#!/bin/sh\nshift 3\nexec "$@"\n'
#: The environment of the tests stands for the one that is installed.
_PYTHON3 = """#!/bin/sh
[ "$1 $2" = "-m venv" ] || exit 9
mkdir -p "$3/bin"
printf '#!/bin/sh\\nexec {python} "$@"\\n' > "$3/bin/python"
printf '#!/bin/sh\\necho "pip $*" >> "$NOTED"\\n' > "$3/bin/pip"
chmod +x "$3/bin/python" "$3/bin/pip"
"""
#: Seconds that a process may take on a machine that runs the other tests as well.
READY = 110.0


class Machine:
    """A server whose root is a folder: what systemd would do with the units there, without its walls."""

    def __init__(self, root: Path, postgres: Server) -> None:
        self.root, self.postgres = root, postgres
        self.noted = root / "noted"
        self.ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
        self.units = root / "etc/systemd/system"
        for folder in ("bin", "etc/systemd/system", "etc/postgresql/15/main/conf.d", "usr/local/bin"):
            (root / folder).mkdir(parents=True)
        programs = {
            **dict.fromkeys(_NOTED, _NOTE),
            "install": _INSTALL,
            "runuser": _RUNUSER,
            "python3": _PYTHON3.format(python=shlex.quote(sys.executable)),
        }
        for name, script in programs.items():
            (root / "bin" / name).write_text(script)
            (root / "bin" / name).chmod(0o755)
        (root / "bin" / "psql").symlink_to(find_binaries() / "psql")

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": f"{self.root}/bin:{self.root}/usr/local/bin:/usr/bin:/bin",
            "NOTED": str(self.noted),
            "ROOT": str(self.root),
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.postgres.port),
            "PGUSER": "postgres",
            "PGPASSWORD": self.postgres.folder.password_file("postgres").read_text(),
        }

    def rooted(self, text: str) -> str:
        """The text, with the machine's folders under the root."""
        return re.sub(r"(?<![\w.])/(?=(etc|opt|var|usr/local)/)", f"{self.root}/", text)

    def shell(self, script: str) -> str:
        command = ["bash", "--noprofile", "--norc", "-euo", "pipefail", "-c", self.rooted(script)]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def move(self) -> None:
        """Let what was laid name the root, and ports that nobody else has."""
        for file in self.units.rglob("*"):
            if file.is_file():
                file.write_text(self.rooted(file.read_text()))
        place = self.root / "var/lib/dongsheng"
        for file in (place / "run.env", *(place / "parts").iterdir()):
            text = file.read_text()
            for name, port in self.ports.items():
                text = re.sub(rf"\b{PORTS[name]}\b", str(port), text)
            file.write_text(text)

    def command(self, name: str) -> tuple[list[str], dict[str, str]]:
        """How systemd would start a unit, its credentials laid."""
        said = unit(name, self.units)
        credentials = self.root / "run/credentials" / name
        credentials.mkdir(parents=True)
        for credential in said["Service.LoadCredential"]:
            to, _, source = credential.partition(":")
            shutil.copy(source, credentials / to)
        given = dict(
            word.replace("%d", str(credentials)).split("=", 1) for word in words(said, "Service.Environment")
        )
        [line] = said["Service.ExecStart"]
        line = line.replace("$$", "$").replace("%%", "%")
        return shlex.split(line), {"PATH": "/usr/bin:/bin", **given}

    def run(self, name: str) -> None:
        """Let a unit of one shot do its work."""
        command, environment = self.command(name)
        done = subprocess.run(
            command, cwd="/", env=environment, capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self, names: Iterable[str], until: ExitStack) -> list[subprocess.Popen[bytes]]:
        """Start units together, and wait until those that notify have."""
        processes, told = [], []
        for name in names:
            command, environment = self.command(name)
            if unit(name, self.units)["Service.Type"] == ["notify"]:
                systemd = until.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
                systemd.bind(f"\0{os.getpid()}-{self.postgres.port}-{name}")
                systemd.settimeout(READY)
                environment["NOTIFY_SOCKET"] = systemd.getsockname().decode().replace("\0", "@")
                told.append(systemd)
            log = until.enter_context((self.root / f"{name}.log").open("wb"))
            process = subprocess.Popen(command, cwd="/", env=environment, stdout=log, stderr=log)
            until.callback(process.wait, 60)
            until.callback(process.kill)
            processes.append(process)
        assert [systemd.recv(100) for systemd in told] == [b"READY=1"] * len(told)
        return processes


def block(heading: str, place: int = 0) -> str:
    """The commands of a section of the handbook that stand for the eye, without their prompts."""
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    section = page.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    found = re.findall(r"^```console\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)[place]
    return "\n".join(line.removeprefix("$ ") for line in found.splitlines())


@pytest.fixture
def machine(tmp_path):
    with start(tmp_path / "postgres", 0, fast=True) as postgres:
        (tmp_path / "root").mkdir()
        yield Machine(tmp_path / "root", postgres)


@pytest.mark.timeout(400)
@pytest.mark.skipif(sys.platform != "linux", reason="systemd is Linux's")
def test_the_handbook_lays_a_set_that_its_units_start_and_an_upgrade(machine):
    laying, _, last = block("One server").rpartition("\n")
    assert last == "dongsheng deploy.local token hotline"
    machine.shell(laying.replace("--here", f"--here --postgres 127.0.0.1:{machine.postgres.port}"))
    noted = machine.noted.read_text().splitlines()
    assert noted[-3:] == [
        "systemctl restart postgresql",
        "systemctl daemon-reload",
        "systemctl enable --now dongsheng.target",
    ]
    place = machine.root / "var/lib/dongsheng"
    assert place.stat().st_mode & 0o777 == 0o700
    assert "max_connections" in (machine.root / "etc/postgresql/15/main/conf.d/dongsheng.conf").read_text()
    machine.move()

    wanted = words(read(machine.units / "dongsheng.target"), "Unit.Wants")
    machine.run("dongsheng-prepare.service")
    with ExitStack() as until:
        inner = [name for name in wanted if "@" in name]
        processes = machine.start(inner, until) + machine.start(["dongsheng-gateway.service"], until)
        processes += machine.start(["dongsheng-console.service"], until)
        assert len(processes) == 2 * len(SERVICES) + 2
        token = machine.shell(last).strip()
        gateway = f"http://127.0.0.1:{machine.ports['gateway']}"
        answer = httpx2.get(
            f"{gateway}/property/v1/compounds", headers={"Authorization": f"Bearer {token}"}, timeout=30
        )
        assert answer.status_code == 200, answer.text
        assert httpx2.get(f"{gateway}/health/ready", timeout=30).status_code == 200
        console = f"http://127.0.0.1:{machine.ports['console']}"
        assert "登录" in httpx2.get(f"{console}/sign-in", timeout=30).text
        told = machine.shell("dongsheng console load")
        made = [line.split()[0] for line in told.splitlines() if not line.startswith("{")]  # what is no log
        assert made == ["administrator", "security", "auditor"]
        assert [process.args for process in processes if process.poll() is not None] == []

        machine.run("dongsheng-backup.service")
        [backup] = (machine.root / "var/backups/dongsheng").iterdir()
        machine.run("dongsheng-drill.service")
        assert "drilled" in (place / "backup.prom").read_text(), "the backup was found whole"
        assert (backup / "property.dump").exists()

    machine.noted.unlink()
    machine.shell(block("One server", 1))
    noted = machine.noted.read_text().splitlines()
    assert noted[0] == "systemctl start dongsheng-backup"
    assert [line.split()[1] for line in noted if line.startswith("pip")] == ["install", "install"]
    assert noted[-1] == "systemctl restart dongsheng.target"
    laid = {file.name for file in machine.units.rglob("*") if file.is_file()}
    assert laid == {file.name for file in UNITS.rglob("dongsheng*/*")} | {
        file.name for file in UNITS.glob("dongsheng[.-]*") if file.is_file()
    }
