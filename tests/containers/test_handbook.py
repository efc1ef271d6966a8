"""The handbook's commands for containers work: from nothing to a set, a backup, and the same data on another machine."""

import os
import re
import shutil
import subprocess

import httpx2
import pytest

from deploy.plan import ROOT, SERVICES, client_secrets
from deploy.tokens import ask_token
from tests.containers.engine import READY, is_well
from tests.scenarios.district import free_ports
from tests.scenarios.door import eventually

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)

pytestmark = [
    pytest.mark.skipif(
        shutil.which("docker-compose") is None and "CI" not in os.environ,
        reason="takes docker-compose",
    ),
]


def test_the_commands_for_containers_bring_a_set_up_save_it_and_bring_it_back_elsewhere(machine):
    first, again = console_blocks("Containers")
    machine.run(first)
    with machine.client("hotline") as hotline:
        taken = hotline.post(
            "/dispatch/v1/requests",
            json={"matter": "property-service", "summary": "楼道灯不亮", "division": "天骄街道"},
        )
        assert taken.status_code == 201, taken.text
        path = f"/dispatch/v1/requests/{taken.json()['number']}"
        accepted = hotline.get(path).json()
    assert eventually(lambda: is_well(machine.pages), READY)
    assert "登录" in httpx2.get(f"{machine.pages}/sign-in").text

    saving, *restoring = commands(again)
    machine.run([saving])
    machine.down()
    machine.place = machine.place.with_name("elsewhere")
    machine.run(restoring)

    with machine.client("hotline") as hotline:
        assert hotline.get(path).json() == accepted
    with machine.client("operator") as operator:
        for service in SERVICES:
            assert operator.get(f"/{service}/v1/audit/verify").json()["holds"], service


@pytest.fixture
def machine(tmp_path):
    made = Machine(tmp_path)
    yield made
    made.down()


class Machine:
    """Where the commands are pasted. place: the folder of its set."""

    def __init__(self, folder):
        self.port, pages = free_ports(2)
        self.base, self.pages = (f"http://127.0.0.1:{port}" for port in (self.port, pages))
        self.place, self.backups = folder / "place", folder / "backups"
        self.project = f"handbook{self.port}"

    def run(self, block):
        """Paste commands."""
        script = "\n".join(commands(block) if isinstance(block, str) else block)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=ROOT,
            env={
                **os.environ,
                "COMPOSE_PROJECT_NAME": self.project,
                "DONGSHENG_PLACE": str(self.place),
                "DONGSHENG_BACKUPS": str(self.backups),
                "DONGSHENG_LISTEN": f"127.0.0.1:{self.port}",
                "DONGSHENG_CONSOLE_LISTEN": self.pages.removeprefix("http://"),
                "PUBLIC_URL": self.base,
                "PAGES_URL": self.pages,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]

    def down(self):
        """Take the containers and their data away."""
        self.run(["docker-compose -f deploy/compose.yaml down --volumes --timeout 2"])

    def client(self, name):
        """An HTTP client with a token of the set's, once that is ready."""
        assert eventually(lambda: is_well(self.base), READY)
        token = ask_token(self.base, name, (client_secrets(self.place) / name).read_text())
        return httpx2.Client(base_url=self.base, headers={"Authorization": f"Bearer {token}"}, timeout=30)


def console_blocks(section):
    """The blocks of commands in a section of the handbook."""
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    (text,) = re.findall(rf"^## {section}\n(.*?)^## ", page, re.MULTILINE | re.DOTALL)
    return _BLOCK.findall(text)


def commands(block):
    """The commands of a block, but for those that a test has done or chosen otherwise."""
    found = [line.removeprefix("$ ") for line in re.split(r"\n(?=\$ )", block.strip())]
    return [line for line in found if not line.startswith(("make containers", "export DONGSHENG_PLACE="))]
