"""What a backup says of itself, in its backup.json: when it was made, how many rows each table had, its files' hashes.

A restore is compared with it; backups of former releases have none.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL

from deploy.plan import FILES
from deploy.programs import connect

NAME = "backup.json"
_TABLES = (
    "SELECT table_name FROM information_schema.tables"
    " WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1"
)

#: Rows by table.
Counts = dict[str, int]


@dataclass(frozen=True)
class Inventory:
    """made_at: when the dumps were begun; rows: by service and table; files: hashes of all but the services' own files,
    whose names are theirs."""

    made_at: datetime
    rows: Mapping[str, Counts]
    files: Mapping[str, str]

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """Of a backup that has one. Raises ValueError where it cannot be read."""
        if not (folder / NAME).exists():
            return None
        try:
            given = json.loads((folder / NAME).read_text(encoding="utf-8"))
            return cls(datetime.fromisoformat(given["made_at"]), given["rows"], given["files"])
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{NAME} cannot be read: {error!r}") from None

    def write(self, folder: Path) -> None:
        """Into a backup."""
        whole = asdict(self) | {"made_at": self.made_at.isoformat()}
        (folder / NAME).write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")


def hashes(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file of a backup, but of those whose names are theirs."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    names = ((path, path.relative_to(folder)) for path in files)
    return {str(name): _hash(path) for path, name in names if name.parts[0] != FILES and name != Path(NAME)}


@contextmanager
def snapshot(url: URL) -> Iterator[tuple[str, Counts]]:
    """A moment of a database, by the name under which others can see it too, and the rows of each table at it."""
    with connect(url) as connection:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None
        yield str(row[0]), count(connection)


def count(connection: psycopg.Connection[tuple[object, ...]]) -> Counts:
    """The rows of each table."""
    counted = {}
    for (table,) in connection.execute(_TABLES).fetchall():
        query = sql.SQL("SELECT count(*) FROM public.{}").format(sql.Identifier(str(table)))
        for (rows,) in connection.execute(query):
            counted[str(table)] = int(str(rows))
    return counted


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
