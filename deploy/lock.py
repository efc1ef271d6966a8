"""At most one running set in a folder."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.datafolder import Refused

#: Seconds that the processes of an earlier set have to be gone.
HANDOVER = 20.0


@contextmanager
def only_one(folder: Path) -> Iterator[int]:
    """Hold the folder for one set; gives the descriptor of a lock that its processes are to inherit.

    So a set that is started just after another was killed waits for the processes of that one.
    Raises Refused while another set runs.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ours = _open(_launcher(folder))
    theirs = _open(folder / "processes.lock")
    try:
        if not _acquired(ours):
            raise Refused(
                f"it runs already, as process {running(folder) or '?'}: stop that one first (Ctrl-C)"
            )
        os.ftruncate(ours, 0)
        os.write(ours, str(os.getpid()).encode())
        until = time.monotonic() + HANDOVER
        while not _acquired(theirs):
            if time.monotonic() > until:
                raise Refused("processes of an earlier run have not ended yet: try again in a moment")
            time.sleep(0.05)
        yield theirs
    finally:
        os.close(ours)
        os.close(theirs)


def running(folder: Path) -> int | None:
    """The process id of the running set's launcher; None where none runs."""
    try:
        lock = os.open(_launcher(folder), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        return None if _acquired(lock, fcntl.LOCK_SH) else int(os.read(lock, 20) or 0)
    finally:
        os.close(lock)


def _launcher(folder: Path) -> Path:
    return folder / "run.lock"


def _open(file: Path) -> int:
    return os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _acquired(lock: int, kind: int = fcntl.LOCK_EX) -> bool:
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
