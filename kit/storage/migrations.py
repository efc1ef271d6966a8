"""Migrations: Alembic per database, a service's on the house's floor."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
from alembic import command, context
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg.errors import LockNotAvailable
from pydantic import SecretStr
from sqlalchemy import create_engine, pool, text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError, OperationalError

from kit.logs import log
from kit.storage.going_back import loses, note_losses
from kit.storage.schema import Home, Refused, branches, refuse_newer, standing

#: One migration at a time in a database, however many processes start at once.
_LOCK = text("SELECT pg_try_advisory_lock(7402150602)")
_UNLOCK = text("SELECT pg_advisory_unlock(7402150602)")

#: Whose transaction is the oldest in the database, which is likely who holds a lock.
_OLDEST = text(
    "SELECT format('process %s, %s since %s', pid, state, xact_start::timestamptz(0)) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL ORDER BY xact_start LIMIT 1"
)


@dataclass(frozen=True)
class Patience:
    """How long a lock is waited for, how often, and with what pauses between (seconds)."""

    lock: str
    tries: int
    pause: float


#: Who waits for a lock on a table has everybody wait behind him, readers too: two seconds are borne, and in the pauses they
#: go on. Together it is longer than a service's longest statement (60 s) and its idle transactions (120 s).
PATIENCE = Patience(lock="2s", tries=40, pause=3.0)

#: Procrastinate's script up to which the first revision lays its tables; a newer library brings its further
#: scripts by a further revision of every service.
QUEUE_LAID = "03.04.00_50"

_FLOOR_SQL = Path(__file__).with_name("sql")
#: Tables of the first revision that are empty until something happens.
_FLOOR = (
    "dispatch_steps",
    "subscriptions",
    "received_events",
    "number_series",
    "idempotency_keys",
    "events",
    "dispatch_requests",
    "audit_seals",
    "audit",
)


def migrate(
    home: Home,
    database_url: SecretStr,
    *to: str,
    losing_data: bool = False,
    patience: Patience = PATIENCE,
) -> None:
    """Bring a database to the newest revisions, or to those named, forward or back.

    to: of its own, of the house's (k…), or of both; `base`: to nothing. Forward, each revision is a transaction; the
    way back is one, so that it is gone whole or not at all.
    Raises: NewerSchema; Refused where rows have no place in the former tables, would be lost without `losing_data`, or a
    lock was not to be had.
    """
    refuse_newer(home, standing(database_url))
    url = database_url.get_secret_value()
    engine = create_engine(url, poolclass=pool.NullPool)
    waiting = create_engine(
        url, poolclass=pool.NullPool, connect_args={"options": f"-c lock_timeout={patience.lock}"}
    )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as alone:
        # Asked again and again: one that waits within a statement would keep an index from being made CONCURRENTLY.
        while not alone.scalar(_LOCK):
            time.sleep(0.1)
        try:
            back, forward = _ways(home, standing(database_url), to)
            if back:
                _patiently(alone, patience, partial(_go_back, home, waiting, back, losing_data))
            if forward:
                _patiently(alone, patience, partial(_go_forward, home, waiting, forward))
        finally:
            alone.execute(_UNLOCK)


def _ways(home: Home, stands: set[str], to: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which of the revisions are gone back to, and which forward."""
    if not to:
        return (), ("heads",)
    if to == ("base",):
        return to, ()
    back: list[str] = []
    forward: list[str] = []
    for target in sorted(to):
        branch = next((names for names in branches(home) if target in names), None)
        if branch is None:
            raise Refused(f"{target} is no revision of this release")
        here = max((branch.index(each) for each in stands if each in branch), default=-1)
        if branch.index(target) != here:
            (back if branch.index(target) < here else forward).append(target)
    return tuple(back), tuple(forward)


def _go_forward(home: Home, engine: Engine, to: tuple[str, ...]) -> None:
    with engine.connect() as connection:
        for target in to:
            command.upgrade(config(home, connection), target)


def _go_back(home: Home, engine: Engine, to: tuple[str, ...], losing_data: bool) -> None:
    with engine.begin() as connection:
        made = config(home, connection)
        losses = note_losses(made)
        try:
            for target in to:
                command.downgrade(made, target)
        except IntegrityError as error:  # its details name rows, and with them perhaps persons
            reason = error.orig.diag.message_primary if isinstance(error.orig, psycopg.Error) else error.orig
            raise Refused(f"rows have no place in the former tables: {reason}") from None
        if losses and not losing_data:
            lost = "".join(f"\n  {loss}" for loss in losses)
            raise Refused(
                f"the way back to {' '.join(to)} loses data, so nothing was changed; after a backup say --losing-data:{lost}"
            )


def _patiently(alone: Connection, patience: Patience, run: Callable[[], None]) -> None:
    """Run until the locks that it takes were to be had."""
    for tries in range(1, patience.tries + 1):
        try:
            return run()
        except OperationalError as error:
            if not isinstance(error.orig, LockNotAvailable):
                raise
            log.warning("lock-not-available", tries=tries, oldest=alone.scalar(_OLDEST))
        if tries < patience.tries:
            time.sleep(patience.pause)
    raise Refused(
        f"a table was in use each of {patience.tries} times; end what holds it ({alone.scalar(_OLDEST)}) and begin again"
    )


def revise(home: Home, database_url: SecretStr, message: str, number: str) -> None:
    """Write a new revision of its own from the difference between the models and the database; for developers."""
    engine = create_engine(database_url.get_secret_value(), poolclass=pool.NullPool)
    with engine.begin() as connection:
        made = config(home, connection)
        script = ScriptDirectory.from_config(made)
        heads = [script.get_revision(head) for head in script.get_heads()]
        [own] = [head.revision for head in heads if Path(head.path).parent == home.revisions[0]]
        command.revision(made, message, autogenerate=True, rev_id=number, head=own)
    engine.dispose()


def config(home: Home, connection: Connection) -> Config:
    """Alembic's configuration for a database on an open connection."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).with_name("alembic")))
    made.set_main_option("version_locations", "\n".join(map(str, home.revisions)))
    made.set_main_option("path_separator", "newline")
    made.attributes["connection"] = connection
    made.attributes["metadata"] = list(home.tables)
    return made


def run_env() -> None:
    """What Alembic's env.py runs."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=context.config.attributes["metadata"],
        include_name=own_table,
        compare_type=True,
        render_item=_render_plain,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def own_table(name: str | None, kind: str, _parents: Any) -> bool:
    """Whether Alembic compares a thing: procrastinate's tables are its own."""
    return not (kind == "table" and name is not None and name.startswith("procrastinate_"))


def _render_plain(kind: str, thing: Any, _context: Any) -> Any:
    # Migrations are frozen: they name PostgreSQL's types, not the kit's.
    from kit.storage.db import Instant, Sealed, Xid8

    if kind == "type" and isinstance(thing, Instant):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(thing, Sealed):
        return "sa.LargeBinary()"
    if kind == "type" and isinstance(thing, Xid8):
        raise ValueError("xid8 columns belong to the kit")
    return False


def create_kit_tables(op: ModuleType) -> None:
    """First revision of every service: the house's tables and the job queue's, up to `QUEUE_LAID`."""
    # Up to PostgreSQL 16 a value that is added to an enum is not to be used before it is committed.
    with op.get_context().autocommit_block():
        run_sql(op, _FLOOR_SQL / "no_queue.sql")  # nor what was left of a start that was cut off
        for script in procrastinate_scripts(after="", upto=QUEUE_LAID):
            _run(op, script)
    run_sql(op, _FLOOR_SQL / "0001.sql")


def drop_kit_tables(op: ModuleType) -> None:
    """Take away what `create_kit_tables` laid, with what is in it."""
    loses(op, "jobs to do", "SELECT FROM procrastinate_jobs WHERE status IN ('todo', 'doing')")
    for table in _FLOOR:
        op.drop_table(table)
    op.execute("DROP TABLE audit_head")
    op.execute("DROP FUNCTION audit_only_grows")
    run_sql(op, _FLOOR_SQL / "no_queue.sql")


def procrastinate_scripts(after: str, upto: str) -> list[str]:
    """The job queue's own migration scripts between two versions, oldest first."""
    folder = files("procrastinate.sql.migrations")
    scripts = sorted(item.name for item in folder.iterdir() if item.name.endswith(".sql"))
    chosen = [name for name in scripts if after < name[: len(QUEUE_LAID)] <= upto]
    return [(folder / name).read_text(encoding="utf-8") for name in chosen]


def run_sql(op: ModuleType, file: Path) -> None:
    """Run the statements of an SQL file that stands beside a revision."""
    _run(op, file.read_text(encoding="utf-8"))


def _run(op: ModuleType, script: str) -> None:
    # On the driver's own connection: the scripts hold several statements and percent signs.
    driver: Any = op.get_bind().connection.driver_connection
    driver.execute(script)
