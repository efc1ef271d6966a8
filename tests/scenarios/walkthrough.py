"""Documents whose commands are run: every ```sh block of a page, in order, in one bash."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: Blocks of a page share variables and functions; the first command that fails ends it.
_BASH = ("bash", "--noprofile", "--norc", "-euo", "pipefail", "-c")


def commands(page: Path) -> str:
    """The ```sh blocks of a page, as one script. ```console blocks are for the eye and left out."""
    return "\n".join(_BLOCK.findall(page.read_text(encoding="utf-8")))


def walk(page: Path, folder: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the page's commands in a folder."""
    return subprocess.run(
        [*_BASH, commands(page)],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
