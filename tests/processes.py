"""Commands of a service as processes of their own, forked from one that has imported them: a start costs little."""

import multiprocessing
import os
import runpy
import signal
import sys
from pathlib import Path
from tempfile import NamedTemporaryFile

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    ["kit.cli", "kit.worker", "uvicorn.loops.uvloop", "tests.kit.notebook.app", "services.emergency.app"]
)


class Process:
    """`python -m MODULE COMMAND…` until it ends or is ended."""

    def __init__(self, module: str, *command: str, environment: dict[str, str]) -> None:
        self._log = NamedTemporaryFile(prefix="process-", suffix=".log")  # noqa: SIM115 - there as long as we are
        given = (module, command, os.environ | environment, self._log.name)
        self._process = _FORKS.Process(target=_run, args=given, daemon=True)
        self._process.start()

    def said(self) -> str:
        """What it has written so far."""
        return Path(self._log.name).read_text(encoding="utf-8")

    def lives(self) -> bool:
        return self._process.is_alive()

    def terminate(self) -> None:
        """Ask it to end."""
        self._process.terminate()

    def wait(self, timeout: float = 15) -> int | None:
        """Its exit code, negative for a signal; None if it goes on."""
        self._process.join(timeout)
        return self._process.exitcode

    def kill(self) -> None:
        """End it without a word of warning."""
        self._process.kill()
        self._process.join()


def _run(module: str, command: tuple[str, ...], environment: dict[str, str], log: str) -> None:
    output = os.open(log, os.O_WRONLY | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(output, stream)
    sys.stdout, sys.stderr = os.fdopen(1, "w", 1, closefd=False), os.fdopen(2, "w", 1, closefd=False)
    os.environ.clear()
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = [module, *command]
    runpy.run_module(module, run_name="__main__")
