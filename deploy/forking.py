"""Processes forked from ours: what they import is imported once, before, and its memory is shared by all.

A forked process does what `python -m MODULE …` would do, without the seconds that its imports take.
"""

import gc
import os
import runpy
import signal
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from itertools import pairwise

from sqlalchemy.orm import configure_mappers

from deploy.lifeline import tie
from deploy.plan import ROOT, SERVICES, Environment
from kit.starting import uncollected

#: Elsewhere libraries of the system do not bear a fork; there, processes are started anew.
POSSIBLE = sys.platform == "linux"

#: What the parts need; what the libraries among them would import when first used is named, too.
MODULES = (
    "kit.cli",
    "docx",
    "httpx2",
    "icalendar",
    "jsonschema",
    "psycopg_pool",
    "pypinyin",
    "segno",
    "sqlalchemy.dialects.postgresql.psycopg",
    "uvicorn.lifespan.on",
    "uvicorn.loops.uvloop",
    "uvicorn.protocols.http.httptools_impl",
    "xlsxwriter",
    "console.app",
    "gateway.app",
    *(f"services.{name}.app" for name in SERVICES),
)


class Forked:
    """A process that was forked, used as one of subprocess is."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code, negative for a signal, or None while it runs."""
        return self._wait(os.WNOHANG)

    def wait(self) -> int:
        """The exit code, once it has ended."""
        code = self._wait(0)
        assert code is not None
        return code

    def terminate(self) -> None:
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def _wait(self, options: int) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, options)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def _send(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


def preload() -> None:
    """Import what the parts need; again does nothing. No thread may have begun before or by it."""
    if POSSIBLE and MODULES[-1] not in sys.modules:
        with uncollected():
            for module in MODULES:
                import_module(module)
            configure_mappers()  # SQLAlchemy would do it in each at first use


def fork(command: Sequence[str], environment: Environment, output: int, inherits: Sequence[int]) -> Forked:
    """Run `python -m …` in a fork of this process, tied to it; `ps -e` and `top` show what it runs.

    output: where it writes; inherits: further descriptors that stay open in it.
    """
    assert tuple(command[:2]) == (sys.executable, "-m")
    gc.freeze()  # a collection in a child would write to every object, and so unshare its page
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    before, parent = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals()), os.getpid()
    if pid := os.fork():
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return Forked(pid)
    code = 1
    try:
        code = _child(parent, command[2:], environment, output, inherits)
    finally:
        os._exit(code)


def _child(
    parent: int,
    arguments: Sequence[str],
    environment: Environment,
    output: int,
    inherits: Sequence[int],
) -> int:
    """What the process does, after which it has to end; its exit code."""
    try:
        os.setsid()  # Ctrl-C reaches only our parent, which ends us in order
        tie(parent, " ".join(arguments).removeprefix("services."))
        nothing = os.open(os.devnull, os.O_RDONLY)
        for target, source in enumerate((nothing, output, output)):
            os.dup2(source, target)
        _close_all_but(inherits)
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
        sys.stderr = os.fdopen(2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)
        os.chdir(ROOT)
        os.environ.clear()
        os.environ.update(environment)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        gc.enable()
        sys.argv = list(arguments)
        runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        if isinstance(ended.code, int | None):
            return ended.code or 0
        print(ended.code, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    return 0


def _close_all_but(inherits: Sequence[int]) -> None:
    """Close what the parent has open: its own lock and connections are none of ours."""
    bounds = (2, *sorted(inherits), os.sysconf("SC_OPEN_MAX"))
    for low, high in pairwise(bounds):
        os.closerange(low + 1, high)
