"""schemathesis, which others wrote, tries every operation of the merged document at the gateway with the services behind it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from kit.web.caller import Caller
from kit.web.tokens import sign
from tests.contract.documents import DOCUMENTS, NAMES, scopes_of, service_of
from tests.contract.stories import TAKING_IN

HERE = Path(__file__).parent
#: Every operation by its examples, then by what one answer leads to. All that there is, which takes half an hour:
#: SCHEMATHESIS_PHASES=examples,coverage,fuzzing,stateful
PHASES = os.environ.get("SCHEMATHESIS_PHASES", "examples,stateful")
PROGRAM = Path(sys.executable).with_name("schemathesis")


@pytest.mark.timeout(600 if PHASES == "examples,stateful" else 7200)
@pytest.mark.parametrize("name", NAMES)
def test_no_operation_fails_or_answers_otherwise_than_its_document_says(serve, door, tmp_path, name):
    running = serve(service_of(name), **TAKING_IN.get(name, {}))
    everything = Caller("operator", scopes=frozenset().union(*map(scopes_of, DOCUMENTS)))
    token = sign(everything, running.key, running.app.state.settings, 3600)
    document = f"http://127.0.0.1:{door(running).port}/openapi.json"
    _wait_for(document, name)
    only = f"^/(auth|dispatch|{name})/" if name == "property" else f"^/{name}/"

    command = [PROGRAM, "--config-file", HERE / "schemathesis.toml", "run", document, "--no-color"]
    command += ["--phases", PHASES]
    told = subprocess.run(
        [*command, "--include-path-regex", only, "--header", f"Authorization: Bearer {token}"],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip

    assert told.returncode == 0, told.stdout + told.stderr


def _wait_for(document, name):
    """Wait until the service is in the gateway's document: on a busy machine it does not answer in time at first."""
    until = time.monotonic() + 60
    while not any(path.startswith(f"/{name}/") for path in httpx2.get(document, timeout=30).json()["paths"]):
        assert time.monotonic() < until, f"{name} does not answer"
        time.sleep(0.2)
