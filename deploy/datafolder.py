"""The folder of a PostgreSQL server and what lies beside it.

For `var/postgres`: `var/postgres.log`, `var/postgres.lock`, and `var/postgres.passwords/` with one
file for a role, mode 0600.
"""

import fcntl
import os
import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from deploy.lifeline import Account

SUPERUSER = "postgres"
NOBODY = Account(65534, 65534)

#: Seconds that a start waits for whoever holds the folder to finish, and for one that serves to begin to.
HANDOVER = 10.0
GRACE = 0.5


class Refused(RuntimeError):
    """The server cannot be started; the message says why and what to do."""


@dataclass(frozen=True)
class DataFolder:
    """An absolute path without symbolic links; the folder itself need not be there yet."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)

    def beside(self, suffix: str) -> Path:
        return self.path.with_name(self.path.name + suffix)

    @property
    def log(self) -> Path:
        return self.beside(".log")

    def is_new(self) -> bool:
        return not self.path.exists() or not any(self.path.iterdir())

    def borrowed_account(self) -> Account | None:
        """The account root lends to the server, which PostgreSQL demands: the owner's, or nobody's.

        None for an ordinary user. Raises Refused where the owner makes it impossible.
        """
        uid = os.geteuid()
        owner = self.path.stat() if self.path.exists() else None
        if uid != 0:
            if owner and owner.st_uid != uid:
                raise Refused(
                    f"{self} belongs to uid {owner.st_uid}, not to you (uid {uid}): run as its owner"
                )
            return None
        if owner and owner.st_uid != 0:
            return Account(owner.st_uid, owner.st_gid)
        if not self.is_new():
            change = f"chown -R {NOBODY.uid}:{NOBODY.gid} {self}"
            raise Refused(f"{self} belongs to root, which PostgreSQL refuses: {change}")
        return NOBODY

    @contextmanager
    def locked(self) -> Iterator[int]:
        """Hold the folder's lock. A child that is passed the descriptor holds it for as long as it lives."""
        lock = os.open(self.beside(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            begin = time.monotonic()
            while not _acquired(lock):
                if time.monotonic() - begin > (GRACE if self.state() == "ready" else HANDOVER):
                    raise self._in_use()
                time.sleep(0.02)
            yield lock
        finally:
            os.close(lock)

    def process(self) -> str | None:
        """Process id of the server, by postmaster.pid; of a dead one, if it crashed."""
        return next(iter(self._process_file()), None)

    def state(self) -> str | None:
        """What the server says of itself: `starting`, `ready`, `stopping`."""
        return next(iter(self._process_file()[7:]), None)

    def _process_file(self) -> list[str]:
        try:
            return [line.strip() for line in (self.path / "postmaster.pid").read_text().splitlines()]
        except FileNotFoundError:
            return []

    def forget_stale_process(self) -> None:
        """Remove a postmaster.pid whose process id now belongs to a program that is not our server.

        PostgreSQL only looks whether the process lives, so after a crash a reused id (usual in
        containers) would keep it down for ever. One that does not live it removes itself.
        """
        pid = self.process()
        if not pid or not Path("/proc/self").exists():
            return
        try:
            os.kill(int(pid), 0)
            works_in = Path(f"/proc/{pid}/cwd").readlink()
        except FileNotFoundError:
            works_in = None  # a zombie works nowhere
        except (OSError, ValueError):
            return
        if works_in == self.path:
            raise self._in_use()
        (self.path / "postmaster.pid").unlink()

    def check(self, major: int) -> None:
        """Raise Refused unless PostgreSQL of this version can use the folder and we know the password."""
        try:
            made_by = int((self.path / "PG_VERSION").read_text())
        except FileNotFoundError:
            raise Refused(f"{self} is not empty and no data of PostgreSQL: choose another folder") from None
        if made_by != major:
            raise Refused(
                f"{self} was made by PostgreSQL {made_by}, these binaries are {major}: set PG_BIN to the "
                f"bin folder of a PostgreSQL {made_by}, or move the folder away to begin anew"
            )
        if not (file := self.password_file(SUPERUSER)).exists():
            raise Refused(f"{file} is missing: put it back, or move {self} away to begin anew")

    def password_file(self, role: str) -> Path:
        return self.beside(".passwords") / role

    def kept_password(self, role: str) -> str:
        """The role's password; a new one when none is kept. Its file appears whole or not at all."""
        file = self.password_file(role)
        file.parent.mkdir(mode=0o700, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=file.parent, prefix=".new-") as fresh:
            fresh.write(secrets.token_urlsafe(24))
            fresh.flush()
            with suppress(FileExistsError):
                os.link(fresh.name, file)
        return file.read_text()

    def _in_use(self) -> Refused:
        holder = f"the server with process id {pid}" if (pid := self.process()) else "another start"
        return Refused(f"{self} is in use by {holder}: stop that one first, or choose another folder")


def _acquired(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
