"""Child processes that end when we do, also after SIGKILL (on Linux; elsewhere they must be stopped)."""

import ctypes
import functools
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15
#: Runs the command unless the parent died before the kernel was asked to watch it.
GUARD = ("/bin/sh", "-c", '[ "$PPID" = "$0" ] && exec "$@"')


@dataclass(frozen=True)
class Account:
    """A system account that root lends to a child."""

    uid: int
    gid: int


def tied(command: Sequence[str | Path], account: Account | None = None) -> dict[str, Any]:
    """Arguments of Popen for a child that gets SIGINT when the calling process or thread ends.

    As `account`, if one is given; that takes root and setpriv, because the kernel forgets the
    request at a change of account. The child has a session of its own, so that Ctrl-C reaches only
    us and we end our children in order. Raises FileNotFoundError where setpriv is needed and missing.
    """
    before_exec: Callable[[], object] | None = None
    prefix: list[str] = []
    if setpriv := shutil.which("setpriv"):
        prefix = [setpriv, "--pdeathsig=INT", *(_lend(account) if account else ())]
    elif account:
        raise FileNotFoundError("setpriv (util-linux) is not installed")
    elif sys.platform == "linux":
        before_exec = functools.partial(ctypes.CDLL(None).prctl, PR_SET_PDEATHSIG, int(signal.SIGINT))
    return {
        "args": [*prefix, *GUARD, str(os.getpid()), *command],
        "preexec_fn": before_exec,
        "start_new_session": True,
        "stdin": subprocess.DEVNULL,
    }


def tie(parent: int, name: str) -> None:
    """Tie this process, which was just forked, to its parent as `tied` would, and name it (on Linux; 15 bytes).

    Ends it at once where the parent died before the kernel was asked to watch it.
    """
    system = ctypes.CDLL(None)
    system.prctl(PR_SET_PDEATHSIG, int(signal.SIGINT))
    system.prctl(PR_SET_NAME, name.encode())
    if os.getppid() != parent:
        os._exit(1)


def _lend(account: Account) -> list[str]:
    """Options of setpriv for the account, and for passing folders that are closed to it (root's home)."""
    options = [f"--reuid={account.uid}", f"--regid={account.gid}", "--clear-groups"]
    if reach := _reach():
        options += [f"--inh-caps=+{reach}", f"--ambient-caps=+{reach}"]
    return options


def _reach() -> str | None:
    """The least capability we hold that opens folders; containers often lack the first, seldom the second."""
    status = Path("/proc/self/status").read_text()
    held = int(re.findall(r"^CapPrm:\s*(\w+)", status, re.MULTILINE)[0], 16)
    return next(
        (name for name, bit in (("dac_read_search", 2), ("dac_override", 1)) if held >> bit & 1), None
    )
