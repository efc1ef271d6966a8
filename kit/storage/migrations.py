"""Migrations: Alembic per service, on the house's floor."""

from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from alembic import command, context
from alembic.config import Config
from alembic.script import ScriptDirectory
from pydantic import SecretStr
from sqlalchemy import create_engine, pool, text
from sqlalchemy.engine import Connection

from kit.storage import revisions
from kit.storage.schema import refuse_newer, standing
from kit.storage.tables import KitTable

if TYPE_CHECKING:
    from kit.service import Service

#: One migration at a time in a database, however many processes start at once.
_LOCK = text("SELECT pg_advisory_lock(7402150602)")
_UNLOCK = text("SELECT pg_advisory_unlock(7402150602)")

#: Procrastinate's script up to which the first revision lays its tables; a newer library brings its further
#: scripts by a further revision of every service.
QUEUE_LAID = "03.04.00_50"

_FLOOR_SQL = Path(__file__).with_name("sql")


def migrate(service: "Service", database_url: SecretStr, revision: str = "heads") -> None:
    """Bring the service's database to a revision.

    Raises: NewerSchema.
    """
    refuse_newer(service, standing(database_url))
    engine = create_engine(database_url.get_secret_value(), poolclass=pool.NullPool)
    with engine.connect() as lock:
        lock.execute(_LOCK)
        try:
            with engine.begin() as connection:
                command.upgrade(config(service, connection), revision)
        finally:
            lock.execute(_UNLOCK)
    engine.dispose()


def revise(service: "Service", database_url: SecretStr, message: str, number: str) -> None:
    """Write a new revision of the service's own from the difference between the models and the database; for developers."""
    engine = create_engine(database_url.get_secret_value(), poolclass=pool.NullPool)
    with engine.begin() as connection:
        made = config(service, connection)
        script = ScriptDirectory.from_config(made)
        heads = [script.get_revision(head) for head in script.get_heads()]
        [own] = [head.revision for head in heads if Path(head.path).parent == service.migrations]
        command.revision(made, message, autogenerate=True, rev_id=number, head=own)
    engine.dispose()


def config(service: "Service", connection: Connection) -> Config:
    """Alembic's configuration for a service on an open connection."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).with_name("alembic")))
    made.set_main_option("version_locations", f"{service.migrations}\n{revisions.FOLDER}")
    made.set_main_option("path_separator", "newline")
    made.attributes["connection"] = connection
    made.attributes["metadata"] = [service.metadata, KitTable.metadata]
    return made


def run_env() -> None:
    """What Alembic's env.py runs."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=context.config.attributes["metadata"],
        include_name=own_table,
        compare_type=True,
        render_item=_render_plain,
    )
    with context.begin_transaction():
        context.run_migrations()


def own_table(name: str | None, kind: str, _parents: Any) -> bool:
    """Whether Alembic compares a thing: procrastinate's tables are its own."""
    return not (kind == "table" and name is not None and name.startswith("procrastinate_"))


def _render_plain(kind: str, thing: Any, _context: Any) -> Any:
    # Migrations are frozen: they name PostgreSQL's types, not the kit's.
    from kit.storage.db import Instant, Xid8

    if kind == "type" and isinstance(thing, Instant):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(thing, Xid8):
        raise ValueError("xid8 columns belong to the kit")
    return False


def create_kit_tables(op: ModuleType) -> None:
    """First revision of every service: the house's tables and the job queue's, up to `QUEUE_LAID`."""
    _run(op, (_FLOOR_SQL / "0001.sql").read_text(encoding="utf-8"))
    for script in procrastinate_scripts(after="", upto=QUEUE_LAID):
        _run(op, script)


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
